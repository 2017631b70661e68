package mail

import (
	"net/http"
	"slices"
	"strings"
)

// Messages answers what a folder holds, or the whole mailbox for an empty folder,
// newest first. Match, when given, chooses; it runs under the store's lock and must
// not call the store or keep what it sees.
func (s *Store) Messages(mailbox, folder string, match func(*Message) bool) ([]Message, error) {
	return within(s, mailbox, func(b *box) ([]Message, error) {
		var id string
		if folder != "" {
			f := b.folder(folder)
			if f == nil {
				return nil, notFound()
			}
			id = f.ID
		}
		var found []Message
		for _, m := range b.messages {
			if (id == "" || m.Folder == id) && (match == nil || match(m)) {
				found = append(found, m.clone())
			}
		}
		sortNewestFirst(found)
		return found, nil
	})
}

// Message answers one message by its id or immutable id, in the state that the
// server has.
func (s *Store) Message(mailbox, id string) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		m := b.message(id)
		if m == nil {
			return Message{}, notFound()
		}
		return m.clone(), nil
	})
}

// CreateDraft puts a new draft into a folder (Drafts when empty) and answers it with
// its identifiers.
func (s *Store) CreateDraft(mailbox, folder string, draft Message) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		if folder == "" {
			folder = Drafts
		}
		f := b.folder(folder)
		if f == nil {
			return Message{}, notFound()
		}
		if s.oversized(draft) {
			return Message{}, tooLarge()
		}
		m := s.newDraft(b, draft)
		m.ID, m.ImmutableID = "", ""
		s.put(b, f.ID, &m)
		return m.clone(), nil
	})
}

// Update changes a message. Once it is no draft, subject, body, recipients, reply-to
// and internetMessageId stay as they are (Microsoft Learn, "Update message": updatable
// only if isDraft = true). Change runs under the store's lock and must not call the
// store; identifiers, folder and times that it sets are ignored.
func (s *Store) Update(mailbox, id string, change func(*Message) error) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		m := b.message(id)
		if m == nil {
			return Message{}, notFound()
		}
		next := m.clone()
		if err := change(&next); err != nil {
			return Message{}, err
		}
		if s.oversized(next) {
			return Message{}, tooLarge()
		}
		if !m.Draft && !sameContent(*m, next) {
			return Message{}, Refuse(http.StatusBadRequest, "ErrorInvalidPropertyUpdateSentMessage",
				"Update operation is invalid for property of a sent message.")
		}
		s.replace(b, m, next)
		return m.clone(), nil
	})
}

// Move puts a message into another folder. Its id changes, its immutable id does not
// (Microsoft Learn, "Obtain immutable identifiers for Outlook resources").
func (s *Store) Move(mailbox, id, folder string) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		m, f := b.message(id), b.folder(folder)
		if m == nil || f == nil {
			return Message{}, notFound()
		}
		s.move(b, m, f.ID)
		return m.clone(), nil
	})
}

// Copy puts a copy of a message, with identifiers of its own, into a folder.
func (s *Store) Copy(mailbox, id, folder string) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		m, f := b.message(id), b.folder(folder)
		if m == nil || f == nil {
			return Message{}, notFound()
		}
		c := m.clone()
		c.ID, c.ImmutableID = "", ""
		s.put(b, f.ID, &c)
		return c.clone(), nil
	})
}

// Delete moves a message to Deleted Items; one that lies there already is gone, since
// the recoverable items are not modelled.
func (s *Store) Delete(mailbox, id string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		m := b.message(id)
		if m == nil {
			return struct{}{}, notFound()
		}
		bin := b.folder(DeletedItems)
		if m.Folder != bin.ID {
			s.move(b, m, bin.ID)
			return struct{}{}, nil
		}
		delete(b.messages, m.ImmutableID)
		s.noteMessage(b, Deleted, m)
		return struct{}{}, nil
	})
	return err
}

// message finds by either identifier; nil when there is none.
func (b *box) message(id string) *Message {
	if m := b.messages[id]; m != nil {
		return m
	}
	for _, m := range b.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// put lays a message into a folder, with identifiers if it has none yet.
func (s *Store) put(b *box, folder string, m *Message) {
	if m.ImmutableID == "" {
		s.identify(m)
	}
	m.Folder = folder
	b.messages[m.ImmutableID] = m
	s.noteMessage(b, Created, m)
}

func (s *Store) identify(m *Message) {
	now := s.Now()
	m.ID, m.ImmutableID, m.ChangeKey = newID(), newImmutableID(), newChangeKey()
	m.Created, m.Modified = now, now
	if m.Received.IsZero() {
		m.Received, m.Sent = now, now
	}
}

// replace changes content in place; what identifies the message stays.
func (s *Store) replace(b *box, m *Message, next Message) {
	next.ID, next.ImmutableID, next.Folder = m.ID, m.ImmutableID, m.Folder
	next.ConversationID, next.Draft = m.ConversationID, m.Draft
	next.Created, next.Received, next.Sent = m.Created, m.Received, m.Sent
	next.ChangeKey, next.Modified = newChangeKey(), s.Now()
	complete(next.Attachments, next.Modified)
	*m = next
	s.noteMessage(b, Updated, m)
}

func (s *Store) move(b *box, m *Message, folder string) {
	s.noteMessage(b, Deleted, m)
	m.ID, m.ChangeKey, m.Folder, m.Modified = newID(), newChangeKey(), folder, s.Now()
	s.noteMessage(b, Created, m)
}

// newDraft completes what the author left open.
func (s *Store) newDraft(b *box, draft Message) Message {
	m := draft.clone()
	m.Draft, m.Read = true, true
	if m.From.Address == "" {
		m.From = Address{b.Name, b.Address}
	}
	if m.Sender.Address == "" {
		m.Sender = m.From
	}
	if m.InternetMessageID == "" {
		m.InternetMessageID = newInternetMessageID(b.Address)
	}
	if m.Priority == "" {
		m.Priority = "normal"
	}
	m.ConversationID = b.conversation(m)
	complete(m.Attachments, s.Now())
	return m
}

func (s *Store) oversized(m Message) bool {
	return s.settings.MessageSize > 0 && m.Size() > s.settings.MessageSize
}

func sameContent(a, b Message) bool {
	return a.Subject == b.Subject && a.Body == b.Body && a.HTML == b.HTML &&
		a.InternetMessageID == b.InternetMessageID && a.From == b.From &&
		slices.Equal(a.To, b.To) && slices.Equal(a.Cc, b.Cc) &&
		slices.Equal(a.Bcc, b.Bcc) && slices.Equal(a.ReplyTo, b.ReplyTo)
}

func sortNewestFirst(messages []Message) {
	slices.SortFunc(messages, func(a, b Message) int {
		if c := b.Received.Compare(a.Received); c != 0 {
			return c
		}
		return strings.Compare(a.ImmutableID, b.ImmutableID)
	})
}
