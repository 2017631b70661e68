package transfer

import "time"

// Subscription is Outlook's promise to tell an address of ours, until a moment,
// when something comes into a mailbox's inbox.
type Subscription struct {
	ID    string // Outlook's
	URL   string // that is told
	State string // secret that Outlook repeats; not answered when listed
	Until time.Time
}
