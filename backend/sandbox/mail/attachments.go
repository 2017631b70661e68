package mail

import (
	"net/http"
	"slices"
	"time"
)

// AddAttachment appends an attachment to a draft and answers it with its id. It is
// refused when the message would pass the message size limit.
func (s *Store) AddAttachment(mailbox, message string, a Attachment) (Attachment, error) {
	return within(s, mailbox, func(b *box) (Attachment, error) {
		m := b.message(message)
		if m == nil {
			return Attachment{}, notFound()
		}
		if !m.Draft {
			return Attachment{}, Refuse(http.StatusBadRequest, "ErrorInvalidPropertyUpdateSentMessage",
				"Update operation is invalid for property of a sent message.")
		}
		next := m.clone()
		next.Attachments = append(next.Attachments, a)
		if s.oversized(next) {
			return Attachment{}, tooLarge()
		}
		s.replace(b, m, next)
		return m.Attachments[len(m.Attachments)-1], nil
	})
}

// Attachment answers one attachment of a message.
func (s *Store) Attachment(mailbox, message, id string) (Attachment, error) {
	return within(s, mailbox, func(b *box) (Attachment, error) {
		m := b.message(message)
		if m == nil {
			return Attachment{}, notFound()
		}
		at := slices.IndexFunc(m.Attachments, func(a Attachment) bool { return a.named(id) })
		if at < 0 {
			return Attachment{}, notFound()
		}
		return m.Attachments[at], nil
	})
}

// RemoveAttachment takes an attachment off a message.
func (s *Store) RemoveAttachment(mailbox, message, id string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		m := b.message(message)
		if m == nil {
			return struct{}{}, notFound()
		}
		next := m.clone()
		next.Attachments = slices.DeleteFunc(next.Attachments, func(a Attachment) bool { return a.named(id) })
		if len(next.Attachments) == len(m.Attachments) {
			return struct{}{}, notFound()
		}
		s.replace(b, m, next)
		return struct{}{}, nil
	})
	return err
}

// complete gives new attachments what they lack.
func complete(attachments []Attachment, now time.Time) {
	for i := range attachments {
		a := &attachments[i]
		if a.ID == "" {
			a.ID, a.ImmutableID, a.Modified = newAttachmentID(), newImmutableAttachmentID(), now
		}
		if a.Kind == "" {
			a.Kind = FileAttachment
		}
		if a.ContentType == "" && a.Kind == FileAttachment {
			a.ContentType = "application/octet-stream"
		}
	}
}
