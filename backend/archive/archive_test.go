package archive_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"senddigitally/backend/archive"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/transfer"
)

func opened(transfer.State) (transfer.Entry, error) {
	return transfer.Entry{Kind: transfer.Opened, Recipient: "r1"}, nil
}

func TestACommitIsInTheLedgerWithItsLinksAndJobs(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	for _, who := range []transfer.RecipientID{"r1", "r2"} {
		found, recipient, err := r.Archive.Follow(t.Context(), d.Link(who))
		if err != nil || recipient != who || found.Manifest.ID != d.Manifest.ID {
			t.Errorf("the link of %s leads to %s of %v: %v", who, recipient, found, err)
		}
	}
	claimed, err := r.Ledger.Claim(t.Context(), "w", 10, time.Second)
	notify := 0
	for _, l := range claimed {
		if l.Job.Kind == transfer.NotifyJob {
			notify++
		}
	}
	if err != nil || notify != 2 {
		t.Errorf("%d notifications are queued: %v", notify, err)
	}
	if _, keys := r.Stored(d.Manifest.ID); keys != 1 || d.Held != transfer.HoldUntil(d.Manifest.ExpiresAt) {
		t.Errorf("%d key records, the dossier is held in %s", keys, d.Held)
	}
}

func TestTheLedgerNeverKnowsMoreThanTheJournal(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	r.Blobs.Fault = func(op, _ string) error {
		if op == "put" {
			return errors.New("the disk is gone")
		}
		return nil
	}
	r.Code(r.Archive.Change(t.Context(), d, opened), transfer.Unavailable)
	r.Blobs.Fault = nil
	record, err := r.Ledger.Get(t.Context(), archivetest.Tenant, d.Manifest.ID)
	if err != nil || record.Seq != 0 || record.Recipients["r1"] != "waiting" {
		t.Errorf("what was not journalled is in the ledger: %+v %v", record, err)
	}
}

func TestAChangeThatTheLedgerMissedIsThereAtTheNextLook(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	r.Redis.SetError("down")
	r.Code(r.Archive.Change(t.Context(), d, opened), transfer.Unavailable)
	r.Redis.SetError("")
	if found, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID); err != nil || found.State.Recipients["r1"].Opened.IsZero() {
		t.Errorf("the journal's change is not seen: %v", err)
	}
}

// leaving is a vault whose caller goes away as soon as something is durable.
type leaving struct {
	archive.Vault
	leave func()
}

func (l leaving) Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) error {
	defer l.leave()
	return l.Vault.Commit(ctx, key, m)
}

