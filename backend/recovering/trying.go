package recovering

import (
	"context"
	"time"

	"senddigitally/backend/transfer"
)

// tooManyInRow failures, one after the other, are the whole store's.
const tooManyInRow = 20

// pauses come before the further tries of what could not be had.
var pauses = []time.Duration{time.Second, 5 * time.Second, 25 * time.Second}

// attempt is a step of the replay that the storage has failed.
type attempt struct {
	id  transfer.ID
	do  func(context.Context) error
	err error
}

// try takes a step. What the storage fails is put aside; the error says that it
// has failed too many.
func (r *replay) try(ctx context.Context, id transfer.ID, do func(context.Context) error) error {
	if err := r.step(ctx, attempt{id: id, do: do}); err != nil {
		return err
	}
	if r.inRow >= tooManyInRow {
		return r.aside[len(r.aside)-1].err
	}
	return nil
}

func (r *replay) step(ctx context.Context, a attempt) error {
	switch a.err = a.do(ctx); {
	case ctx.Err() != nil:
		return ctx.Err()
	case transfer.CodeOf(a.err) == transfer.Unavailable:
		r.aside = append(r.aside, a)
		r.inRow++
		return nil
	case a.err != nil:
		r.unreadable(a)
	}
	r.inRow = 0
	return nil
}

// again tries what was put aside, now that the others are through. What fails to
// the last counts as unreadable.
func (r *replay) again(ctx context.Context) error {
	for _, pause := range pauses {
		if len(r.aside) == 0 {
			break
		}
		if err := r.sleep(ctx, pause); err != nil {
			return err
		}
		waiting := r.aside
		r.aside = nil
		for _, a := range waiting {
			if err := r.step(ctx, a); err != nil {
				return err
			}
		}
	}
	for _, a := range r.aside {
		r.unreadable(a)
	}
	r.aside, r.inRow = nil, 0
	return nil
}

func (r *replay) unreadable(a attempt) {
	if r.failed[a.id] {
		return
	}
	r.failed[a.id] = true
	r.report.Failed++
	r.Log.Error("not replayed", "transfer", a.id, "cause", a.err)
}

func (x *Recovering) sleep(ctx context.Context, d time.Duration) error {
	if x.Sleep != nil {
		return x.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
