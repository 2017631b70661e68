package mailing_test

import (
	"context"
	"testing"
	"time"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// outbox is an Outlook that can fail at each step and counts what left.
type outbox struct {
	drafts map[string]string // draft by message id
	sent   map[string]int    // by message id
	create error
	send   error // answered by Send
	leaves bool  // although Send fails
	hidden bool  // nothing is found
	silent error // answered by Find

	name       string // of its drafts
	before     func() // a draft is there
	journalled string // the draft that may be sent, if only one may
	strange    int    // others that were sent
	turn       error  // answered by Begin
	working    int
}

func newOutbox() *outbox { return &outbox{drafts: map[string]string{}, sent: map[string]int{}} }

func (o *outbox) Begin(transfer.TenantID, string, string, int) (func(), error) {
	if o.turn != nil {
		return nil, o.turn
	}
	o.working++
	return func() { o.working-- }, nil
}

func (o *outbox) Pick(transfer.TenantID, string) string { return "service@municipality.example" }

func (o *outbox) Find(_ context.Context, _ transfer.TenantID, _, id string) (transfer.SentMail, bool, error) {
	draft, known := o.drafts[id]
	return transfer.SentMail{DraftID: draft, Sent: o.sent[id] > 0}, known && !o.hidden, o.silent
}

func (o *outbox) CreateDraft(_ context.Context, _ transfer.TenantID, _ string, m transfer.Mail) (string, error) {
	if o.before != nil {
		o.before()
	}
	if o.create == nil {
		o.drafts[m.MessageID] = o.name + "draft of " + m.MessageID
	}
	return o.drafts[m.MessageID], o.create
}

func (o *outbox) Send(_ context.Context, _ transfer.TenantID, _, draft string) error {
	if o.journalled != "" && draft != o.journalled {
		o.strange++
	}
	if o.send == nil || o.leaves {
		for id, d := range o.drafts {
			if d == draft {
				o.sent[id]++
			}
		}
	}
	return o.send
}

const effect, messageID = "notify/r1/0", "<1@municipality.example>"

type rig struct {
	*archivetest.Rig
	outbox  *outbox
	mailing *mailing.Mailing
	d       *transfer.Dossier
}

func newRig(t *testing.T) rig {
	r := archivetest.New(t)
	o := newOutbox()
	return rig{r, o, mailing.New(o, r.Archive), r.Accepted("0123456789abcdef")}
}

// try sends once, from the state that the vault has.
func (r rig) try(last bool) (transfer.Outcome, error) {
	r.T.Helper()
	d, err := r.Archive.Open(r.T.Context(), archivetest.Tenant, r.d.Manifest.ID)
	if err != nil {
		r.T.Fatal(err)
	}
	err = r.mailing.Once(r.T.Context(), d, mailing.Effect{Name: effect, Recipient: "r1", MessageID: messageID, Last: last,
		Compose: func() (transfer.Mail, error) { return transfer.Mail{Subject: "x"}, nil }})
	return d.State.Effects[effect].Outcome, err
}

func TestAMailGoesOutOnceHoweverOftenItIsTried(t *testing.T) {
	r := newRig(t)
	for range 3 {
		if outcome, err := r.try(false); outcome != transfer.Done || err != nil {
			t.Errorf("the outcome is %q: %v", outcome, err)
		}
	}
	if r.outbox.sent[messageID] != 1 {
		t.Errorf("%d mails went out", r.outbox.sent[messageID])
	}
}

func TestWhatLeftInSpiteOfAnErrorIsFoundAndNotSentAgain(t *testing.T) {
	r := newRig(t)
	r.outbox.send, r.outbox.leaves = transfer.E(transfer.OutlookUncertain, "504"), true
	if outcome, err := r.try(false); outcome != "" || transfer.CodeOf(err) != transfer.OutlookUncertain {
		t.Errorf("the first try ends with %q: %v", outcome, err)
	}
	r.outbox.send = nil
	if outcome, err := r.try(false); outcome != transfer.Done || err != nil || r.outbox.sent[messageID] != 1 {
		t.Errorf("the second ends with %q: %v; %d mails went out", outcome, err, r.outbox.sent[messageID])
	}
}

func TestWhatCannotBeFoundIsUncertainAndNeverSentAgain(t *testing.T) {
	r := newRig(t)
	r.outbox.send, r.outbox.leaves, r.outbox.hidden = transfer.E(transfer.OutlookUncertain, "504"), true, true
	_, _ = r.try(false)
	r.outbox.send = nil
	if outcome, err := r.try(false); outcome != "" || transfer.CodeOf(err) != transfer.OutlookUncertain {
		t.Errorf("a try ends with %q: %v", outcome, err)
	}
	if outcome, err := r.try(true); outcome != transfer.Uncertain || err != nil || r.outbox.sent[messageID] != 1 {
		t.Errorf("the last try ends with %q: %v; %d mails went out", outcome, err, r.outbox.sent[messageID])
	}
}

// Invariant 4: what may have left is no failure because nobody can look.
func TestWhatMayHaveLeftAndCannotBeLookedUpIsUncertain(t *testing.T) {
	for _, why := range []transfer.Code{transfer.OutlookBusy, transfer.MailboxRefused} {
		r := newRig(t)
		r.outbox.send, r.outbox.leaves = transfer.E(transfer.OutlookUncertain, "504"), true
		_, _ = r.try(false)
		r.outbox.silent = transfer.E(why, "")
		if outcome, err := r.try(false); outcome != "" || err == nil {
			t.Errorf("%s: a try ends with %q: %v", why, outcome, err)
		}
		if outcome, err := r.try(true); outcome != transfer.Uncertain || err != nil {
			t.Errorf("%s: the last try ends with %q: %v", why, outcome, err)
		}
	}
}

// A worker that lost its lease while it wrote its draft may still be at it when
// another takes over: of the two drafts only the one in the journal is sent.
func TestTwoWorkersWithADraftEachSendOneMail(t *testing.T) {
	r := newRig(t)
	second := newOutbox()
	second.name = "the second worker's "
	r.outbox.before = func() { // the first worker stands still before its draft is there
		r.outbox.before = nil
		d, err := r.Archive.Open(t.Context(), archivetest.Tenant, r.d.Manifest.ID)
		if err != nil {
			t.Fatal(err)
		}
		second.send = transfer.E(transfer.OutlookBusy, "") // and the second before it is sent
		_ = mailing.New(second, r.Archive).Once(t.Context(), d, mailing.Effect{Name: effect, Recipient: "r1", MessageID: messageID,
			Compose: func() (transfer.Mail, error) { return transfer.Mail{}, nil }})
	}
	if _, err := r.try(false); transfer.CodeOf(err) != transfer.Conflict {
		t.Errorf("the first worker, whose draft is not the journal's, ends with %v", err)
	}
	r.outbox.journalled = second.drafts[messageID]
	if outcome, err := r.try(false); outcome != transfer.Done || err != nil {
		t.Errorf("the outcome is %q: %v", outcome, err)
	}
	if r.outbox.strange > 0 {
		t.Error("a draft was sent that the journal does not name")
	}
}

func TestFailuresAreTriedAgainOrConcluded(t *testing.T) {
	for name, c := range map[string]struct {
		create, send, find error
		last               bool
		outcome            transfer.Outcome
		again              transfer.Code
	}{
		"busy":                {send: transfer.E(transfer.OutlookBusy, ""), again: transfer.OutlookBusy},
		"busy to the last":    {send: transfer.E(transfer.OutlookBusy, ""), last: true, outcome: transfer.Failed},
		"refused":             {send: transfer.E(transfer.MailboxRefused, ""), outcome: transfer.Failed},
		"no such address":     {create: transfer.E(transfer.Invalid, ""), outcome: transfer.Failed},
		"no draft":            {create: transfer.E(transfer.OutlookBusy, ""), again: transfer.OutlookBusy},
		"the ledger is away":  {create: transfer.E(transfer.Unavailable, ""), last: true, again: transfer.Unavailable},
		"the disk is full":    {create: transfer.E(transfer.StorageFull, ""), last: true, again: transfer.StorageFull},
		"a file is damaged":   {create: transfer.E(transfer.Integrity, ""), outcome: transfer.Failed},
		"uncertain, not last": {send: transfer.E(transfer.OutlookUncertain, ""), again: transfer.OutlookUncertain},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.outbox.create, r.outbox.send, r.outbox.silent = c.create, c.send, c.find
			outcome, err := r.try(c.last)
			if outcome != c.outcome || transfer.CodeOf(err) != c.again {
				t.Errorf("it ends with %q and %v", outcome, err)
			}
		})
	}
}

