package graph

import (
	"slices"
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// The recipients that a mailbox may write to in 24 hours (Microsoft Learn, "Exchange
// Online limits": recipient rate), and how mails follow one another in a backlog.
const (
	recipientsPerDay = 10_000
	pace             = time.Minute / messagesPerMinute
)

// atOnce is how many mails of one mailbox are worked on at a time: a mailbox that
// answers slowly, or not at all, leaves the other workers to the others.
const atOnce = maxConcurrent / 2

// schedule gives the mails of one mailbox their moments, in the order in which they
// first ask, and no more of them than Outlook lets the mailbox send. It knows what
// this process sends: where several share a mailbox, Outlook's own refusals, which
// silence the gate, do the rest.
type schedule struct {
	mu      sync.Mutex
	given   map[string]time.Time // moments of mails that have to come back
	swept   time.Time
	minute  []time.Time // the latest moments given, one for each mail, ascending
	day     []time.Time // and one for each recipient
	working int
}

// begin answers end when a mail may be worked on now, or how long it has to wait.
func (t *schedule) begin(mail string, recipients int, now time.Time) (end func(), wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, asked := t.given[mail]
	if !asked {
		at = t.next(recipients, now)
	}
	if wait = at.Sub(now); wait > 0 || t.working == atOnce {
		t.keep(mail, at, now)
		return nil, max(wait, time.Second)
	}
	delete(t.given, mail)
	return t.work(), 0
}

// pass counts a mail that goes now, whoever else waits. Those keep their moments.
func (t *schedule) pass(recipients int, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.take(recipients, now)
}

// hand lets something be done at a mailbox that sends nothing.
func (t *schedule) hand() (end func(), wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.working == atOnce {
		return nil, time.Second
	}
	return t.work(), 0
}

func (t *schedule) work() (end func()) {
	t.working++
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.working--
	})
}

// next is the first moment that no limit forbids, and takes it.
func (t *schedule) next(recipients int, now time.Time) time.Time {
	at := now
	for _, earliest := range []time.Time{
		nth(t.minute, messagesPerMinute).Add(time.Minute),
		nth(t.day, recipientsPerDay-recipients+1).Add(24 * time.Hour),
	} {
		if earliest.After(at) {
			at = earliest
		}
	}
	if last := nth(t.minute, 1).Add(pace); at.After(now) && last.After(at) {
		at = last
	}
	t.take(recipients, at)
	return at
}

// take counts a mail at a moment, which may lie before those of others that wait.
func (t *schedule) take(recipients int, at time.Time) {
	t.minute = latest(insert(t.minute, at, 1), messagesPerMinute)
	t.day = latest(insert(t.day, at, recipients), recipientsPerDay)
}

// insert puts a moment n times where it belongs.
func insert(all []time.Time, at time.Time, n int) []time.Time {
	i, _ := slices.BinarySearchFunc(all, at, time.Time.Compare)
	return slices.Insert(all, i, slices.Repeat([]time.Time{at}, n)...)
}

// nth is the n-th moment from the end; the zero time when there are fewer.
func nth(all []time.Time, n int) time.Time {
	if n < 1 || n > len(all) {
		return time.Time{}
	}
	return all[len(all)-n]
}

// latest keeps the last n, without moving them at every turn.
func latest(all []time.Time, n int) []time.Time {
	if len(all) < 2*n {
		return all
	}
	return append(all[:0], all[len(all)-n:]...)
}

// keep remembers a mail's moment until it comes back; what never did is forgotten.
func (t *schedule) keep(mail string, at, now time.Time) {
	if t.given == nil {
		t.given = map[string]time.Time{}
	}
	t.given[mail] = at
	if now.Sub(t.swept) < time.Hour {
		return
	}
	t.swept = now
	for other, its := range t.given {
		if now.Sub(its) > time.Hour {
			delete(t.given, other)
		}
	}
}

// Begin lets a mail of ours be worked on, until end; or it is
// OutlookBusy, untried, with the time until that mail may go on.
func (c *Client) Begin(tenant transfer.TenantID, mailbox, messageID string, recipients int) (end func(), err error) {
	t, err := c.tenant(tenant)
	if err != nil {
		return nil, err
	}
	end, wait := t.gates.of(mailbox).schedule.begin(messageID, recipients, t.config.Clock())
	if end == nil {
		return nil, untried(wait, nil)
	}
	return end, nil
}

// Pass counts a mail that a person waits for, and so goes ahead of the mailbox's
// backlog; where that is more than the mailbox may send, Outlook refuses it.
func (c *Client) Pass(tenant transfer.TenantID, mailbox string, recipients int) error {
	t, err := c.tenant(tenant)
	if err != nil {
		return err
	}
	t.gates.of(mailbox).schedule.pass(recipients, t.config.Clock())
	return nil
}
