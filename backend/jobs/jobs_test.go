package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/jobs"
	"senddigitally/backend/transfer"
)

// queue gives out jobs once and notes what becomes of each.
type queue struct {
	mu      sync.Mutex
	waiting []transfer.Leased
	became  map[string]string // by job key
	at      time.Time         // of the last Retry
	renewed int
	lost    bool // the lease
}

func (q *queue) Claim(ctx context.Context, _ string, n int, block time.Duration) ([]transfer.Leased, error) {
	q.mu.Lock()
	n = min(n, len(q.waiting))
	some := q.waiting[:n]
	q.waiting = q.waiting[n:]
	q.mu.Unlock()
	if n == 0 {
		select {
		case <-ctx.Done():
		case <-time.After(block):
		}
	}
	return some, nil
}

func (q *queue) note(l transfer.Leased, how string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.became[l.Job.Key()] = how
	return nil
}

func (q *queue) Renew(context.Context, transfer.Leased) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.renewed++
	if q.lost {
		return transfer.E(transfer.Conflict, "lost")
	}
	return nil
}

func (q *queue) Done(_ context.Context, l transfer.Leased) error { return q.note(l, "done") }
func (q *queue) Retry(_ context.Context, l transfer.Leased, at time.Time, reason transfer.Code) error {
	q.at = at
	return q.note(l, "retry "+string(reason))
}
func (q *queue) Defer(_ context.Context, l transfer.Leased, at time.Time, reason transfer.Code) error {
	q.at = at
	return q.note(l, "defer "+string(reason))
}
func (q *queue) Bury(_ context.Context, l transfer.Leased, reason transfer.Code) error {
	return q.note(l, "bury "+string(reason))
}

func leased(kind transfer.JobKind, attempt int) transfer.Leased {
	return transfer.Leased{Job: transfer.Job{Version: 1, Kind: kind, Tenant: "t", ID: "0a0123456789abcdefghijklmnopqrstuv"}, Attempt: attempt}
}

var (
	errUntried = errors.New("not even tried")
	errOurs    = errors.New("the storage is away")
)

func wait(err error) (time.Duration, bool) {
	switch {
	case errors.Is(err, errOurs):
		return 0, false
	case errors.Is(err, errUntried):
		return time.Hour, false
	}
	return time.Hour, true
}

// run lets a runner work on one job and answers what became of it.
func run(t *testing.T, l transfer.Leased, handle jobs.Handler) (became string, q *queue) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		q = &queue{waiting: []transfer.Leased{l}, became: map[string]string{}}
		r := &jobs.Runner{Queue: q, Handlers: map[transfer.JobKind]jobs.Handler{transfer.NotifyJob: handle}, Worker: "w", Width: 2, Renewal: 20 * time.Second,
			Wait: wait, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		r.Run(ctx)
		became = q.became[l.Job.Key()]
	})
	return became, q
}

func TestWhatBecomesOfAJob(t *testing.T) {
	for name, c := range map[string]struct {
		attempt int
		err     error
		want    string
	}{
		"success":         {1, nil, "done"},
		"gone meanwhile":  {1, transfer.E(transfer.Withdrawn, ""), "done"},
		"trouble":         {1, transfer.E(transfer.OutlookBusy, ""), "retry outlook_busy"},
		"a foreign error": {3, errors.New("x"), "retry internal"},
		"one try left":    {jobs.Tries - 1, transfer.E(transfer.Unavailable, ""), "retry unavailable"},
		"not even tried":  {jobs.Tries, errUntried, "defer internal"},
		"a fault of ours": {jobs.Tries, errOurs, "defer internal"},
		"the last try":    {jobs.Tries, transfer.E(transfer.Unavailable, ""), "bury unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			told := false
			got, _ := run(t, leased(transfer.NotifyJob, c.attempt), func(_ context.Context, _ transfer.Job, last bool) error { told = last; return c.err })
			if got != c.want || told != (c.attempt >= jobs.Tries) {
				t.Errorf("it became %q; told that it is the last try: %v", got, told)
			}
		})
	}
}

func TestAPanicIsAnErrorLikeAnyOther(t *testing.T) {
	if got, _ := run(t, leased(transfer.NotifyJob, 1), func(context.Context, transfer.Job, bool) error { panic("at once") }); got != "retry internal" {
		t.Errorf("it became %q", got)
	}
	if got, _ := run(t, leased("unheard-of", 1), nil); got != "retry unsupported_version" {
		t.Errorf("a job without a handler became %q", got)
	}
}

func TestALongJobKeepsItsLeaseAndOneThatLostItIsTold(t *testing.T) {
	_, q := run(t, leased(transfer.NotifyJob, 1), func(ctx context.Context, _ transfer.Job, _ bool) error {
		time.Sleep(90 * time.Second) // of the test's own time
		return ctx.Err()
	})
	if q.renewed != 4 || q.became[leased(transfer.NotifyJob, 1).Job.Key()] != "done" {
		t.Errorf("renewed %d times: %v", q.renewed, q.became)
	}
	synctest.Test(t, func(t *testing.T) {
		q := &queue{waiting: []transfer.Leased{leased(transfer.NotifyJob, 1)}, became: map[string]string{}, lost: true}
		var seen error
		r := &jobs.Runner{Queue: q, Worker: "w", Width: 1, Renewal: time.Second, Wait: func(error) (time.Duration, bool) { return 0, true }, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
			Handlers: map[transfer.JobKind]jobs.Handler{transfer.NotifyJob: func(ctx context.Context, _ transfer.Job, _ bool) error { <-ctx.Done(); seen = ctx.Err(); return seen }}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r.Run(ctx)
		if !errors.Is(seen, context.Canceled) {
			t.Errorf("the handler saw %v", seen)
		}
	})
}

func TestOutlooksWishToWaitIsKept(t *testing.T) {
	var begun time.Time
	_, q := run(t, leased(transfer.NotifyJob, 1), func(context.Context, transfer.Job, bool) error {
		begun = time.Now()
		return transfer.E(transfer.OutlookBusy, "")
	})
	if wait := q.at.Sub(begun); wait != time.Hour {
		t.Errorf("tried again after %s", wait)
	}
}

func TestAFaultOfOursIsWaitedForEverLongerUpToAnHour(t *testing.T) {
	for deferred, longest := range map[int]time.Duration{0: time.Second, 5: 32 * time.Second, 11: 2048 * time.Second, 12: time.Hour, 1000: time.Hour} {
		l := leased(transfer.NotifyJob, jobs.Tries)
		l.Deferred = deferred
		var begun time.Time
		_, q := run(t, l, func(context.Context, transfer.Job, bool) error { begun = time.Now(); return errOurs })
		if wait := q.at.Sub(begun); wait > longest || wait < longest*3/4 {
			t.Errorf("after %d times it waits %s", deferred, wait)
		}
	}
}

func TestBackoffGrowsWithinItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempt, jitter := rapid.IntRange(-1, 100).Draw(t, "attempt"), rapid.Float64Range(0, 1).Draw(t, "jitter")
		wait := jobs.Backoff(attempt, jitter)
		if wait < 750*time.Millisecond || wait > 2*time.Hour || wait > jobs.Backoff(attempt, 0) || jobs.Backoff(attempt+1, 0) < jobs.Backoff(attempt, 0) {
			t.Errorf("after try %d it waits %s", attempt, wait)
		}
	})
}
