package graph

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// Classification is how classifying a delivered mail ended.
type Classification string

// The ends of classifying.
const (
	Classified   Classification = "classified"
	NotDelivered Classification = "not_delivered" // the mail is not in the mailbox (yet); ask again later
	NotPermitted Classification = "not_permitted" // the application may not change this mailbox
)

// Classify finds a delivered mail in a function mailbox by its internet message id,
// adds a category and moves it into a folder (see [Client.FileAway]); either may be "".
// It may be repeated. A mailbox that the application may not change is no error.
func (c *Client) Classify(ctx context.Context, tenant transfer.TenantID, mailbox, messageID, category, folder string) (Classification, error) {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return "", err
	}
	found, err := s.classify(ctx, messageID, category, folder)
	if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusForbidden {
		return NotPermitted, nil
	}
	if err != nil {
		return "", explain(err)
	}
	if !found {
		return NotDelivered, nil
	}
	return Classified, nil
}

func (s *session) classify(ctx context.Context, messageID, category, folder string) (bool, error) {
	page, err := s.user.Messages().Get(ctx, &users.ItemMessagesRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemMessagesRequestBuilderGetQueryParameters{
			Filter: ptr("internetMessageId eq " + quote(messageID)),
			Select: []string{"id", "categories", "parentFolderId"},
		},
	})
	if err != nil || len(page.GetValue()) == 0 {
		return false, err
	}
	message := page.GetValue()[0]
	if err := s.categorise(ctx, message, category); err != nil {
		return true, err
	}
	return true, s.moveOnce(ctx, message, folder)
}

func (s *session) categorise(ctx context.Context, message models.Messageable, category string) error {
	if category == "" || slices.Contains(message.GetCategories(), category) {
		return nil
	}
	change := models.NewMessage()
	change.SetCategories(append(message.GetCategories(), category))
	_, err := s.user.Messages().ByMessageId(value(message.GetId())).Patch(ctx, change, nil)
	return err
}

func (s *session) moveOnce(ctx context.Context, message models.Messageable, folder string) error {
	if folder == "" {
		return nil
	}
	destination, err := s.folder(ctx, folder)
	if err != nil || destination == value(message.GetParentFolderId()) {
		return err
	}
	_, err = s.move(ctx, value(message.GetId()), destination)
	return err
}
