package graph

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"senddigitally/backend/transfer"
)

// Outlook's limits for a message (Microsoft Learn, "Attach large files to Outlook
// messages or events" and "user: sendMail", which takes at most five custom headers).
const (
	maxSimpleAttachment = 3 << 20 // from here on an upload session is needed
	maxCustomHeaders    = 5
)

// Threading across mailboxes needs the internet headers In-Reply-To and References,
// which Graph takes as MAPI properties only ([MS-OXPROPS] PidTagInReplyToId and
// PidTagInternetReferences).
const (
	inReplyTo  = "String 0x1042"
	references = "String 0x1039"
)

// pending marks the internet message id of a mail whose attachments are not all there.
const pending = "pending."

// maxRest bounds how many deletions an earlier attempt's rest may cost.
const maxRest = 10

// CreateDraft makes a mail, with all its attachments, in a service mailbox and answers
// its immutable id. Only the complete draft carries the mail's MessageID; what an
// earlier attempt left behind is removed first.
func (c *Client) CreateDraft(ctx context.Context, tenant transfer.TenantID, mailbox string, m transfer.Mail) (string, error) {
	if len(m.Headers) > maxCustomHeaders {
		return "", transfer.E(transfer.Internal, "a mail carries at most five headers of its own")
	}
	s, err := c.application(tenant, mailbox, uploadPatience)
	if err != nil {
		return "", err
	}
	id, err := s.create(ctx, m)
	return id, explain(err)
}

func (s *session) create(ctx context.Context, m transfer.Mail) (string, error) {
	if len(m.Attachments) == 0 {
		return s.post(ctx, m, m.MessageID)
	}
	provisional := provisionalID(m.MessageID)
	if err := s.removeRest(ctx, provisional); err != nil {
		return "", err
	}
	id, err := s.post(ctx, m, provisional)
	if err != nil {
		return "", err
	}
	for i, a := range m.Attachments {
		if err := s.attach(ctx, id, i, a); err != nil {
			return "", err
		}
	}
	complete := models.NewMessage()
	complete.SetInternetMessageId(&m.MessageID)
	_, err = s.user.Messages().ByMessageId(id).Patch(ctx, complete, nil)
	return id, err
}

func provisionalID(messageID string) string {
	return "<" + pending + strings.TrimPrefix(messageID, "<")
}

// removeRest deletes what earlier attempts left: the first deletion moves a message to
// Deleted Items, where it is found again, the second removes it from there.
func (s *session) removeRest(ctx context.Context, provisional string) error {
	for range maxRest {
		rest, found, err := s.find(ctx, provisional)
		if err != nil || !found {
			return err
		}
		if err := s.user.Messages().ByMessageId(rest.DraftID).Delete(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) post(ctx context.Context, m transfer.Mail, messageID string) (string, error) {
	made, err := s.user.Messages().Post(ctx, compose(m, messageID, s.name), nil)
	if err != nil {
		return "", err
	}
	return value(made.GetId()), nil
}

func compose(m transfer.Mail, messageID, from string) models.Messageable {
	message := models.NewMessage()
	message.SetInternetMessageId(&messageID)
	message.SetSubject(&m.Subject)
	message.SetBody(body(m))
	message.SetToRecipients(recipients(m.To))
	if len(m.Cc) > 0 {
		message.SetCcRecipients(recipients(m.Cc))
	}
	if len(m.ReplyTo) > 0 {
		message.SetReplyTo(recipients(m.ReplyTo))
	}
	if m.FromName != "" {
		message.SetFrom(recipient(transfer.Party{Name: m.FromName, Address: from}))
	}
	if len(m.Categories) > 0 {
		message.SetCategories(m.Categories)
	}
	if len(m.Headers) > 0 { // Graph refuses an empty list
		message.SetInternetMessageHeaders(headers(m.Headers))
	}
	if properties := threading(m); len(properties) > 0 {
		message.SetSingleValueExtendedProperties(properties)
	}
	return message
}

func body(m transfer.Mail) models.ItemBodyable {
	b := models.NewItemBody()
	content, kind := m.HTML, models.HTML_BODYTYPE
	if content == "" {
		content, kind = m.Text, models.TEXT_BODYTYPE
	}
	b.SetContent(&content)
	b.SetContentType(&kind)
	return b
}

func recipient(p transfer.Party) models.Recipientable {
	address := models.NewEmailAddress()
	address.SetAddress(&p.Address)
	if p.Name != "" {
		address.SetName(&p.Name)
	}
	r := models.NewRecipient()
	r.SetEmailAddress(address)
	return r
}

func recipients(all []transfer.Party) []models.Recipientable {
	out := make([]models.Recipientable, 0, len(all))
	for _, p := range all {
		out = append(out, recipient(p))
	}
	return out
}

func headers(all map[string]string) []models.InternetMessageHeaderable {
	var out []models.InternetMessageHeaderable
	for name, text := range all {
		h := models.NewInternetMessageHeader()
		h.SetName(ptr(name))
		h.SetValue(ptr(text))
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b models.InternetMessageHeaderable) int {
		return strings.Compare(*a.GetName(), *b.GetName())
	})
	return out
}

func threading(m transfer.Mail) []models.SingleValueLegacyExtendedPropertyable {
	var out []models.SingleValueLegacyExtendedPropertyable
	add := func(id, text string) {
		if text != "" {
			p := models.NewSingleValueLegacyExtendedProperty()
			p.SetId(&id)
			p.SetValue(&text)
			out = append(out, p)
		}
	}
	add(inReplyTo, m.InReplyTo)
	add(references, strings.Join(m.References, " "))
	return out
}

// attach adds the attachment number i to a draft that has i of them.
func (s *session) attach(ctx context.Context, id string, i int, a transfer.MailAttachment) error {
	if a.Size >= maxSimpleAttachment {
		return s.upload(ctx, id, i, a)
	}
	stream, err := a.Open()
	if err != nil {
		return err
	}
	defer stream.Close()
	content, err := io.ReadAll(io.LimitReader(stream, maxSimpleAttachment))
	if err != nil {
		return err
	}
	if int64(len(content)) != a.Size {
		return wrongSize()
	}
	_, err = s.user.Messages().ByMessageId(id).Attachments().Post(ctx, fileAttachment(a, content), nil)
	if err != nil && s.attached(ctx, id, i) {
		return nil // the answer got lost, not the attachment
	}
	return err
}

func fileAttachment(a transfer.MailAttachment, content []byte) models.Attachmentable {
	file := models.NewFileAttachment()
	file.SetName(&a.Name)
	file.SetContentType(&a.Type)
	file.SetContentBytes(content)
	return file
}

// attached reports whether the draft has the attachment number i after all.
func (s *session) attached(ctx context.Context, id string, i int) bool {
	all, err := s.attachments(ctx, id)
	return err == nil && len(all) > i
}

func wrongSize() error {
	return transfer.E(transfer.Integrity, "an attachment is not as long as stated")
}
