package mail

import (
	"net/http"
	"slices"
	"time"
)

// AddMailbox creates a mailbox with its standard folders and answers it. A second
// one with the same address is refused with 409.
func (s *Store) AddMailbox(m Mailbox) (Mailbox, error) {
	s.mu.Lock()
	defer s.release()
	if s.find(m.Address) != nil {
		return Mailbox{}, Refuse(http.StatusConflict, "ErrorDuplicateMailbox", "The mailbox exists already.")
	}
	return s.addMailbox(m).copy(), nil
}

// Mailboxes answers all mailboxes in the order of their creation.
func (s *Store) Mailboxes() []Mailbox {
	s.mu.Lock()
	defer s.release()
	s.settle()
	all := make([]Mailbox, 0, len(s.boxes))
	for _, b := range s.boxes {
		all = append(all, b.copy())
	}
	return all
}

// Mailbox answers one mailbox by address or id; 404 when there is none.
func (s *Store) Mailbox(mailbox string) (Mailbox, error) {
	return within(s, mailbox, func(b *box) (Mailbox, error) { return b.copy(), nil })
}

// RemoveMailbox takes a mailbox away with all that is in it; mail to it bounces from
// then on.
func (s *Store) RemoveMailbox(mailbox string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		s.boxes = slices.DeleteFunc(s.boxes, func(other *box) bool { return other == b })
		s.note(b, Change{Kind: MailboxRemoved})
		return struct{}{}, nil
	})
	return err
}

// SetMembers replaces the members of a shared mailbox.
func (s *Store) SetMembers(mailbox string, members []string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		b.Members = normalAddresses(members)
		return struct{}{}, nil
	})
	return err
}

// MayOpen tells whether the person with that address owns the mailbox or is one of
// its members. FullAccess is not listed by Graph, so a client can only try.
func (m Mailbox) MayOpen(person string) bool {
	person = normalAddress(person)
	return m.Address == person || slices.Contains(m.Members, person)
}

func (s *Store) addMailbox(m Mailbox) *box {
	m.Address = normalAddress(m.Address)
	m.Members, m.Aliases = normalAddresses(m.Members), normalAddresses(m.Aliases)
	if m.ID == "" {
		m.ID = newGUID()
	}
	if m.Name == "" {
		m.Name = m.Address
	}
	b := &box{
		Mailbox:  m,
		messages: map[string]*Message{},
		local:    map[string]Message{},
		attempts: map[string]int{},
		silent:   map[string]time.Time{},
	}
	b.addStandardFolders()
	s.boxes = append(s.boxes, b)
	s.note(b, Change{Kind: MailboxAdded})
	return b
}

func (b *box) copy() Mailbox {
	m := b.Mailbox
	m.Members, m.Aliases = slices.Clone(m.Members), slices.Clone(m.Aliases)
	return m
}

func normalAddresses(addresses []string) []string {
	normal := make([]string, len(addresses))
	for i, a := range addresses {
		normal[i] = normalAddress(a)
	}
	return normal
}
