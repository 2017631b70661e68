package recovering_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/ledger"
	"senddigitally/backend/recovering"
	"senddigitally/backend/transfer"
)

type rig struct {
	*archivetest.Rig
	x *recovering.Recovering
}

func newRig(t *testing.T) rig {
	r := archivetest.New(t)
	return rig{r, &recovering.Recovering{Vault: r.Vault, Keys: r.Keys, Archive: r.Archive, Ledger: r.Ledger, Gate: r.Gate,
		Actor: access.System("rebuild"), Tenants: []transfer.TenantID{archivetest.Tenant}, Clock: r.Clock, Log: r.Log,
		Sleep: func(_ context.Context, d time.Duration) error { r.Pass(d); return nil }}}
}

func (r rig) rebuild(force bool) (recovering.Report, error) {
	return r.x.Rebuild(r.T.Context(), force, func(recovering.Report) {})
}

// jobs are the kinds of the jobs that are due, with whom they are for.
func (r rig) jobs() string {
	r.T.Helper()
	claimed, err := r.Ledger.Claim(r.T.Context(), "worker", 100, 20*time.Millisecond)
	r.Code(err, "")
	var all []string
	for _, l := range claimed {
		if l.Job.Kind == transfer.NotifyJob || l.Job.Kind == transfer.DeliverJob {
			all = append(all, string(l.Job.Kind)+string(l.Job.Recipient))
		}
	}
	return strings.Join(all, " ")
}

func (r rig) journal(d *transfer.Dossier, entries ...transfer.Entry) {
	r.T.Helper()
	for _, e := range entries {
		r.Code(r.Archive.Change(r.T.Context(), d, func(transfer.State) (transfer.Entry, error) { return e, nil }), "")
	}
}

func TestWhatHasAnOutcomeIsNotQueuedAgainAndAnIntentIs(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	done, begun := transfer.NotifyEffect("r1", 0), transfer.NotifyEffect("r2", 0)
	r.journal(d, transfer.Entry{Kind: transfer.Intended, Effect: done, Recipient: "r1"},
		transfer.Entry{Kind: transfer.Concluded, Effect: done, Recipient: "r1", Outcome: transfer.Done},
		transfer.Entry{Kind: transfer.Intended, Effect: begun, Recipient: "r2", Mail: &transfer.MailRef{DraftID: "draft"}})
	r.Replied(d, "submission")
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	if err != nil || report.Restored != 2 || report.Failed != 0 {
		t.Fatalf("the rebuild reports %+v: %v", report, err)
	}
	if got := r.jobs(); got != "notifyr2 deliver" && got != "deliver notifyr2" {
		t.Errorf("queued is %q", got)
	}
	found, who, err := r.Archive.Follow(t.Context(), d.Link("r1"))
	if err != nil || who != "r1" || found.State.Effects[begun].Mail.DraftID != "draft" {
		t.Errorf("the old link leads to %v: %v", found, err)
	}
}

// A job that was given up is queued again as long as it is outstanding, whatever
// its kind; what has an outcome by now is not.
func TestARebuildRevivesTheDead(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Replied(d, "submission")
	claimed, err := r.Ledger.Claim(t.Context(), "worker", 100, 20*time.Millisecond)
	r.Code(err, "")
	for _, l := range claimed {
		r.Code(r.Ledger.Bury(t.Context(), l, transfer.Internal), "")
	}
	effect := transfer.NotifyEffect("r1", 0)
	r.journal(d, transfer.Entry{Kind: transfer.Intended, Effect: effect, Recipient: "r1"},
		transfer.Entry{Kind: transfer.Concluded, Effect: effect, Recipient: "r1", Outcome: transfer.Done})
	if got := r.jobs(); got != "" {
		t.Fatalf("before the rebuild %q are claimed", got)
	}
	_, err = r.rebuild(false)
	r.Code(err, "")
	if got := r.jobs(); got != "notifyr2 deliver" && got != "deliver notifyr2" {
		t.Errorf("revived are %q", got)
	}
}

