package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"senddigitally/backend/api"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/collecting"
	"senddigitally/backend/transfer"
	"senddigitally/backend/waking"
)

// collectEvery is how often a server looks at each mailbox, whether or not Outlook
// tells of new mail: of the 10,000 requests that Graph allows in 10 minutes it takes 80.
const collectEvery = 15 * time.Second

// collector looks at every mailbox that mail arrives at, again and again, and when
// Outlook says that something came.
type collector struct {
	*collecting.Collecting
	waking *waking.Waking
	boxes  []*waking.Mailbox
	every  time.Duration
}

// collector looks at the intake mailbox for mail to distribute, and at the
// service mailboxes, which reports about what they sent come back to.
func (w *wiring) collector(bells *waking.Waking) collector {
	replies := w.distributing()
	c := collector{every: w.CollectEvery, waking: bells, Collecting: &collecting.Collecting{
		Mailboxes: w.graph, Vault: w.vault, Archive: w.archive, Ledger: w.Ledger, Returns: replies, Deliveries: replies, Mailing: w.mailing,
		Gate: w.gate, Namer: w.namer, Routes: w.routes, Organisation: w.organisation, Policy: w.policy,
		Words: func(l string) collecting.Words { return catalogue.For(l) }, Clock: w.Clock, Log: w.Log}}
	for _, t := range w.Tenants {
		boxes := slices.Clone(t.Graph.ServiceMailboxes)
		if t.Organisation.Intake != "" {
			boxes = append(boxes, t.Organisation.Intake)
		}
		for _, mailbox := range boxes {
			c.boxes = append(c.boxes, bells.Watch(t.ID, mailbox))
		}
	}
	return c
}

func (w *wiring) waking() *waking.Waking {
	bells := &waking.Waking{Outlook: w.graph, Key: w.Ring.Derive("change notifications"), Clock: w.Clock, Log: w.Log}
	if w.Notifications != "" {
		bells.Address = strings.TrimSuffix(w.Notifications, "/") + api.NotificationPath
	}
	return bells
}

// collect looks at each mailbox on its own, so that a slow one holds up no other.
func (s *System) collect(ctx context.Context) {
	if s.collecting.every <= 0 {
		return
	}
	var looking sync.WaitGroup
	for _, box := range s.collecting.boxes {
		looking.Go(func() { s.watch(ctx, box) })
	}
	looking.Go(func() { s.collecting.waking.Keep(ctx) })
	looking.Wait()
}

func (s *System) watch(ctx context.Context, box *waking.Mailbox) {
	tick := time.NewTicker(s.collecting.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-box.Rung:
		}
		s.look(ctx, box)
	}
}

// Collect looks once at every mailbox that mail arrives at.
func (s *System) Collect(ctx context.Context) {
	for _, box := range s.collecting.boxes {
		s.look(ctx, box)
	}
}

func (s *System) look(ctx context.Context, box *waking.Mailbox) {
	if n, err := s.collecting.Collect(ctx, box.Tenant, box.Address); err != nil && ctx.Err() == nil {
		s.log.Warn("mail was not collected", "tenant", box.Tenant, "code", transfer.CodeOf(err), "cause", err)
	} else if n > 0 {
		s.log.Info("mail collected", "tenant", box.Tenant, "mails", n)
	}
}
