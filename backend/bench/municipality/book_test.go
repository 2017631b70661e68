package municipality

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"senddigitally/backend/distributing"
	"senddigitally/backend/transfer"
)

// book is a ledger in memory: records, and the jobs that were queued with them.
type book struct {
	distributing.Ledger // lists, which nobody asks for here

	mu      sync.Mutex
	records map[transfer.ID]transfer.Record
	queued  map[string]bool // jobs by their keys, so that each is there once
	jobs    queue
	working int
	turn    int
	news    chan struct{}
	buried  []transfer.Job
}

func newBook() *book {
	return &book{records: map[transfer.ID]transfer.Record{}, queued: map[string]bool{}, news: make(chan struct{}, 1)}
}

// queue is jobs in the order of when they are due, then of their coming.
type queue []entry

type entry struct {
	leased transfer.Leased
	at     time.Time
	turn   int
}

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, k int) { q[i], q[k] = q[k], q[i] }
func (q queue) Less(i, k int) bool {
	return q[i].at.Before(q[k].at) || q[i].at.Equal(q[k].at) && q[i].turn < q[k].turn
}
func (q *queue) Push(e any) { *q = append(*q, e.(entry)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func (b *book) Get(_ context.Context, _ transfer.TenantID, id transfer.ID) (transfer.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, known := b.records[id]
	if !known {
		return r, transfer.E(transfer.NotFound, "unknown")
	}
	return r, nil
}

func (b *book) Put(_ context.Context, r transfer.Record, _ map[string]transfer.RecipientID, jobs []transfer.Job) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records[r.ID] = r
	for _, j := range jobs {
		if wanted := j.Kind == transfer.DeliverJob || j.Kind == transfer.ClassifyJob; wanted && !b.queued[j.Key()] {
			b.queued[j.Key()] = true
			b.push(transfer.Leased{Job: j}, time.Now())
		}
	}
	return nil
}

func (b *book) FindLink(context.Context, int, string) (transfer.TenantID, transfer.ID, transfer.RecipientID, error) {
	return "", "", "", transfer.E(transfer.NotFound, "unknown")
}

func (b *book) push(l transfer.Leased, at time.Time) {
	b.turn++
	heap.Push(&b.jobs, entry{l, at, b.turn})
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// Claim implements jobs.Queue.
func (b *book) Claim(ctx context.Context, _ string, n int, block time.Duration) ([]transfer.Leased, error) {
	until := time.Now().Add(block)
	for {
		claimed, next := b.due(n)
		wait := min(time.Until(until), next)
		if len(claimed) > 0 || wait <= 0 {
			return claimed, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.news:
		case <-time.After(wait):
		}
	}
}

// due takes what is due, or answers how long nothing will be.
func (b *book) due(n int) (claimed []transfer.Leased, next time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(claimed) < n && len(b.jobs) > 0 {
		if wait := time.Until(b.jobs[0].at); wait > 0 {
			return claimed, wait
		}
		l := heap.Pop(&b.jobs).(entry).leased
		l.Attempt++
		b.working++
		claimed = append(claimed, l)
	}
	return claimed, time.Hour
}

// left is how many jobs are not done.
func (b *book) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.jobs) + b.working
}

func (b *book) Renew(context.Context, transfer.Leased) error { return nil }

func (b *book) Done(_ context.Context, l transfer.Leased) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working--
	delete(b.queued, l.Job.Key())
	return nil
}

func (b *book) Retry(_ context.Context, l transfer.Leased, at time.Time, _ transfer.Code) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working--
	b.push(l, at)
	return nil
}

func (b *book) Defer(ctx context.Context, l transfer.Leased, at time.Time, reason transfer.Code) error {
	l.Attempt--
	return b.Retry(ctx, l, at, reason)
}

func (b *book) Bury(ctx context.Context, l transfer.Leased, _ transfer.Code) error {
	b.mu.Lock()
	b.buried = append(b.buried, l.Job)
	b.mu.Unlock()
	return b.Done(ctx, l)
}
