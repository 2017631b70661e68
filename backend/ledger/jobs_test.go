package ledger_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
)

func jobLife(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	delayed := job(1, "r2")
	delayed.NotBefore = clock.now().Add(time.Hour)
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1"), delayed}))
	first := claimOne(t, l)
	if first.Job != job(1, "r1") || first.Attempt != 1 {
		t.Fatalf("%+v", first)
	}
	claimNone(t, l)
	must(t, l.Renew(t.Context(), first))
	must(t, l.Done(t.Context(), first))
	must(t, l.Done(t.Context(), first)) // the answer was lost
	wantCode(t, l.Renew(t.Context(), first), transfer.Conflict)
	clock.advance(time.Hour)
	second := claimOne(t, l)
	if second.Job != delayed {
		t.Fatalf("%+v", second)
	}
	must(t, l.Done(t.Context(), second))
	clock.advance(24 * time.Hour)
	claimNone(t, l)
}

func jobOnce(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	for range 3 {
		must(t, l.Enqueue(t.Context(), job(1, "r1"), job(2, "r1")))
	}
	must(t, l.Done(t.Context(), claimOne(t, l)))
	must(t, l.Done(t.Context(), claimOne(t, l)))
	claimNone(t, l)
	must(t, l.Enqueue(t.Context(), job(1, "r1")))
	claimOne(t, l)
	wantCode(t, l.Enqueue(t.Context(), transfer.Job{Version: 1}), transfer.Internal)
}

func jobAgain(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	ends := map[string]func(transfer.Leased) error{
		"done": func(j transfer.Leased) error { return l.Done(t.Context(), j) },
		"bury": func(j transfer.Leased) error { return l.Bury(t.Context(), j, transfer.Internal) },
	}
	for name, end := range ends {
		must(t, l.Enqueue(t.Context(), job(1, "r1")))
		running := claimOne(t, l)
		must(t, l.Enqueue(t.Context(), job(1, "r1")))
		claimNone(t, l)
		must(t, end(running))
		again := claimOne(t, l)
		if again.Attempt != 1 {
			t.Fatalf("%s: %+v", name, again)
		}
		must(t, l.Done(t.Context(), again))
		claimNone(t, l)
	}
}

func jobLapse(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Enqueue(t.Context(), job(1, "r1")))
	killed := claimOne(t, l)
	clock.advance(l.JobLease - time.Second)
	must(t, l.Renew(t.Context(), killed))
	clock.advance(l.JobLease - time.Second)
	claimNone(t, l)
	clock.advance(2 * time.Second)
	taken := claimOne(t, l)
	if taken.Attempt != 2 || taken.Job != killed.Job {
		t.Fatalf("%+v", taken)
	}
	wantCode(t, l.Renew(t.Context(), killed), transfer.Conflict)
	wantCode(t, l.Done(t.Context(), killed), transfer.Conflict)
	wantCode(t, l.Retry(t.Context(), killed, clock.now(), transfer.Internal), transfer.Conflict)
	wantCode(t, l.Bury(t.Context(), killed, transfer.Internal), transfer.Conflict)
	must(t, l.Done(t.Context(), taken))
}

func jobRetryBury(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Enqueue(t.Context(), job(1, "r1")))
	must(t, l.Retry(t.Context(), claimOne(t, l), clock.now().Add(7*time.Second), transfer.OutlookBusy))
	must(t, l.Enqueue(t.Context(), job(1, "r1"))) // does not shorten the wait
	clock.advance(6 * time.Second)
	claimNone(t, l)
	clock.advance(time.Second)
	second := claimOne(t, l)
	if second.Attempt != 2 {
		t.Fatalf("%+v", second)
	}
	must(t, l.Bury(t.Context(), second, transfer.MailboxRefused))
	clock.advance(1000 * time.Hour)
	claimNone(t, l)

	dead, next, err := l.Dead(t.Context(), tenant, "", 10)
	must(t, err)
	want := ledger.DeadJob{Job: job(1, "r1"), Attempts: 2, Reason: transfer.MailboxRefused, At: start.Add(7 * time.Second)}
	if len(dead) != 1 || dead[0] != want || next != "" {
		t.Fatalf("%+v", dead)
	}
	if none, _, err := l.Dead(t.Context(), "other", "", 10); err != nil || len(none) != 0 {
		t.Fatal(none, err)
	}
	wantCode(t, l.Revive(t.Context(), "other", job(1, "r1").Key()), transfer.NotFound)
	must(t, l.Revive(t.Context(), tenant, job(1, "r1").Key()))
	wantCode(t, l.Revive(t.Context(), tenant, job(1, "r1").Key()), transfer.NotFound)
	wantCode(t, l.Revive(t.Context(), tenant, "nonsense"), transfer.NotFound)
	revived := claimOne(t, l)
	if revived.Attempt != 1 {
		t.Fatalf("%+v", revived)
	}
	must(t, l.Bury(t.Context(), revived, transfer.MailboxRefused))
	must(t, l.Put(t.Context(), live(1), nil, []transfer.Job{job(1, "r1")})) // a dead one comes back to life
	must(t, l.Done(t.Context(), claimOne(t, l)))
	if dead, _, err := l.Dead(t.Context(), tenant, "", 10); err != nil || len(dead) != 0 {
		t.Fatal(dead, err)
	}
}

