package graph

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/subscriptions"

	"senddigitally/backend/transfer"
)

// maxSubscriptionPages bounds how much of the application's subscriptions is looked
// through; a page has many, and an installation one for each mailbox.
const maxSubscriptionPages = 20

// Subscriptions are the application's own that tell this address. A list without end
// is Internal: whoever takes a part for the whole subscribes again at each look.
func (c *Client) Subscriptions(ctx context.Context, tenant transfer.TenantID, mailbox, address string) ([]transfer.Subscription, error) {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return nil, err
	}
	var own []transfer.Subscription
	builder := s.subscriptions()
	for range maxSubscriptionPages {
		page, err := builder.Get(ctx, nil)
		if err != nil {
			return nil, explain(err)
		}
		for _, found := range page.GetValue() {
			if value(found.GetNotificationUrl()) == address {
				own = append(own, transfer.Subscription{ID: value(found.GetId()), URL: address, Until: value(found.GetExpirationDateTime())})
			}
		}
		next := value(page.GetOdataNextLink())
		if next == "" {
			return own, nil
		}
		if err := s.followable(next); err != nil {
			return nil, err
		}
		builder = builder.WithUrl(next)
	}
	return nil, transfer.E(transfer.Internal, "Outlook lists more subscriptions than are looked through")
}

// Subscribe asks to be told of what comes into a mailbox's inbox. Outlook first asks
// the address whether it wants to be told.
func (c *Client) Subscribe(ctx context.Context, tenant transfer.TenantID, mailbox string, wanted transfer.Subscription) error {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return err
	}
	body := models.NewSubscription()
	body.SetResource(ptr("users/" + mailbox + "/mailFolders('inbox')/messages"))
	body.SetChangeType(ptr("created"))
	body.SetNotificationUrl(&wanted.URL)
	body.SetLifecycleNotificationUrl(&wanted.URL)
	body.SetClientState(&wanted.State)
	body.SetExpirationDateTime(&wanted.Until)
	_, err = s.subscriptions().Post(ctx, body, nil)
	return explain(err)
}

// Renew lets a subscription live until another moment, which also authorises it anew
// (Microsoft Learn, "Reduce missing subscriptions and change notifications").
func (c *Client) Renew(ctx context.Context, tenant transfer.TenantID, mailbox, id string, until time.Time) error {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return err
	}
	body := models.NewSubscription()
	body.SetExpirationDateTime(&until)
	_, err = s.subscriptions().BySubscriptionId(id).Patch(ctx, body, nil)
	return explain(err)
}

// Unsubscribe ends a subscription; one that is gone already is no error.
func (c *Client) Unsubscribe(ctx context.Context, tenant transfer.TenantID, mailbox, id string) error {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return err
	}
	err = s.subscriptions().BySubscriptionId(id).Delete(ctx, nil)
	if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusNotFound {
		return nil
	}
	return explain(err)
}

func (s *session) subscriptions() *subscriptions.SubscriptionsRequestBuilder {
	return subscriptions.NewSubscriptionsRequestBuilderInternal(map[string]string{"baseurl": s.endpoint.String()}, s.adapter)
}
