package ledger

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// Stats are figures for monitoring.
type Stats struct {
	Phases map[transfer.Phase]int // records
	Ready  int                    // jobs that could be claimed now
	Later  int                    // jobs leased, delayed or waiting for another try
	Dead   int                    // dead letters
	Lag    time.Duration          // how long the first ready job has been waiting
}

// Stats reads the figures of all shards in one round trip.
func (l *Ledger) Stats(ctx context.Context) (Stats, error) {
	type shard struct {
		counts     *redis.MapStringStringCmd
		all, ready []*redis.IntCmd
		first      []*redis.ZSliceCmd
	}
	var shards [transfer.Shards]shard
	now := l.Clock()
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for s := range shards {
			shards[s].counts = p.HGetAll(ctx, l.base(s)+"n")
			for v := 1; v <= l.version; v++ {
				q := l.queueKey(s, v)
				shards[s].all = append(shards[s].all, p.ZCard(ctx, q))
				shards[s].ready = append(shards[s].ready, p.ZCount(ctx, q, "-inf", millis(now)))
				shards[s].first = append(shards[s].first, p.ZRangeWithScores(ctx, q, 0, 0))
			}
		}
	})
	if err != nil {
		return Stats{}, err
	}
	stats := Stats{Phases: map[transfer.Phase]int{}}
	for _, s := range shards {
		for name, n := range s.counts.Val() {
			stats.count(name, int(integer(n)))
		}
		for v := range s.all {
			ready := int(s.ready[v].Val())
			stats.Ready += ready
			stats.Later += int(s.all[v].Val()) - ready
			if first := s.first[v].Val(); len(first) > 0 {
				stats.Lag = max(stats.Lag, now.Sub(time.UnixMilli(int64(first[0].Score))))
			}
		}
	}
	return stats, nil
}

func (s *Stats) count(name string, n int) {
	switch {
	case name == "jobs":
		s.Dead += n
	case n != 0:
		s.Phases[transfer.Phase(name)] += n
	}
}
