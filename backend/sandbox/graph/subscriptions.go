package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// subscription sends change notifications about one folder (Microsoft Learn, "Create
// subscription" and "Change notifications for Outlook resources").
type subscription struct {
	ID          string    `json:"id"`
	Resource    string    `json:"resource"`
	ChangeType  string    `json:"changeType"`
	ClientState string    `json:"clientState"`
	URL         string    `json:"notificationUrl"`
	Expires     time.Time `json:"expirationDateTime"`
	Application string    `json:"applicationId"`

	mailbox   mail.Mailbox
	folder    string
	immutable bool
}

// subscriptionLife is the longest life for messages: 10,080 minutes, under seven days
// (Microsoft Learn, "subscription resource type").
const subscriptionLife = 10_080 * time.Minute

var subscribable = regexp.MustCompile(`(?i)^/?(?:me|users/([^/]+))(?:/mailFolders\('?([^/')]+)'?\)|/mailFolders/([^/]+))?/messages$`)

func (c *call) subscribe() error {
	var sub subscription
	if err := c.decode(&sub); err != nil {
		return err
	}
	if err := c.prepare(&sub); err != nil {
		return err
	}
	if err := c.validate(sub.URL); err != nil {
		return err
	}
	c.mu.Lock()
	c.subscriptions[sub.ID] = &sub
	c.mu.Unlock()
	return c.answer(http.StatusCreated, sub.render())
}

// prepare finds the mailbox and folder that a resource names and checks permission.
func (c *call) prepare(sub *subscription) error {
	match := subscribable.FindStringSubmatch(sub.Resource)
	if match == nil || sub.ChangeType == "" {
		return mail.Refuse(http.StatusBadRequest, "ExtensionError", "The resource or the change type is not supported.")
	}
	if left := sub.Expires.Sub(c.store.Now()); left <= 0 || left > subscriptionLife {
		return mail.Refuse(http.StatusBadRequest, "ExtensionError", "Subscription expiration can only be 10070 minutes in the future.")
	}
	owner, _ := url.PathUnescape(match[1])
	c.r.SetPathValue("user", owner)
	if err := c.authorise(read); err != nil {
		return err
	}
	if name := match[2] + match[3]; name != "" {
		f, err := c.store.Folder(c.mailbox.Address, name)
		if err != nil {
			return err
		}
		sub.folder = f.ID
	}
	sub.ID, sub.mailbox, sub.immutable, sub.Application = newRequestID(), c.mailbox, c.immutable, c.who.Client
	return nil
}

// validate asks the address to echo a token within ten seconds (Microsoft Learn,
// "Receive change notifications through webhooks": notificationUrl validation).
func (c *call) validate(address string) error {
	refused := mail.Refuse(http.StatusBadRequest, "InvalidRequest", "Subscription validation request failed.")
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return refused
	}
	token := newToken()
	query := target.Query()
	query.Set("validationToken", token)
	target.RawQuery = query.Encode()
	ctx, cancel := context.WithTimeout(c.r.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), nil)
	if err != nil {
		return refused
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := c.cfg.Notify.Do(request)
	if err != nil {
		return refused
	}
	defer response.Body.Close()
	echo, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
	if response.StatusCode != http.StatusOK || string(echo) != token {
		return refused
	}
	return nil
}

func (c *call) getSubscription() error {
	sub, err := c.ownSubscription()
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, sub.render())
}

func (c *call) renewSubscription() error {
	var in struct {
		Expires time.Time `json:"expirationDateTime"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	sub, err := c.ownSubscription()
	if err != nil {
		return err
	}
	sub.Expires = in.Expires
	c.mu.Lock()
	c.subscriptions[sub.ID] = &sub
	c.mu.Unlock()
	return c.answer(http.StatusOK, sub.render())
}

func (c *call) unsubscribe() error {
	sub, err := c.ownSubscription()
	if err != nil {
		return err
	}
	c.mu.Lock()
	delete(c.subscriptions, sub.ID)
	c.mu.Unlock()
	return c.nothing(http.StatusNoContent)
}

// ownSubscription answers a copy of one that the calling application made.
func (c *call) ownSubscription() (subscription, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sub := c.subscriptions[c.r.PathValue("subscription")]
	if sub == nil || sub.Application != c.who.Client {
		return subscription{}, mail.Refuse(http.StatusNotFound, "ResourceNotFound", "The object was not found.")
	}
	return *sub, nil
}

func (sub subscription) render() map[string]any {
	return map[string]any{
		"id": sub.ID, "resource": sub.Resource, "changeType": sub.ChangeType, "clientState": sub.ClientState,
		"notificationUrl": sub.URL, "expirationDateTime": sub.Expires.UTC().Format(time.RFC3339),
		"applicationId": sub.Application,
	}
}

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

// notify posts once; a lost notification is what delta queries are for.
func (s *Server) notify(sub subscription, c mail.Change) {
	id := c.ID
	if sub.immutable {
		id = c.ImmutableID
	}
	resource := fmt.Sprintf("Users/%s/Messages/%s", sub.mailbox.ID, id)
	body, err := json.Marshal(map[string]any{"value": []any{map[string]any{
		"subscriptionId": sub.ID, "clientState": sub.ClientState, "changeType": string(c.Kind),
		"subscriptionExpirationDateTime": sub.Expires.UTC().Format(time.RFC3339),
		"tenantId":                       s.cfg.Tenant, "resource": resource,
		"resourceData": map[string]any{"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "id": id},
	}}})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, sub.URL, bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json")
	if response, err := s.cfg.Notify.Do(request); err == nil {
		response.Body.Close()
	}
}