func TestTwiceIsOnce(t *testing.T) {
	r := newRig(t)
	r.Accepted("one")
	r.Redis.FlushAll()
	first, err := r.rebuild(false)
	r.Code(err, "")
	jobs := r.jobs()
	second, err := r.rebuild(false)
	r.Code(err, "")
	if again := r.jobs(); first != second || jobs == "" || again != "" {
		t.Errorf("the reports are %+v and %+v, the jobs %q and %q", first, second, jobs, again)
	}
}

func TestWhatIsErasedStaysErased(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	stone := transfer.Tombstone{Kind: transfer.KindTransfer, Tenant: archivetest.Tenant, ID: d.Manifest.ID, Reason: transfer.Withdrawn,
		Links: []string{r.Namer.LinkHash(d.Link("r1"))}}
	r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, stone), "")
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	if err != nil || report.Tombstones != 1 || report.Restored != 0 || r.jobs() != "" {
		t.Errorf("the rebuild reports %+v: %v", report, err)
	}
	_, _, err = r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, transfer.Withdrawn)
}

// The ledger forgets what has been erased for long; so does the rebuild.
func TestAnOldTombstoneIsNotReplayedAndItsBytesGo(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.Tombstone{Kind: transfer.KindTransfer,
		Tenant: archivetest.Tenant, ID: d.Manifest.ID, Reason: transfer.Expired, Links: []string{r.Namer.LinkHash(d.Link("r1"))}}), "")
	r.Pass(r.Ledger.KeepTombstone)
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	if r.Code(err, ""); report != (recovering.Report{}) {
		t.Errorf("the rebuild reports %+v", report)
	}
	_, _, err = r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, transfer.NotFound)
	if blobs, _ := r.Stored(d.Manifest.ID); blobs > 0 {
		t.Errorf("%d blobs are left", blobs)
	}
}

// Case 45: Redis is restarted while somebody reads what has expired.
func TestBytesThatAreBeingReadAreLeftToTheSweep(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Pass(7 * 24 * time.Hour)
	reading := func(until time.Time) { r.Code(r.Ledger.Reading(t.Context(), d.Manifest.ID, "reader", until), "") }
	reading(r.Clock().Add(time.Hour))
	r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.Tombstone{Kind: transfer.KindTransfer,
		Tenant: archivetest.Tenant, ID: d.Manifest.ID, Reason: transfer.Expired}), "")
	before, _ := r.Stored(d.Manifest.ID)
	_, err := r.rebuild(true)
	r.Code(err, "")
	if after, _ := r.Stored(d.Manifest.ID); after != before {
		t.Errorf("%d of %d blobs are left", after, before)
	}
	if due, err := r.Ledger.Due(t.Context(), r.Clock(), 10); err != nil || len(due) != 1 {
		t.Errorf("the sweep is to take %v: %v", due, err)
	}
	reading(time.Time{})
	_, err = r.rebuild(true)
	r.Code(err, "")
	if after, _ := r.Stored(d.Manifest.ID); after > 0 {
		t.Errorf("%d blobs are left", after)
	}
}

func TestAReceptionWithoutAManifestIsLeftToTheSweep(t *testing.T) {
	r := newRig(t)
	id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")
	_, err := r.Vault.Begin(t.Context(), archivetest.Tenant, id, transfer.HeldOpen)
	r.Code(err, "")
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	record, known := r.Ledger.Get(t.Context(), archivetest.Tenant, id)
	if err != nil || report.Unfinished != 1 || known != nil || record.Phase != transfer.Receiving {
		t.Errorf("the rebuild reports %+v: %v; the ledger has %+v: %v", report, err, record, known)
	}
}

func TestBytesWithoutKeyAndManifestAreLeftToTheSweep(t *testing.T) {
	r := newRig(t)
	r.Accepted("one")
	id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")
	key, err := r.Vault.Begin(t.Context(), archivetest.Tenant, id, transfer.HeldOpen)
	r.Code(err, "")
	_, err = r.Vault.WriteFile(t.Context(), archivetest.Tenant, id, key, transfer.File{ID: "f1"}, strings.NewReader("content"), -1, nil)
	r.Code(err, "")
	r.Code(r.Keys.Erase(t.Context(), archivetest.Tenant, id, transfer.HeldOpen), "")
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	record, known := r.Ledger.Get(t.Context(), archivetest.Tenant, id)
	if err != nil || report.Unfinished != 1 || report.Restored != 1 || known != nil || record.Phase != transfer.Receiving {
		t.Errorf("the rebuild reports %+v: %v; the ledger has %+v: %v", report, err, record, known)
	}
}

