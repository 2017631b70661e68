// Package waking has Outlook say when mail comes, so that nobody waits for the next
// look at a mailbox.
//
// Invariant: a notification is never data. One that proves to be Outlook's rings
// the bell of one mailbox, and the look that follows finds what is there; so a
// forged, lost, late or repeated one changes nothing but the moment of a look.
//
// Failure: without notifications, or when Outlook makes no subscription, mail is
// found at the next look all the same; subscribing is tried again each minute.
package waking

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// Subscriptions are Outlook's.
type Subscriptions interface {
	Subscriptions(ctx context.Context, tenant transfer.TenantID, mailbox, address string) ([]transfer.Subscription, error)
	Subscribe(ctx context.Context, tenant transfer.TenantID, mailbox string, s transfer.Subscription) error
	Renew(ctx context.Context, tenant transfer.TenantID, mailbox, id string, until time.Time) error
	Unsubscribe(ctx context.Context, tenant transfer.TenantID, mailbox, id string) error
}

// How long a subscription to messages may live is 10,080 minutes (Microsoft Learn,
// "subscription resource type"); ours live three days and are renewed on the second.
const (
	life      = 72 * time.Hour
	lookEvery = 10 * time.Minute
	tryAgain  = time.Minute
)

// Waking is the use case.
type Waking struct {
	Outlook   Subscriptions
	Address   string // below which Outlook reaches us, without the last slash; "": no notifications
	Key       []byte // from which each mailbox's secret is derived
	Clock     func() time.Time
	Log       *slog.Logger
	mailboxes map[string]*Mailbox // by name
}

// Mailbox is one that mail arrives at. Name stands for it in addresses; Rung says
// that a look is due.
type Mailbox struct {
	Tenant  transfer.TenantID
	Address string
	Name    string
	Rung    <-chan struct{}

	state string // that its notifications repeat
	bell  chan struct{}
	lost  chan struct{} // the subscription may have been
}

// Watch adds a mailbox. It is not to be called once notifications are received.
func (w *Waking) Watch(tenant transfer.TenantID, address string) *Mailbox {
	bell := make(chan struct{}, 1)
	m := &Mailbox{Tenant: tenant, Address: address, Rung: bell, bell: bell, lost: make(chan struct{}, 1),
		Name: w.derive("name", tenant, address)[:32], state: w.derive("state", tenant, address)}
	if w.mailboxes == nil {
		w.mailboxes = map[string]*Mailbox{}
	}
	w.mailboxes[m.Name] = m
	return m
}

func (w *Waking) derive(purpose string, tenant transfer.TenantID, address string) string {
	mac := hmac.New(sha256.New, w.Key)
	mac.Write([]byte(purpose + "\x00" + string(tenant) + "\x00" + strings.ToLower(address)))
	return hex.EncodeToString(mac.Sum(nil))
}

// Keep subscribes to every mailbox, and again when Outlook loses a subscription,
// until ctx ends. Subscriptions outlive it, for the next replica or start.
func (w *Waking) Keep(ctx context.Context) {
	if w.Address == "" {
		return
	}
	var keeping sync.WaitGroup
	for _, m := range w.mailboxes {
		keeping.Go(func() { w.keep(ctx, m) })
	}
	keeping.Wait()
}

func (w *Waking) keep(ctx context.Context, m *Mailbox) {
	for renew := false; ; {
		next := lookEvery
		err := w.tend(ctx, m, renew)
		renew = renew && err != nil // what Outlook asked for once stays to be done
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("Outlook does not tell of new mail; it is looked for all the same", "tenant", m.Tenant, "code", transfer.CodeOf(err), "cause", err)
			next = tryAgain
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-m.lost:
			renew = true
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tend leaves a mailbox with one subscription that lives on. Which one that is,
// Outlook says: replicas that began at once agree by its answer.
func (w *Waking) tend(ctx context.Context, m *Mailbox, renew bool) error {
	own, err := w.Outlook.Subscriptions(ctx, m.Tenant, m.Address, w.url(m))
	if err != nil {
		return err
	}
	now := w.Clock()
	if len(own) == 0 {
		return w.Outlook.Subscribe(ctx, m.Tenant, m.Address, transfer.Subscription{URL: w.url(m), State: m.state, Until: now.Add(life)})
	}
	slices.SortFunc(own, func(a, b transfer.Subscription) int { return strings.Compare(a.ID, b.ID) })
	for _, other := range own[1:] {
		if err := w.Outlook.Unsubscribe(ctx, m.Tenant, m.Address, other.ID); err != nil {
			return err
		}
	}
	if !renew && own[0].Until.Sub(now) > life/2 {
		return nil
	}
	return w.Outlook.Renew(ctx, m.Tenant, m.Address, own[0].ID, now.Add(life))
}

func (w *Waking) url(m *Mailbox) string { return w.Address + "/" + m.Name }

func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default: // it rings already
	}
}
