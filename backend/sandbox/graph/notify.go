package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// changed hears of every change in the store and notifies, each on a goroutine of its
// own: Graph promises neither order nor speed.
func (s *Server) changed(c mail.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subscriptions {
		if sub.wants(c, s.store.Now()) {
			go s.notify(*sub, c)
		}
	}
}

func (sub *subscription) wants(c mail.Change, now time.Time) bool {
	kinds := strings.Split(strings.ReplaceAll(sub.ChangeType, " ", ""), ",")
	return sub.mailbox.Address == c.Mailbox && (sub.folder == "" || sub.folder == c.Folder) &&
		c.ImmutableID != "" && slices.Contains(kinds, string(c.Kind)) && now.Before(sub.Expires)
}

// notify says what changed.
func (s *Server) notify(sub subscription, c mail.Change) {
	id := c.ID
	if sub.immutable {
		id = c.ImmutableID
	}
	resource := fmt.Sprintf("Users/%s/Messages/%s", sub.mailbox.ID, id)
	s.post(sub.URL, sub.about(s.cfg.Tenant, map[string]any{"changeType": string(c.Kind), "resource": resource,
		"resourceData": map[string]any{"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "id": id}}))
}

// Lifecycle is an event in a subscription's life (Microsoft Learn, "Reduce missing
// subscriptions and change notifications").
type Lifecycle string

// The events.
const (
	Reauthorize Lifecycle = "reauthorizationRequired"
	Removed     Lifecycle = "subscriptionRemoved" // the subscription is gone
	Missed      Lifecycle = "missed"              // what changed was not told of
)

// Befall lets an event happen to every subscription to a mailbox, and tells those that
// want to know. It answers how many there were.
func (s *Server) Befall(mailbox string, event Lifecycle) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for id, sub := range s.subscriptions {
		if !strings.EqualFold(sub.mailbox.Address, mailbox) {
			continue
		}
		n++
		if event == Removed {
			delete(s.subscriptions, id)
		}
		if sub.Lifecycle != "" {
			go s.post(sub.Lifecycle, sub.about(s.cfg.Tenant, map[string]any{"lifecycleEvent": string(event), "resource": sub.Resource}))
		}
	}
	return n
}

// Subscribed tells until when a mailbox is subscribed to; the zero time when it is not.
func (s *Server) Subscribed(mailbox string) (until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subscriptions {
		if strings.EqualFold(sub.mailbox.Address, mailbox) && sub.Expires.After(until) {
			until = sub.Expires
		}
	}
	return until
}

// about is a notification with what all of them have.
func (sub *subscription) about(tenant string, more map[string]any) map[string]any {
	more["subscriptionId"], more["clientState"], more["tenantId"] = sub.ID, sub.ClientState, tenant
	more["subscriptionExpirationDateTime"] = sub.Expires.UTC().Format(time.RFC3339)
	return more
}

// post posts one notification, once; a lost one is what delta queries are for.
func (s *Server) post(address string, notification map[string]any) {
	body, err := json.Marshal(map[string]any{"value": []any{notification}})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json")
	if response, err := s.cfg.Notify.Do(request); err == nil {
		response.Body.Close()
	}
}
