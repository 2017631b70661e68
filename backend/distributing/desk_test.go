package distributing

import (
	"strings"
	"testing"

	"senddigitally/backend/transfer"
	"senddigitally/routing/file"
)

// onManual is a reply that waits for the distributor.
func (w *world) onManual(submission string) *transfer.Dossier {
	w.t.Helper()
	d := w.reply(w.transfer("k"+submission), submission, transfer.Origin{SenderKind: "authority"})
	w.must(w.Deliver(w.t.Context(), w.deliverJob(d), false))
	if w.phase(d.Manifest.ID) != transfer.OnManual {
		w.t.Fatalf("phase %s", w.phase(d.Manifest.ID))
	}
	return d
}

func TestTheDistributorLooksBeforePlacing(t *testing.T) {
	w := newWorld(t)
	d := w.onManual("s1")
	got, text, err := w.Look(t.Context(), outsider, d.Manifest.ID)
	if err != nil || text != "Here is my answer." || got.Manifest.Subject != "Re: Decision" {
		t.Errorf("%q %v", text, err)
	}
	if _, _, err := w.Look(t.Context(), colleague, d.Manifest.ID); transfer.CodeOf(err) != transfer.Forbidden {
		t.Errorf("a caseworker looks: %v", err)
	}
}

func TestTheDistributorReadsNothingThatWasDelivered(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	_, _, looked := w.Look(t.Context(), outsider, d.Manifest.ID)
	_, proposed := w.Propose(t.Context(), outsider, d.Manifest.ID, "technical", "roads")
	if transfer.CodeOf(looked) != transfer.NotFound || transfer.CodeOf(proposed) != transfer.NotFound {
		t.Errorf("looked: %v, proposed: %v", looked, proposed)
	}
}

func TestTwoDistributorsPlaceOneReplyOnce(t *testing.T) {
	w := newWorld(t)
	d := w.onManual("s1")
	stale, _ := w.open(d.Manifest.ID)
	if _, err := w.Place(t.Context(), outsider, d.Manifest.ID, "technical", ""); err != nil {
		t.Fatal(err)
	}
	in, err := w.input(t.Context(), stale)
	w.must(err)
	decision, _ := Decision(stale)
	if err := w.journal(t.Context(), w.store.Schedule, stale, in, decision, hand{actor: "second"}); transfer.CodeOf(err) != transfer.Conflict {
		t.Errorf("the second is not told: %v", err)
	}
	if _, err := w.Place(t.Context(), outsider, d.Manifest.ID, "children", ""); transfer.CodeOf(err) != transfer.Conflict {
		t.Errorf("placed twice: %v", err)
	}
}

func TestAProposalLoadsAndSaysWhatItWouldPlace(t *testing.T) {
	w := newWorld(t)
	first := w.onManual("s1")
	w.onManual("s2")
	p, err := w.Propose(t.Context(), outsider, first.Manifest.ID, "technical", "roads")
	if err != nil || len(p.Problems) != 0 || p.Waiting != 2 {
		t.Fatalf("%+v %v", p, err)
	}
	want := "+  - id: desk-post-example-technical\n+    when:\n+      sender_domain: ['post.example']\n+      subject: ['Decision']\n+    route:\n+      mailbox: technical\n+      topic: roads\n"
	if p.Diff != want {
		t.Errorf("diff\n%s", p.Diff)
	}
	added := strings.ReplaceAll(p.Diff, "+  ", "  ")
	if _, problems := file.Load("r.yaml", []byte(strings.Replace(sampleRouting(), "rules:\n", "rules:\n"+strings.ReplaceAll(added, "+", ""), 1))); problems.Err() != nil {
		t.Error(problems)
	}
	if p, err = w.Propose(t.Context(), outsider, first.Manifest.ID, "nowhere", ""); err != nil || len(p.Problems) == 0 {
		t.Errorf("an unknown mailbox is proposed: %+v %v", p, err)
	}
}

