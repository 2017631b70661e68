package graph

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// Outlook's limits for one application (Microsoft Learn, "Microsoft Graph
// service-specific throttling limits": 4 concurrent requests for an application and
// mailbox; "Exchange Online limits": 30 messages a minute for a mailbox).
const (
	maxConcurrent     = 4
	messagesPerMinute = 30
)

// gates are the gates of one tenant's mailboxes. Background work shares a lane of
// maxConcurrent over all mailboxes, so that a backlog drains without crowding out
// people who wait.
type gates struct {
	clock func() time.Time
	sleep func(context.Context, time.Duration) error
	lane  chan struct{}

	mu        sync.Mutex
	mailboxes map[string]*gate
}

func newGates(clock func() time.Time, sleep func(context.Context, time.Duration) error) *gates {
	return &gates{clock: clock, sleep: sleep, lane: make(chan struct{}, maxConcurrent), mailboxes: map[string]*gate{}}
}

func (g *gates) of(mailbox string) *gate {
	mailbox = strings.ToLower(mailbox)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.mailboxes[mailbox] == nil {
		g.mailboxes[mailbox] = &gate{gates: g, slots: make(chan struct{}, maxConcurrent)}
	}
	return g.mailboxes[mailbox]
}

// gate lets requests through to one mailbox.
type gate struct {
	*gates
	slots    chan struct{}
	schedule schedule

	state sync.Mutex
	quiet time.Time // no request before
}

// enter waits for a free slot and for the end of a silence that is not longer than
// patience; a longer one is OutlookBusy at once. The answered function gives the slot
// back and may be called twice.
func (g *gate) enter(ctx context.Context, patience time.Duration, background bool) (func(), error) {
	if err := take(ctx, g.slots); err != nil {
		return nil, err
	}
	leave := sync.OnceFunc(func() { <-g.slots })
	if err := g.listen(ctx, patience); err != nil {
		leave()
		return nil, err
	}
	if !background {
		return leave, nil
	}
	if err := take(ctx, g.lane); err != nil {
		leave()
		return nil, err
	}
	return sync.OnceFunc(func() { <-g.lane; leave() }), nil
}

func (g *gate) listen(ctx context.Context, patience time.Duration) error {
	for rest := g.silence(); rest > 0; rest = g.silence() {
		if rest > patience {
			return untried(rest, nil)
		}
		if err := g.sleep(ctx, rest); err != nil {
			return givenUp(err)
		}
		patience -= rest
	}
	return nil
}

// silence is how long the mailbox still has to be left alone.
func (g *gate) silence() time.Duration {
	g.state.Lock()
	defer g.state.Unlock()
	return g.quiet.Sub(g.clock())
}

// silent leaves the mailbox alone for a while.
func (g *gate) silent(d time.Duration) {
	g.state.Lock()
	defer g.state.Unlock()
	if until := g.clock().Add(d); until.After(g.quiet) {
		g.quiet = until
	}
}

func take(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return givenUp(ctx.Err())
	}
}

// givenUp words the end of waiting at a gate: nothing has been asked of Outlook.
func givenUp(cause error) error {
	if errors.Is(cause, context.DeadlineExceeded) {
		return busy(time.Second, cause)
	}
	return transfer.Wrap(transfer.Unavailable, "The request was given up", cause)
}

// busy is OutlookBusy with the time to wait, in whole seconds rounded up.
func busy(after time.Duration, cause error) *transfer.Error {
	seconds := int((after + time.Second - 1) / time.Second)
	return transfer.Wrap(transfer.OutlookBusy, "Outlook is busy; it will be tried again", cause).
		With("retryAfter", strconv.Itoa(max(seconds, 1)))
}

// untried is a busy that says nothing against what was asked for, only when its time
// comes, because of the limits of a mailbox: it is no failed try.
func untried(rest time.Duration, cause error) error {
	return busy(rest, cause).With("tried", "no")
}
