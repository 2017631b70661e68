package graph

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// A draft that Outlook has just saved may not be at the server yet (classic Outlook
// in cached mode; OfficeDev/office-js issues 6077, 5857, 5847).
const (
	draftPatience = 6 * time.Second
	draftInterval = 500 * time.Millisecond
)

// Draft reads a draft on behalf of the caller, with its attachments' descriptions. A
// draft that Graph does not show yet is asked for during a few seconds, then it is
// DraftNotFound. A copy without the nonce that the pane wrote when it saved is waited
// for likewise, and then DraftChanged. The id may be immutable, a REST id or an EWS id; the answer has the
// immutable one.
func (c *Client) Draft(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID, nonce string) (transfer.Draft, error) {
	s, id, err := c.delegatedItem(tenant, caller, mailbox, draftID)
	if err != nil {
		return transfer.Draft{}, err
	}
	message, err := s.awaitDraft(ctx, id, nonce)
	if err != nil {
		return transfer.Draft{}, explain(err)
	}
	draft := s.draft(message)
	draft.Mailbox = mailbox
	draft.Attachments, err = s.attachments(ctx, draft.ID)
	return draft, explain(err)
}

func (c *Client) delegatedItem(tenant transfer.TenantID, caller transfer.Caller, mailbox, itemIdentifier string) (*session, string, error) {
	id, err := itemID(itemIdentifier)
	if err != nil {
		return nil, "", err
	}
	s, err := c.delegated(tenant, caller, mailbox)
	return s, id, err
}

func (s *session) awaitDraft(ctx context.Context, id, nonce string) (models.Messageable, error) {
	deadline := s.config.Clock().Add(draftPatience)
	for {
		message, err := s.message(ctx, id)
		older := err == nil && s.isOlder(message, nonce)
		if older {
			err = transfer.E(transfer.DraftChanged, "Outlook still shows an older copy of the draft")
		}
		late := older || transfer.CodeOf(explain(err)) == transfer.DraftNotFound
		if !late || !s.config.Clock().Before(deadline) {
			return message, err
		}
		if err := s.config.Sleep(ctx, draftInterval); err != nil {
			return nil, err
		}
	}
}

// isOlder reports whether a draft is not the one that the pane saved under the nonce. A
// copy without any is older still: the pane writes its first just before that saving.
func (s *session) isOlder(m models.Messageable, nonce string) bool {
	return nonce != "" && s.config.AddIn != "" && nonceOf(m.GetSingleValueExtendedProperties()) != nonce
}

func (s *session) message(ctx context.Context, id string) (models.Messageable, error) {
	query := &users.ItemMessagesMessageItemRequestBuilderGetQueryParameters{
		Select: []string{"id", "subject", "body", "from", "toRecipients", "ccRecipients", "bccRecipients",
			"conversationId", "changeKey", "isDraft"},
	}
	if s.config.AddIn != "" {
		query.Expand = []string{"singleValueExtendedProperties($filter=id eq '" + s.addInProperty() + "')"}
	}
	message, err := s.user.Messages().ByMessageId(id).Get(ctx,
		&users.ItemMessagesMessageItemRequestBuilderGetRequestConfiguration{QueryParameters: query})
	if err != nil {
		return nil, err
	}
	if message == nil || !value(message.GetIsDraft()) {
		return nil, transfer.E(transfer.DraftChanged, "The message is no longer a draft")
	}
	return message, nil
}

// addInProperty is where Outlook keeps the custom properties that an add-in sets
// ([MS-OXCEXT] 2.2.2: a named string property "cecp-" and the add-in's id in
// PS_PUBLIC_STRINGS, holding JSON).
func (s *session) addInProperty() string {
	return "String {00020329-0000-0000-C000-000000000046} Name cecp-" + s.config.AddIn
}

