package manifest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The golden files are validated against Microsoft's schema by addin/tests/manifest.test.ts.
func TestTheUnifiedManifestIsAsReviewed(t *testing.T) {
	document, texts, err := Unified(sample)
	if err != nil {
		t.Fatal(err)
	}
	texts["manifest.json"] = document
	if len(texts) != 6 {
		t.Errorf("%d files", len(texts))
	}
	for name, got := range texts {
		path := filepath.Join("testdata", "unified", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs; if that is meant, run the test with -update (%v)", path, err)
		}
	}
}

func TestTheUnifiedManifestNeedsHTTPS(t *testing.T) {
	d := sample
	d.Base = "http://localhost:8080/addin"
	if _, _, err := Unified(d); err == nil {
		t.Error("http was taken")
	}
	d.AppID = "x"
	if _, _, err := Unified(d); err == nil {
		t.Error("a wrong id was taken")
	}
}

func TestBothManifestsSayTheSame(t *testing.T) {
	xml, err := XML(sample)
	if err != nil {
		t.Fatal(err)
	}
	document, _, err := Unified(sample)
	if err != nil {
		t.Fatal(err)
	}
	ribbon, err := Parse(xml, "en-US")
	if err != nil {
		t.Fatal(err)
	}
	page, function, ok := SendEvent(xml)
	if !ok {
		t.Fatal("the XML has no send event")
	}
	said := []string{page, function, sample.AppID, sample.Base + "/onsend.js"}
	for _, surface := range []Surface{Compose, Read} {
		for _, b := range ribbon[surface] {
			said = append(said, b.ID, b.Label, b.Tip, b.TaskPane)
		}
	}
	for _, s := range said {
		if !strings.Contains(string(document), `"`+s+`"`) {
			t.Errorf("the unified manifest does not say %q", s)
		}
	}
}

func TestLongNamesAreCutToWhatTheSchemaTakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := sample
		name := rapid.StringMatching(`[a-zæøå ]{0,120}[a-z]`).Draw(t, "name")
		d.Texts = []Text{{Locale: "en-US", Name: name, ReadName: name, Description: name, SendTip: name, ReadTip: name}}
		document, _, err := Unified(d)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Name        struct{ Short string }
			Description struct{ Short string }
		}
		if err := json.Unmarshal(document, &m); err != nil {
			t.Fatal(err)
		}
		if utf8.RuneCountInString(m.Name.Short) > 30 || utf8.RuneCountInString(m.Description.Short) > 80 {
			t.Fatalf("%q, %q", m.Name.Short, m.Description.Short)
		}
	})
}
