package manifest

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"strings"
	"text/template"
)

// Sizes, in pixels, of the icons that a manifest names; they lie at
// icons/icon-<size>.png below the base. Outlook requires 16, 32 and 80 and
// takes the others where the screen suits them; a phone has sizes of its own in
// three scales
// (https://learn.microsoft.com/javascript/api/manifest/icon).
var (
	ribbonSizes = []int{16, 20, 24, 32, 40, 48, 64, 80}
	phoneIcons  = []phoneIcon{
		{25, 1, 25}, {25, 2, 50}, {25, 3, 75},
		{32, 1, 32}, {32, 2, 64}, {32, 3, 96},
		{48, 1, 48}, {48, 2, 96}, {48, 3, 144},
	}
	imageSizes = []int{16, 20, 24, 25, 32, 40, 48, 50, 64, 75, 80, 96, 144}
)

type phoneIcon struct{ Size, Scale, Pixels int }

//go:embed manifest.xml.tmpl
var source string

var page = template.Must(template.New("manifest").Funcs(template.FuncMap{"x": escape}).Parse(source))

// XML is the add-in-only manifest of a definition.
func XML(d Definition) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := page.Execute(&out, view{d.complete()})
	return out.Bytes(), err
}

// view gives the template what it repeats.
type view struct{ Definition }

func (v view) Default() Text            { return v.Texts[0] }
func (v view) Others() []Text           { return v.Texts[1:] }
func (v view) Ribbon() []int            { return ribbonSizes }
func (v view) Phone() []phoneIcon       { return phoneIcons }
func (v view) Images() []int            { return imageSizes }
func (v view) Locale() string           { return v.Texts[0].Locale }
func (v view) Strings() []localised     { return localise(v.Texts, shortStrings) }
func (v view) LongStrings() []localised { return localise(v.Texts, longStrings) }

// localised is one string resource in every language.
type localised struct {
	ID, Default string
	Overrides   []override
}

type override struct{ Locale, Value string }

type resource struct {
	id   string
	read func(Text) string
}

var (
	shortStrings = []resource{
		{"Send.Label", func(t Text) string { return t.Name }},
		{"Read.Label", func(t Text) string { return t.ReadName }},
	}
	longStrings = []resource{
		{"Send.Tip", func(t Text) string { return t.SendTip }},
		{"Read.Tip", func(t Text) string { return t.ReadTip }},
	}
)

func localise(texts []Text, resources []resource) []localised {
	var all []localised
	for _, r := range resources {
		one := localised{ID: r.id, Default: r.read(texts[0])}
		for _, t := range texts[1:] {
			one.Overrides = append(one.Overrides, override{t.Locale, r.read(t)})
		}
		all = append(all, one)
	}
	return all
}

func escape(text string) (string, error) {
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(text))
	return out.String(), err
}