func TestAStrayKeyOfWhatIsErasedGoes(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	stone := transfer.Tombstone{Kind: transfer.KindTransfer, Tenant: archivetest.Tenant, ID: d.Manifest.ID, Reason: transfer.Expired}
	r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, d.Manifest.ID, transfer.HeldOpen, stone), "") // not where it lies
	_, err := r.Vault.RemoveBytes(t.Context(), archivetest.Tenant, d.Manifest.ID)
	r.Code(err, "")
	if _, keys := r.Stored(d.Manifest.ID); keys != 1 {
		t.Fatalf("%d key records", keys)
	}
	_, err = r.rebuild(true)
	r.Code(err, "")
	if _, keys := r.Stored(d.Manifest.ID); keys != 0 {
		t.Error("its key record is still there")
	}
}

// The store may fail at the very look that says whether something was erased.
func TestAKeyIsKeptWhereTheTombstoneCannotBeLookedFor(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Blobs.Fault = failing("/erased/", 1000)
	report, err := r.rebuild(false)
	r.Code(err, transfer.Integrity)
	if _, keys := r.Stored(d.Manifest.ID); keys != 1 || report.Failed != 1 {
		t.Errorf("%d key records are left, and the rebuild reports %+v", keys, report)
	}
}

// failing fails the first reads of blobs with a part of their name.
func failing(part string, reads int) func(op, name string) error {
	return func(op, name string) error {
		if op != "read" || !strings.Contains(name, part) || reads == 0 {
			return nil
		}
		reads--
		return errors.New("the disk cannot read this")
	}
}

// One blob may fail for a moment, or for good: the others are restored, and what
// cannot be had counts as unreadable.
func TestARecordThatCannotBeHadKeepsNoOtherFromTheLedger(t *testing.T) {
	for name, c := range map[string]struct {
		reads int
		want  recovering.Report
		code  transfer.Code
	}{
		"for a moment": {2, recovering.Report{Restored: 2, Tombstones: 2}, ""},
		"for good":     {1000, recovering.Report{Restored: 1, Tombstones: 1, Failed: 2}, transfer.Integrity},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			var all []*transfer.Dossier
			for _, key := range []string{"one", "two", "three", "four"} {
				all = append(all, r.Accepted(key))
			}
			for _, d := range all[:2] {
				r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.Tombstone{Kind: transfer.KindTransfer,
					Tenant: archivetest.Tenant, ID: d.Manifest.ID, Reason: transfer.Expired}), "")
			}
			r.Redis.FlushAll()
			stone, manifest := failing("/erased/"+string(all[0].Manifest.ID[:2])+"/"+string(all[0].Manifest.ID), c.reads), failing(string(all[2].Manifest.ID)+"/manifest", c.reads)
			r.Blobs.Fault = func(op, name string) error { return errors.Join(stone(op, name), manifest(op, name)) }
			report, err := r.rebuild(false)
			if r.Code(err, c.code); report != c.want {
				t.Errorf("the rebuild reports %+v, not %+v", report, c.want)
			}
			_, err = r.rebuild(true)
			r.Code(err, "")
			r.Code(r.Ledger.Check(t.Context()), "")
			_, _, err = r.Archive.Follow(t.Context(), all[3].Link("r1"))
			r.Code(err, "")
		})
	}
}

func TestAStoreThatIsDownEndsTheRebuild(t *testing.T) {
	r := newRig(t)
	for i := range 30 {
		r.Accepted(strconv.Itoa(i))
	}
	r.Redis.FlushAll()
	r.Blobs.Fault = failing("/manifest", 1000)
	began := r.Clock()
	report, err := r.rebuild(true)
	if r.Code(err, transfer.Unavailable); report != (recovering.Report{}) || !r.Clock().Equal(began) {
		t.Errorf("the rebuild reports %+v after %v", report, r.Clock().Sub(began))
	}
	if err := r.Ledger.Check(t.Context()); !errors.Is(err, ledger.ErrLost) {
		t.Errorf("the ledger is declared whole: %v", err)
	}
}

