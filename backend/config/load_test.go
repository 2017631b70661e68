package config

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != string(got) {
		t.Errorf("%s differs from what is generated (%v); run the test with -update and read the difference", name, err)
	}
}

func TestReferenceAndSampleAreAsReviewed(t *testing.T) {
	golden(t, "reference.md", Reference())
	golden(t, "sample.yaml", Sample())
}

// machine is a directory with the files that the sample speaks of; text is the
// sample with its paths there.
func machine(t *testing.T) (dir, text string) {
	t.Helper()
	dir = t.TempDir()
	for name, mode := range map[string]os.FileMode{"keyring.json": 0o400, "entra.pem": 0o400, "tls.pem": 0o644, "redis-authority.pem": 0o644, "tls.key": 0o600, "routing.yaml": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "logo.svg"), []byte("<svg/>"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, strings.ReplaceAll(string(Sample()), "/etc/senddigitally", dir)
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// loaded loads the sample with changes from the environment.
func loaded(t *testing.T, environ ...string) (Config, error) {
	t.Helper()
	dir, text := machine(t)
	return Load(written(t, text), append(environ, prefix+"STORAGE_KEYRING="+filepath.Join(dir, "keyring.json")))
}

func TestTheSampleLoads(t *testing.T) {
	c, err := loaded(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.Mode != Production || c.Tenants[0].Entra.TenantID != "11111111-2222-3333-4444-555555555555" || c.Work.SweepEvery != Duration(time.Minute) {
		t.Errorf("config %+v", c)
	}
	if got := c.Tenants[0].Entra.Directory(); got != "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555" {
		t.Errorf("directory %q", got)
	}
}

// Whatever the sample shows as a comment is valid when it is turned on.
func TestTheWholeSampleLoads(t *testing.T) {
	_, text := machine(t)
	text = strings.ReplaceAll(text, "#: ", "")
	text = strings.Replace(text, `password: ""`, `password: "p4ss"`, 1)
	if _, err := Load(written(t, text), nil); err != nil {
		t.Error(err)
	}
}

func TestTheDefaultPolicyIsTheStrictOne(t *testing.T) {
	c, err := loaded(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []transfer.TenantID{"municipality", "unheard-of"} {
		if got := c.Policy(id); !reflect.DeepEqual(got, transfer.StrictPolicy()) {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if got := DefaultTenant().Policy.domain(); !reflect.DeepEqual(got, transfer.StrictPolicy()) {
		t.Errorf("in code: %+v", got)
	}
}

func TestTheEnvironmentGoesLast(t *testing.T) {
	secret := written(t, "s3cret\n")
	c, err := loaded(t, "PATH=/bin", "SENDDIGITALLY_LOG_LEVEL=debug", "SENDDIGITALLY_WORK_SWEEP_EVERY=", "SENDDIGITALLY_REDIS_PASSWORD_FILE="+secret,
		"SENDDIGITALLY_TENANTS_0_POLICY_EXPIRY=1d12h", "SENDDIGITALLY_TENANTS_0_POLICY_MAX_FILE=500 MB", "SENDDIGITALLY_TENANTS_0_MAILBOXES_SERVICE=a@b.example, c@d.example",
		"SENDDIGITALLY_TENANTS_0_POLICY_CODES=password", "SENDDIGITALLY_TRUSTED_PROXIES=10.0.0.5/32,::1", "SENDDIGITALLY_TENANTS_0_MAILBOXES_FUNCTION_PERMISSION=true")
	if err != nil {
		t.Fatal(err)
	}
	tenant, policy := c.Tenants[0], c.Policy("municipality")
	for name, pair := range map[string][2]any{
		"level":    {c.Log.Level, "debug"},
		"empty":    {c.Work.SweepEvery.String(), "1m0s"},
		"secret":   {c.Redis.Password.Reveal(), "s3cret"},
		"expiry":   {policy.Expiry, 36 * time.Hour},
		"size":     {policy.MaxFileBytes, int64(500_000_000)},
		"list":     {strings.Join(tenant.Mailboxes.Service, "|"), "a@b.example|c@d.example"},
		"codes":    {string(policy.Codes[0]), "password"},
		"proxies":  {len(c.Proxies), 2},
		"switch":   {tenant.Mailboxes.FunctionPermission, true},
		"the rest": {tenant.Mailboxes.Intake, "post@municipality.example"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

func TestASecondTenantCanComeFromTheEnvironment(t *testing.T) {
	dir, _ := machine(t)
	second := prefix + "TENANTS_1_"
	c, err := loaded(t, second+"ID=other", second+"NAME=Other", second+"MAIL_DOMAIN=other.example", second+"ROUTING_FILE="+dir+"/routing.yaml",
		second+"ENTRA_TENANT_ID=11111111-2222-3333-4444-555555555556", second+"ENTRA_CLIENT_ID=66666666-7777-8888-9999-000000000001",
		second+"ENTRA_CERTIFICATE="+dir+"/entra.pem", second+"MAILBOXES_SERVICE=send@other.example", second+"MAILBOXES_INTAKE=post@other.example")
	if err != nil || len(c.Tenants) != 2 || c.Tenants[1].Policy.MaxFiles != 200 || c.Tenants[0].ID != "municipality" {
		t.Errorf("%+v, %v", c.Tenants, err)
	}
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	_, err := Load("", []string{"SENDDIGITALLY_REDIS_ULR=x", "SENDDIGITALLY_WORK_SWEEP_EVERY=7", "SENDDIGITALLY_LOG_LEVEL=loud", "SENDDIGITALLY_REDIS_PASSWORD_FILE=/none",
		"SENDDIGITALLY_STORAGE_KEYRING=/none/keyring.json"})
	found, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatal(err)
	}
	want := []string{"SENDDIGITALLY_REDIS_PASSWORD_FILE", "SENDDIGITALLY_REDIS_ULR", "addin.id", "addin.provider", "log.level",
		"origins.portal", "origins.staff", "storage.keyring", "tenants", "trusted_proxies", "work.sweep_every"}
	var got []string
	for _, one := range found {
		got = append(got, one.Setting)
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems\n%v\nwant settings %v", err, want)
	}
	for _, language := range catalogue.Languages() {
		golden(t, "problems."+language+".txt", []byte(found.In(catalogue.For(language))+"\n"))
	}
}

func TestWrongFiles(t *testing.T) {
	for name, tc := range map[string]struct{ text, setting string }{
		"not YAML":      {"tenants: [", ""},
		"no such":       {"redsi:\n  url: x\n", "redsi"},
		"no such below": {"tenants:\n- id: x\n  colour: blue\n", "tenants[0].colour"},
		"wrong kind":    {"log: loud\n", "log"},
		"no unit":       {"work:\n  sweep_every: 60\n", "work.sweep_every"},
		"not a number":  {"tenants:\n- policy: {max_files: many}\n", "tenants[0].policy.max_files"},
		"twice":         {"mode: trial\nmode: trial\n", ""},
	} {
		path := written(t, tc.text)
		_, err := Load(path, nil)
		found, _ := errors.AsType[Problems](err)
		if tc.setting == "" {
			tc.setting = path
		}
		if !slices.ContainsFunc(found, func(p Problem) bool { return p.Setting == tc.setting }) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Load("/no/such/file", nil); err == nil {
		t.Error("a missing file is no problem")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c, err := loaded(t, "SENDDIGITALLY_REDIS_PASSWORD=hunter2hunter2")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, c); strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s prints it", verb)
		}
	}
	_, err = loaded(t, "SENDDIGITALLY_REDIS_PASSWORD=hunter2", "SENDDIGITALLY_TENANTS_0_ENTRA_SECRET=hunter3", "SENDDIGITALLY_REDIS_URL=redis://me:hunter4@redis.example")
	if err == nil || strings.Contains(err.Error(), "hunter") {
		t.Errorf("error %v", err)
	}
}

func TestEveryEnvironmentVariableSetsItsOwnSetting(t *testing.T) {
	names := map[string]string{}
	for _, f := range schema {
		if f.section || f.mapping {
			continue
		}
		if other, taken := names[f.env()]; taken {
			t.Errorf("%s and %s have one variable", f.path, other)
		}
		names[f.env()] = f.path
	}
	for _, variable := range slices.Sorted(maps.Keys(names)) {
		var by []string
		for _, f := range schema {
			if path, ok := f.setBy(variable); ok {
				by = append(by, path)
			}
		}
		if want := strings.Replace(names[variable], "[]", ".0", 1); len(by) != 1 || by[0] != want {
			t.Errorf("%s sets %v", variable, by)
		}
		if base, isFile := strings.CutSuffix(variable, "_FILE"); isFile && names[base] != "" {
			t.Errorf("%s could be a file with %s", variable, base)
		}
	}
	for _, f := range schema {
		if f.doc == "" || !strings.HasSuffix(f.doc, ".") {
			t.Errorf("%s has no sentence about it", f.path)
		}
	}
}

func TestEveryProblemHasWords(t *testing.T) {
	keys := []string{"example", "reference"}
	for _, key := range phrases {
		keys = append(keys, key+".wrong")
	}
	for _, name := range []string{"load", "redis", "rules", "storage", "problems"} {
		source, err := os.ReadFile(name + ".go")
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`\.add\([^\n]*?, "([a-z_0-9]+)", (nil|Params)`).FindAllSubmatch(source, -1) {
			keys = append(keys, string(found[1])+".wrong", string(found[1])+".write")
		}
	}
	if len(keys) < 60 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	for _, key := range keys {
		if said := (Phrase{Key: key}).In(catalogue.For("en")); strings.HasPrefix(said, "config.") {
			t.Errorf("there are no words for %s", key)
		}
	}
}
