package catalogue

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/go-playground/validator/v10"

	"senddigitally/backend/transfer"
)

func TestForPicksTheReadersLanguage(t *testing.T) {
	for _, tc := range []struct {
		preferences []string
		want        string
	}{
		{nil, "en"},
		{[]string{""}, "en"},
		{[]string{"da-DK,da;q=0.9,en;q=0.8"}, "da"},
		{[]string{"no"}, "nb"},
		{[]string{"nn-NO, en;q=0.5"}, "nb"},
		{[]string{"fr-FR, de-AT;q=0.7, en;q=0.3"}, "de"},
		{[]string{"en-US"}, "en"},
		{[]string{"nl-BE"}, "nl"},
		{[]string{"sv", "da-DK,da;q=0.9"}, "sv"},
		{[]string{"", "de"}, "de"},
		{[]string{"xx-;;;", "de"}, "de"},
		{[]string{"zh"}, "en"},
		{[]string{"de;q=0, da"}, "da"},
	} {
		if got := For(tc.preferences...).Language(); got != tc.want {
			t.Errorf("For(%q) = %s, want %s", tc.preferences, got, tc.want)
		}
	}
}

func TestAnUnknownKeyIsItsOwnText(t *testing.T) {
	if got := For("de").Text("no.such.key", nil); got != "no.such.key" {
		t.Errorf("got %q", got)
	}
}