// Case 9: damage to one tombstone does not keep all the others from being found.
func TestATombstoneThatIsDamagedIsReportedAndTheOthersAreReplayed(t *testing.T) {
	r := newRig(t)
	var erased []*transfer.Dossier
	for _, key := range []string{"one", "two", "three"} {
		d := r.Accepted(key)
		r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.Tombstone{Kind: transfer.KindTransfer,
			Tenant: archivetest.Tenant, ID: d.Manifest.ID, Reason: transfer.Expired}), "")
		erased = append(erased, d)
	}
	r.Accepted("four")
	for _, name := range r.Blobs.Names() {
		if strings.HasSuffix(name, "/erased/"+string(erased[1].Manifest.ID[:2])+"/"+string(erased[1].Manifest.ID)) {
			r.Blobs.Tamper(name, func(b []byte) []byte { b[len(b)-2] ^= 1; return b })
		}
	}
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	r.Code(err, transfer.Integrity)
	if want := (recovering.Report{Restored: 1, Tombstones: 2, Failed: 1}); report != want {
		t.Errorf("the rebuild reports %+v, not %+v", report, want)
	}
	_, err = r.rebuild(true)
	r.Code(err, "")
}

// A replay after a restart of Redis meets the new key record of an extension that
// has not come to its journal entry yet.
func TestAnExpiryThatIsMovingKeepsItsNewKey(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	later := d.State.ExpiresAt.Add(48 * time.Hour)
	replayed := false
	err := r.Archive.Reschedule(t.Context(), d, later, func(transfer.State) (transfer.Entry, error) {
		if _, keys := r.Stored(d.Manifest.ID); keys == 2 && !replayed {
			replayed = true
			_, err := r.rebuild(true)
			r.Code(err, "")
		}
		return transfer.Entry{Kind: transfer.Extended, Until: later}, nil
	})
	r.Code(err, "")
	if _, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID); err != nil || !replayed {
		t.Errorf("what was extended cannot be opened: %v", err)
	}
}

func TestAReceptionUnderWayIsLeftAlone(t *testing.T) {
	r := newRig(t)
	id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")
	record := transfer.Record{Tenant: archivetest.Tenant, ID: id, Kind: transfer.KindTransfer, RequestHash: []byte("hash"), AcceptedAt: r.Clock(), Held: transfer.HeldOpen}
	_, began, err := r.Ledger.Begin(t.Context(), record, time.Minute, "holder")
	r.Code(err, "")
	_, err = r.Vault.Begin(t.Context(), archivetest.Tenant, id, transfer.HeldOpen)
	r.Code(err, "")
	report, err := r.rebuild(true) // Redis was restarted, not lost
	if !began || err != nil || report != (recovering.Report{}) {
		t.Errorf("the rebuild reports %+v: %v", report, err)
	}
	r.Code(r.Ledger.Heartbeat(t.Context(), archivetest.Tenant, id, "holder", 1, 2, time.Minute), "")
}

// An upload waits for its Send, which may come while the vault is replayed.
func TestAnUploadThatWaitsCanBeSentAtOnce(t *testing.T) {
	for name, lose := range map[string]func(rig){"restarted": func(rig) {}, "lost": func(r rig) { r.Redis.FlushAll() }} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")
			upload := transfer.Record{Tenant: archivetest.Tenant, ID: id, Kind: transfer.KindTransfer, AcceptedAt: r.Clock(), Held: transfer.HeldOpen}
			_, _, err := r.Ledger.Begin(t.Context(), upload, -time.Minute, "upload")
			r.Code(err, "")
			_, err = r.Vault.Begin(t.Context(), archivetest.Tenant, id, transfer.HeldOpen)
			r.Code(err, "")
			r.Pass(time.Hour)
			lose(r)
			_, err = r.rebuild(false)
			r.Code(err, "")
			record, err := r.Ledger.Get(t.Context(), archivetest.Tenant, id)
			if r.Code(err, ""); name == "restarted" && !record.AcceptedAt.Equal(upload.AcceptedAt) {
				t.Errorf("its grace begins anew, at %v", record.AcceptedAt)
			}
			upload.RequestHash = []byte("hash")
			if _, began, err := r.Ledger.Begin(t.Context(), upload, time.Minute, "sender"); err != nil || !began {
				t.Errorf("it cannot be sent: %v", err)
			}
		})
	}
}

