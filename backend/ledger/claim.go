package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// maxClaim bounds the jobs of one claim.
const maxClaim = 500

// Claim leases up to n jobs that are due, waiting up to block for the first.
// None is no error. A job whose earlier lease lapsed comes with the next
// Attempt; one of a version that this release does not know is left alone.
//
// A process costs one pipeline of cheap reads each Poll, idle or not; jobs that
// it queued itself are known without it. A lost or foreign ledger gives ErrLost
// as the cause.
func (l *Ledger) Claim(ctx context.Context, worker string, n int, block time.Duration) ([]transfer.Leased, error) {
	n = min(max(n, 1), maxClaim)
	token := strings.ReplaceAll(worker, "|", "") + "." + rand.Text()[:16]
	give := time.NewTimer(block)
	defer give.Stop()
	for {
		if l.schedule.mayPoll(l.Poll) {
			if err := l.poll(ctx); err != nil {
				return nil, err
			}
		}
		claimed, err := l.claimDue(ctx, token, n)
		if err != nil || len(claimed) > 0 {
			return claimed, err
		}
		wake, wait := l.schedule.rest(l.Clock(), l.Poll)
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil, nil
		case <-give.C:
			pause.Stop()
			return nil, nil
		case <-wake:
			pause.Stop()
		case <-pause.C:
		}
	}
}

// claimDue claims from the shards that are thought to have jobs due.
func (l *Ledger) claimDue(ctx context.Context, token string, n int) ([]transfer.Leased, error) {
	var claimed []transfer.Leased
	for len(claimed) < n && ctx.Err() == nil {
		shard, found := l.schedule.take(l.Clock())
		if !found {
			return claimed, nil
		}
		// A claim that was given up on the way might have been made all the same.
		some, next, err := l.claimFrom(context.WithoutCancel(ctx), shard, token, n-len(claimed))
		if err != nil && len(claimed) == 0 {
			return nil, err
		}
		if err != nil { // what was claimed before must still be worked on
			return claimed, nil
		}
		claimed = append(claimed, some...)
		if !next.IsZero() {
			l.schedule.expect(shard, next)
		}
	}
	return claimed, nil
}

func (l *Ledger) claimFrom(ctx context.Context, shard int, token string, n int) ([]transfer.Leased, time.Time, error) {
	base, now := l.base(shard), l.Clock()
	args := []any{base, l.Installation, millis(now), millis(now.Add(l.JobLease)), n, token}
	for v := 1; v <= l.version; v++ {
		args = append(args, v)
	}
	v, err := l.run(ctx, l.scripts.claim, base+"j", args...)
	if err != nil {
		return nil, time.Time{}, err
	}
	answer := v.([]any)
	next, _ := answer[0].(string)
	flat, _ := answer[1].([]any)
	var claimed []transfer.Leased
	for i := 0; i+3 < len(flat); i += 4 {
		attempt, _ := flat[i+1].(int64)
		deferred, _ := flat[i+2].(int64)
		body, _ := flat[i+3].(string)
		j := transfer.Leased{Attempt: int(attempt), Deferred: int(deferred), Token: token}
		if err := json.Unmarshal([]byte(body), &j.Job); err != nil {
			return nil, time.Time{}, transfer.Wrap(transfer.Internal, "a job cannot be read", err)
		}
		claimed = append(claimed, j)
	}
	return claimed, moment(next), nil
}

// poll asks every shard for the moment of its next job, once it has seen that
// the ledger is not lost: an emptied one has no jobs, and must not look idle.
func (l *Ledger) poll(ctx context.Context) error {
	if err := l.Ready(ctx); err != nil {
		return err
	}
	var answers []*redis.ZSliceCmd
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for s := range transfer.Shards {
			for v := 1; v <= l.version; v++ {
				answers = append(answers, p.ZRangeWithScores(ctx, l.queueKey(s, v), 0, 0))
			}
		}
	})
	if err != nil {
		return err
	}
	for i, answer := range answers {
		if first := answer.Val(); len(first) > 0 {
			l.schedule.expect(i/l.version, time.UnixMilli(int64(first[0].Score)))
		}
	}
	return nil
}

// schedule is what this process knows about when which shard has a job due. It
// is a hint: a script decides.
type schedule struct {
	mu     sync.Mutex
	next   [transfer.Shards]time.Time // zero: nothing known
	first  int                        // where take begins to look, so that every shard has its turn
	polled time.Time
	wake   chan struct{} // closed when something is expected earlier
}

func newSchedule() *schedule { return &schedule{wake: make(chan struct{})} }

// expect notes that a shard may have a job due at a moment.
func (s *schedule) expect(shard int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.next[shard]; !known.IsZero() && !at.Before(known) {
		return
	}
	s.next[shard] = at
	close(s.wake)
	s.wake = make(chan struct{})
}

// take gives a shard that may have a job due to one caller.
func (s *schedule) take(now time.Time) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.next {
		shard := (s.first + i) % transfer.Shards
		if at := s.next[shard]; !at.IsZero() && !at.After(now) {
			s.next[shard] = time.Time{}
			s.first = shard + 1
			return shard, true
		}
	}
	return 0, false
}

// mayPoll tells one caller in a period to poll. Its pace is the machine's, not
// the injected clock's, which a test may hold still.
func (s *schedule) mayPoll(period time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.polled.IsZero() || now.Sub(s.polled) >= period {
		s.polled = now
		return true
	}
	return false
}

// rest is how long there is nothing to do, and what ends it earlier.
func (s *schedule) rest(now time.Time, period time.Duration) (<-chan struct{}, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := period - time.Since(s.polled)
	for _, at := range s.next {
		if !at.IsZero() {
			wait = min(wait, at.Sub(now))
		}
	}
	return s.wake, max(wait, time.Millisecond)
}

func (l *Ledger) queueKey(shard, version int) string {
	return l.base(shard) + "q" + strconv.Itoa(version)
}
