package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// wellKnown are names under which Graph finds a folder in any language (Microsoft
// Learn, "mailFolder resource type").
var wellKnown = []string{"archive", "deleteditems", "drafts", "inbox", "junkemail", "outbox", "sentitems"}

// FileAway moves a draft whole into a folder on behalf of the caller and answers its
// id there. The folder is a well-known name such as "archive", or the name of one
// beside the inbox, which is made when it is missing.
func (c *Client) FileAway(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID, folder string) (string, error) {
	s, id, err := c.delegatedItem(tenant, caller, mailbox, draftID)
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

// DiscardDraft deletes a draft on behalf of the caller. One that is gone already is
// a success.
func (c *Client) DiscardDraft(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID string) error {
	s, id, err := c.delegatedItem(tenant, caller, mailbox, draftID)
	if err != nil {
		return err
	}
	err = explain(s.user.Messages().ByMessageId(id).Delete(ctx, nil))
	if transfer.CodeOf(err) == transfer.DraftNotFound {
		return nil
	}
	return err
}

// MemberOf reports whether the caller may read a mailbox: Graph does not list full
// access to a shared mailbox, so its inbox is asked for on her behalf.
func (c *Client) MemberOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox string) (bool, error) {
	s, err := c.delegated(tenant, caller, mailbox)
	if err != nil {
		return false, err
	}
	_, err = s.user.MailFolders().ByMailFolderId("inbox").Get(ctx, &users.ItemMailFoldersMailFolderItemRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemMailFoldersMailFolderItemRequestBuilderGetQueryParameters{Select: []string{"id"}},
	})
	if refused, ok := errors.AsType[*refusal](err); ok && (refused.status == http.StatusForbidden || refused.status == http.StatusNotFound) {
		return false, nil
	}
	return err == nil, explain(err)
}

func (s *session) move(ctx context.Context, id, destination string) (string, error) {
	body := users.NewItemMessagesItemMovePostRequestBody()
	body.SetDestinationId(&destination)
	moved, err := s.user.Messages().ByMessageId(id).Move().Post(ctx, body, nil)
	if err != nil {
		return "", err
	}
	return value(moved.GetId()), nil
}

// folder answers the id of a folder at the mailbox's top, making it when missing.
func (s *session) folder(ctx context.Context, name string) (string, error) {
	if slices.Contains(wellKnown, strings.ToLower(name)) {
		return strings.ToLower(name), nil
	}
	id, err := s.findFolder(ctx, name)
	if id != "" || err != nil {
		return id, err
	}
	fresh := models.NewMailFolder()
	fresh.SetDisplayName(&name)
	made, err := s.user.MailFolders().Post(ctx, fresh, nil)
	if refused, ok := errors.AsType[*refusal](err); ok && (refused.status == http.StatusConflict || refused.code == "ErrorFolderExists") {
		return s.findFolder(ctx, name) // another one made it at the same time
	}
	if err != nil {
		return "", err
	}
	return value(made.GetId()), nil
}

func (s *session) findFolder(ctx context.Context, name string) (string, error) {
	found, err := s.user.MailFolders().Get(ctx, &users.ItemMailFoldersRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemMailFoldersRequestBuilderGetQueryParameters{
			Filter: ptr("displayName eq " + quote(name)),
			Select: []string{"id"},
		},
	})
	if err != nil || len(found.GetValue()) == 0 {
		return "", err
	}
	return value(found.GetValue()[0].GetId()), nil
}

// quote makes an OData string literal (OData 4.01, URL conventions, 5.1.1.6.1).
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// followable allows a link of a next page only to Graph itself.
func (s *session) followable(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Host != s.endpoint.Host || u.Scheme != s.endpoint.Scheme {
		return transfer.E(transfer.Internal, "Outlook's answer leads elsewhere")
	}
	return nil
}