func TestWhatCannotBeReadIsReportedAndKeepsTheLedgerUndeclared(t *testing.T) {
	r := newRig(t)
	damaged, whole := r.Accepted("one"), r.Accepted("two")
	for _, name := range r.Blobs.Names() {
		if strings.Contains(name, string(damaged.Manifest.ID)) && strings.HasSuffix(name, "/manifest") {
			r.Blobs.Tamper(name, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
		}
	}
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	if transfer.CodeOf(err) != transfer.Integrity || report.Failed != 1 || report.Restored != 1 {
		t.Errorf("the rebuild reports %+v: %v", report, err)
	}
	if err := r.Ledger.Check(t.Context()); !errors.Is(err, ledger.ErrLost) {
		t.Errorf("the ledger is declared whole: %v", err)
	}
	if blobs, keys := r.Stored(damaged.Manifest.ID); blobs == 0 || keys == 0 {
		t.Error("what cannot be read was touched")
	}
	_, err = r.rebuild(true)
	r.Code(err, "")
	r.Code(r.Ledger.Check(t.Context()), "")
	_, _, err = r.Archive.Follow(t.Context(), whole.Link("r1"))
	r.Code(err, "")
}

// lose takes blobs of an id whose names have a suffix.
func (r rig) lose(store *blobtest.Memory, id transfer.ID, suffix string) {
	r.T.Helper()
	for _, name := range store.Names() {
		if strings.Contains(name, string(id)) && strings.HasSuffix(name, suffix) {
			store.Tamper(name, func([]byte) []byte { return nil })
		}
	}
}

// What was accepted and lost is named, and keeps the ledger undeclared.
func (r rig) wantLost(want recovering.Report) {
	r.T.Helper()
	r.Redis.FlushAll()
	report, err := r.rebuild(false)
	if r.Code(err, transfer.Integrity); report != want {
		r.T.Errorf("the rebuild reports %+v, not %+v", report, want)
	}
	if err := r.Ledger.Check(r.T.Context()); !errors.Is(err, ledger.ErrLost) {
		r.T.Errorf("the ledger is declared whole: %v", err)
	}
	_, err = r.rebuild(true)
	r.Code(err, "")
}

// The key container was restored from an older copy. What was erased has no key
// either, and is no loss.
func TestAManifestWithoutItsKeyIsALoss(t *testing.T) {
	r := newRig(t)
	lost, erased := r.Accepted("one"), r.Accepted("two")
	r.Replied(r.Accepted("three"), "submission")
	reply := r.Replied(lost, "submission")
	r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, erased.Manifest.ID, erased.Held, transfer.Tombstone{Kind: transfer.KindTransfer,
		Tenant: archivetest.Tenant, ID: erased.Manifest.ID, Reason: transfer.Expired}), "")
	r.lose(r.Records, lost.Manifest.ID, "")
	r.lose(r.Records, reply.Manifest.ID, "")
	r.wantLost(recovering.Report{Restored: 2, Tombstones: 1, Failed: 2})
}

func TestAManifestThatIsMissingIsALossAndNoReception(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Code(r.Keys.Copy(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held, transfer.HeldOpen), "") // by a crash after the commit
	r.lose(r.Blobs, d.Manifest.ID, "/manifest")
	blobs, keys := r.Stored(d.Manifest.ID)
	r.wantLost(recovering.Report{Failed: 1})
	r.Pass(48 * time.Hour)
	if due, err := r.Ledger.Due(t.Context(), r.Clock(), 100); err != nil || len(due) > 0 {
		t.Errorf("the sweep is to take %v: %v", due, err)
	}
	if b, k := r.Stored(d.Manifest.ID); b != blobs || k != keys {
		t.Errorf("%d of %d blobs and %d of %d key records are left", b, blobs, k, keys)
	}
}

