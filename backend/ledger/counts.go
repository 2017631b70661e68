package ledger

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// countsKept is how long a day's counts are kept.
const countsKept = 100 * 24 * time.Hour

func (l *Ledger) countsKey(tenant transfer.TenantID, day time.Time) string {
	return l.Prefix + "c:" + string(tenant) + ":" + day.UTC().Format(time.DateOnly)
}

// Count adds one to what is counted today under a name that names no person. Counts
// are figures only: nothing else rests on them, and a rebuild does not bring them back.
func (l *Ledger) Count(ctx context.Context, tenant transfer.TenantID, name string) error {
	key := l.countsKey(tenant, l.Clock())
	return l.pipelined(ctx, func(p redis.Pipeliner) {
		p.HIncrBy(ctx, key, name, 1)
		p.PExpire(ctx, key, countsKept)
	})
}

// Counted are the sums of the last days, today among them.
func (l *Ledger) Counted(ctx context.Context, tenant transfer.TenantID, days int) (map[string]int64, error) {
	answers := make([]*redis.MapStringStringCmd, max(days, 0))
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for i := range answers {
			answers[i] = p.HGetAll(ctx, l.countsKey(tenant, l.Clock().AddDate(0, 0, -i)))
		}
	})
	if err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	for _, day := range answers {
		for name, n := range day.Val() {
			sums[name] += integer(n)
		}
	}
	return sums, nil
}
