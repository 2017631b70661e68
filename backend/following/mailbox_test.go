package following_test

import (
	"context"
	"testing"

	"senddigitally/backend/access"
	"senddigitally/backend/following"
	"senddigitally/backend/transfer"
)

// trail keeps what was checked.
type trail struct{ events []access.Event }

func (t *trail) Append(_ context.Context, e access.Event) error {
	t.events = append(t.events, e)
	return nil
}

// members are those of the one mailbox that there is.
type members map[string]bool

func (m members) MemberOf(_ context.Context, _ transfer.TenantID, caller transfer.Caller, mailbox string) (bool, error) {
	return mailbox == "children@municipality.example" && m[caller.Subject], nil
}

func team(t *testing.T) (*following.Following, *transfer.Dossier, *trail) {
	t.Helper()
	s := library()
	d := s.dossiers[0]
	d.Manifest.Mailbox = "children@municipality.example"
	s.records[0].Mailbox = namer.Mailbox("t", "Children@Municipality.example")
	s.records[1].Mailbox, s.records[1].Kind = s.records[0].Mailbox, transfer.KindReply
	log := &trail{}
	f := s.following()
	f.Gate, f.Team = access.New(log, namer), access.Team{Members: members{"colleague": true}, Namer: namer}
	return f, d, log
}

func as(subject string, role transfer.Role) transfer.Caller {
	return transfer.Caller{Tenant: "t", Subject: subject, Roles: []transfer.Role{role}}
}

func TestAColleagueOfTheMailboxFollowsItsTransfers(t *testing.T) {
	f, d, log := team(t)
	colleague := as("colleague", transfer.Caseworker)
	views, _, err := f.Search(t.Context(), colleague, following.Query{Mailbox: "children@municipality.example"}, "", 10)
	if err != nil || len(views) != 1 || views[0].Record.ID != d.Manifest.ID {
		t.Fatalf("%d found, %v", len(views), err)
	}
	if _, err := f.Transfer(t.Context(), colleague, d.Manifest.ID); err != nil {
		t.Error(err)
	}
	for _, e := range log.events {
		if e.Outcome != access.Allowed || e.Mailbox != namer.Mailbox("t", "children@municipality.example") {
			t.Errorf("the trail does not say through which mailbox: %+v", e)
		}
	}
	if log.events[0].Action != access.ListMailbox {
		t.Errorf("the list is audited as %q", log.events[0].Action)
	}
}

func TestWhoIsNoMemberFindsNothing(t *testing.T) {
	f, d, log := team(t)
	for name, caller := range map[string]transfer.Caller{
		"a stranger":                as("stranger", transfer.Caseworker),
		"a document system":         as("colleague", transfer.Application),
		"a member without the role": as("colleague", transfer.Auditor),
	} {
		_, err := f.Transfer(t.Context(), caller, d.Manifest.ID)
		_, _, listed := f.Search(t.Context(), caller, following.Query{Mailbox: "children@municipality.example"}, "", 10)
		for _, err := range []error{err, listed} {
			if code := transfer.CodeOf(err); code != transfer.NotFound && code != transfer.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, e := range log.events {
		if e.Outcome != access.Denied {
			t.Errorf("%+v", e)
		}
	}
}

func TestOutlookIsNotAskedAboutOnesOwn(t *testing.T) {
	f, d, _ := team(t)
	f.Team.Members = nil // would panic
	if _, err := f.Transfer(t.Context(), as("caseworker", transfer.Caseworker), d.Manifest.ID); err != nil {
		t.Error(err)
	}
}
