package following_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"senddigitally/backend/following"
	"senddigitally/backend/transfer"
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
		"colleague@municipality.example":  {"|colleague@municipality.example [own signs_in]"},
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

// oneReply may be answered by whom it lets.
type oneReply struct {
	id  transfer.ID
	err error
}

func (r oneReply) Answerable(_ context.Context, _ transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	if r.err != nil || id != r.id {
		return nil, r.err
	}
	return &transfer.Dossier{Manifest: transfer.Manifest{Sender: transfer.Party{Name: "Citizen", Address: "citizen@home.example"}}}, nil
}

func TestBehindTheAddressOfAReplyIsItsSenderForWhoMayAnswer(t *testing.T) {
	id := namer.ReplyID(caller.Tenant, "x", "r1", "a reply")
	address := transfer.Organisation{Intake: "intake@town.example"}.ReplyTo(namer, caller.Tenant, id, transfer.StaffRecipient)
	f := library().following()
	f.Replies = oneReply{id: id}
	found, err := f.Recipients(context.Background(), caller, []string{"Town <" + address + ">"}, "town.example")
	if err != nil || len(found) != 1 || found[0].Address != address || found[0].Replier == nil || found[0].Replier.Address != "citizen@home.example" || fmt.Sprint(found[0].Marks) != "[outside]" {
		t.Errorf("%+v %v", found, err)
	}
	f.Replies = oneReply{err: transfer.E(transfer.NotFound, "not hers")}
	if found, err = f.Recipients(context.Background(), caller, []string{address}, "town.example"); err != nil || found[0].Replier != nil {
		t.Errorf("who may not answer learns %+v %v", found, err)
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
