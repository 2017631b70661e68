package ledger

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// Due lists up to limit records whose DueAt is not after now, of all tenants:
// an expiry or undo window that has passed, a reception that lapsed or failed a
// grace ago, a tombstone that nobody needs any more. What the sweep cannot
// finish it must Postpone, or it will be listed again. In a lost or foreign
// ledger nothing is due: the error says so.
func (l *Ledger) Due(ctx context.Context, now time.Time, limit int) ([]transfer.Record, error) {
	if err := l.Ready(ctx); err != nil {
		return nil, err
	}
	share := int64(max(1, (limit+transfer.Shards-1)/transfer.Shards))
	ids, err := l.due(ctx, now, share)
	if err == nil && len(ids) < limit {
		ids, err = l.due(ctx, now, int64(limit)) // few shards may hold all of it
	}
	if err != nil {
		return nil, err
	}
	listed, err := l.read(ctx, ids[:min(limit, len(ids))])
	return slices.DeleteFunc(listed, func(r transfer.Record) bool { // since it was listed, somebody has settled it
		return r.DueAt.IsZero() || r.DueAt.After(now)
	}), err
}

func (l *Ledger) due(ctx context.Context, now time.Time, share int64) ([]transfer.ID, error) {
	var answers [transfer.Shards]*redis.StringSliceCmd
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for s := range answers {
			answers[s] = p.ZRangeByScore(ctx, l.base(s)+"d", &redis.ZRangeBy{Min: "-inf", Max: millis(now), Count: share})
		}
	})
	if err != nil {
		return nil, err
	}
	var ids []transfer.ID
	first := rand.IntN(transfer.Shards) // so that no shard has to wait for the others
	for i := range answers {
		s := (first + i) % transfer.Shards
		for _, m := range answers[s].Val() {
			ids = append(ids, unpackMember(s, m))
		}
	}
	return ids, nil
}

// Postpone keeps a record that is due from being so before a moment, without
// changing what is known of it. One that is not due keeps its deadline: somebody
// else has erased it meanwhile, or given it another.
func (l *Ledger) Postpone(ctx context.Context, tenant transfer.TenantID, id transfer.ID, until time.Time) error {
	if !id.Valid() {
		return transfer.E(transfer.NotFound, unknownTransfer)
	}
	word, err := l.verdict(ctx, l.scripts.postpone, l.recordKey(id), l.base(id.Shard()), member(id), string(tenant), millis(until), l.now())
	if err == nil && word == "unknown" {
		return l.missing(ctx, id.Shard(), unknownTransfer)
	}
	return err
}
