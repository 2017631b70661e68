package ledger_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger"
)

// watched opens a ledger whose client the test can hook.
func watched(t *testing.T, url string, clock *watch) (*ledger.Ledger, *redis.Client) {
	t.Helper()
	if !strings.HasPrefix(url, "redis://") {
		t.Skip("one kind of client will do")
	}
	o, err := redis.ParseURL(url)
	must(t, err)
	client := redis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	l := open(t, url, clock, func(o *ledger.Options) { o.Client = client })
	must(t, l.Rebuilt(t.Context()))
	return l, client
}

// between does something once, just before a command.
type between struct {
	command string
	act     func()
}

func (b *between) before(name string) {
	if act := b.act; act != nil && name == b.command {
		b.act = nil
		act()
	}
}

func (b *between) DialHook(next redis.DialHook) redis.DialHook { return next }
func (b *between) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		b.before(cmd.Name())
		return next(ctx, cmd)
	}
}
func (b *between) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		b.before(commands[0].Name())
		return next(ctx, commands)
	}
}
