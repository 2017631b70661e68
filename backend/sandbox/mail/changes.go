package mail

import "time"

// ChangeKind tells what happened.
type ChangeKind string

// What can happen. A move is a Deleted in the old folder and a Created in the new
// one, as Graph's delta query and change notifications tell it.
const (
	Created        ChangeKind = "created"
	Updated        ChangeKind = "updated"
	Deleted        ChangeKind = "deleted"
	FolderAdded    ChangeKind = "folderAdded"
	MailboxAdded   ChangeKind = "mailboxAdded"
	MailboxRemoved ChangeKind = "mailboxRemoved"
)

// Change is one thing that has happened in a mailbox.
type Change struct {
	Sequence    int64 // ascending over the whole store
	At          time.Time
	Kind        ChangeKind
	Mailbox     string // address
	Folder      string // id; empty for a mailbox
	ID          string // of the message at that moment
	ImmutableID string
}

// Subscribe lets the function be called after every change, on the goroutine that
// caused it and outside the store's lock, so it may call the store. It has to return
// quickly. The answered function ends the subscription.
func (s *Store) Subscribe(listener func(Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener++
	key := s.listener
	s.listeners[key] = listener
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, key)
	}
}

// Delta answers what has changed in a folder since an earlier answer's next, or
// everything in it for zero: the messages that are there now, and the changes that
// say which have gone.
func (s *Store) Delta(mailbox, folder string, since int64) (present []Message, gone []Change, next int64, err error) {
	_, err = within(s, mailbox, func(b *box) (struct{}, error) {
		f := b.folder(folder)
		if f == nil {
			return struct{}{}, notFound()
		}
		present, gone = b.delta(f.ID, since)
		next = s.sequence
		return struct{}{}, nil
	})
	return present, gone, next, err
}

func (b *box) delta(folder string, since int64) (present []Message, gone []Change) {
	latest := map[string]Change{}
	var order []string
	for _, c := range b.log {
		if c.Sequence <= since || c.Folder != folder || c.ImmutableID == "" {
			continue
		}
		if _, seen := latest[c.ImmutableID]; !seen {
			order = append(order, c.ImmutableID)
		}
		latest[c.ImmutableID] = c
	}
	for _, id := range order {
		m := b.messages[id]
		switch {
		case m != nil && m.Folder == folder:
			present = append(present, m.clone())
		case since > 0:
			gone = append(gone, latest[id])
		}
	}
	return present, gone
}

// note records a change; the listeners hear of it when the lock is given up.
func (s *Store) note(b *box, c Change) {
	s.sequence++
	c.Sequence, c.At, c.Mailbox = s.sequence, s.Now(), b.Address
	b.log = append(b.log, c)
	s.changes = append(s.changes, c)
}

func (s *Store) noteMessage(b *box, kind ChangeKind, m *Message) {
	s.note(b, Change{Kind: kind, Folder: m.Folder, ID: m.ID, ImmutableID: m.ImmutableID})
}
