package routing

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestFoldIsTheSameForAllCases(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if next := unicode.SimpleFold(r); fold(r) != fold(next) {
			t.Fatalf("%q and %q fold to %q and %q", r, next, fold(r), fold(next))
		}
	}
}

func TestNeeds(t *testing.T) {
	for text, want := range map[string]string{
		"invoice":                 "INVOICE plain",
		"invoice|faktura":         "INVOICE,FAKTURA plain",
		"(?-i)Invoice":            "INVOICE",
		`\binvoice\b.*\b4711\b`:   "INVOICE 4711",
		"(foo){0,3}bar":           "BAR",
		"(foo)+":                  "FOO",
		"(foo)?":                  "",
		`\d{6}`:                   "",
		"ab":                      "",
		"(invoice|[0-9]+)":        "",
		"(re: invoice .* due|xx)": "",
		"(no invoice .x due|xxx)": "NO INVOICE ,XXX",
		"ærø":                     "ÆRØ plain",
	} {
		p, err := newPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, words := range p.needs {
			got = append(got, strings.Join(words, ","))
		}
		if p.plain {
			got = append(got, "plain")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s needs %q, want %q", text, got, want)
		}
	}
}

// The words that a pattern needs may never keep it from what it matches.
func FuzzPattern(f *testing.F) {
	for _, p := range somePatterns {
		for _, s := range someSubjects {
			f.Add(p, s)
		}
	}
	f.Add("(?-i)(foo|FOO)|b.r", "xFoobar")
	f.Add(`(?i:k)elvin|\x{212A}`, "Kelvin")
	f.Fuzz(func(t *testing.T, text, subject string) {
		p, err := newPattern(text)
		if err != nil || p.size > MaxPatternSize || p.compile() != nil {
			return
		}
		subject = considered(subject)
		k := known{folded: foldText(subject)}
		k.values[fieldSubject] = subject
		if want := regexp.MustCompile("(?i)" + text).MatchString(subject); p.matches(&k) != want {
			t.Errorf("%q on %q: %v, needs %v, plain %v", text, subject, !want, p.needs, p.plain)
		}
	})
}

func TestConsidered(t *testing.T) {
	for _, c := range []struct{ subject, want string }{
		{"short", "short"},
		{strings.Repeat("a", 600), strings.Repeat("a", SubjectLimit)},
		{strings.Repeat("a", SubjectLimit-1) + "ø", strings.Repeat("a", SubjectLimit-1)},
		{strings.Repeat("\x80", 600), strings.Repeat("\x80", SubjectLimit-4)},
	} {
		if got := considered(c.subject); got != c.want {
			t.Errorf("%d bytes of %d bytes, want %d", len(got), len(c.subject), len(c.want))
		}
	}
}
