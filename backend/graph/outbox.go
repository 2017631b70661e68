package graph

import (
	"context"
	"errors"
	"hash/fnv"
	"net/http"

	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// Pick chooses the service mailbox that a mail leaves from: always the same one for
// a key and an unchanged pool, evenly over many keys. Without a pool it is "".
func (c *Client) Pick(tenant transfer.TenantID, key string) string {
	t, err := c.tenant(tenant)
	if err != nil {
		return ""
	}
	var best string
	var most uint64
	for _, mailbox := range t.config.ServiceMailboxes {
		if weight := weigh(mailbox, key); best == "" || weight > most {
			best, most = mailbox, weight
		}
	}
	return best
}

// weigh ranks a mailbox for a key (rendezvous hashing: a mailbox that leaves the pool
// moves only its own keys).
func weigh(mailbox, key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(mailbox + "\x00" + key))
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// Find looks up our own mail in a service mailbox by its internet message id. What
// it finds unsent is complete and may be sent. Outlook may show a sent mail only some
// time after it was sent: after OutlookUncertain, finding nothing proves nothing.
func (c *Client) Find(ctx context.Context, tenant transfer.TenantID, mailbox, messageID string) (transfer.SentMail, bool, error) {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return transfer.SentMail{}, false, err
	}
	mail, found, err := s.find(ctx, messageID)
	return mail, found, explain(err)
}

func (s *session) find(ctx context.Context, messageID string) (transfer.SentMail, bool, error) {
	page, err := s.user.Messages().Get(ctx, &users.ItemMessagesRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemMessagesRequestBuilderGetQueryParameters{
			Filter: ptr("internetMessageId eq " + quote(messageID)),
			Select: []string{"id", "isDraft"},
		},
	})
	if err != nil {
		return transfer.SentMail{}, false, err
	}
	var mail transfer.SentMail
	for _, m := range page.GetValue() {
		mail = transfer.SentMail{DraftID: value(m.GetId()), Sent: !value(m.GetIsDraft())}
		if mail.Sent {
			break
		}
	}
	return mail, len(page.GetValue()) > 0, nil
}

// Send sends a complete draft from a service mailbox, between Begin and its end or after Pass.
// OutlookBusy and refusals mean that it has not left; OutlookUncertain, that it may
// have: Graph can answer 504 and still send.
func (c *Client) Send(ctx context.Context, tenant transfer.TenantID, mailbox, draftID string) error {
	id, err := itemID(draftID)
	if err != nil {
		return err
	}
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return err
	}
	return sent(s.user.Messages().ByMessageId(id).Send().Post(ctx, nil))
}

// sent tells failures after which a mail cannot have left from those after which it may.
func sent(err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		if refused.status >= http.StatusInternalServerError && refused.status != http.StatusServiceUnavailable {
			return uncertain(refused)
		}
		return explain(err)
	}
	if _, ok := errors.AsType[*transfer.Error](err); ok || neverLeft(err) {
		return explain(err)
	}
	return uncertain(withoutURL(err))
}

func uncertain(cause error) error {
	return transfer.Wrap(transfer.OutlookUncertain, "Outlook may or may not have sent the mail", cause)
}
