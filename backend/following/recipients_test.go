package following_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"senddigitally/backend/following"
)

func checked(t testing.TB, lists ...string) []string {
	t.Helper()
	who := caller
	who.Address = "caseworker@municipality.example"
	found, err := library().following().Recipients(context.Background(), who, lists, "town.example")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range found {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s|%s %v %s", c.Name, c.Address, c.Marks, c.Like)))
	}
	return all
}

func TestRecipientsAreReadAndMarked(t *testing.T) {
	for list, want := range map[string][]string{
		"citizen@home.example":            {"|citizen@home.example [outside]"},
		"Citizen@Home.example":            {"|Citizen@Home.example [outside]"},
		"stranger@far.example":            {"|stranger@far.example [outside new]"},
		"colleague@municipality.example":  {"|colleague@municipality.example [own]"},
		"a@social.town.example":           {"|a@social.town.example [own]"},
		"a@nottown.example":               {"|a@nottown.example [outside new]"},
		"nobody":                          {"|nobody [invalid]"},
		"nobody@localhost":                {"|nobody@localhost [invalid]"},
		"a@b.example\r\nBcc: x@y.example": {"|a@b.example [outside new]", "|Bcc: x@y.example [invalid]"},
		"citzen@home.example":             {"|citzen@home.example [outside new lookalike] citizen@home.example"},
		"ciitzen@home.example":            {"|ciitzen@home.example [outside new lookalike] citizen@home.example"},
		"citizen@hоme.example":            {"|citizen@hоme.example [outside new lookalike] citizen@home.example"},
		"citizen@h0me.example":            {"|citizen@h0me.example [outside new lookalike] citizen@home.example"},
		"boss@municipallity.example":      {"|boss@municipallity.example [outside new lookalike] boss@municipality.example"},
		"a@b.example; a@B.example;":       {"|a@b.example [outside new]", "|a@B.example [duplicate outside new]"},
		`Jensen, A. <a@b.example>, "Doe; J" <j@b.example>; c@d.example`: {
			"Jensen, A.|a@b.example [outside new]", "Doe; J|j@b.example [outside new]", "|c@d.example [outside new]"},
		" ; ,\n": nil,
	} {
		if got := checked(t, list); !equal(got, want) {
			t.Errorf("%q is read as\n%q, want\n%q", list, got, want)
		}
	}
}

func TestARecipientIsTwiceAcrossLists(t *testing.T) {
	if got := checked(t, "a@b.example", "a@b.example"); !strings.Contains(got[1], string(following.Twice)) {
		t.Errorf("%q", got)
	}
}

func FuzzRecipients(f *testing.F) {
	f.Add(`"a;b" <a@b.example>; c`)
	f.Add("<<@>>\x00,;\"")
	f.Fuzz(func(t *testing.T, list string) {
		for _, line := range checked(t, list) {
			if line == "" {
				t.Error("an empty recipient")
			}
		}
	})
}
