package distributing

import (
	"testing"
	"time"

	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// Replies of one conversation are delivered in the order in which they came; what
// is stuck holds up the next ones for a while only, and other conversations never.
func TestRepliesOfOneConversationAreDeliveredInOrder(t *testing.T) {
	w := newWorld(t)
	parent := w.transfer("k1")
	first := w.reply(parent, "s1", transfer.Origin{ReplyMailbox: "children"})
	second := w.reply(parent, "s2", transfer.Origin{ReplyMailbox: "children"})
	other := w.reply(w.transfer("k2"), "s3", transfer.Origin{ReplyMailbox: "children"})
	if err := w.Deliver(t.Context(), w.deliverJob(second), true); counts(err) || len(w.office.sent) != 0 {
		t.Fatalf("%d sent: %v", len(w.office.sent), err)
	}
	w.must(w.Deliver(t.Context(), w.deliverJob(other), false))
	w.must(w.Deliver(t.Context(), w.deliverJob(first), false))
	w.must(w.Deliver(t.Context(), w.deliverJob(second), false))
	if len(w.office.sent) != 3 {
		t.Fatalf("%d sent", len(w.office.sent))
	}
	w.reply(parent, "s4", transfer.Origin{ReplyMailbox: "children"})
	last := w.reply(parent, "s5", transfer.Origin{ReplyMailbox: "children"})
	if err := w.Deliver(t.Context(), w.deliverJob(last), false); counts(err) {
		t.Fatalf("it overtook another: %v", err)
	}
	w.now = w.now.Add(orderPatience + time.Second)
	w.must(w.Deliver(t.Context(), w.deliverJob(last), false))
	if len(w.office.sent) != 4 {
		t.Errorf("%d sent", len(w.office.sent))
	}
}

// A reply that waits for a person holds up nobody.
func TestTheManualListHoldsUpNobody(t *testing.T) {
	w := newWorld(t)
	parent := w.transfer("k1")
	first := w.reply(parent, "s1", transfer.Origin{SenderKind: "authority"})
	second := w.reply(parent, "s2", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(first), false))
	w.must(w.Deliver(t.Context(), w.deliverJob(second), false))
	if w.phase(first.Manifest.ID) != transfer.OnManual || w.phase(second.Manifest.ID) != transfer.Delivered {
		t.Errorf("%s, %s", w.phase(first.Manifest.ID), w.phase(second.Manifest.ID))
	}
}

func counts(err error) bool { _, tried := mailing.Wait(err); return tried }
