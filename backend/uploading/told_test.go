package uploading_test

import (
	"context"
	"testing"
	"time"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// asked counts how often the ledger is told of what begins to arrive.
type asked struct {
	uploading.Ledger
	times int
	down  error
}

func (a *asked) Begin(ctx context.Context, record transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error) {
	if a.times++; a.down != nil {
		return transfer.Record{}, false, a.down
	}
	return a.Ledger.Begin(ctx, record, lease, holder)
}

func TestTheLedgerIsToldOnceAMinuteAndOfWhatBeginsAnew(t *testing.T) {
	r := newRig(t)
	ledger := &asked{Ledger: r.up.Ledger}
	r.up.Ledger = ledger
	told := func(what string, want int) {
		t.Helper()
		_, err := r.put("u1", "a.pdf", "content")
		if r.Code(err, ""); ledger.times != want {
			t.Errorf("%s: told %d times, not %d", what, ledger.times, want)
		}
	}
	told("first", 1)
	r.Pass(59 * time.Second)
	told("within a minute", 1)
	r.Pass(time.Second)
	told("after a minute", 2)
	r.Code(r.Vault.EraseUncommitted(t.Context(), archivetest.Tenant, r.id, transfer.HeldOpen), "")
	told("given up meanwhile", 3)
	due, err := r.Ledger.Due(t.Context(), r.Clock().Add(25*time.Hour), 10)
	if err != nil || len(due) != 1 {
		t.Errorf("due are %v, %v", due, err)
	}
}

// A sweep claims the record, erases, and removes the record last; what begins in
// between is told again with its next file.
func TestWhatBeginsWhileASweepIsAtItIsToldAgain(t *testing.T) {
	r := newRig(t)
	put := func(file transfer.FileID) {
		t.Helper()
		_, err := r.put(file, "a.pdf", "content")
		r.Code(err, "")
	}
	put("u1")
	r.Pass(25 * time.Hour)
	swept := transfer.Record{Tenant: archivetest.Tenant, ID: r.id, Kind: transfer.KindTransfer, AcceptedAt: r.Clock(), Held: transfer.HeldOpen}
	_, began, err := r.Ledger.Begin(t.Context(), swept, time.Minute, "sweep")
	if err != nil || !began {
		t.Fatal(began, err)
	}
	r.Code(r.Vault.EraseUncommitted(t.Context(), archivetest.Tenant, r.id, transfer.HeldOpen), "")
	put("u2")
	r.Code(r.Ledger.Fail(t.Context(), archivetest.Tenant, r.id, "sweep", transfer.Expired), "")
	r.Code(r.Ledger.Remove(t.Context(), archivetest.Tenant, r.id), "")
	put("u3")
	due, err := r.Ledger.Due(t.Context(), r.Clock().Add(25*time.Hour), 10)
	if err != nil || len(due) != 1 {
		t.Errorf("due are %v, %v", due, err)
	}
}

func TestNothingBeginsThatTheLedgerHasNotHeardOf(t *testing.T) {
	r := newRig(t)
	r.up.Ledger = &asked{Ledger: r.up.Ledger, down: transfer.E(transfer.Unavailable, "Redis is away")}
	for range 2 {
		_, err := r.put("u1", "a.pdf", "content")
		r.Code(err, transfer.Unavailable)
	}
	if blobs, _ := r.Stored(r.id); blobs != 0 {
		t.Errorf("%d blobs", blobs)
	}
}
