package outlook

import (
	"net/http"
	"slices"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// View is how the simulated Outlook presents itself, to people and to add-ins.
type View struct {
	Language string `json:"language"` // BCP 47, one of Languages
	Dark     bool   `json:"dark"`
	Phone    bool   `json:"phone"` // as Outlook on a phone: add-ins when reading only
	// MailboxSet is the newest Mailbox requirement set that this Outlook supports,
	// "1.3" to "1.15" (Microsoft Learn, "Outlook JavaScript API requirement sets").
	MailboxSet string `json:"mailboxSet"`
	// NestedAuth tells whether NestedAppAuth 1.1 is supported.
	NestedAuth bool `json:"nestedAuth"`
}

// Languages are the display languages that can be chosen, as Outlook names them.
var Languages = []string{"en-US", "da-DK", "nb-NO", "nl-NL", "sv-SE", "de-DE"}

var mailboxSets = []string{"1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14", "1.15"}

// DefaultView is an up-to-date Outlook in English.
func DefaultView() View {
	return View{Language: Languages[0], MailboxSet: mailboxSets[len(mailboxSets)-1], NestedAuth: true}
}

// Weather is the part of the store's settings that a person changes in the settings
// panel. Tests change the others in the store itself.
type Weather struct {
	DraftDelaySeconds int  `json:"draftDelaySeconds"`
	TimeoutsAfterSend int  `json:"timeoutsAfterSend"`
	RejectedTokens    int  `json:"rejectedTokens"`
	BrokenUploads     int  `json:"brokenUploads"`
	Throttled         bool `json:"throttled"`
	Unavailable       bool `json:"unavailable"`
}

type settings struct {
	View    View    `json:"view"`
	Weather Weather `json:"weather"`
}

// throttledRequests is how many requests in ten minutes a throttled mailbox takes.
const throttledRequests = 1

func (s *server) settings() settings {
	s.mu.Lock()
	view := s.view
	s.mu.Unlock()
	now := s.Mail.Settings()
	return settings{view, Weather{
		DraftDelaySeconds: int(now.DraftDelay / time.Second),
		TimeoutsAfterSend: now.TimeoutsAfterSend,
		RejectedTokens:    now.RejectedTokens,
		BrokenUploads:     now.BrokenUploads,
		Throttled:         now.RequestsPer10Minutes == throttledRequests,
		Unavailable:       now.Unavailable,
	}}
}

// saveSettings changes what the request names and leaves the rest.
func (s *server) saveSettings(r *http.Request) (any, error) {
	wanted := s.settings()
	if err := read(r, &wanted); err != nil {
		return nil, err
	}
	if !wanted.valid() {
		return nil, mail.Refuse(http.StatusBadRequest, "ErrorInvalidRequest", "A setting has a value that it cannot have.")
	}
	s.mu.Lock()
	s.view = wanted.View
	s.mu.Unlock()
	s.Mail.Configure(wanted.Weather.apply)
	s.watch.mark(settingsChanged)
	return s.settings(), nil
}

func (w settings) valid() bool {
	count := func(n int) bool { return 0 <= n && n <= 3600 }
	return slices.Contains(Languages, w.View.Language) &&
		slices.Contains(mailboxSets, w.View.MailboxSet) &&
		count(w.Weather.DraftDelaySeconds) && count(w.Weather.TimeoutsAfterSend) &&
		count(w.Weather.RejectedTokens) && count(w.Weather.BrokenUploads)
}

func (w Weather) apply(s *mail.Settings) {
	s.DraftDelay = time.Duration(w.DraftDelaySeconds) * time.Second
	s.TimeoutsAfterSend = w.TimeoutsAfterSend
	s.RejectedTokens = w.RejectedTokens
	s.BrokenUploads = w.BrokenUploads
	s.Unavailable = w.Unavailable
	switch throttled := s.RequestsPer10Minutes == throttledRequests; {
	case w.Throttled:
		s.RequestsPer10Minutes = throttledRequests
	case throttled:
		s.RequestsPer10Minutes = mail.Defaults().RequestsPer10Minutes
	}
}
