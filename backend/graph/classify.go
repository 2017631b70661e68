package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// Classify finds a delivered mail in a function mailbox by its internet message id,
// adds categories, separated by semicolons, and moves it into a folder (see
// [Client.FileAway]); either may be "". It may be repeated. The mail is delivered
// whatever the answer: MailboxRefused says that the application may not change the
// mailbox, DraftNotFound that the mail has not arrived yet.
func (c *Client) Classify(ctx context.Context, tenant transfer.TenantID, mailbox, messageID, category, folder string) error {
	s, err := c.application(tenant, mailbox, 0)
	if err != nil {
		return err
	}
	end, wait := s.gate.schedule.hand()
	if end == nil {
		return untried(wait, nil)
	}
	defer end()
	found, err := s.classify(ctx, messageID, category, folder)
	if !found && err == nil {
		return transfer.E(transfer.DraftNotFound, "The mail has not arrived yet")
	}
	return explain(err)
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
	all := message.GetCategories()
	for name := range strings.SplitSeq(category, ";") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) == len(message.GetCategories()) {
		return nil
	}
	change := models.NewMessage()
	change.SetCategories(all)
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
