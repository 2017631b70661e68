package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"senddigitally/backend/app"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
)

// Clocks that differ more than this stop sweeps, and more than that are worth a
// word.
const (
	skewStops = 10 * time.Minute
	skewWarns = 5 * time.Second
)

func (x *examination) redis(ctx context.Context) {
	ring, err := keys.Load(x.config.Storage.Keyring)
	if err != nil {
		return // said before
	}
	authorities, err := app.Authorities(x.config.Redis.Authority)
	if err != nil {
		x.note("redis.authority", Broken, err.Error(), "write the path of the authority's certificates, PEM")
		return
	}
	book, err := ledger.Open(ctx, ledger.Options{URL: x.config.Redis.Connection(), Authorities: authorities, Timeout: x.Patience,
		Installation: ring.Installation(), TrustPersistence: x.config.Redis.TrustPersistence, Clock: x.Clock})
	if err != nil {
		x.unreachable(err)
		return
	}
	defer book.Close()
	x.note("redis", Fit, "it answers", "")
	x.ledger(book.Check(ctx))
	x.clock(book.Now(ctx))
}

// unreachable tells apart what can keep Redis from answering.
func (x *examination) unreachable(err error) {
	cause := fmt.Sprint(errors.Unwrap(err))
	mend := "start Redis, and compare redis.url with where it listens"
	for part, cure := range map[string]string{
		"NOAUTH":      "write redis.user and redis.password",
		"WRONGPASS":   "write the user and password that users.acl has; its hash is the password's SHA-256",
		"NOPERM":      "give the user the rights in deploy/redis/users.acl",
		"x509":        "write redis.authority, or give Redis a certificate for the name in redis.url",
		"first recor": "Redis speaks no TLS there: compare redis.url with its tls-port",
	} {
		if strings.Contains(cause, part) {
			mend = cure
		}
	}
	x.note("redis", Broken, "Redis cannot be used: "+cause, mend)
}

func (x *examination) ledger(err error) {
	switch {
	case err == nil:
		x.note("redis.ledger", Fit, "it keeps what it acknowledged, evicts nothing, and is this installation's", "")
	case errors.Is(err, ledger.ErrUnsafe):
		x.note("redis.persistence", Broken, err.Error(), "use the settings of deploy/redis/redis.conf: appendonly yes, maxmemory-policy noeviction, and a user that may call INFO; redis.trust_persistence is for managed services that hide them")
	case errors.Is(err, ledger.ErrForeign):
		x.note("redis.ledger", Broken, "another installation uses this Redis", "write the URL of a Redis, or the number of a database, of its own; never rebuild into this one")
	case errors.Is(err, ledger.ErrLost):
		x.note("redis.ledger", Warning, "the ledger is empty or was emptied; the first start, and every start after a loss, rebuilds it", "start the service, or run senddigitally rebuild")
	default:
		x.note("redis.ledger", Broken, err.Error(), "see that Redis stays reachable")
	}
}

func (x *examination) clock(theirs time.Time, err error) {
	if err != nil {
		return
	}
	apart := x.Clock().Sub(theirs).Abs()
	says := "the clocks of this machine and of Redis are " + apart.Round(time.Millisecond).String() + " apart"
	const mend = "let both machines keep time (chrony, systemd-timesyncd)"
	switch {
	case apart > skewStops:
		x.note("clock", Broken, says+"; nothing is erased", mend)
	case apart > skewWarns:
		x.note("clock", Warning, says, mend)
	default:
		x.note("clock", Fit, says, "")
	}
}
