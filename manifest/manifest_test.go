package manifest

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden file anew")

var sample = Definition{
	AppID: "6f3a1f0e-5c1b-4f7e-9a57-0d6c2f4b8e11", Version: "1.2.3.0",
	Base: "https://send.municipality.example/addin", Provider: "The Municipality",
	Support: "https://send.municipality.example/help",
}

func TestGolden(t *testing.T) {
	got, err := XML(sample)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/manifest.xml"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the manifest differs from %s; if that is meant, run the test with -update", golden)
	}
}

// The schema set at hand ends before these two elements of version 1.1, which
// Microsoft's reference describes: DesktopFormFactor/SupportsSharedFolders and
// MobileFormFactor (https://learn.microsoft.com/javascript/api/manifest).
var unknownToTheSchemas = regexp.MustCompile(`(?s)<SupportsSharedFolders>.*?</SupportsSharedFolders>|<MobileFormFactor>.*?</MobileFormFactor>`)

func TestValidatesAgainstTheSchemas(t *testing.T) {
	schema := anchor(t, "office-manifest-xsd/all.xsd")
	hostile := sample
	hostile.Provider, hostile.Support = `A&B "quoted" <tag> 'x' ]]>`, ""
	for name, d := range map[string]Definition{"sample": sample, "hostile": hostile} {
		document, err := XML(d)
		if err != nil {
			t.Fatal(err)
		}
		if len(unknownToTheSchemas.FindAll(document, -1)) != 2 {
			t.Errorf("%s: not exactly the two parts that the schemas lack", name)
		}
		known := unknownToTheSchemas.ReplaceAll(document, nil)
		if out, err := xmllint(t, schema, known); err != nil {
			t.Errorf("%s: %s", name, out)
		}
		broken := bytes.Replace(known, []byte("<Permissions>ReadWriteItem"), []byte("<Permissions>Everything"), 1)
		if _, err := xmllint(t, schema, broken); err == nil {
			t.Errorf("%s: the validation accepts a wrong manifest", name)
		}
	}
}

func xmllint(t *testing.T, schema string, document []byte) (string, error) {
	path, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("not run: xmllint is not installed")
	}
	cmd := exec.Command(path, "--nonet", "--noout", "--schema", schema, "-")
	cmd.Stdin = bytes.NewReader(document)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// anchor finds a published schema beside the repository.
func anchor(t *testing.T, name string) string {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; folder != "/"; folder = filepath.Dir(folder) {
		path := filepath.Join(folder, "..", "shared", "anchors", name)
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	t.Skip("not run: Microsoft's manifest schemas are not here")
	return ""
}

func TestParseReadsWhatXMLWrote(t *testing.T) {
	document, err := XML(sample)
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string][2]string{
		"da-DK": {"Send Digitalt", "Mine forsendelser"},
		"de-DE": {"Digital senden", "Meine Sendungen"},
		"fr-FR": {"Send Digitally", "My transfers"},
	}
	for locale, want := range labels {
		ribbon, err := Parse(document, locale)
		if err != nil {
			t.Fatal(err)
		}
		send, read, phone := only(t, ribbon, Compose), only(t, ribbon, Read), only(t, ribbon, MobileRead)
		if send.Label != want[0] || read.Label != want[1] || phone.Label != want[1] {
			t.Errorf("%s: %q, %q, %q", locale, send.Label, read.Label, phone.Label)
		}
		for _, b := range []Button{send, read, phone} {
			if b.TaskPane != sample.Base+"/taskpane.html" || b.Icons[32] != sample.Base+"/icons/icon-32.png" {
				t.Errorf("%s: %+v", locale, b)
			}
		}
		if send.Tip == "" || len(send.Icons) != len(ribbonSizes) || len(phone.Icons) != 3 {
			t.Errorf("%s: %+v %+v", locale, send, phone)
		}
	}
}

func only(t *testing.T, ribbon Ribbon, surface Surface) Button {
	t.Helper()
	if len(ribbon[surface]) != 1 {
		t.Fatalf("%s has %d buttons", surface, len(ribbon[surface]))
	}
	return ribbon[surface][0]
}

func TestAnyTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := StandardTexts()
		printable := rapid.Rune().Filter(func(r rune) bool { return fits("a"+string(r), 2) })
		text[0].Name = "a" + rapid.StringOfN(printable, 0, 124, -1).Draw(t, "name")
		text[0].SendTip = "a" + rapid.StringOfN(printable, 0, 249, -1).Draw(t, "tip")
		d := sample
		d.Texts = text
		document, err := XML(d)
		if err != nil {
			t.Fatal(err)
		}
		ribbon, err := Parse(document, "en-US")
		if err != nil {
			t.Fatal(err)
		}
		if b := ribbon[Compose][0]; b.Label != text[0].Name || b.Tip != text[0].SendTip {
			t.Fatalf("%q became %q, %q became %q", text[0].Name, b.Label, text[0].SendTip, b.Tip)
		}
	})
}

func TestWhatOutlookWouldRefuse(t *testing.T) {
	long := StandardTexts()
	long[2].Description = strings.Repeat("å", 251)
	twice := append(StandardTexts(), StandardTexts()[1])
	for name, change := range map[string]func(*Definition){
		"AppID":    func(d *Definition) { d.AppID = "send-digitally" },
		"Version":  func(d *Definition) { d.Version = "1.0-beta" },
		"Base":     func(d *Definition) { d.Base = "http://send.municipality.example" },
		"Base ":    func(d *Definition) { d.Base += "/" },
		"Support":  func(d *Definition) { d.Support = "javascript:alert(1)" },
		"Provider": func(d *Definition) { d.Provider = "\x00" },
		`"nb-NO"`:  func(d *Definition) { d.Texts = long },
		`"da-DK"`:  func(d *Definition) { d.Texts = twice },
	} {
		d := sample
		change(&d)
		if _, err := XML(d); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	trial := sample
	trial.Base = "http://localhost:4400/addin"
	if _, err := XML(trial); err != nil {
		t.Errorf("a trial on this machine: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	document, err := XML(sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(document, "da-DK")
	f.Add([]byte("<OfficeApp/>"), "")
	f.Fuzz(func(t *testing.T, document []byte, locale string) {
		ribbon, err := Parse(document, locale)
		if (ribbon == nil) == (err == nil) {
			t.Errorf("ribbon %v with error %v", ribbon, err)
		}
	})
}
