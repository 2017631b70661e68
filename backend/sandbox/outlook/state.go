package outlook

import (
	"encoding/json"
	"net/http"

	"senddigitally/backend/sandbox/mail"
)

// roamingLimit is the size of an add-in's roaming settings in bytes (Microsoft Learn,
// "Office.RoamingSettings": 32 KB per mailbox and add-in).
const roamingLimit = 32 << 10

// account is one signed-in person with the mailboxes that she has open: her own
// first, then the shared ones of which she is a member.
type account struct {
	Address   string    `json:"address"`
	Name      string    `json:"name"`
	Kind      mail.Kind `json:"kind"`
	Mailboxes []mailbox `json:"mailboxes"`
	// Roaming holds the add-in's roaming settings of this person.
	Roaming map[string]any `json:"roaming"`
}

type mailbox struct {
	Address string    `json:"address"`
	Name    string    `json:"name"`
	Kind    mail.Kind `json:"kind"`
	Unread  int       `json:"unread"` // in the Inbox
}

// state is all that a window needs to begin with.
func (s *server) state(*http.Request) (any, error) {
	now := s.settings()
	var installed *addin
	if a, found := s.addins[now.View.Language]; found {
		installed = &a
	}
	return map[string]any{
		"accounts":    s.accounts(),
		"settings":    now,
		"languages":   Languages,
		"mailboxSets": mailboxSets,
		"addin":       installed,
		"addinOrigin": s.AddinOrigin,
		"portal":      s.PortalOrigin,
		"staff":       s.AddinOrigin + "/send",
		"authority":   s.Authority,
	}, nil
}

// accounts answers every person with a mailbox, people outside the organisation too,
// and last the shared mailboxes that nobody has open, each for itself.
func (s *server) accounts() []account {
	boxes := s.Mail.Mailboxes()
	var people, unattended []account
	for _, own := range boxes {
		a := account{Address: own.Address, Name: own.Name, Kind: own.Kind, Mailboxes: []mailbox{s.mailbox(own)}, Roaming: s.roamingOf(own.Address)}
		switch {
		case own.Kind != mail.Shared:
			a.Mailboxes = append(a.Mailboxes, s.sharedWith(own, boxes)...)
			people = append(people, a)
		case !attended(own, boxes):
			unattended = append(unattended, a)
		}
	}
	return append(people, unattended...)
}

func (s *server) sharedWith(person mail.Mailbox, boxes []mail.Mailbox) (open []mailbox) {
	for _, b := range boxes {
		if b.Kind == mail.Shared && b.MayOpen(person.Address) {
			open = append(open, s.mailbox(b))
		}
	}
	return open
}

func attended(shared mail.Mailbox, boxes []mail.Mailbox) bool {
	for _, b := range boxes {
		if b.Kind == mail.User && shared.MayOpen(b.Address) {
			return true
		}
	}
	return false
}

func (s *server) mailbox(m mail.Mailbox) mailbox {
	inbox, _ := s.Mail.Folder(m.Address, mail.Inbox)
	return mailbox{m.Address, m.Name, m.Kind, inbox.Unread}
}

func (s *server) roamingOf(user string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.roaming[user]; kept != nil {
		return kept
	}
	return map[string]any{}
}

// saveRoaming replaces a person's roaming settings of the add-in.
func (s *server) saveRoaming(r *http.Request) (any, error) {
	var form struct {
		User   string         `json:"user"`
		Values map[string]any `json:"values"`
	}
	if err := read(r, &form); err != nil {
		return nil, err
	}
	owner, err := s.Mail.Mailbox(form.User)
	if err != nil {
		return nil, err
	}
	if text, _ := json.Marshal(form.Values); len(text) > roamingLimit {
		return nil, mail.Refuse(http.StatusRequestEntityTooLarge, "GenericSettingsError", "The roaming settings are larger than 32 KB.")
	}
	s.mu.Lock()
	s.roaming[owner.Address] = form.Values
	s.mu.Unlock()
	s.watch.mark(owner.Address)
	return nil, nil
}
