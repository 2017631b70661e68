package expiring_test

import (
	"testing"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/expiring"
	"senddigitally/backend/transfer"
)

// notified has its first recipient told.
func (r rig) notified(name string) *transfer.Dossier {
	r.T.Helper()
	d := r.Accepted(name)
	r.Code(r.Archive.Change(r.T.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Concluded, Effect: transfer.NotifyEffect("r1", 0), Recipient: "r1", Outcome: transfer.Done}, nil
	}), "")
	return d
}

func (r rig) remind(d *transfer.Dossier, recipient transfer.RecipientID, want transfer.Code) *transfer.Dossier {
	r.T.Helper()
	changed, err := r.x.Remind(r.T.Context(), r.Caseworker(), d.Manifest.ID, recipient)
	r.Code(err, want)
	return changed
}

func asked(d *transfer.Dossier, r rig) (n int) {
	for _, j := range d.Outstanding(r.Clock()) {
		if j.Kind == transfer.RemindJob && j.Note == transfer.NoteAsked {
			n++
		}
	}
	return n
}

func TestAReminderIsQueuedOnceADayForWhoHasNotOpened(t *testing.T) {
	r := newRig(t)
	d := r.notified("one")
	r.remind(d, "r2", transfer.Conflict) // not told yet
	r.remind(d, "r9", transfer.Invalid)
	if d = r.remind(d, "r1", ""); asked(d, r) != 1 {
		t.Errorf("%d reminders are outstanding", asked(d, r))
	}
	r.remind(d, "r1", transfer.TooSoon)
	r.Pass(expiring.ReminderPause)
	d = r.remind(d, "r1", "")
	r.Code(r.Archive.Change(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Opened, Recipient: "r1"}, nil
	}), "")
	if asked(d, r) != 0 {
		t.Error("who has opened it is reminded all the same")
	}
	r.Pass(expiring.ReminderPause)
	r.remind(d, "r1", transfer.Conflict)
}

func TestANewCodeReplacesTheOldOne(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	_, err := r.x.Recode(t.Context(), r.Caseworker(), d.Manifest.ID)
	r.Code(err, transfer.Invalid) // a link without a code
	code, err := accesscode.New(transfer.CodePassword, "correct horse battery", d.Key, d.Manifest.ID)
	r.Code(err, "")
	r.Code(r.Archive.Change(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.CodeChanged, Code: &code}, nil
	}), "")
	old := "correct horse battery"
	for range 3 {
		changed, err := r.x.Recode(t.Context(), r.Caseworker(), d.Manifest.ID)
		r.Code(err, "")
		code, found := accesscode.Recall(changed.State.Code, d.Key, d.Manifest.ID)
		if !found || code == old {
			t.Fatalf("the code is still %q", code)
		}
		if right, err := accesscode.Verify(t.Context(), changed.State.Code, old, d.Key, d.Manifest.ID); right || err != nil {
			t.Errorf("the old code opens still, %v", err)
		}
		old = code
	}
	stranger := r.Caseworker()
	stranger.Subject, stranger.Tenant = "somebody else", archivetest.Tenant
	_, err = r.x.Recode(t.Context(), stranger, d.Manifest.ID)
	r.Code(err, transfer.NotFound)
}

func TestALinkThatNoCodeCouldOpenIsNotSent(t *testing.T) {
	r := newRig(t)
	colleague := transfer.Recipient{ID: "r1", Party: transfer.Party{Address: "colleague@municipality.example"}, SignsIn: true}
	other := transfer.Recipient{ID: "r2", Party: transfer.Party{Address: "citizen@post.example", Phone: "+4512345678"}}
	d := r.AcceptedFor("one", transfer.Options{Code: transfer.AccessCode{Kind: transfer.CodeSMS}}, colleague, other)
	_, err := r.x.Relink(t.Context(), r.Caseworker(), d.Manifest.ID, "r1")
	r.Code(err, transfer.PhoneMissing)
	changed, err := r.x.Relink(t.Context(), r.Caseworker(), d.Manifest.ID, "r2")
	r.Code(err, "")
	if !changed.SignsIn("r1") || changed.State.Recipients["r2"].Generation != 1 {
		t.Errorf("the state is %+v", changed.State.Recipients)
	}
}
