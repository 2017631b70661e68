package expiring_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/expiring"
	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
)

type rig struct {
	*archivetest.Rig
	x *expiring.Expiring
}

func newRig(t *testing.T) rig {
	r := archivetest.New(t)
	return rig{r, &expiring.Expiring{Archive: r.Archive, Vault: r.Vault, Keys: r.Keys, Tenants: []transfer.TenantID{archivetest.Tenant}, Ledger: r.Ledger,
		Attempts: r.Ledger, Gate: r.Gate, Namer: r.Namer, Policy: r.PolicyOf, Clock: r.Clock, Log: r.Log, Skew: 10 * time.Minute, PerRun: 100}}
}

func (r rig) sweep() expiring.Swept {
	r.T.Helper()
	swept, err := r.x.Sweep(r.T.Context())
	r.Code(err, "")
	return swept
}

// gone checks that nothing can be read and that no bytes are left.
func (r rig) gone(d *transfer.Dossier, reason transfer.Code) {
	r.T.Helper()
	if blobs, keys := r.Stored(d.Manifest.ID); blobs+keys > 0 {
		r.T.Errorf("there are still %d blobs and %d key records", blobs, keys)
	}
	_, _, err := r.Archive.Follow(r.T.Context(), d.Link("r1"))
	r.Code(err, reason)
}

func TestAtTheExpiryItIsUnreadableAndGoneWithOneSweep(t *testing.T) {
	r := newRig(t)
	d, other := r.Accepted("one"), r.Accepted("two")
	_, err := r.x.Extend(t.Context(), r.Caseworker(), other.Manifest.ID, r.Clock().Add(20*24*time.Hour))
	r.Code(err, "")
	r.Pass(7*24*time.Hour - time.Second)
	if swept := r.sweep(); swept.Erased != 0 {
		t.Errorf("before the expiry the sweep erased %+v", swept)
	}
	r.Pass(time.Second)
	r.Code(d.State.Readable("r1", r.Clock()), transfer.Expired)
	if swept := r.sweep(); swept.Erased != 1 || swept.Failed != 0 {
		t.Errorf("the sweep did %+v", swept)
	}
	r.gone(d, transfer.Expired)
	if _, _, err := r.Archive.Follow(t.Context(), other.Link("r1")); err != nil {
		t.Errorf("what was extended is gone: %v", err)
	}
	if swept := r.sweep(); swept != (expiring.Swept{}) {
		t.Errorf("a second sweep did %+v", swept)
	}
}

func TestWhatCannotBeLookedUpIsNotCalledUnknown(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Redis.SetError("down")
	_, err := r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "", true)
	r.Redis.SetError("")
	r.Code(err, transfer.Unavailable)
}

func TestAWithdrawalCanBeUndoneWithinItsWindow(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	change := func(do func() (*transfer.Dossier, error), want transfer.Code) *transfer.Dossier {
		t.Helper()
		changed, err := do()
		r.Code(err, want)
		return changed
	}
	withdraw := func() (*transfer.Dossier, error) {
		return r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "", false)
	}
	restore := func() (*transfer.Dossier, error) { return r.x.Restore(t.Context(), r.Caseworker(), d.Manifest.ID, "") }
	r.Code(change(withdraw, "").State.Readable("r1", r.Clock()), transfer.Withdrawn)
	r.Code(change(restore, "").State.Readable("r1", r.Clock()), "")
	change(withdraw, "")
	r.Pass(r.Policy.UndoWindow)
	change(restore, transfer.Withdrawn)
	if swept := r.sweep(); swept.Erased != 1 {
		t.Errorf("after the window the sweep did %+v", swept)
	}
	r.gone(d, transfer.Withdrawn)
}

func TestEraseNowNeedsNoSweep(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	_, err := r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "", true)
	r.Code(err, "")
	r.gone(d, transfer.Withdrawn)
}

