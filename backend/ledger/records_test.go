package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
)

func oneBegins(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	var winners atomic.Int32
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r, began, err := l.Begin(t.Context(), live(1), lease, fmt.Sprint("holder", i))
			if err != nil || r.Phase != transfer.Receiving || r.ID != id(1) {
				t.Errorf("%v %v", r, err)
			}
			if began {
				winners.Add(1)
			}
		})
	}
	all.Wait()
	if winners.Load() != 1 {
		t.Fatalf("%d began", winners.Load())
	}
}

func keyReused(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	other := live(1)
	other.RequestHash = []byte("something else")
	_, _, err := l.Begin(t.Context(), other, lease, "two")
	wantCode(t, err, transfer.KeyReused)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	_, _, err = l.Begin(t.Context(), other, lease, "two")
	wantCode(t, err, transfer.KeyReused)

	left := live(2) // by a rebuild, which may not know what was asked for
	left.RequestHash = nil
	_, _, err = l.Begin(t.Context(), left, time.Second, "rebuild")
	must(t, err)
	clock.advance(2 * time.Second)
	if _, began, err := l.Begin(t.Context(), live(2), lease, "three"); err != nil || !began {
		t.Fatal(began, err)
	}
}

func begin(t *testing.T, l *ledger.Ledger, holder string, want bool) transfer.Record {
	t.Helper()
	r, began, err := l.Begin(t.Context(), live(1), lease, holder)
	must(t, err)
	if began != want {
		t.Fatalf("%s began: %v, want %v", holder, began, want)
	}
	return r
}

func beginsAgain(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	begin(t, l, "one", true) // the answer was lost
	begin(t, l, "two", false)
	clock.advance(lease + time.Second)
	begin(t, l, "two", true)
	wantCode(t, l.Heartbeat(t.Context(), tenant, id(1), "one", 1, 1, lease), transfer.Conflict)
	wantCode(t, l.Fail(t.Context(), tenant, id(1), "one", transfer.TooLarge), transfer.Conflict)
	must(t, l.Fail(t.Context(), tenant, id(1), "two", transfer.TooLarge))
	must(t, l.Fail(t.Context(), tenant, id(1), "two", transfer.TooLarge))
	r, err := l.Get(t.Context(), tenant, id(1))
	must(t, err)
	if r.Phase != transfer.Failing || r.Reason != transfer.TooLarge {
		t.Fatalf("%+v", r)
	}
	if again := begin(t, l, "three", true); again.Reason != "" || again.Phase != transfer.Receiving {
		t.Fatalf("%+v", again)
	}
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	if r := begin(t, l, "four", false); r.Phase != transfer.Live {
		t.Fatalf("%+v", r)
	}
}

func progress(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	must(t, l.Heartbeat(t.Context(), tenant, id(1), "one", 10, 100, lease))
	clock.advance(lease / 2)
	must(t, l.Heartbeat(t.Context(), tenant, id(1), "one", -1, -1, lease))
	clock.advance(lease * 3 / 4)
	if r := begin(t, l, "two", false); r.Progress != 10 || r.Size != 100 {
		t.Fatalf("%+v", r)
	}
	wantCode(t, l.Heartbeat(t.Context(), tenant, id(2), "one", 1, 1, lease), transfer.NotFound)
}

func putAndGet(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	want := live(1)
	must(t, l.Put(t.Context(), want, links(1), nil))
	got, err := l.Get(t.Context(), tenant, id(1))
	must(t, err)
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Fatalf("\n%+v, want\n%+v", got, want)
	}
	for _, r := range []transfer.RecipientID{"r1", "r2"} {
		who, which, recipient, err := l.FindLink(t.Context(), id(1).Shard(), linkHash(1, string(r)))
		if err != nil || who != tenant || which != id(1) || recipient != r {
			t.Fatal(who, which, recipient, err)
		}
	}
	_, _, _, err = l.FindLink(t.Context(), id(1).Shard(), linkHash(2, "r1"))
	wantCode(t, err, transfer.NotFound)
	_, err = l.Get(t.Context(), tenant, id(2))
	wantCode(t, err, transfer.NotFound)
	_, err = l.Get(t.Context(), tenant, "../../x")
	wantCode(t, err, transfer.NotFound)
}