// Case 67: what callers pass in is never a template.
func TestCase67ParametersAreLiteral(t *testing.T) {
	hostile := "{{.}} {{template \"x\"}} ${7*7}"
	for _, lang := range Languages() {
		got := For(lang).Text("error.more.file", map[string]any{"file": hostile})
		if !strings.Contains(got, hostile) {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func TestPluralCounts(t *testing.T) {
	for _, tc := range []struct {
		lang  string
		count int
		want  string
	}{
		{"en", 1, "Please try again in about 1 minute."},
		{"en", 0, "Please try again in about 0 minutes."},
		{"da", 15, "Prøv igen om cirka 15 minutter."},
		{"de", 1, "Bitte versuchen Sie es in etwa 1 Minute erneut."},
		{"nb", 1500, "Prøv igjen om omtrent 1\u00a0500 minutter."},
		{"nl", 1500, "Probeer het over ongeveer 1.500 minuten opnieuw."},
	} {
		if got := For(tc.lang).Plural("error.more.minutes", tc.count, nil); got != tc.want {
			t.Errorf("%s %d: %q, want %q", tc.lang, tc.count, got, tc.want)
		}
	}
}

func TestErrorsSpeak(t *testing.T) {
	for _, tc := range []struct {
		name, lang    string
		err           error
		title, detail string
	}{
		{"nil", "en", nil, "", ""},
		{"plain", "da", transfer.E(transfer.Expired, "x"), "Meddelelsen er udløbet",
			"Den var tilgængelig indtil udløbsdatoen og kan ikke længere læses. Du kan bede afsenderen om en ny."},
		{"foreign", "en", errors.New("pq: secret table"), "Something went wrong",
			"The error is on our side and has been recorded. Please try again."},
		{"a code of later", "en", transfer.E("newer", "x"), "Something went wrong",
			"The error is on our side and has been recorded. Please try again."},
		{"bytes", "de", transfer.E(transfer.TooLarge, "x").With("bytes", "2000000000"), "Das ist zu groß",
			"Bitte verkleinern Sie es oder teilen Sie es auf. Die Grenze liegt bei 2\u00a0GB."},
		{"file", "en", transfer.E(transfer.AttachmentRefused, "x").With("file", "plan.dwg"), "An attachment cannot be included",
			"Nothing was sent. Please remove the attachment, or attach the file itself. It concerns the file “plan.dwg”."},
		{"weak", "nb", transfer.E(transfer.CodeTooWeak, "x").With("minimum", "8").With("reason", "only_digits"), "Passordet er for lett å gjette",
			"Velg et annet, for eksempel flere ord som ikke hører sammen. Det må være minst 8 tegn. Det består bare av sifre."},
		{"tries", "da", transfer.E(transfer.CodeWrong, "x").With("left", "1"), "Adgangskoden er forkert",
			"Kontrollér koden, og prøv igen. Du har 1 forsøg tilbage."},
		{"until", "nl", transfer.E(transfer.LockedOut, "x").With("until", "2026-11-22T13:05:00Z"), "Te veel onjuiste toegangscodes",
			"De link is om veiligheidsredenen enige tijd geblokkeerd. Probeer het later opnieuw of neem contact op met de afzender. Probeer het opnieuw na 22 november 2026 om 14.05 uur (CET)."},
		{"wrapped, odd values", "en", errors.Join(transfer.E(transfer.LockedOut, "x").With("minutes", "soon").With("reason", "??")), "Too many wrong access codes",
			"The link is locked for a while for safety. Please try again later, or contact the sender."},
	} {
		title, detail := For(tc.lang).In(copenhagen(t)).Error(tc.err)
		if title != tc.title || detail != tc.detail {
			t.Errorf("%s: %q / %q", tc.name, title, detail)
		}
	}
}

func copenhagen(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestDatesAndSizes(t *testing.T) {
	late := time.Date(2026, 11, 30, 23, 5, 0, 0, time.UTC)
	for lang, want := range map[string][3]string{
		"da": {"1. december 2026", "1. december 2026 kl. 00.05 (CET)", "1,5\u00a0GB"},
		"nb": {"1. desember 2026", "1. desember 2026 kl. 00.05 (CET)", "1,5\u00a0GB"},
		"sv": {"1 december 2026", "1 december 2026 kl. 00.05 (CET)", "1,5\u00a0GB"},
		"de": {"1. Dezember 2026", "1. Dezember 2026 um 00:05 Uhr (CET)", "1,5\u00a0GB"},
		"nl": {"1 december 2026", "1 december 2026 om 00.05 uur (CET)", "1,5\u00a0GB"},
		"en": {"1 December 2026", "1 December 2026 at 00:05 (CET)", "1.5\u00a0GB"},
	} {
		w := For(lang)
		if got := [3]string{w.Date(late, copenhagen(t)), w.DateTime(late, copenhagen(t)), w.Size(1_500_000_000)}; got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestSharesHaveTheLanguagesSeparator(t *testing.T) {
	for lang, want := range map[string]string{"da": "97,7\u00a0%", "nb": "97,7\u00a0%", "sv": "97,7\u00a0%", "de": "97,7\u00a0%", "nl": "97,7%", "en": "97.7%"} {
		if got := For(lang).Percent(0.9768); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestSizesRoundAsPeopleExpect(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 1: "1 B", 999: "999 B", 1000: "1 kB", 1549: "1.5 kB", 999_949: "999.9 kB", 999_950: "1 MB",
		2_000_000_000: "2 GB", 1_234_000_000_000_000: "1,234 TB",
	} {
		if got := strings.ReplaceAll(For("en").Size(bytes), "\u00a0", " "); got != want {
			t.Errorf("Size(%d) = %q, want %q", bytes, got, want)
		}
	}
}

func TestFieldsSpeak(t *testing.T) {
	type form struct {
		Address string   `validate:"required,email"`
		Name    string   `validate:"min=3"`
		Files   []string `validate:"max=1"`
		Days    int      `validate:"lte=1500"`
		Code    string   `validate:"oneof=none generated"`
		Odd     string   `validate:"isbn"`
	}
	err := validator.New().Struct(form{Address: "{{.}}", Name: "x", Files: []string{"a", "b"}, Days: 2000, Code: "?", Odd: "?"})
	found, _ := errors.AsType[validator.ValidationErrors](err)
	want := map[string]string{
		"Address": "Indtast en e-mailadresse, for eksempel navn@example.org.",
		"Name":    "Indtast mindst 3 tegn.",
		"Files":   "Der må højst være 1 angivelse.",
		"Days":    "Værdien må højst være 1.500.",
		"Code":    "Vælg en af følgende: none, generated.",
		"Odd":     "Dette er ikke udfyldt rigtigt.",
	}
	for _, e := range found {
		if got := For("da").Field(e); got != want[e.Field()] {
			t.Errorf("%s: %q, want %q", e.Field(), got, want[e.Field()])
		}
	}
	if len(found) != len(want) {
		t.Errorf("%d errors", len(found))
	}
}