func (s *session) draft(m models.Messageable) transfer.Draft {
	d := transfer.Draft{
		ID:             value(m.GetId()),
		Subject:        value(m.GetSubject()),
		BodyType:       "text/plain",
		From:           party(m.GetFrom()),
		To:             parties(m.GetToRecipients()),
		Cc:             parties(m.GetCcRecipients()),
		Bcc:            parties(m.GetBccRecipients()),
		ConversationID: value(m.GetConversationId()),
		ChangeKey:      value(m.GetChangeKey()),
	}
	if body := m.GetBody(); body != nil {
		d.Body = value(body.GetContent())
		if value(body.GetContentType()) == models.HTML_BODYTYPE {
			d.BodyType = "text/html"
		}
	}
	return d
}

func nonceOf(properties []models.SingleValueLegacyExtendedPropertyable) string {
	var custom struct {
		Nonce string `json:"sd.nonce"`
	}
	for _, p := range properties {
		_ = json.Unmarshal([]byte(value(p.GetValue())), &custom) // no nonce is a stale one
	}
	return custom.Nonce
}

func party(r models.Recipientable) transfer.Party {
	if r == nil || r.GetEmailAddress() == nil {
		return transfer.Party{}
	}
	return transfer.Party{Name: value(r.GetEmailAddress().GetName()), Address: value(r.GetEmailAddress().GetAddress())}
}

func parties(recipients []models.Recipientable) []transfer.Party {
	var all []transfer.Party
	for _, r := range recipients {
		all = append(all, party(r))
	}
	return all
}

func (s *session) attachments(ctx context.Context, id string) ([]transfer.Attachment, error) {
	var all []transfer.Attachment
	builder := s.user.Messages().ByMessageId(id).Attachments()
	config := &users.ItemMessagesItemAttachmentsRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.ItemMessagesItemAttachmentsRequestBuilderGetQueryParameters{
			// Without a selection every attachment's bytes would come along.
			Select: []string{"id", "name", "contentType", "size", "isInline", "microsoft.graph.fileAttachment/contentId"},
		},
	}
	for {
		page, err := builder.Get(ctx, config)
		if err != nil {
			return nil, err
		}
		for _, a := range page.GetValue() {
			all = append(all, attachment(a))
		}
		next := value(page.GetOdataNextLink())
		if next == "" {
			return all, nil
		}
		if err := s.followable(next); err != nil {
			return nil, err
		}
		builder, config = builder.WithUrl(next), nil
	}
}

func attachment(a models.Attachmentable) transfer.Attachment {
	described := transfer.Attachment{
		ID:     value(a.GetId()),
		Kind:   transfer.FileAttachment,
		Name:   value(a.GetName()),
		Type:   value(a.GetContentType()),
		Size:   int64(value(a.GetSize())),
		Inline: value(a.GetIsInline()),
	}
	switch a := a.(type) {
	case models.FileAttachmentable:
		described.ContentID = value(a.GetContentId())
	case models.ItemAttachmentable:
		described.Kind, described.Type = transfer.ItemAttachment, "message/rfc822"
	case models.ReferenceAttachmentable:
		described.Kind = transfer.ReferenceAttachment
	}
	return described
}

// OpenAttachment streams an attachment's bytes: a file as it is, an Outlook item as
// MIME. A link to OneDrive or SharePoint is AttachmentRefused with the parameter
// "name". The caller closes the stream, which counts as one of the mailbox's
// concurrent requests until then.
func (c *Client) OpenAttachment(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID string, a transfer.Attachment) (io.ReadCloser, error) {
	if a.Kind == transfer.ReferenceAttachment {
		return nil, transfer.E(transfer.AttachmentRefused, "A link to a file in the cloud cannot be sent; attach a copy instead").
			With("name", a.Name)
	}
	s, id, err := c.delegatedItem(tenant, caller, mailbox, draftID)
	if err != nil {
		return nil, err
	}
	attachmentID, err := itemID(a.ID)
	if err != nil {
		return nil, err
	}
	response, err := s.get(ctx, "messages", id, "attachments", attachmentID, "$value")
	if err != nil {
		return nil, explain(err)
	}
	return &explained{response.Body}, nil
}

// explained words a broken stream for the domain.
type explained struct{ io.ReadCloser }

func (b *explained) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = explain(err)
	}
	return n, err
}