func TestOneRecipientLosesHersAndUnknownOnesAreRefused(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	changed, err := r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "r1", false)
	r.Code(err, "")
	r.Code(changed.State.Readable("r1", r.Clock()), transfer.Withdrawn)
	r.Code(changed.State.Readable("r2", r.Clock()), "")
	for _, do := range []func() error{
		func() error {
			_, err := r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "r9", false)
			return err
		},
		func() error { _, err := r.x.Restore(t.Context(), r.Caseworker(), d.Manifest.ID, "r9"); return err },
	} {
		r.Code(do(), transfer.Invalid)
	}
}

func TestNoTimeErasesAReplyThatWasNotDelivered(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	reply := r.Replied(d, "submission")
	r.Pass(10 * 365 * 24 * time.Hour)
	if swept := r.sweep(); swept.Erased != 1 {
		t.Errorf("the sweep did %+v", swept)
	}
	if _, err := r.Archive.Open(t.Context(), archivetest.Tenant, reply.Manifest.ID); err != nil {
		t.Errorf("the reply is gone: %v", err)
	}
}

// What comes late for something erased is heard where that belonged.
func TestATombstoneSaysWhichMailboxItBelongedTo(t *testing.T) {
	r := newRig(t)
	d := r.Written("one", transfer.Options{ReplyMailbox: "schools", ReplyTopic: "leave"}, transfer.Party{Address: "citizen@post.example"})
	reply := r.Replied(d, "submission")
	for _, e := range []transfer.Entry{{Kind: transfer.Decided, Decision: []byte(`{"mailbox":"children","topic":"day-care"}`)},
		{Kind: transfer.Concluded, Effect: transfer.DeliverEffect(1), Outcome: transfer.Done, Until: r.Clock().Add(24 * time.Hour)}} {
		r.Code(r.Archive.Reschedule(t.Context(), reply, e.Until, func(transfer.State) (transfer.Entry, error) { return e, nil }), "")
	}
	r.Pass(8 * 24 * time.Hour)
	if swept := r.sweep(); swept.Erased != 2 {
		t.Errorf("the sweep did %+v", swept)
	}
	for id, want := range map[transfer.ID]string{d.Manifest.ID: "schools leave", reply.Manifest.ID: "children day-care"} {
		stone, err := r.Vault.Tombstone(t.Context(), archivetest.Tenant, id)
		r.Code(err, "")
		if got := stone.ReplyMailbox + " " + stone.ReplyTopic; got != want {
			t.Errorf("%s: %q, not %q", stone.Kind, got, want)
		}
	}
}

func TestNothingIsErasedWhenTheClocksDisagreeOrTheLedgerIsLost(t *testing.T) {
	r := newRig(t)
	r.Accepted("one")
	r.Pass(8 * 24 * time.Hour)
	r.Redis.SetTime(r.Clock().Add(-11 * time.Minute))
	_, err := r.x.Sweep(t.Context())
	r.Code(err, transfer.Unavailable)
	r.Redis.SetTime(r.Clock())
	r.Redis.FlushAll()
	if _, err := r.x.Sweep(t.Context()); !errors.Is(err, ledger.ErrLost) {
		t.Errorf("without its ledger the sweep ends with %v", err)
	}
}

// Case 75 where Redis is on the same machine: both clocks jump together.
func TestMuchThatIsDueByAClockThatHasJumpedWaitsADay(t *testing.T) {
	r := newRig(t)
	r.x.PerRun = 1000
	for n := range 101 {
		r.Accepted(strconv.Itoa(n))
	}
	r.sweep()
	r.Pass(365 * 24 * time.Hour)
	for range 24 {
		_, err := r.x.Sweep(t.Context())
		r.Code(err, transfer.Unavailable)
		r.Pass(time.Hour)
	}
	if swept := r.sweep(); swept.Erased != 101 {
		t.Errorf("after a day the sweep did %+v", swept)
	}
}

