package file

import (
	"strings"
	"testing"

	"senddigitally/routing"
)

// Each kind of mistake is found where it was made: the file, the line that was changed,
// what is wrong there and what to do about it.
func TestEachMistakeIsFoundWhereItWasMade(t *testing.T) {
	contractor := "  - id: contractor\n"
	for name, c := range map[string]struct {
		was, is string // the first place of was in the sample becomes is
		at      string // begins the line that the problem is on, after the change
		want    routing.Code
	}{
		"unknown mailbox of a topic":        {"    mailbox: children\n    folder: Day care", "    mailbox: childern\n    folder: Day care", "    mailbox: childern", routing.CodeUnknownMailbox},
		"unknown topic of a rule":           {"      topic: roads\n", "      topic: streets\n", "      topic: streets", routing.CodeUnknownTopic},
		"unknown folder of a contact point": {"    folder: home\n", "    folder: house\n", "    folder: house", routing.CodeUnknownFolder},
		"unknown deputy":                    {"    deputy: citizen-service       # stands", "    deputy: nobody # stands", "    deputy: nobody", routing.CodeUnknownMailbox},
		"unknown field":                     {"    size_limit_mb: 25", "    size_limit: 25", "    size_limit:", CodeUnknownField},
		"duplicate mailbox":                 {"  - id: technical\n", "  - id: citizen-service\n", "", routing.CodeDuplicateID},
		"duplicate rule":                    {contractor, "  - id: county-on-children\n", "", routing.CodeDuplicateID},
		"shadowed rule": {contractor, "  - id: wider\n    when: {organisation_number: [\"12345678\", \"2\"]}\n    route: {mailbox: children}\n" + contractor,
			contractor, routing.CodeShadowed},
		"cycle of deputies": {"    owners: [service-lead@municipality.example]\n", "    owners: [service-lead@municipality.example]\n    deputy: children\n",
			"    deputy: ", routing.CodeDeputyCycle},
		"overlapping contact points": {"    names: {en: Worried about a child, da: Bekymret for et barn, nb: Bekymret for et barn, nl: Zorgen over een kind, sv: Orolig för ett barn, de: Sorge um ein Kind}\n    mailbox: children\n    topic: child-welfare",
			"    names: {en: Day-care places}\n    mailbox: children\n    topic: child-welfare", "  - id: worried-about-a-child", routing.CodeContactOverlap},
		"mailbox outside the organisation": {"address: technical@municipality.example", "address: technical@contractor.example", "    address: technical@contractor", routing.CodeForeignAddress},
		"owner outside the organisation":   {"owners: [technical-lead@municipality.example]", "owners: [lead@contractor.example]", "    owners: [lead@contractor", routing.CodeForeignAddress},
		"pattern that is none":             {"subject: ['child', 'barn', 'børn', 'kind']", "subject: ['child', '(barn']", "      subject: ['child', '(barn']", routing.CodeInvalidPattern},
		"pattern beyond RE2":               {"subject: ['child', 'barn', 'børn', 'kind']", `subject: ['(a)\1']`, `      subject: ['(a)\1']`, routing.CodeInvalidPattern},
	} {
		t.Run(name, func(t *testing.T) {
			before := string(Sample)
			if !strings.Contains(before, c.was) {
				t.Fatal("the sample has no such place")
			}
			changed := strings.Replace(before, c.was, c.is, 1)
			at := c.at
			if at == "" {
				at = c.is
			}
			place := strings.LastIndex(changed, "\n"+strings.TrimSuffix(at, "\n"))
			anywhere := at == "    deputy: " // any mailbox of the cycle may be named
			if place < 0 {
				t.Fatalf("there is no line %q", at)
			}
			set, problems := Load("routing.yaml", []byte(changed))
			if set != nil {
				t.Fatal("it loads")
			}
			for _, p := range problems {
				if p.Code != c.want {
					continue
				}
				line := strings.Count(changed[:place], "\n") + 2
				if p.File != "routing.yaml" || p.Column < 1 || len(p.Cause) < 10 || len(p.Cure) < 10 || strings.Contains(p.Cause+p.Cure, "@") {
					t.Errorf("it says %+v", p)
				}
				if !anywhere && p.Line != line {
					t.Errorf("it is said of line %d, not %d: %v", p.Line, line, p)
				}
				if anywhere && !strings.Contains(strings.Split(changed, "\n")[p.Line-1], "deputy:") {
					t.Errorf("it is said of line %d: %v", p.Line, p)
				}
				return
			}
			t.Errorf("it is not found among %v", problems)
		})
	}
}
