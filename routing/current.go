package routing

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

var errTenant = errors.New("routing: the new set belongs to another tenant")

// Current holds the set in force. A failed reload leaves it in force and stays
// visible until a reload succeeds. NewCurrent makes it; all methods may be called
// at the same time.
type Current struct {
	state atomic.Pointer[State]
	mu    sync.Mutex
}

// State is what is in force, and what stands in the way of something newer.
type State struct {
	// Set is in force since Since.
	Set   *Set
	Since time.Time
	// Failure is why the last reload failed, since FailedAt; nil if it did not.
	Failure  error
	FailedAt time.Time
}

// NewCurrent puts a first set in force.
func NewCurrent(set *Set, now time.Time) *Current {
	c := &Current{}
	c.state.Store(&State{Set: set, Since: now})
	return c
}

// State returns the set in force and the last failure as one consistent view.
func (c *Current) State() State { return *c.state.Load() }

// Decide asks the set in force.
func (c *Current) Decide(in Input) Decision { return c.state.Load().Set.Decide(in) }

// Reload puts the set that load returns in force; an equal set only clears the
// failure. If load fails, or the set belongs to another tenant, the old set
// stays and the error is kept and returned.
func (c *Current) Reload(now time.Time, load func() (*Set, error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.State()
	set, err := load()
	if err == nil && set.Tenant() != next.Set.Tenant() {
		err = errTenant
	}
	switch {
	case err != nil:
		next.Failure, next.FailedAt = err, now
	case set.Fingerprint() == next.Set.Fingerprint():
		next.Failure, next.FailedAt = nil, time.Time{}
	default:
		next = State{Set: set, Since: now}
	}
	c.state.Store(&next)
	return err
}