func TestMuchThatIsDueInTheCourseOfThingsIsErasedAtOnce(t *testing.T) {
	r := newRig(t)
	r.x.PerRun = 1000
	for n := range 101 {
		r.Accepted(strconv.Itoa(n))
	}
	for range 7*24 - 1 {
		r.Pass(time.Hour)
		r.sweep()
	}
	r.Pass(time.Hour)
	if swept := r.sweep(); swept.Erased != 101 {
		t.Errorf("the sweep did %+v", swept)
	}
}

func TestACrashBetweenErasureAndUnlinkIsFinishedByTheNextSweep(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Pass(8 * 24 * time.Hour)
	r.Blobs.Fault = func(op, name string) error {
		if op == "delete" && strings.Contains(name, "/t/") {
			return errors.New("killed")
		}
		return nil
	}
	if swept := r.sweep(); swept.Failed != 1 {
		t.Errorf("the sweep did %+v", swept)
	}
	_, _, err := r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, transfer.Expired)
	r.Blobs.Fault = nil
	r.Pass(11 * time.Minute)
	r.sweep()
	r.gone(d, transfer.Expired)
}

func TestAKeyThatACrashLeftOpenGoesToo(t *testing.T) {
	r := newRig(t)
	d, withdrawn := r.Accepted("one"), r.Accepted("two")
	for _, d := range []*transfer.Dossier{d, withdrawn} {
		r.Code(r.Keys.Copy(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.HeldOpen), "")
	}
	_, err := r.x.Withdraw(t.Context(), r.Caseworker(), withdrawn.Manifest.ID, "", true)
	r.Code(err, "")
	r.gone(withdrawn, transfer.Withdrawn)
	r.Pass(7 * 24 * time.Hour)
	r.sweep()
	r.gone(d, transfer.Expired)
}

// Two extensions at once, or a crash in one, leave the key under a day that another
// one has replaced: the erasure does not wait for that day.
func TestAKeyUnderEveryDayOfTheJournalGoesToo(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	for _, days := range []time.Duration{20, 30} {
		_, err := r.x.Extend(t.Context(), r.Caseworker(), d.Manifest.ID, r.Clock().Add(days*24*time.Hour))
		r.Code(err, "")
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID)
	r.Code(err, "")
	r.Code(r.Keys.Copy(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.HoldUntil(r.Clock().Add(20*24*time.Hour))), "")
	_, err = r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "", true)
	r.Code(err, "")
	r.gone(d, transfer.Withdrawn)
}

// A key record was copied for an extension that the journal has never come to.
func TestTheKeyOfAnExtensionThatWasCutShortGoesToo(t *testing.T) {
	for name, cut := range map[string]func(rig) error{
		"killed": func(r rig) error {
			r.Blobs.Fault = func(op, name string) error {
				if op == "put" && strings.Contains(name, "/journal.") {
					return errors.New("killed")
				}
				return nil
			}
			return nil
		},
		"refused": func(rig) error { return transfer.E(transfer.Expired, "too late") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			d := r.Accepted("one")
			until := r.Clock().Add(20 * 24 * time.Hour)
			err := r.Archive.Reschedule(t.Context(), d, until, func(transfer.State) (transfer.Entry, error) {
				entry := transfer.Entry{Kind: transfer.Extended, Until: until}
				if _, keys := r.Stored(d.Manifest.ID); keys == 2 {
					return entry, cut(r)
				}
				return entry, nil
			})
			if _, keys := r.Stored(d.Manifest.ID); err == nil || keys != 2 {
				t.Fatalf("%d key records: %v", keys, err)
			}
			r.Blobs.Fault = nil
			_, err = r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "", true)
			r.Code(err, "")
			r.gone(d, transfer.Withdrawn)
		})
	}
}

