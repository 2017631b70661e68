package waking

import (
	"crypto/hmac"
	"encoding/json"

	"senddigitally/backend/transfer"
)

// notifications are what Outlook posts (Microsoft Learn, "Receive change
// notifications through webhooks" and "Reduce missing subscriptions and change
// notifications"). Nothing else in them is read.
type notifications struct {
	Value []struct {
		ClientState string `json:"clientState"`
		Lifecycle   string `json:"lifecycleEvent"`
	} `json:"value"`
}

// Known says whether a name is a watched mailbox's.
func (w *Waking) Known(name string) bool { return w.mailboxes[name] != nil }

// Receive rings for a mailbox whose notifications these are. What does not repeat
// its secret, or is about a mailbox that nobody watches, is ignored; Invalid is what
// is no notification at all.
func (w *Waking) Receive(name string, body []byte) error {
	var all notifications
	if err := json.Unmarshal(body, &all); err != nil {
		return transfer.E(transfer.Invalid, "this is no notification")
	}
	m := w.mailboxes[name]
	if m == nil {
		return nil
	}
	for _, n := range all.Value {
		if !hmac.Equal([]byte(n.ClientState), []byte(m.state)) {
			continue
		}
		if n.Lifecycle == "reauthorizationRequired" || n.Lifecycle == "subscriptionRemoved" {
			ring(m.lost)
		}
		ring(m.bell) // of lost ones, too: what came meanwhile was not told of
	}
	return nil
}