func TestOutlooksWishToWaitIsRead(t *testing.T) {
	for in, want := range map[error]time.Duration{
		transfer.E(transfer.OutlookBusy, "").With("retryAfter", "7"): 7 * time.Second,
		transfer.E(transfer.OutlookBusy, "").With("retryAfter", "x"): 0,
		transfer.E(transfer.OutlookBusy, ""):                         0, context.Canceled: 0,
	} {
		if got, tried := mailing.Wait(in); got != want || !tried {
			t.Errorf("%v asks to wait %s, tried: %v", in, got, tried)
		}
	}
}

func TestWhatCouldNotBeTriedIsNeverGivenUp(t *testing.T) {
	r := newRig(t)
	untried := transfer.E(transfer.OutlookBusy, "").With("retryAfter", "7").With("tried", "no")
	for _, where := range []*error{&r.outbox.turn, &r.outbox.send} {
		*where = untried
		outcome, err := r.try(true)
		if wait, tried := mailing.Wait(err); outcome != "" || tried || wait != 7*time.Second || r.outbox.working != 0 {
			t.Errorf("it ends with %q and %v; %d are worked on", outcome, err, r.outbox.working)
		}
		*where = nil
	}
	if outcome, err := r.try(true); outcome != transfer.Done || err != nil || r.outbox.sent[messageID] != 1 {
		t.Errorf("it ends with %q and %v", outcome, err)
	}
}