// The service goes on while its vault is replayed.
func TestWhatIsAcceptedMeanwhileIsNoLoss(t *testing.T) {
	r := newRig(t)
	r.Accepted("one")
	accepted := false
	report, err := r.x.Rebuild(t.Context(), false, func(recovering.Report) {
		if !accepted {
			accepted = true
			r.Accepted("two")
			d := r.Accepted("three")
			until := r.Clock().Add(24 * time.Hour) // an earlier day, which has been passed
			r.Code(r.Archive.Reschedule(t.Context(), d, until, func(transfer.State) (transfer.Entry, error) {
				return transfer.Entry{Kind: transfer.Extended, Until: until}, nil
			}), "")
		}
	})
	if r.Code(err, ""); report.Failed != 0 || !accepted {
		t.Errorf("the rebuild reports %+v", report)
	}
}

// stored is what a store has, and brought back makes a store have it again.
func (r rig) stored(store *blobtest.Memory) map[string][]byte {
	r.T.Helper()
	all := map[string][]byte{}
	for _, name := range store.Names() {
		reader, err := store.ReadRange(r.T.Context(), name, 0, -1)
		r.Code(err, "")
		all[name], err = io.ReadAll(reader)
		r.Code(err, "")
	}
	return all
}

func (r rig) broughtBack(store *blobtest.Memory, copied map[string][]byte) {
	r.T.Helper()
	for _, name := range store.Names() {
		r.Code(store.Delete(r.T.Context(), name), "")
	}
	for name, content := range copied {
		_, err := store.Put(r.T.Context(), name, bytes.NewReader(content))
		r.Code(err, "")
	}
}

// Everything was lost, and the copy of the vault is older than what happened
// last: with the newest keys what was erased stays erased, and only with keys as
// old as the vault it comes back. What the journal has lost is undone.
func TestAnOlderVaultIsReadWithTheNewestKeys(t *testing.T) {
	for newest, erasedSays := range map[bool]transfer.Code{true: transfer.NotFound, false: ""} {
		r := newRig(t)
		erased, extended, withdrawn := r.Accepted("erased"), r.Accepted("extended"), r.Accepted("withdrawn")
		expiry := extended.State.ExpiresAt
		vault, keys := r.stored(r.Blobs), r.stored(r.Records)

		r.Code(r.Vault.Erase(t.Context(), archivetest.Tenant, erased.Manifest.ID, erased.Held, transfer.Tombstone{Kind: transfer.KindTransfer,
			Tenant: archivetest.Tenant, ID: erased.Manifest.ID, Reason: transfer.Withdrawn}), "")
		later := expiry.Add(48 * time.Hour)
		r.Code(r.Archive.Reschedule(t.Context(), extended, later, func(transfer.State) (transfer.Entry, error) {
			return transfer.Entry{Kind: transfer.Extended, Until: later}, nil
		}), "")
		r.journal(withdrawn, transfer.Entry{Kind: transfer.WithdrawnBy})
		accepted := r.Accepted("accepted")
		if newest {
			keys = r.stored(r.Records)
		}

		r.broughtBack(r.Blobs, vault)
		r.broughtBack(r.Records, keys)
		r.Redis.FlushAll()
		named := map[bool]int{true: 2, false: 0}[newest] // what was erased has no key, what was accepted no content
		if report, err := r.rebuild(true); err != nil || report.Failed != named {
			t.Errorf("the rebuild reports %+v: %v", report, err)
		}
		_, _, err := r.Archive.Follow(t.Context(), erased.Link("r1"))
		r.Code(err, erasedSays)
		d, _, err := r.Archive.Follow(t.Context(), extended.Link("r1"))
		r.Code(err, "")
		if !d.State.ExpiresAt.Equal(expiry) {
			t.Errorf("what was extended expires %s", d.State.ExpiresAt)
		}
		d, _, err = r.Archive.Follow(t.Context(), withdrawn.Link("r1"))
		r.Code(err, "")
		if !d.State.Withdrawn.IsZero() {
			t.Error("the withdrawal is known")
		}
		_, _, err = r.Archive.Follow(t.Context(), accepted.Link("r1"))
		r.Code(err, transfer.NotFound)
	}
}
