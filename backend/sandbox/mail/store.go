package mail

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Store holds all mailboxes. It is safe for concurrent use.
type Store struct {
	clock func() time.Time

	mu        sync.Mutex
	settings  Settings
	boxes     []*box
	waiting   []event // ordered by due time
	sequence  int64
	changes   []Change // made under the lock, published after it
	listeners map[int]func(Change)
	listener  int
}

// box is one mailbox with its content.
type box struct {
	Mailbox
	folders  []*Folder
	messages map[string]*Message // by immutable id
	local    map[string]Message  // what Outlook has saved and not yet synchronised
	log      []Change
	sent     []sending
	attempts map[string]int       // of sends to temperror@, by immutable id
	silent   map[string]time.Time // end of the pause for a send to throttle@
}

// sending is one accepted send, remembered for the sending limits.
type sending struct {
	at         time.Time
	recipients int
}

// event is something that happens later, such as a slow delivery.
type event struct {
	due time.Time
	run func()
}

// New makes an empty store. The clock answers UTC.
func New(clock func() time.Time, settings Settings) *Store {
	return &Store{clock: clock, settings: settings, listeners: map[int]func(Change){}}
}

// Settings answers the behaviours in force.
func (s *Store) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// Configure changes the behaviours in force; change runs under the store's lock
// and must not call the store.
func (s *Store) Configure(change func(*Settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings)
}

// Now answers the store's clock.
func (s *Store) Now() time.Time { return s.clock().UTC() }

// Settle lets everything happen that is due by now. Each access settles first; a
// running sandbox calls it now and then, so that listeners hear of late deliveries
// without anyone looking.
func (s *Store) Settle() {
	s.mu.Lock()
	s.settle()
	s.release()
}

// within runs f on a mailbox, named by address or id, under the lock, and publishes
// the changes afterwards.
func within[T any](s *Store, mailbox string, f func(*box) (T, error)) (T, error) {
	s.mu.Lock()
	defer s.release()
	s.settle()
	b := s.find(mailbox)
	if b == nil {
		var none T
		return none, noMailbox()
	}
	return f(b)
}

// release gives up the lock and then tells the listeners what has changed.
func (s *Store) release() {
	changes := s.changes
	s.changes = nil
	listeners := make([]func(Change), 0, len(s.listeners))
	for _, l := range s.listeners {
		listeners = append(listeners, l)
	}
	s.mu.Unlock()
	for _, c := range changes {
		for _, l := range listeners {
			l(c)
		}
	}
}

func (s *Store) settle() {
	now := s.Now()
	for len(s.waiting) > 0 && !s.waiting[0].due.After(now) {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		next.run()
	}
}

// after lets run happen once delay has passed, at once when there is none.
func (s *Store) after(delay time.Duration, run func()) {
	if delay <= 0 {
		run()
		return
	}
	e := event{s.Now().Add(delay), run}
	at, _ := slices.BinarySearchFunc(s.waiting, e, func(a, b event) int {
		if c := a.due.Compare(b.due); c != 0 {
			return c
		}
		return -1 // behind those that are due at the same time
	})
	s.waiting = slices.Insert(s.waiting, at, e)
}

// find answers a mailbox by one of its addresses or id, nil when there is none.
func (s *Store) find(mailbox string) *box {
	address := normalAddress(mailbox)
	for _, b := range s.boxes {
		if b.Address == address || slices.Contains(b.Aliases, address) || strings.EqualFold(b.ID, mailbox) {
			return b
		}
	}
	return nil
}
