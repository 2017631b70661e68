package routing

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// noon is a Wednesday, 12:00 in Copenhagen.
var noon = time.Date(2026, 9, 16, 10, 0, 0, 0, time.UTC)

// town is a small valid definition that tests change to their needs.
func town() Definition {
	return Definition{
		Tenant: "town", Language: "en", TimeZone: "Europe/Copenhagen", Domains: []string{"town.example"},
		Mailboxes: []Mailbox{
			{ID: "a", Address: "a@town.example", Names: Names{"en": "A"}},
			{ID: "b", Address: "b@town.example", Names: Names{"en": "B"}, Deputy: "a"},
			{ID: "c", Address: "c@town.example", Names: Names{"en": "C"}, Folder: "In", Categories: []string{"see"}},
		},
		Topics: []Topic{
			{ID: "x", Names: Names{"en": "X"}, Mailbox: "a"},
			{ID: "y", Names: Names{"en": "Y"}, Mailbox: "b", Folder: "Why", Category: "Yes"},
		},
		ContactFolders: []ContactFolder{{ID: "f", Names: Names{"en": "F"}}},
		ContactPoints:  []ContactPoint{{ID: "p", Folder: "f", Names: Names{"en": "P"}, Mailbox: "c", Topic: "x"}},
	}
}

func mustCompile(t testing.TB, def Definition) *Set {
	t.Helper()
	set, problems := Compile(def)
	if len(problems) > 0 {
		t.Fatalf("the definition has %d problems, the first: %v", len(problems), problems[0])
	}
	return set
}

// codes compiles and returns the codes of the problems with their paths.
func codes(t testing.TB, def Definition) []string {
	t.Helper()
	set, problems := Compile(def)
	if (set == nil) == (len(problems) == 0) {
		t.Fatalf("either a set or problems, not set %v and %d problems", set != nil, len(problems))
	}
	var found []string
	for _, p := range problems {
		if p.Cause == "" || p.Cure == "" {
			t.Errorf("%s at %s lacks words", p.Code, p.Path)
		}
		found = append(found, fmt.Sprint(p.Code, " ", p.Path))
	}
	return found
}

func expect(t *testing.T, d Decision, mailbox string, by StepName, reason Reason) {
	t.Helper()
	i := slices.IndexFunc(d.Steps, func(s Step) bool { return s.Applied })
	if i < 0 || d.Mailbox != mailbox || d.Manual != (mailbox == "") || d.Steps[i].Name != by || d.Reason != reason {
		t.Errorf("want %q by %s (%s), got %+v", mailbox, by, reason, d)
	}
}