func (l leaving) Append(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error {
	defer l.leave()
	return l.Vault.Append(ctx, d, decide)
}

func TestWhoGoesAwayOnceItIsDurableDoesNotKeepItFromTheLedger(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	until := d.State.ExpiresAt.AddDate(0, 0, 1)
	entry := func(e transfer.Entry) func(transfer.State) (transfer.Entry, error) {
		return func(transfer.State) (transfer.Entry, error) { return e, nil }
	}
	for name, change := range map[string]func(context.Context, *archive.Archive) error{
		"change": func(ctx context.Context, a *archive.Archive) error { return a.Change(ctx, d, opened) },
		"tell": func(ctx context.Context, a *archive.Archive) error {
			return a.Tell(ctx, d, entry(transfer.Entry{Kind: transfer.Replied, Recipient: "r1", Ref: "reply"}))
		},
		"schedule": func(ctx context.Context, a *archive.Archive) error {
			return a.Schedule(ctx, d, entry(transfer.Entry{Kind: transfer.Relinked, Recipient: "r1"}))
		},
		"reschedule": func(ctx context.Context, a *archive.Archive) error {
			return a.Reschedule(ctx, d, until, entry(transfer.Entry{Kind: transfer.Extended, Until: until}))
		},
		"commit": func(ctx context.Context, a *archive.Archive) (err error) {
			id := r.Namer.TransferID(archivetest.Tenant, "caseworker", "another")
			key, err := r.Vault.Begin(ctx, archivetest.Tenant, id, transfer.HeldOpen)
			if err != nil {
				return err
			}
			m := d.Manifest
			m.ID, m.Body, m.Files = id, nil, nil
			other, err := a.Commit(ctx, key, m)
			if err == nil {
				d = other
			}
			return err
		},
	} {
		ctx, leave := context.WithCancel(t.Context())
		err := change(ctx, archive.New(leaving{r.Vault, leave}, r.Keys, r.Ledger, r.Namer, r.Clock))
		record, unknown := r.Ledger.Get(t.Context(), archivetest.Tenant, d.Manifest.ID)
		if err != nil || unknown != nil || ctx.Err() == nil || record.Seq != d.State.Seq || record.Phase == transfer.Receiving {
			t.Errorf("%s: %v; the ledger knows %d of %d entries, %v", name, err, record.Seq, d.State.Seq, unknown)
		}
	}
}

func TestALinkThatIsNotTheCurrentOneIsUnknown(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	old := d.Link("r1")
	if err := r.Archive.Schedule(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Relinked, Recipient: "r1"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	_, _, err := r.Archive.Follow(t.Context(), old)
	r.Code(err, transfer.NotFound)
	_, _, err = r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, "")
	_, _, err = r.Archive.Follow(t.Context(), "not a token")
	r.Code(err, transfer.NotFound)
}

func TestAnExtensionMovesTheKeyAndLeavesOne(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	until := d.State.ExpiresAt.Add(5 * 24 * time.Hour)
	if err := r.Archive.Reschedule(t.Context(), d, until, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Extended, Until: until}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, keys := r.Stored(d.Manifest.ID); keys != 1 || d.Held != transfer.HoldUntil(until) {
		t.Errorf("%d key records, the dossier is held in %s", keys, d.Held)
	}
	found, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID)
	if err != nil || !found.State.ExpiresAt.Equal(until) {
		t.Errorf("after the extension it expires at %v: %v", found, err)
	}
}

// What is refused leaves no second key record, which would outlive the erasure.
func TestAnExtensionThatIsRefusedLeavesNoKey(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	err := r.Archive.Reschedule(t.Context(), d, d.State.ExpiresAt.Add(5*24*time.Hour), func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{}, transfer.E(transfer.Expired, "too late")
	})
	r.Code(err, transfer.Expired)
	if _, keys := r.Stored(d.Manifest.ID); keys != 1 {
		t.Errorf("%d key records are left", keys)
	}
}

// Two at once: the second finds that the first has set the expiry already, to
// the day on which the key lies.
func TestWhoComesSecondKeepsTheKeyOfTheFirst(t *testing.T) {
	r := archivetest.New(t)
	d := r.Accepted("0123456789abcdef")
	until := d.State.ExpiresAt.Add(time.Hour)
	first := true
	err := r.Archive.Reschedule(t.Context(), d, until.Add(48*time.Hour), func(s transfer.State) (transfer.Entry, error) {
		if !s.ExpiresAt.Equal(d.Manifest.ExpiresAt) {
			return transfer.Entry{}, nil
		}
		if _, keys := r.Stored(d.Manifest.ID); keys == 2 && first {
			first = false
			other, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID)
			r.Code(err, "")
			r.Code(r.Archive.Change(t.Context(), other, func(transfer.State) (transfer.Entry, error) {
				return transfer.Entry{Kind: transfer.Extended, Until: until}, nil
			}), "")
		}
		return transfer.Entry{Kind: transfer.Extended, Until: until.Add(48 * time.Hour)}, nil
	})
	r.Code(err, "")
	found, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID)
	if err != nil || !found.State.ExpiresAt.Equal(until) {
		t.Errorf("what somebody else has extended cannot be opened: %v", err)
	}
}
