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
