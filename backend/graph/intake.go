package graph

import (
	"context"
	"errors"
	"io"
	"net/http"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// intakePage is how many messages one call of Delta answers at most.
const intakePage = "odata.maxpagesize=50"

// Delta answers the immutable ids of messages that have come into a mailbox's inbox,
// or changed there, since token, and the token to go on with; "" begins with all. It
// is to be called until it answers none. A message can come more than once. A token
// that Outlook has forgotten begins again with all.
func (c *Client) Delta(ctx context.Context, tenant transfer.TenantID, mailbox, token string) (ids []string, next string, err error) {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return nil, "", err
	}
	ids, next, err = s.delta(ctx, token)
	if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusGone && token != "" {
		ids, next, err = s.delta(ctx, "")
	}
	return ids, next, explain(err)
}

// delta follows pages until one has messages or no more follow.
func (s *session) delta(ctx context.Context, token string) ([]string, string, error) {
	builder := s.user.MailFolders().ByMailFolderId("inbox").Messages().Delta()
	config := &users.ItemMailFoldersItemMessagesDeltaRequestBuilderGetRequestConfiguration{Headers: abs.NewRequestHeaders()}
	config.Headers.Add("Prefer", intakePage)
	if token == "" {
		config.QueryParameters = &users.ItemMailFoldersItemMessagesDeltaRequestBuilderGetQueryParameters{Select: []string{"id"}}
	}
	for {
		if token != "" {
			if err := s.followable(token); err != nil {
				return nil, "", err
			}
			builder, config.QueryParameters = builder.WithUrl(token), nil
		}
		page, err := builder.GetAsDeltaGetResponse(ctx, config)
		if err != nil {
			return nil, "", err
		}
		if last := value(page.GetOdataDeltaLink()); last != "" {
			return present(page.GetValue()), last, nil
		}
		token = value(page.GetOdataNextLink())
		if ids := present(page.GetValue()); len(ids) > 0 || token == "" {
			return ids, token, nil
		}
	}
}

// present leaves out messages that have gone.
func present(messages []models.Messageable) []string {
	var ids []string
	for _, m := range messages {
		if _, removed := m.GetAdditionalData()["@removed"]; !removed {
			ids = append(ids, value(m.GetId()))
		}
	}
	return ids
}

// MIME streams a whole message as MIME (RFC 5322). The caller closes the stream.
func (c *Client) MIME(ctx context.Context, tenant transfer.TenantID, mailbox, id string) (io.ReadCloser, error) {
	id, err := itemID(id)
	if err != nil {
		return nil, err
	}
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return nil, err
	}
	response, err := s.get(ctx, "messages", id, "$value")
	if err != nil {
		return nil, explain(err)
	}
	return &explained{response.Body}, nil
}

// MoveTo moves a message into a folder (see [Client.FileAway]) and answers its id there.
func (c *Client) MoveTo(ctx context.Context, tenant transfer.TenantID, mailbox, id, folder string) (string, error) {
	id, err := itemID(id)
	if err != nil {
		return "", err
	}
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return "", err
	}
	destination, err := s.folder(ctx, folder)
	if err != nil {
		return "", explain(err)
	}
	moved, err := s.move(ctx, id, destination)
	return moved, explain(err)
}
