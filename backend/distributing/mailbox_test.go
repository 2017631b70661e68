package distributing

import (
	"context"
	"testing"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

func TestAMailboxShowsItsMembersWhatLiesInIt(t *testing.T) {
	w := newWorld(t)
	w.Members = members{"member": children}
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	other := w.reply(w.transfer("k2"), "s2", transfer.Origin{ReplyMailbox: "technical"})
	listed := func(mailbox string) []*transfer.Dossier {
		t.Helper()
		_, all, _, err := w.Mailbox(t.Context(), colleague, mailbox, "", 10)
		w.must(err)
		return all
	}
	if all := listed("children"); len(all) != 0 {
		t.Fatalf("%d before the delivery", len(all))
	}
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	w.must(w.Deliver(t.Context(), w.deliverJob(other), false))
	if all := listed("children"); len(all) != 1 || all[0].Manifest.ID != d.Manifest.ID {
		t.Fatalf("listed %d", len(all))
	}
	for _, mailbox := range []string{"technical", "unknown"} {
		if _, _, _, err := w.Mailbox(t.Context(), colleague, mailbox, "", 10); transfer.CodeOf(err) != transfer.NotFound {
			t.Errorf("%s: %v", mailbox, err)
		}
	}
	if n := w.audited(access.ReadMailbox); n != 4 || w.trail[len(w.trail)-1].Mailbox != "" {
		t.Errorf("%d looks are in the trail, the last %+v", n, w.trail[len(w.trail)-1])
	}
	w.must(w.HandBack(t.Context(), colleague, d.Manifest.ID, "not ours"))
	if all := listed("children"); len(all) != 0 {
		t.Error("what was handed back is still listed")
	}
}

// A5: from the function mailbox to a caseworker by hand.
func TestAMemberGivesAReplyToACaseworker(t *testing.T) {
	w := newWorld(t)
	w.Members = members{"member": children}
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	to := "worker@municipality.example"
	for range 2 {
		w.must(w.Assign(t.Context(), colleague, d.Manifest.ID, to))
	}
	after, _ := w.open(d.Manifest.ID)
	if a := after.State.Assignment; a.To.Address != to || a.N != 1 || !w.book.last[transfer.AssignJob] {
		t.Errorf("assignment %+v, queued %v", a, w.book.last)
	}
	w.must(w.Assign(t.Context(), colleague, d.Manifest.ID, colleague.Address))
	if after, _ = w.open(d.Manifest.ID); after.State.Assignment.To.Name != colleague.Name || after.State.Assignment.N != 2 {
		t.Errorf("assignment %+v", after.State.Assignment)
	}
	w.must(w.Assign(t.Context(), colleague, d.Manifest.ID, ""))
	if after, _ = w.open(d.Manifest.ID); after.State.Assignment.To.Address != "" {
		t.Errorf("assignment %+v", after.State.Assignment)
	}
	for _, address := range []string{"citizen@post.example", "municipality.example", "a b@municipality.example"} {
		if err := w.Assign(t.Context(), colleague, d.Manifest.ID, address); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("%s: %v", address, err)
		}
	}
	w.Members = members{}
	if err := w.Assign(t.Context(), colleague, d.Manifest.ID, to); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("a stranger assigns: %v", err)
	}
	if w.audited(access.Assign) != 5 {
		t.Errorf("%d assignments are in the trail", w.audited(access.Assign))
	}
}

// addresses are people's own, by subject.
type addresses map[string][]string

func (a addresses) AddressesOf(_ context.Context, _ transfer.TenantID, c transfer.Caller) ([]string, error) {
	return a[c.Subject], nil
}

// Whom a member gives a reply to reads that one, and only while it is hers; what a
// token says of her address counts for nothing.
func TestWhoIsGivenAReplyReadsItWithoutBeingAMember(t *testing.T) {
	w := newWorld(t)
	w.Members = members{"member": children}
	w.Addresses = addresses{"worker": {"w@municipality.example", "Worker@municipality.example"}, "liar": {"liar@municipality.example"}}
	worker := transfer.Caller{Tenant: org, Subject: "worker"} // without any role
	liar := transfer.Caller{Tenant: org, Subject: "liar", Address: "worker@municipality.example", Roles: colleague.Roles}
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	other := w.reply(w.transfer("k2"), "s2", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	w.must(w.Deliver(t.Context(), w.deliverJob(other), false))
	reads := func(who transfer.Caller, id transfer.ID) bool {
		at, err := w.Read(t.Context(), who, id)
		if code := transfer.CodeOf(err); err != nil && code != transfer.NotFound && code != transfer.Forbidden {
			t.Fatal(err)
		}
		return err == nil && !at.Member
	}
	if reads(worker, d.Manifest.ID) {
		t.Fatal("she reads what is not hers")
	}
	w.must(w.Assign(t.Context(), colleague, d.Manifest.ID, "worker@municipality.example"))
	if !reads(worker, d.Manifest.ID) || reads(worker, other.Manifest.ID) || reads(liar, d.Manifest.ID) || reads(outsider, d.Manifest.ID) {
		t.Error("what was given is not what is read")
	}
	if last := w.trail[len(w.trail)-1]; w.audited(access.ReadAssigned) != 1 || last.Outcome != access.Denied {
		t.Errorf("the trail ends with %+v", last)
	}
	if err := w.Assign(t.Context(), worker, d.Manifest.ID, ""); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("she gives it on: %v", err)
	}
	if err := w.HandBack(t.Context(), worker, d.Manifest.ID, "why"); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("she hands it back: %v", err)
	}
	w.must(w.Assign(t.Context(), colleague, d.Manifest.ID, colleague.Address))
	if reads(worker, d.Manifest.ID) {
		t.Error("she reads what is somebody else's now")
	}
	w.must(w.Assign(t.Context(), colleague, d.Manifest.ID, "worker@municipality.example"))
	w.must(w.HandBack(t.Context(), colleague, d.Manifest.ID, "not ours"))
	if reads(worker, d.Manifest.ID) {
		t.Error("she reads what was handed back")
	}
}
