package catalogue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/pelletier/go-toml/v2"

	"senddigitally/backend/transfer"
)

// flat is what one language has: key (with plural form) → words.
func flat(t *testing.T, lang string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(locales, "locales/"+lang, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(locales, name)
		if err != nil {
			return err
		}
		var tree map[string]any
		if err := toml.Unmarshal(data, &tree); err != nil {
			return err
		}
		flatten(t, path.Base(name)+": ", tree, out)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func flatten(t *testing.T, prefix string, tree map[string]any, out map[string]string) {
	for key, value := range tree {
		switch value := value.(type) {
		case string:
			out[prefix+key] = value
		case map[string]any:
			flatten(t, prefix+key+".", value, out)
		default:
			t.Errorf("%s%s is not text", prefix, key)
		}
	}
}

var placeholder = regexp.MustCompile(`{{[^}]*}}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEveryLanguageHasTheSameKeysAndPlaceholders(t *testing.T) {
	reference := flat(t, "en")
	if len(reference) < 100 {
		t.Fatalf("only %d keys were found", len(reference))
	}
	for _, lang := range Languages() {
		words := flat(t, lang)
		for key, want := range reference {
			got, ok := words[key]
			if !ok {
				t.Errorf("%s lacks %s", lang, key)
			} else if !slices.Equal(placeholders(got), placeholders(want)) {
				t.Errorf("%s: %s has %v, English has %v", lang, key, placeholders(got), placeholders(want))
			}
		}
		for key := range words {
			if _, ok := reference[key]; !ok {
				t.Errorf("%s has %s, which English lacks", lang, key)
			}
		}
	}
}

var simple = regexp.MustCompile(`^{{\.[a-z][A-Za-z0-9_]*}}$`)

func TestEveryTextIsSoundByItself(t *testing.T) {
	for _, lang := range Languages() {
		for key, text := range flat(t, lang) {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s is empty or has blanks around it", lang, key)
			}
			if _, err := template.New("").Parse(text); err != nil {
				t.Errorf("%s: %s: %v", lang, key, err)
			}
			for _, p := range placeholders(text) {
				if !simple.MatchString(p) {
					t.Errorf("%s: %s has %s; a placeholder is a name", lang, key, p)
				}
			}
		}
	}
}

func TestNoKeyIsInTwoAreas(t *testing.T) {
	home := map[string]string{}
	for full := range flat(t, "en") {
		area, key, _ := strings.Cut(full, ": ")
		if other, taken := home[key]; taken {
			t.Errorf("%s is in %s and %s", key, area, other)
		}
		home[key] = area
	}
}

// codes reads the constants of type transfer.Code from their source, so that a
// new one without words fails here.
func codes(t *testing.T) []transfer.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../transfer/error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []transfer.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Values) == 1 {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
				value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				out = append(out, transfer.Code(value))
			}
		}
		return true
	})
	return out
}

func TestEveryErrorCodeHasWords(t *testing.T) {
	found := codes(t)
	if len(found) < 30 {
		t.Fatalf("only %d codes were found", len(found))
	}
	for _, lang := range Languages() {
		words := For(lang)
		for _, code := range found {
			for _, part := range []string{".title", ".text"} {
				if !words.has("error." + string(code) + part) {
					t.Errorf("%s has no words for %s%s", lang, code, part)
				}
			}
		}
	}
}
