package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Run names the running servers: it is another one after a restart or a
// failover. "" where the servers do not say.
func (l *Ledger) Run(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	var mu sync.Mutex
	var runs []string
	err := l.eachServer(ctx, func(ctx context.Context, server redis.Cmdable) error {
		info, err := server.Info(ctx, "server").Result()
		mu.Lock()
		defer mu.Unlock()
		runs = append(runs, infoField(info, "run_id"))
		return err
	})
	if _, refused := errors.AsType[redis.Error](err); refused {
		return "", nil
	}
	if err != nil {
		return "", failure(err)
	}
	slices.Sort(runs)
	return strings.Join(runs, ","), nil
}

// Unseen returns the name of the run when it is not the one that MarkSeen was
// told last: since then acknowledged changes may have been lost, and a replay
// brings them back. "" when nothing has changed.
func (l *Ledger) Unseen(ctx context.Context) (string, error) {
	run, seen, err := l.runs(ctx)
	if err != nil || run == seen {
		return "", err
	}
	return run, nil
}

// runs are the run that is and the one that MarkSeen was told last.
func (l *Ledger) runs(ctx context.Context) (now, seen string, err error) {
	if now, err = l.Run(ctx); err != nil || now == "" {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	if seen, err = l.client.Get(ctx, l.seenKey()).Result(); err != nil && !errors.Is(err, redis.Nil) {
		return "", "", failure(err)
	}
	return now, seen, nil
}

// MarkSeen says that everything has been replayed into a run.
func (l *Ledger) MarkSeen(ctx context.Context, run string) error {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	if err := l.client.Set(ctx, l.seenKey(), run, 0).Err(); err != nil {
		return failure(err)
	}
	return nil
}

func (l *Ledger) seenKey() string { return l.base(0) + "r" }

// eachServer asks every master.
func (l *Ledger) eachServer(ctx context.Context, ask func(context.Context, redis.Cmdable) error) error {
	if cluster, is := l.client.(*redis.ClusterClient); is {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return ask(ctx, c) })
	}
	return ask(ctx, l.client)
}

// infoField is the value of a line of INFO.
func infoField(info, name string) string {
	for line := range strings.SplitSeq(info, "\r\n") {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return value
		}
	}
	return ""
}
