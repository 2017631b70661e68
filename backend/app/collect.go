package app

import (
	"context"
	"slices"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/collecting"
	"senddigitally/backend/transfer"
)

// collectEvery is how often a server looks at each mailbox: of the 10,000
// requests that Graph allows in 10 minutes it takes 80.
const collectEvery = 15 * time.Second

// collector looks at every mailbox that mail arrives at, again and again.
type collector struct {
	*collecting.Collecting
	boxes map[transfer.TenantID][]string
	every time.Duration
}

// collector looks at the intake mailbox for mail to distribute, and at the
// service mailboxes, which reports about what they sent come back to.
func (w *wiring) collector() collector {
	c := collector{every: w.CollectEvery, boxes: map[transfer.TenantID][]string{}, Collecting: &collecting.Collecting{
		Mailboxes: w.graph, Vault: w.vault, Archive: w.archive, Ledger: w.Ledger, Returns: w.distributing(), Mailing: w.mailing,
		Gate: w.gate, Namer: w.namer, Routes: w.routes, Organisation: w.organisation, Policy: w.policy,
		Words: func(l string) collecting.Words { return catalogue.For(l) }, Clock: w.Clock, Log: w.Log}}
	for _, t := range w.Tenants {
		c.boxes[t.ID] = slices.Clone(t.Graph.ServiceMailboxes)
		if t.Organisation.Intake != "" {
			c.boxes[t.ID] = append(c.boxes[t.ID], t.Organisation.Intake)
		}
	}
	return c
}

func (s *System) collect(ctx context.Context) {
	if s.collecting.every <= 0 {
		return
	}
	tick := time.NewTicker(s.collecting.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.Collect(ctx)
		}
	}
}

// Collect looks once at every mailbox that mail arrives at.
func (s *System) Collect(ctx context.Context) {
	for tenant, boxes := range s.collecting.boxes {
		for _, mailbox := range boxes {
			if n, err := s.collecting.Collect(ctx, tenant, mailbox); err != nil && ctx.Err() == nil {
				s.log.Warn("mail was not collected", "tenant", tenant, "code", transfer.CodeOf(err), "cause", err)
			} else if n > 0 {
				s.log.Info("mail collected", "tenant", tenant, "mails", n)
			}
		}
	}
}