func foreignTenant(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	_, err := l.Get(t.Context(), "other", id(1))
	wantCode(t, err, transfer.NotFound)
	must(t, l.Remove(t.Context(), "other", id(1)))
	_, _, err = l.FailCode(t.Context(), "other", id(1), "r1", 5, time.Minute)
	wantCode(t, err, transfer.NotFound)
	wantCode(t, l.Postpone(t.Context(), "other", id(1), start), transfer.NotFound)
	stolen := live(1)
	stolen.Tenant = "other"
	wantCode(t, l.Put(t.Context(), stolen, nil, nil), transfer.Conflict)
	ids, _, err := l.Owned(t.Context(), "other", live(1).Owner, "", 10)
	if err != nil || len(ids) != 0 {
		t.Fatal(ids, err)
	}
	_, err = l.Get(t.Context(), tenant, id(1))
	must(t, err)
}

func olderRecord(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	newer, older := live(1), live(1)
	newer.Seq, newer.Phase = 5, transfer.Revoked
	older.Seq = 4
	must(t, l.Put(t.Context(), newer, links(1), nil))
	must(t, l.Put(t.Context(), older, links(1), []transfer.Job{job(1, "r1")}))
	if r, err := l.Get(t.Context(), tenant, id(1)); err != nil || r.Seq != 5 || r.Phase != transfer.Revoked {
		t.Fatal(r, err)
	}
	if got := claimOne(t, l); got.Job.Recipient != "r1" {
		t.Fatal(got)
	}
}

func putTwice(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	before := ""
	for range 2 {
		must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1"), job(1, "r2")}))
		now := dump(t, url, l.Prefix)
		if before != "" && now != before {
			t.Fatalf("%s\nbecame\n%s", before, now)
		}
		before = now
	}
}

func relink(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	fresh := live(1)
	fresh.Seq = 2
	must(t, l.Put(t.Context(), fresh, map[string]transfer.RecipientID{linkHash(9, "new"): "r1"}, nil))
	shard := id(1).Shard()
	_, _, _, err := l.FindLink(t.Context(), shard, linkHash(1, "r1"))
	wantCode(t, err, transfer.NotFound)
	for _, hash := range []string{linkHash(9, "new"), linkHash(1, "r2")} {
		_, _, _, err = l.FindLink(t.Context(), shard, hash)
		must(t, err)
	}
}

func tombstone(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	r := live(1)
	must(t, l.Put(t.Context(), r, links(1), nil))
	stone := transfer.Tombstone{Kind: r.Kind, Tenant: tenant, ID: r.ID, RequestHash: r.RequestHash,
		Links: []string{linkHash(1, "r1"), linkHash(1, "r2")}, AcceptedAt: r.AcceptedAt, ErasedAt: clock.now(), Reason: transfer.Withdrawn}
	must(t, l.Tombstoned(t.Context(), stone))
	must(t, l.Tombstoned(t.Context(), stone))
	r.Seq = 99
	must(t, l.Put(t.Context(), r, links(1), []transfer.Job{job(1, "r1")}))
	got, err := l.Get(t.Context(), tenant, r.ID)
	must(t, err)
	if got.Phase != transfer.Erased || got.Reason != transfer.Withdrawn || got.Owner != "" || len(got.Recipients) != 0 {
		t.Fatalf("%+v", got)
	}
	_, which, recipient, err := l.FindLink(t.Context(), r.ID.Shard(), linkHash(1, "r2"))
	if err != nil || which != r.ID || recipient != "" {
		t.Fatal(which, recipient, err)
	}
	claimNone(t, l)
	if ids, _, err := l.Owned(t.Context(), tenant, r.Owner, "", 10); err != nil || len(ids) != 0 {
		t.Fatal(ids, err)
	}
	begin(t, l, "again", false)
	if found, err := l.Due(t.Context(), clock.now().Add(l.KeepTombstone-time.Hour), 10); err != nil || len(found) != 0 {
		t.Fatal(found, err)
	}
	if found, err := l.Due(t.Context(), clock.now().Add(l.KeepTombstone+time.Hour), 10); err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
}