// A crash between the journal and the ledger, and another one in the erasure: the
// key that the ledger leads to goes last, so that the erasure is finished.
func TestAnErasureThatIsCutShortIsFoundAgain(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	until := r.Clock().Add(20 * 24 * time.Hour)
	r.Code(r.Keys.Copy(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.HoldUntil(until)), "")
	r.Code(r.Vault.Append(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Extended, Until: until}, nil
	}), "")
	r.Blobs.Fault = func(op, name string) error {
		if op == "put" && strings.Contains(name, "/erased/") {
			return errors.New("killed")
		}
		return nil
	}
	withdraw := func(want transfer.Code) {
		t.Helper()
		_, err := r.x.Withdraw(t.Context(), r.Caseworker(), d.Manifest.ID, "", true)
		r.Code(err, want)
	}
	withdraw(transfer.Unavailable)
	r.Blobs.Fault = nil
	withdraw("")
	r.gone(d, transfer.Withdrawn)
}

func TestOnlyBytesWaitForWhoIsReadingThem(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	reading := func(until time.Time) { r.Code(r.Ledger.Reading(t.Context(), d.Manifest.ID, "reader", until), "") }
	stored := func(wantBlobs bool) {
		t.Helper()
		if blobs, keys := r.Stored(d.Manifest.ID); (blobs > 0) != wantBlobs || keys > 0 {
			t.Errorf("there are %d blobs and %d key records", blobs, keys)
		}
	}
	r.Pass(7 * 24 * time.Hour)
	reading(r.Clock().Add(90 * time.Second))
	if swept := r.sweep(); swept != (expiring.Swept{Read: 1}) {
		t.Errorf("the sweep did %+v", swept)
	}
	stored(true)
	_, _, err := r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, transfer.Expired)
	if swept := r.sweep(); swept != (expiring.Swept{}) {
		t.Errorf("it is looked at all the time: %+v", swept)
	}
	r.Pass(time.Minute)
	reading(time.Time{})
	if swept := r.sweep(); swept.Erased != 1 || swept.Blobs == 0 {
		t.Errorf("when it has been read the sweep did %+v", swept)
	}
	r.gone(d, transfer.Expired)
}

// twoSweepers lets another replica finish while this one finds that somebody reads.
type twoSweepers struct {
	*ledger.Ledger
	other func()
}

func (l twoSweepers) BeingRead(context.Context, transfer.ID) (bool, error) {
	l.other()
	return true, nil
}

// Case 14: a sweeper that is late does not make what is erased unknown.
func TestWhatOneSweeperHasErasedTheOtherDoesNotForget(t *testing.T) {
	r, other := newRig(t), expiring.Expiring{}
	d := r.Accepted("one")
	other = *r.x
	r.x.Ledger = twoSweepers{r.Ledger, func() {
		if swept, err := other.Sweep(t.Context()); err != nil || swept.Erased != 1 {
			t.Errorf("the other sweeper did %+v, %v", swept, err)
		}
	}}
	r.Pass(7 * 24 * time.Hour)
	if swept := r.sweep(); swept.Read != 1 {
		t.Errorf("the late sweeper did %+v", swept)
	}
	r.Pass(time.Hour)
	r.sweep()
	r.gone(d, transfer.Expired)
}

func TestNoReadingKeepsBytesForLongNorAgainstAWithdrawal(t *testing.T) {
	r := newRig(t)
	stuck, withdrawn := r.Accepted("one"), r.Accepted("two")
	reading := func() {
		for _, d := range []*transfer.Dossier{stuck, withdrawn} {
			r.Code(r.Ledger.Reading(t.Context(), d.Manifest.ID, "reader", r.Clock().Add(90*time.Second)), "")
		}
	}
	reading()
	_, err := r.x.Withdraw(t.Context(), r.Caseworker(), withdrawn.Manifest.ID, "", true)
	r.Code(err, "")
	r.gone(withdrawn, transfer.Withdrawn)
	r.Pass(7 * 24 * time.Hour)
	for range expiring.LongestReading / (2 * time.Hour) {
		reading()
		if swept := r.sweep(); swept.Read != 1 {
			t.Errorf("the sweep did %+v", swept)
		}
		r.Pass(2 * time.Hour)
	}
	reading()
	r.sweep()
	r.gone(stuck, transfer.Expired)
}

