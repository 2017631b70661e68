package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "senddigitally/"

// The house: which of the module's own packages each may import directly. A
// package that is not here may import none. The roots (app, cmd, e2e, bench and
// sandbox) see everything.
var (
	domain   = []string{"backend/transfer", "routing"}
	inner    = append([]string{"backend/access", "backend/accesscode", "backend/eml", "backend/quoting"}, domain...) // who may, with which code, and what a mail says
	useCases = []string{"backend/sending", "backend/notifying", "backend/opening", "backend/receiving", "backend/replying", "backend/distributing", "backend/collecting",
		"backend/asking", "backend/checking", "backend/contacting", "backend/expiring", "backend/onetime", "backend/recovering", "backend/following", "backend/remembering", "backend/uploading", "backend/mailing", "backend/archive", "backend/reading", "backend/summing", "backend/jobs", "backend/waking"}
	pages = []string{"backend/web", "backend/web/design", "backend/tus", "backend/catalogue", "backend/identity"}
)

var mayImport = map[string][]string{
	"routing":               nil,
	"routing/file":          {"routing"},
	"manifest":              nil,
	"addin":                 nil,
	"addin/icons":           nil,
	"backend/transfer":      nil,
	"backend/access":        {"backend/transfer"},
	"backend/access/trail":  {"backend/access", "backend/transfer"},
	"backend/accesscode":    {"backend/transfer"},
	"backend/eml":           {"backend/transfer"},
	"backend/eml/emltest":   nil,
	"backend/quoting":       {"backend/transfer"},
	"backend/catalogue":     {"backend/transfer", "backend/accesscode"},
	"backend/config":        {"backend/transfer", "backend/catalogue"},
	"backend/identity":      {"backend/transfer"},
	"backend/blob":          {"backend/transfer"},
	"backend/blob/file":     {"backend/blob", "backend/transfer"},
	"backend/blob/object":   {"backend/blob", "backend/transfer"},
	"backend/blob/s3":       {"backend/blob/object"},
	"backend/blob/azure":    {"backend/blob/object"},
	"backend/blob/blobtest": {"backend/blob", "backend/transfer"},
	"backend/keys":          {"backend/blob", "backend/transfer"},
	"backend/keys/keyvault": {"backend/keys", "backend/transfer"},
	"backend/vault":         {"backend/blob", "backend/transfer"},
	"backend/ledger":        {"backend/transfer"},
	"backend/ledger/trial":  nil,
	"backend/ledger/redistest": {
		"backend/ledger/trial"},
	"backend/archive/archivetest": {"backend/access", "backend/archive", "backend/blob/blobtest", "backend/keys", "backend/ledger",
		"backend/transfer", "backend/vault"},
	"backend/graph":             {"backend/transfer"},
	"backend/scanning":          {"backend/transfer"},
	"backend/scanning/scantest": nil,
	"backend/sms":               {"backend/transfer"},
	"backend/web":               {"backend/transfer", "backend/catalogue"},
	"backend/web/design":        {"backend/transfer"},
	"backend/tus":               {"backend/transfer", "backend/web"},
	"backend/api":               slices.Concat(inner, useCases, pages),
	"backend/portal":            slices.Concat(inner, useCases, pages),
	"backend/staff":             slices.Concat(inner, useCases, pages),
}

func TestEveryPackageImportsOnlyWhatTheHouseAllows(t *testing.T) {
	for name, imports := range directImports(t) {
		if root(name) {
			continue
		}
		allowed, known := mayImport[name]
		if slices.Contains(useCases, name) {
			allowed, known = slices.Concat(inner, useCases), true
		}
		if !known {
			t.Errorf("%s has no place in the house: add it to the test", name)
		}
		for _, imported := range imports {
			if own, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s", name, own)
			}
		}
	}
}

func TestOnlyGraphImportsTheGraphSDK(t *testing.T) {
	for name, imports := range directImports(t) {
		for _, imported := range imports {
			sdk := strings.HasPrefix(imported, "github.com/microsoftgraph/") || strings.HasPrefix(imported, "github.com/AzureAD/")
			if sdk && name != "backend/graph" {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

func TestTheDomainImportsTheStandardLibraryOnly(t *testing.T) {
	all := directImports(t)
	for _, name := range []string{"backend/transfer", "routing", "manifest"} {
		for _, imported := range all[name] {
			if strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

func root(name string) bool {
	for _, prefix := range []string{"backend/app", "backend/cmd/", "backend/e2e", "backend/bench", "backend/sandbox"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func directImports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-tags", "nomsgpack", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
}
