package mail

// SaveDraft is Outlook's own saving of a draft. The server has it after
// Settings.DraftDelay; until then only LocalMessage and LocalMessages show it, while
// Graph sees nothing, or the state before (classic Outlook in cached mode, office-js
// issues 6077, 5857, 5847). A message without identifiers is new; one with identifiers
// is saved again, and if the server no longer has it as a draft in Drafts, Outlook
// makes a new one of it (office-js issue 5551).
func (s *Store) SaveDraft(mailbox string, m Message) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		if s.oversized(m) {
			return Message{}, tooLarge()
		}
		if m.ImmutableID == "" {
			m = s.newDraft(b, m)
			s.identify(&m)
			m.Folder = b.folder(Drafts).ID
		}
		m = m.clone()
		m.ChangeKey, m.Modified = newChangeKey(), s.Now()
		complete(m.Attachments, m.Modified)
		b.local[m.ImmutableID] = m
		s.after(s.settings.DraftDelay, func() { s.synchronise(b, m) })
		return m.clone(), nil
	})
}

// LocalMessage answers a message as Outlook shows it, its unsynchronised changes
// included.
func (s *Store) LocalMessage(mailbox, id string) (Message, error) {
	return within(s, mailbox, func(b *box) (Message, error) {
		if m, saved := b.saved(id); saved {
			return m.clone(), nil
		}
		if m := b.message(id); m != nil {
			return m.clone(), nil
		}
		return Message{}, notFound()
	})
}

// LocalMessages answers a folder as Outlook shows it, newest first.
func (s *Store) LocalMessages(mailbox, folder string) ([]Message, error) {
	return within(s, mailbox, func(b *box) ([]Message, error) {
		f := b.folder(folder)
		if f == nil {
			return nil, notFound()
		}
		var found []Message
		for _, m := range b.messages {
			if _, newer := b.local[m.ImmutableID]; m.Folder == f.ID && !newer {
				found = append(found, m.clone())
			}
		}
		for _, m := range b.local {
			if m.Folder == f.ID {
				found = append(found, m.clone())
			}
		}
		sortNewestFirst(found)
		return found, nil
	})
}

// DiscardDraft is Outlook's closing of a compose window without keeping the draft:
// what was not yet synchronised is forgotten. What the server has stays there, for
// someone else to delete or move.
func (s *Store) DiscardDraft(mailbox, id string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		if m, saved := b.saved(id); saved {
			delete(b.local, m.ImmutableID)
		}
		return struct{}{}, nil
	})
	return err
}

// SendDraft is Outlook's Send button: the draft is synchronised at once and sent.
func (s *Store) SendDraft(mailbox, id string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		if m, saved := b.saved(id); saved {
			s.synchronise(b, m)
			delete(b.local, m.ImmutableID)
		}
		return struct{}{}, s.send(b, id)
	})
	return err
}

// synchronise brings one saved state to the server, unless it was discarded.
func (s *Store) synchronise(b *box, m Message) {
	newest, kept := b.local[m.ImmutableID]
	if !kept {
		return
	}
	if newest.ChangeKey == m.ChangeKey {
		delete(b.local, m.ImmutableID)
	}
	existing, drafts := b.messages[m.ImmutableID], b.folder(Drafts)
	if existing != nil && existing.Draft && existing.Folder == drafts.ID {
		s.replace(b, existing, m.clone())
		return
	}
	fresh := m.clone()
	if existing != nil {
		fresh.ID, fresh.ImmutableID = "", ""
	}
	s.put(b, drafts.ID, &fresh)
}

func (b *box) saved(id string) (Message, bool) {
	if m, found := b.local[id]; found {
		return m, true
	}
	for _, m := range b.local {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}
