package trail

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Log is the audit log of one process. It is safe for concurrent use.
type Log struct {
	key      []byte
	clock    func() time.Time
	store    store
	requests chan request
	closing  chan struct{}
	done     chan struct{}
	once     sync.Once

	// What follows is the writer's own.
	current *segment
	mu      sync.Mutex // of heads, which others read
	heads   []Head     // of this process's chains, the one in use last
}

type request struct {
	event  access.Event
	result chan error
}

// maxBatch is how many events one fsync serves at most.
const maxBatch = 1024

// Open begins the log of this process in a directory, which it makes if need
// be, and proves that it can be written. The key is 32 bytes from the keyring;
// whoever has it can forge the log. The clock tells UTC.
func Open(dir string, key []byte, clock func() time.Time) (*Log, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, transfer.Wrap(transfer.Unavailable, "the audit directory cannot be made", err)
	}
	return open(directory(dir), key, clock)
}

func open(store store, key []byte, clock func() time.Time) (*Log, error) {
	l := &Log{key: slices.Clone(key), clock: clock, store: store,
		requests: make(chan request, maxBatch), closing: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	err := l.Append(context.Background(), access.Event{Actor: "system:audit", Action: "open_trail", Outcome: access.Allowed})
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// Append makes an event durable, and returns after that or with the reason why
// not: StorageFull, or Unavailable. When ctx ends first, the event may or may
// not be in the log.
func (l *Log) Append(ctx context.Context, event access.Event) error {
	if size(event) > maxEvent {
		return transfer.E(transfer.Unavailable, "the audit event is too long")
	}
	r := request{event: event, result: make(chan error, 1)}
	select {
	case l.requests <- r:
	case <-l.closing:
		return transfer.E(transfer.Unavailable, "the audit log is closed")
	case <-ctx.Done():
		return transfer.Wrap(transfer.Unavailable, "the audit log is slow", ctx.Err())
	}
	select {
	case err := <-r.result:
		return err
	case <-l.done:
		return transfer.E(transfer.Unavailable, "the audit log is closed")
	case <-ctx.Done():
		return transfer.Wrap(transfer.Unavailable, "the audit log is slow", ctx.Err())
	}
}

// Heads are the heads of this process's chains. Keep them where whoever can
// write the log's directory cannot write.
func (l *Log) Heads() []Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heads)
}

// Close writes what was appended and closes the log.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.done
	return nil
}

func (l *Log) run() {
	defer close(l.done)
	for {
		select {
		case r := <-l.requests:
			l.commit(l.gather(r))
		case <-l.closing:
			l.finish()
			return
		}
	}
}

func (l *Log) finish() {
	for {
		select {
		case r := <-l.requests:
			l.commit(l.gather(r))
		default:
			l.abandon()
			return
		}
	}
}

// gather takes what is waiting along with the first, for one fsync together.
func (l *Log) gather(first request) []request {
	batch := []request{first}
	for len(batch) < maxBatch {
		select {
		case r := <-l.requests:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

func (l *Log) commit(batch []request) {
	err := l.write(batch)
	if err != nil {
		l.abandon()
		err = refused(err)
	}
	for _, r := range batch {
		r.result <- err
	}
}

func (l *Log) write(batch []request) error {
	now := l.clock().UTC()
	if err := l.ready(now); err != nil {
		return err
	}
	for _, r := range batch {
		if err := l.current.add(r.event, now, l.key); err != nil {
			return err
		}
	}
	if err := l.current.flush(); err != nil {
		return err
	}
	l.arrived(l.current.head())
	return nil
}

func (l *Log) arrived(head Head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last := len(l.heads) - 1; last >= 0 && l.heads[last].Chain == head.Chain {
		l.heads[last] = head
		return
	}
	l.heads = append(l.heads, head)
}

// ready sees to a segment for today: the open one, the next of its chain, or
// the first of a new chain. A clock that goes back stays in the open one.
func (l *Log) ready(now time.Time) error {
	day := now.Format(time.DateOnly)
	if l.current != nil && l.current.day >= day {
		return nil
	}
	next, err := newSegment(l.store, day, l.current)
	if err != nil {
		return err
	}
	l.abandon()
	l.current = next
	return nil
}

// abandon closes the segment at its last durable line.
func (l *Log) abandon() {
	if l.current != nil {
		l.current.close()
		l.current = nil
	}
}

func refused(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return transfer.Wrap(transfer.StorageFull, "there is no room for the audit log", err)
	}
	return transfer.Wrap(transfer.Unavailable, "the audit log cannot be written", err)
}
