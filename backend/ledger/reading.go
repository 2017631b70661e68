package ledger

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

func (l *Ledger) readersKey(id transfer.ID) string { return l.base(id.Shard()) + "v" + string(id[2:]) }

// Reading notes that a reader of a transfer or reply goes on until a moment; the
// zero time says that it has ended. The reader must be new for every reading,
// and name nobody.
func (l *Ledger) Reading(ctx context.Context, id transfer.ID, reader string, until time.Time) error {
	if !id.Valid() {
		return transfer.E(transfer.NotFound, unknownTransfer)
	}
	return l.pipelined(ctx, func(p redis.Pipeliner) {
		if until.IsZero() {
			p.ZRem(ctx, l.readersKey(id), reader)
			return
		}
		p.ZAdd(ctx, l.readersKey(id), redis.Z{Score: float64(until.UnixMilli()), Member: reader})
		p.PExpire(ctx, l.readersKey(id), until.Sub(l.Clock())+backstop)
	})
}

// BeingRead reports whether somebody is reading a transfer or reply.
func (l *Ledger) BeingRead(ctx context.Context, id transfer.ID) (bool, error) {
	if !id.Valid() {
		return false, transfer.E(transfer.NotFound, unknownTransfer)
	}
	called, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	n, err := l.client.ZCount(called, l.readersKey(id), "("+l.now(), "+inf").Result()
	if err != nil {
		return false, failure(err)
	}
	return n > 0, nil
}