func TestAClaimKeepsOthersOutUntilItEndsOrIsHandedOver(t *testing.T) {
	w := newWorld(t)
	id := w.onManual("s1").Manifest.ID
	second := transfer.Caller{Tenant: org, Subject: "second", Roles: []transfer.Role{transfer.Distributor}}
	w.must(w.Claim(t.Context(), outsider, id, true))
	if err := w.Claim(t.Context(), second, id, true); transfer.CodeOf(err) != transfer.InHand {
		t.Errorf("claimed twice: %v", err)
	}
	if _, err := w.Place(t.Context(), second, id, "technical", ""); transfer.CodeOf(err) != transfer.InHand {
		t.Errorf("placed over another's claim: %v", err)
	}
	w.must(w.Claim(t.Context(), outsider, id, false))
	w.must(w.Claim(t.Context(), second, id, true))
	w.now = w.now.Add(ClaimTime)
	w.must(w.Claim(t.Context(), outsider, id, true))
	if err := w.Claim(t.Context(), colleague, id, true); transfer.CodeOf(err) != transfer.Forbidden {
		t.Errorf("a caseworker claims: %v", err)
	}
	if _, err := w.Place(t.Context(), outsider, id, "technical", ""); err != nil {
		t.Error(err)
	}
	w.now = w.now.Add(UndoTime)
}

func TestADeadLetterThatAnotherHasInHandIsNotTriedAgain(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.office.refuses[children], w.office.refuses[service] = transfer.MailboxMissing, transfer.MailboxMissing
	for range 3 {
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	}
	id := d.Manifest.ID
	if w.phase(id) != transfer.DeadLetter {
		t.Fatalf("phase %s", w.phase(id))
	}
	second := transfer.Caller{Tenant: org, Subject: "second", Roles: []transfer.Role{transfer.Distributor}}
	w.must(w.Claim(t.Context(), outsider, id, true))
	if _, err := w.DeliverAgain(t.Context(), second, id); transfer.CodeOf(err) != transfer.InHand {
		t.Errorf("over another's claim: %v", err)
	}
	if _, err := w.DeliverAgain(t.Context(), outsider, id); err != nil {
		t.Error(err)
	}
}

func TestCommentsStayWithTheReply(t *testing.T) {
	w := newWorld(t)
	id := w.onManual("s1").Manifest.ID
	w.must(w.Comment(t.Context(), outsider, id, " Called the citizen. "))
	if err := w.Comment(t.Context(), outsider, id, " "); transfer.CodeOf(err) != transfer.Invalid {
		t.Errorf("an empty comment: %v", err)
	}
	if d, _ := w.open(id); len(d.State.Comments) != 1 || d.State.Comments[0].Text != "Called the citizen." {
		t.Errorf("comments %+v", d.State.Comments)
	}
}

// What was placed can be taken back while it waits to go out; what has gone out
// cannot, and what was taken back never goes out.
func TestPlacingCanBeUndone(t *testing.T) {
	w := newWorld(t)
	d := w.onManual("s1")
	id := d.Manifest.ID
	place := func() {
		t.Helper()
		if _, err := w.Place(t.Context(), outsider, id, "technical", ""); err != nil {
			t.Fatal(err)
		}
		if err := w.Deliver(t.Context(), w.deliverJob(d), true); counts(err) || len(w.office.sent) != 0 {
			t.Fatalf("it went out at once: %v", err)
		}
	}
	place()
	begun, _ := w.open(id)
	w.must(w.Undo(t.Context(), outsider, id))
	if w.phase(id) != transfer.OnManual {
		t.Fatalf("phase %s", w.phase(id))
	}
	if err := w.Undo(t.Context(), outsider, id); transfer.CodeOf(err) != transfer.Conflict {
		t.Errorf("undone twice: %v", err)
	}
	// A worker that had read the reply before the undoing sends nothing.
	w.now = w.now.Add(UndoTime)
	decision, err := Decision(begun)
	w.must(err)
	if err := w.deliver(t.Context(), begun, decision, false); transfer.CodeOf(err) != transfer.Conflict || len(w.office.sent) != 0 {
		t.Errorf("%d sent: %v", len(w.office.sent), err)
	}
	place()
	w.now = w.now.Add(UndoTime)
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if err := w.Undo(t.Context(), outsider, id); transfer.CodeOf(err) != transfer.Conflict || len(w.office.sent) != 1 {
		t.Errorf("%d sent, undone too late: %v", len(w.office.sent), err)
	}
	if err := w.Undo(t.Context(), colleague, id); transfer.CodeOf(err) != transfer.Forbidden {
		t.Errorf("a caseworker undoes: %v", err)
	}
}
