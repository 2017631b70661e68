package graph

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
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
	Lifecycle   string    `json:"lifecycleNotificationUrl"`
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
	addresses := []string{sub.URL}
	if sub.Lifecycle != "" {
		addresses = append(addresses, sub.Lifecycle)
	}
	for _, address := range addresses {
		if err := c.validate(address); err != nil {
			return err
		}
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
	if len(sub.ClientState) > 128 {
		return mail.Refuse(http.StatusBadRequest, "InvalidRequest", "The client state is longer than 128 characters.")
	}
	if err := c.lives(sub.Expires); err != nil {
		return err
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

func (c *call) lives(until time.Time) error {
	if left := until.Sub(c.store.Now()); left <= 0 || left > subscriptionLife {
		return mail.Refuse(http.StatusBadRequest, "ExtensionError", "Subscription expiration can only be 10070 minutes in the future.")
	}
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

// listSubscriptions answers those that the calling application made and that live, in
// one page. Secrets are not shown again.
func (c *call) listSubscriptions() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := []any{}
	for _, sub := range c.subscriptions {
		if sub.Application == c.who.Client && c.store.Now().Before(sub.Expires) {
			shown := sub.render()
			shown["clientState"] = nil
			own = append(own, shown)
		}
	}
	return c.answer(http.StatusOK, map[string]any{"value": own})
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
	if err := c.lives(in.Expires); err != nil {
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
	if sub == nil || sub.Application != c.who.Client || !c.store.Now().Before(sub.Expires) {
		return subscription{}, mail.Refuse(http.StatusNotFound, "ResourceNotFound", "The object was not found.")
	}
	return *sub, nil
}

func (sub subscription) render() map[string]any {
	return map[string]any{
		"id": sub.ID, "resource": sub.Resource, "changeType": sub.ChangeType, "clientState": sub.ClientState,
		"notificationUrl": sub.URL, "lifecycleNotificationUrl": sub.Lifecycle, "expirationDateTime": sub.Expires.UTC().Format(time.RFC3339),
		"applicationId": sub.Application,
	}
}