func TestAReceptionThatNeverEndedIsForgottenForGood(t *testing.T) {
	r := newRig(t)
	id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")
	record := transfer.Record{Tenant: archivetest.Tenant, ID: id, Kind: transfer.KindTransfer, RequestHash: []byte("hash"), AcceptedAt: r.Clock(), Held: transfer.HeldOpen}
	if _, began, err := r.Ledger.Begin(t.Context(), record, time.Minute, "holder"); !began {
		t.Fatal(err)
	}
	key, err := r.Vault.Begin(t.Context(), archivetest.Tenant, id, transfer.HeldOpen)
	r.Code(err, "")
	_, err = r.Vault.WriteFile(t.Context(), archivetest.Tenant, id, key, transfer.File{ID: "f1"}, strings.NewReader("content"), -1, nil)
	r.Code(err, "")
	r.Pass(25 * time.Hour)
	if swept := r.sweep(); swept.Orphans != 1 || swept.Failed != 0 {
		t.Errorf("the sweep did %+v", swept)
	}
	if blobs, keys := r.Stored(id); blobs+keys > 0 {
		t.Errorf("there are still %d blobs and %d key records", blobs, keys)
	}
	_, err = r.Ledger.Get(t.Context(), archivetest.Tenant, id)
	r.Code(err, transfer.NotFound)
}

// Case 1: a process that dies while it receives leaves nobody waiting. The pane
// hears that it failed, and the same key sends again.
func TestAReceptionWhoseProcessDiedHasFailed(t *testing.T) {
	r := newRig(t)
	id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")
	record := transfer.Record{Tenant: archivetest.Tenant, ID: id, Kind: transfer.KindTransfer, RequestHash: []byte("hash"), AcceptedAt: r.Clock(), Held: transfer.HeldOpen}
	_, _, err := r.Ledger.Begin(t.Context(), record, time.Minute, "holder")
	r.Code(err, "")
	phase := func() transfer.Record {
		r.sweep()
		found, err := r.Ledger.Get(t.Context(), archivetest.Tenant, id)
		r.Code(err, "")
		return found
	}
	r.Pass(30 * time.Second)
	if found := phase(); found.Phase != transfer.Receiving {
		t.Errorf("while its lease lives it is %q", found.Phase)
	}
	r.Pass(time.Minute)
	if found := phase(); found.Phase != transfer.Failing || found.Reason != transfer.Unavailable {
		t.Errorf("afterwards it is %q, %q", found.Phase, found.Reason)
	}
	if _, began, err := r.Ledger.Begin(t.Context(), record, time.Minute, "another"); err != nil || !began {
		t.Errorf("the same key sends again: %v, %v", began, err)
	}
}

func TestOnlyTheSenderMayAndAllIsAudited(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	other := r.Caseworker()
	other.Subject = "another"
	_, err := r.x.Withdraw(t.Context(), other, d.Manifest.ID, "", false)
	r.Code(err, transfer.NotFound)
	reply := r.Replied(d, "submission")
	_, err = r.x.Extend(t.Context(), r.Caseworker(), reply.Manifest.ID, r.Clock().Add(time.Hour))
	r.Code(err, transfer.NotFound)
	for _, until := range []time.Time{r.Clock(), r.Clock().Add(r.Policy.MaxExpiry + time.Second)} {
		_, err = r.x.Extend(t.Context(), r.Caseworker(), d.Manifest.ID, until)
		r.Code(err, transfer.Invalid)
	}
	r.Pass(8 * 24 * time.Hour)
	r.sweep()
	if !r.Audited(access.Withdraw, access.Denied) || !r.Audited(access.Sweep, access.Allowed) {
		t.Error("the attempt or the sweep is not in the trail")
	}
}
