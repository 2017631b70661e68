package ledger

import (
	"context"
	"embed"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed scripts/*.lua
var sources embed.FS

type scripts struct {
	begin, hold, put, remove, postpone *redis.Script
	enqueue, claim, settle, revive     *redis.Script
	allow, keep, failcode, session     *redis.Script
	steady                             *redis.Script
}

// roomy marks scripts that may run when Redis has reached maxmemory. Only the
// beginning of something new may not, so that reading, settling and erasing go
// on while new sends are refused.
const roomy = "#!lua flags=allow-oom\n"

// loadScripts puts the scripts together for the dialect of the server: an
// embedded one does not know flags.
func loadScripts(ctx context.Context, client redis.UniversalClient, prefix string) (*scripts, error) {
	header := roomy
	err := client.Eval(ctx, roomy+"return 1", []string{prefix + "flags"}).Err()
	if err != nil && strings.Contains(err.Error(), "ompiling script") {
		header, err = "", nil
	}
	if err != nil {
		return nil, err
	}
	script := func(header string, names ...string) *redis.Script {
		return redis.NewScriptServerSHA(header + source("prelude") + sourceOf(names))
	}
	return &scripts{
		begin:    script("", "record", "begin"),
		hold:     script(header, "record", "hold"),
		put:      script(header, "record", "job", "put"),
		remove:   script(header, "record", "job", "remove"),
		postpone: script(header, "record", "postpone"),
		enqueue:  script(header, "job", "enqueue"),
		claim:    script(header, "job", "claim"),
		settle:   script(header, "job", "settle"),
		revive:   script(header, "job", "revive"),
		allow:    script(header, "allow"),
		keep:     script(header, "keep"),
		failcode: script(header, "failcode"),
		session:  script(header, "session"),
		steady:   script(header, "steady"),
	}, nil
}

func sourceOf(names []string) string {
	var all strings.Builder
	for _, name := range names {
		all.WriteString(source(name))
	}
	return all.String()
}

func source(name string) string {
	text, err := sources.ReadFile("scripts/" + name + ".lua")
	if err != nil {
		panic(err) // embedded at build time
	}
	return string(text)
}