func jobDefer(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Enqueue(t.Context(), job(1, "r1")))
	for n := range 3 {
		claimed := claimOne(t, l)
		if claimed.Attempt != 1 || claimed.Deferred != n {
			t.Fatalf("what was not tried counts: %+v", claimed)
		}
		must(t, l.Defer(t.Context(), claimed, clock.now().Add(7*time.Second), transfer.OutlookBusy))
		must(t, l.Defer(t.Context(), claimed, clock.now(), transfer.OutlookBusy)) // the answer was lost
		clock.advance(6 * time.Second)
		claimNone(t, l)
		clock.advance(time.Second)
	}
	must(t, l.Defer(t.Context(), claimOne(t, l), clock.now(), transfer.Unavailable))
	other := claimOne(t, l)
	if other.Attempt != 1 || other.Deferred != 1 {
		t.Fatalf("another reason is not counted anew: %+v", other)
	}
	must(t, l.Retry(t.Context(), other, clock.now(), transfer.Unavailable))
	tried := claimOne(t, l)
	if tried.Attempt != 2 || tried.Deferred != 0 {
		t.Fatalf("a try does not end the row: %+v", tried)
	}
	must(t, l.Defer(t.Context(), tried, clock.now(), transfer.Unavailable))
	must(t, l.Bury(t.Context(), claimOne(t, l), transfer.Integrity))
	if dead, _, err := l.Dead(t.Context(), tenant, "", 10); err != nil || len(dead) != 1 || dead[0].Reason != transfer.Integrity {
		t.Fatal(dead, err)
	}
}

func jobForgotten(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	die := func(n int) {
		must(t, l.Enqueue(t.Context(), job(n, "r1")))
		must(t, l.Bury(t.Context(), claimOne(t, l), transfer.Internal))
	}
	dead := func(want int) {
		t.Helper()
		listed, _, err := l.Dead(t.Context(), tenant, "", 10)
		must(t, err)
		s, err := l.Stats(t.Context())
		must(t, err)
		if len(listed) != want || s.Dead != want {
			t.Fatalf("%d dead letters are listed and %d counted, not %d", len(listed), s.Dead, want)
		}
	}
	for n := range 3 {
		must(t, l.Put(t.Context(), live(n), nil, nil))
		die(n)
	}
	dead(3)
	must(t, l.Tombstoned(t.Context(), transfer.Tombstone{Tenant: tenant, ID: id(0), Reason: transfer.Expired, ErasedAt: clock.now()}))
	dead(2)
	wantCode(t, l.Revive(t.Context(), tenant, job(0, "r1").Key()), transfer.NotFound)
	die(0) // it was worked on meanwhile
	must(t, l.Remove(t.Context(), "other", id(0)))
	dead(3)
	must(t, l.Remove(t.Context(), tenant, id(0)))
	dead(2)
	must(t, l.Revive(t.Context(), tenant, job(1, "r1").Key()))
	dead(1)
}

// claimCancelled stops a worker while its claim is on the way.
func claimCancelled(t *testing.T, url string, clock *watch) {
	l, client := watched(t, url, clock)
	ctx, stop := context.WithCancel(t.Context())
	must(t, l.Enqueue(t.Context(), job(1, "r1")))
	client.AddHook(&between{"evalsha", stop})
	claimed, err := l.Claim(ctx, "worker", 1, 5*time.Second)
	if err != nil || len(claimed) != 1 {
		t.Errorf("what was claimed is nobody's until its lease lapses: %v", err)
	}
}

func claimWakes(t *testing.T, url string, clock *watch) {
	l := open(t, url, clock, func(o *ledger.Options) { o.Poll = time.Hour })
	must(t, l.Rebuilt(t.Context()))
	claimNone(t, l) // has polled
	got := make(chan []transfer.Leased)
	go func() {
		claimed, _ := l.Claim(t.Context(), "worker", 1, 20*time.Second)
		got <- claimed
	}()
	must(t, l.Enqueue(t.Context(), job(1, "r1")))
	select {
	case claimed := <-got:
		if len(claimed) != 1 {
			t.Fatal(claimed)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("not woken")
	}
}

func claimPolls(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	other := open(t, url, clock, func(o *ledger.Options) { o.Prefix = l.Prefix })
	claimNone(t, l)
	must(t, other.Enqueue(t.Context(), job(1, "r1")))
	claimOne(t, l)
}

func claimMany(t *testing.T, url string, clock *watch) {
	const n = 300
	l := rebuilt(t, url, clock)
	other := open(t, url, clock, func(o *ledger.Options) { o.Prefix = l.Prefix })
	for i := range n {
		must(t, l.Enqueue(t.Context(), job(i, "r1")))
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Go(func() {
			queue := []*ledger.Ledger{l, other}[w%2]
			for {
				claimed, err := queue.Claim(t.Context(), fmt.Sprint("w", w), 7, 50*time.Millisecond)
				if err != nil || len(claimed) == 0 {
					return
				}
				for _, j := range claimed {
					if err := queue.Done(t.Context(), j); err != nil {
						t.Error(err)
					}
					mu.Lock()
					seen[j.Job.Key()]++
					mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	for key, times := range seen {
		if times != 1 {
			t.Errorf("%s ran %d times", key, times)
		}
	}
	if len(seen) != n {
		t.Fatalf("%d of %d ran", len(seen), n)
	}
}