func removed(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	empty := dump(t, url, l.Prefix)
	reply := live(2)
	reply.Phase = transfer.OnManual
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	must(t, l.Put(t.Context(), reply, links(2), nil))
	_, _, err := l.FailCode(t.Context(), tenant, id(1), "r1", 5, time.Minute)
	must(t, err)
	must(t, l.Remove(t.Context(), tenant, id(1)))
	must(t, l.Remove(t.Context(), tenant, id(1)))
	must(t, l.Remove(t.Context(), tenant, id(2)))
	if now := dump(t, url, l.Prefix); withoutCounts(now) != withoutCounts(empty) {
		t.Fatalf("left behind:\n%s", now)
	}
}

func withoutCounts(dump string) string {
	var kept []string
	for line := range strings.Lines(dump) {
		if !strings.Contains(line, "}n ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func removeReceiving(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	wantCode(t, l.Remove(t.Context(), tenant, id(1)), transfer.Conflict)
	clock.advance(lease + time.Second)
	must(t, l.Remove(t.Context(), tenant, id(1)))
}

func lost(t *testing.T, url string, clock *watch) {
	l := open(t, url, clock)
	wantLost := func(err error) {
		t.Helper()
		wantCode(t, err, transfer.Unavailable)
		if !errors.Is(err, ledger.ErrLost) {
			t.Fatal(err)
		}
	}
	wantLost(l.Check(t.Context()))
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1")}))
	_, err := l.Claim(t.Context(), "worker", 1, time.Second)
	wantLost(err)
	_, err = l.Due(t.Context(), start.Add(1000*time.Hour), 10)
	wantLost(err)
	_, err = l.Get(t.Context(), tenant, id(2))
	wantLost(err)
	_, _, _, err = l.FindLink(t.Context(), 3, linkHash(3, "r1"))
	wantLost(err)
	must(t, l.Rebuilt(t.Context()))
	must(t, l.Rebuilt(t.Context()))
	must(t, l.Check(t.Context()))
	claimOne(t, l)
}

func foreign(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	other := open(t, url, clock, func(o *ledger.Options) { o.Prefix, o.Installation = l.Prefix, "elsewhere" })
	for _, err := range []error{other.Check(context.Background()), other.Rebuilt(context.Background())} {
		if !errors.Is(err, ledger.ErrForeign) {
			t.Fatal(err)
		}
	}
	must(t, l.Check(t.Context()))
}

func readers(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	beingRead := func(want bool) {
		t.Helper()
		if got, err := l.BeingRead(t.Context(), id(1)); err != nil || got != want {
			t.Errorf("being read: %v, %v", got, err)
		}
	}
	beingRead(false)
	must(t, l.Reading(t.Context(), id(1), "a", clock.now().Add(time.Minute)))
	must(t, l.Reading(t.Context(), id(1), "b", clock.now().Add(2*time.Minute)))
	must(t, l.Reading(t.Context(), id(1), "b", time.Time{}))
	beingRead(true)
	if other, err := l.BeingRead(t.Context(), id(2)); err != nil || other {
		t.Error("another one is being read", err)
	}
	clock.advance(time.Minute)
	beingRead(false)
	wantCode(t, l.Reading(t.Context(), "nonsense", "a", clock.now()), transfer.NotFound)
}
