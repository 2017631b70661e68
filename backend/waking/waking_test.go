package waking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"senddigitally/backend/transfer"
)

const (
	org    = transfer.TenantID("org")
	intake = "post@municipality.example"
)

// outlook keeps subscriptions as Graph does: what has expired is not there.
type outlook struct {
	mu      sync.Mutex
	made    int
	renewed int
	live    map[string]transfer.Subscription
	down    error
	refuses int // renewals
}

func (o *outlook) Subscriptions(_ context.Context, _ transfer.TenantID, _, address string) (own []transfer.Subscription, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.live {
		if s.URL == address && time.Now().Before(s.Until) {
			own = append(own, s)
		}
	}
	return own, o.down
}

func (o *outlook) Subscribe(_ context.Context, _ transfer.TenantID, _ string, s transfer.Subscription) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.made++
	s.ID = fmt.Sprint("s", o.made)
	o.live[s.ID] = s
	return nil
}

func (o *outlook) Renew(_ context.Context, _ transfer.TenantID, _, id string, until time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuses > 0 {
		o.refuses--
		return errors.New("busy")
	}
	s := o.live[id]
	s.Until = until
	o.live[id] = s
	o.renewed++
	return nil
}

func (o *outlook) Unsubscribe(_ context.Context, _ transfer.TenantID, _, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.live, id)
	return nil
}

// set changes what Outlook has.
func (o *outlook) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

func (o *outlook) want(t *testing.T, made, renewed, live int) {
	t.Helper()
	o.set(func() {
		if o.made != made || o.renewed != renewed || len(o.live) != live {
			t.Errorf("%d made, %d renewed, %d live; want %d, %d, %d", o.made, o.renewed, len(o.live), made, renewed, live)
		}
	})
}

func watched(o *outlook) (*Waking, *Mailbox) {
	w := &Waking{Outlook: o, Address: "https://send.example/graph/notifications", Key: []byte("key"), Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
	return w, w.Watch(org, intake)
}

func keeping(t *testing.T, w *Waking) {
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	go w.Keep(ctx)
	synctest.Wait()
}

func pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

func (w *Waking) told(t *testing.T, m *Mailbox, state, event string) {
	t.Helper()
	body := fmt.Sprintf(`{"value":[{"subscriptionId":"s1","clientState":%q,"lifecycleEvent":%q}]}`, state, event)
	if err := w.Receive(m.Name, []byte(body)); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func TestASubscriptionIsMadeRenewedAndMadeAgainWhenLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlook{live: map[string]transfer.Subscription{}}
		w, m := watched(o)
		keeping(t, w)
		o.want(t, 1, 0, 1)
		pass(life/2 - lookEvery)
		o.want(t, 1, 0, 1)
		pass(2 * lookEvery)
		o.want(t, 1, 1, 1)
		w.told(t, m, m.state, "reauthorizationRequired")
		o.want(t, 1, 2, 1)
		o.set(func() { clear(o.live) })
		w.told(t, m, m.state, "subscriptionRemoved")
		o.want(t, 2, 2, 1)
		o.set(func() { clear(o.live) }) // and nobody says so
		pass(lookEvery)
		o.want(t, 3, 2, 1)
	})
}

// Outlook asks once to be authorised anew: what is not done then is done a minute later.
func TestARenewalThatOutlookAskedForIsTriedUntilItIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlook{live: map[string]transfer.Subscription{}, refuses: 2}
		w, m := watched(o)
		keeping(t, w)
		w.told(t, m, m.state, "reauthorizationRequired")
		o.want(t, 1, 0, 1)
		pass(2 * tryAgain)
		o.want(t, 1, 1, 1)
		pass(2 * lookEvery)
		o.want(t, 1, 1, 1)
	})
}

func TestOutlookThatMakesNoSubscriptionIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlook{live: map[string]transfer.Subscription{}, down: errors.New("down")}
		w, _ := watched(o)
		keeping(t, w)
		pass(tryAgain)
		o.want(t, 0, 0, 0)
		o.set(func() { o.down = nil })
		pass(tryAgain)
		o.want(t, 1, 0, 1)
	})
}

func TestReplicasThatBeganAtOnceKeepOneSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlook{live: map[string]transfer.Subscription{}}
		one, _ := watched(o)
		two, m := watched(o)
		o.Subscribe(t.Context(), org, intake, transfer.Subscription{URL: one.url(m), Until: time.Now().Add(life)})
		o.Subscribe(t.Context(), org, intake, transfer.Subscription{URL: one.url(m), Until: time.Now().Add(life)})
		keeping(t, one)
		keeping(t, two)
		o.want(t, 2, 0, 1)
		if o.live["s1"].ID == "" {
			t.Error("they do not agree which")
		}
	})
}

func TestOnlyWhatRepeatsTheSecretRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlook{live: map[string]transfer.Subscription{}}
		w, m := watched(o)
		other := w.Watch(org, "send@municipality.example")
		w.told(t, m, other.state, "")
		w.told(t, m, "", "")
		w.told(t, m, m.state+"x", "subscriptionRemoved")
		w.told(t, &Mailbox{Name: "nobody's"}, m.state, "")
		if len(m.Rung)+len(m.lost)+len(other.Rung) != 0 {
			t.Fatal("a forged notification rings")
		}
		for _, event := range []string{"", "missed", ""} {
			w.told(t, m, m.state, event)
		}
		if len(m.Rung) != 1 || len(m.lost) != 0 || len(other.Rung) != 0 {
			t.Errorf("rung %d times, lost %d", len(m.Rung), len(m.lost))
		}
	})
}

func TestWithoutAnAddressNothingIsAskedForAndNothingIsLost(t *testing.T) {
	o := &outlook{live: map[string]transfer.Subscription{}}
	w, _ := watched(o)
	w.Address = ""
	w.Keep(t.Context()) // returns
	o.want(t, 0, 0, 0)
}

func FuzzNotifications(f *testing.F) {
	w, m := watched(&outlook{})
	f.Add([]byte(`{"value":[{"clientState":"` + m.state + `"}]}`))
	f.Add([]byte(`{"value":[null,{}]}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		err := w.Receive(m.Name, body)
		rung := len(m.bell) > 0
		if rung {
			<-m.bell
		}
		if rung && (err != nil || !strings.Contains(string(body), m.state[:4]) && !strings.Contains(string(body), `\u`)) {
			t.Errorf("rung by %q", body)
		}
	})
}
