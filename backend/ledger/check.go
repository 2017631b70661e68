package ledger

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// ErrLost says that the ledger, or a shard of it, is empty or was emptied.
// Sweeps and workers stop until a rebuild has ended with Rebuilt.
var ErrLost = errors.New("the ledger carries no marker of this installation")

// ErrForeign says that the ledger is another installation's. It must not be
// rebuilt into.
var ErrForeign = errors.New("the ledger belongs to another installation")

// ErrUnsafe says that Redis could lose or evict what it has acknowledged.
var ErrUnsafe = errors.New("redis is configured too weakly")

// Check says whether the ledger is fit for use: reachable, persistent
// (appendonly yes), never evicting (maxmemory-policy noeviction), and marked as
// ours in every shard. All errors are Unavailable, with ErrUnsafe, ErrForeign
// or ErrLost as the cause where it is one of these.
func (l *Ledger) Check(ctx context.Context) error {
	if !l.TrustPersistence {
		if err := l.checkPersistence(ctx); err != nil {
			return err
		}
	}
	return l.Ready(ctx)
}

// checkPersistence asks INFO and not CONFIG, which managed services and a
// least-privilege ACL hide.
func (l *Ledger) checkPersistence(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	var weak sync.Map
	look := func(ctx context.Context, server redis.Cmdable) error {
		return errors.Join(
			demand(ctx, server, "persistence", "aof_enabled:1", "appendonly is not \"yes\"", &weak),
			demand(ctx, server, "memory", "maxmemory_policy:noeviction", "maxmemory-policy is not \"noeviction\"", &weak))
	}
	err := l.eachServer(ctx, look)
	var said error
	weak.Range(func(what, _ any) bool {
		said = transfer.Wrap(transfer.Unavailable, "Redis: "+what.(string), ErrUnsafe)
		return false
	})
	if said == nil && err != nil {
		return failure(err)
	}
	return said
}

func demand(ctx context.Context, server redis.Cmdable, section, line, otherwise string, weak *sync.Map) error {
	info, err := server.Info(ctx, section).Result()
	var answered redis.Error
	if errors.As(err, &answered) && !redis.HasErrorPrefix(err, "LOADING") {
		weak.Store("its "+section+" cannot be seen", true)
		return nil
	}
	if err == nil && !strings.Contains("\n"+info, "\n"+line+"\r") {
		weak.Store(otherwise, true)
	}
	return err
}

// Ready says whether every shard carries our marker, so that sweeps and workers
// may go on: Unavailable with ErrLost or ErrForeign as the cause when not.
func (l *Ledger) Ready(ctx context.Context) error {
	var markers [transfer.Shards]*redis.StringCmd
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for s := range markers {
			markers[s] = p.Get(ctx, l.markerKey(s))
		}
	})
	if err != nil {
		return err
	}
	lost := false
	for _, m := range markers {
		switch m.Val() {
		case l.Installation:
		case "":
			lost = true
		default:
			return transfer.Wrap(transfer.Unavailable, "the ledger belongs to another installation", ErrForeign)
		}
	}
	if lost {
		return errLost()
	}
	return nil
}

// Rebuilt marks every shard as complete; the rebuild calls it at its end, and
// so does the first start, when there is nothing to rebuild. Another
// installation's ledger is refused.
func (l *Ledger) Rebuilt(ctx context.Context) error {
	if err := l.Ready(ctx); err == nil || !errors.Is(err, ErrLost) {
		return err
	}
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for s := range transfer.Shards {
			p.SetNX(ctx, l.markerKey(s), l.Installation, 0)
		}
	})
	if err != nil {
		return err
	}
	return l.Ready(ctx)
}

// missing is NotFound, unless the shard was lost, or Redis was restarted and
// what it may have forgotten is not replayed yet: then nothing can be said.
func (l *Ledger) missing(ctx context.Context, shard int, what string) error {
	if err := l.complete(ctx, shard); err != nil {
		return err
	}
	if err := l.replayed(ctx); err != nil {
		return err
	}
	return transfer.E(transfer.NotFound, what)
}

// replayed is Unavailable between a restart of Redis and the end of the replay.
func (l *Ledger) replayed(ctx context.Context) error {
	now, seen, err := l.runs(ctx)
	if err == nil && seen != "" && now != seen {
		err = transfer.E(transfer.Unavailable, "the ledger is being brought up to date")
	}
	return err
}

// complete says whether a shard carries our marker.
func (l *Ledger) complete(ctx context.Context, shard int) error {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	switch marker, err := l.client.Get(ctx, l.markerKey(shard)).Result(); {
	case errors.Is(err, redis.Nil) || err == nil && marker != l.Installation:
		return errLost()
	case err != nil:
		return failure(err)
	}
	return nil
}

// Now is Redis's clock, for comparison with the backend's.
func (l *Ledger) Now(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	now, err := l.client.Time(ctx).Result()
	if err != nil {
		return time.Time{}, failure(err)
	}
	return now.UTC(), nil
}

// Steady notes that somebody sweeps now, and answers since when sweeps have followed
// each other, by the clock, without a gap of more than the one given. A clock that was
// set anew makes a gap, and so does a ledger that was lost.
func (l *Ledger) Steady(ctx context.Context, gap time.Duration) (since time.Time, err error) {
	v, err := l.run(ctx, l.scripts.steady, l.base(0)+"s", l.base(0), l.now(), gap.Milliseconds())
	if err != nil {
		return time.Time{}, err
	}
	ms, _ := v.(string)
	return time.UnixMilli(integer(ms)).UTC(), nil
}

func (l *Ledger) markerKey(shard int) string { return l.base(shard) + "e" }

func errLost() error {
	return transfer.Wrap(transfer.Unavailable, "the ledger was lost and is being rebuilt", ErrLost)
}
