package app

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"senddigitally/backend/expiring"
	"senddigitally/backend/jobs"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// Work carries out jobs and sweeps until ctx ends, and returns when all that
// was begun has ended.
func (s *System) Work(ctx context.Context) {
	var working sync.WaitGroup
	working.Go(func() { s.runner.Run(ctx) })
	working.Go(func() { s.sweep(ctx) })
	working.Go(func() { s.collect(ctx) })
	working.Wait()
	s.sending.Wait(context.WithoutCancel(ctx))
}

func (s *System) sweep(ctx context.Context) {
	tick := time.NewTicker(s.sweepEvery)
	defer tick.Stop()
	for {
		s.reconcile(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.sweepOnce(ctx)
		}
	}
}

func (s *System) sweepOnce(ctx context.Context) {
	swept, err := s.Expiring.Sweep(ctx)
	if err != nil || swept.Failed > 0 {
		sweepsFailed.Inc()
	}
	if err != nil {
		s.log.Warn("no sweep", "cause", err)
	} else if swept != (expiring.Swept{}) {
		s.log.Info("swept", "erased", swept.Erased, "orphans", swept.Orphans, "blobs", swept.Blobs, "keys", swept.Keys, "read", swept.Read, "failed", swept.Failed)
	}
}

func (w *wiring) runner() *jobs.Runner {
	notify, distribute := w.notifying(), w.distributing()
	worker := w.Worker
	if worker == "" {
		worker = rand.Text()
	}
	return &jobs.Runner{Queue: countedQueue{w.Ledger}, Wait: mailing.Wait, Worker: worker, Width: 8, Renewal: w.Ledger.JobLease / 3,
		Clock: w.Clock, Log: w.Log, Handlers: map[transfer.JobKind]jobs.Handler{
			transfer.AlertJob:    notify.Alert,
			transfer.AssignJob:   notify.Assigned,
			transfer.RemindJob:   notify.Remind,
			transfer.ReceiptJob:  notify.Receipt,
			transfer.NotifyJob:   notify.Notify,
			transfer.DeliverJob:  distribute.Deliver,
			transfer.ClassifyJob: distribute.Classify,
			transfer.EscalateJob: distribute.Escalate,
			transfer.CheckJob:    w.checking().Check,
		}}
}
