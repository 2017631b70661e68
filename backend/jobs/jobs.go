// Package jobs carries background jobs out: claim, handle, and done, again
// later, or dead letter.
//
// Invariant: a job is finished only after its handler returned without error;
// a worker that dies leaves a lease that lapses, and the job is claimed again.
//
// Failure: errors are tried again with capped exponential backoff and jitter, or
// when Outlook said so; after the last try the job is buried where a person can
// see and revive it. A handler that panics is an error like any other. What
// could not even be tried counts as no try, however often: it comes back when
// it is its turn, and where our own storage, audit log or keys were in the way,
// after a wait that grows to an hour.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// Queue holds the jobs.
type Queue interface {
	Claim(ctx context.Context, worker string, n int, block time.Duration) ([]transfer.Leased, error)
	Renew(ctx context.Context, l transfer.Leased) error
	Done(ctx context.Context, l transfer.Leased) error
	Retry(ctx context.Context, l transfer.Leased, at time.Time, reason transfer.Code) error
	Defer(ctx context.Context, l transfer.Leased, at time.Time, reason transfer.Code) error
	Bury(ctx context.Context, l transfer.Leased, reason transfer.Code) error
}

// Handler carries one job out. last says that no further try will follow.
type Handler func(ctx context.Context, job transfer.Job, last bool) error

// Tries is how often a job is tried before it is buried: with the backoff
// below between five and seven hours.
const Tries = 16

// Runner claims jobs and hands them to their handlers, Width at a time.
type Runner struct {
	Queue    Queue
	Handlers map[transfer.JobKind]Handler
	Wait     func(error) (after time.Duration, tried bool) // what was asked for, or 0
	Worker   string                                        // unique among replicas
	Width    int
	Renewal  time.Duration // how often a lease is renewed while a handler works
	Clock    func() time.Time
	Log      *slog.Logger
}

// Run works until ctx ends, then waits for the handlers under way.
func (r *Runner) Run(ctx context.Context) {
	var working sync.WaitGroup
	slots := make(chan struct{}, r.Width)
	for ctx.Err() == nil {
		slots <- struct{}{}
		free := 1 + cap(slots) - len(slots)
		claimed, err := r.Queue.Claim(ctx, r.Worker, free, time.Second)
		<-slots
		if err != nil {
			r.pause(ctx, err)
			continue
		}
		for _, l := range claimed {
			slots <- struct{}{}
			working.Go(func() { defer func() { <-slots }(); r.work(context.WithoutCancel(ctx), l) })
		}
	}
	working.Wait()
}

func (r *Runner) pause(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	r.Log.Warn("no jobs can be claimed", "cause", err)
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

func (r *Runner) work(ctx context.Context, l transfer.Leased) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go r.renew(ctx, cancel, l)
	err := r.handle(ctx, l)
	if settleErr := r.settle(context.WithoutCancel(ctx), l, err); settleErr != nil {
		r.Log.Warn("job not settled; its lease will lapse", "job", l.Job.Kind, "transfer", l.Job.ID, "cause", settleErr)
	}
}

func (r *Runner) renew(ctx context.Context, cancel context.CancelFunc, l transfer.Leased) {
	tick := time.NewTicker(r.Renewal)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.Queue.Renew(ctx, l); transfer.CodeOf(err) == transfer.Conflict {
				cancel()
				return
			}
		}
	}
}

func (r *Runner) handle(ctx context.Context, l transfer.Leased) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = transfer.Wrap(transfer.Internal, "the job failed", fmt.Errorf("panic: %v", p))
		}
	}()
	handler, known := r.Handlers[l.Job.Kind]
	if !known {
		return transfer.E(transfer.UnsupportedVersion, "no handler for this kind of job")
	}
	return handler(ctx, l.Job, l.Attempt >= Tries)
}

func (r *Runner) settle(ctx context.Context, l transfer.Leased, err error) error {
	switch transfer.CodeOf(err) {
	case "", transfer.Expired, transfer.Withdrawn:
		return r.Queue.Done(ctx, l)
	}
	after, tried := r.Wait(err)
	if !tried && after == 0 {
		r.Log.Warn("job could not be tried", "job", l.Job.Kind, "transfer", l.Job.ID, "reason", transfer.CodeOf(err), "cause", err)
		after = backoff(l.Deferred+1, time.Hour, rand.Float64())
	}
	if !tried {
		return r.Queue.Defer(ctx, l, r.Clock().Add(after), transfer.CodeOf(err))
	}
	r.Log.Warn("job failed", "job", l.Job.Kind, "transfer", l.Job.ID, "attempt", l.Attempt, "reason", transfer.CodeOf(err), "cause", err)
	if l.Attempt >= Tries {
		return r.Queue.Bury(ctx, l, transfer.CodeOf(err))
	}
	wait := max(Backoff(l.Attempt, rand.Float64()), after)
	return r.Queue.Retry(ctx, l, r.Clock().Add(wait), transfer.CodeOf(err))
}

// Backoff is the wait after the attempt-th try: 1 s doubling up to 2 h, less up
// to a quarter by jitter (0 to 1), so that many failures do not return at once.
func Backoff(attempt int, jitter float64) time.Duration {
	return backoff(attempt, 2*time.Hour, jitter)
}

func backoff(attempt int, longest time.Duration, jitter float64) time.Duration {
	wait := longest
	if attempt < 13 {
		wait = time.Second << max(attempt-1, 0)
	}
	wait = min(wait, longest)
	return wait - time.Duration(jitter*float64(wait)/4)
}
