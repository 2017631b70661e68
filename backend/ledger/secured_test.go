package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

const deploy = "../../deploy"

// Everything works with the shipped configuration and the least rights, over TLS.
func TestLedgerWithLeastRights(t *testing.T) {
	t.Parallel()
	s := redistest.Secure(t, deploy)
	authorities.Store(s.URL(), s.Authority)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, s.URL(), newWatch()) })
	}
	strict := open(t, s.URL(), newWatch(), func(o *ledger.Options) { o.TrustPersistence = false })
	must(t, strict.Rebuilt(t.Context()))
	must(t, strict.Check(t.Context()))
}

// What the product does not need, its user may not do.
func TestLeastRightsAreLeast(t *testing.T) {
	t.Parallel()
	s := redistest.Secure(t, deploy)
	o, err := redis.ParseURL(s.URL())
	must(t, err)
	o.TLSConfig.RootCAs = s.Authority
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	must(t, c.Set(t.Context(), "sd:x", "1", 0).Err())
	for _, command := range [][]any{{"FLUSHALL"}, {"CONFIG", "GET", "dir"}, {"KEYS", "*"}, {"SCAN", "0"}, {"GET", "other"},
		{"SET", "other", "1"}, {"EVAL", "return redis.call('SET', 'other', 1)", "0"}, {"ACL", "LIST"},
		{"REPLICAOF", "NO", "ONE"}, {"SHUTDOWN"}, {"MONITOR"}, {"SCRIPT", "FLUSH"}, {"SAVE"}, {"SUBSCRIBE", "x"}, {"CLIENT", "LIST"}} {
		if err := c.Do(t.Context(), command...).Err(); err == nil || !redis.HasErrorPrefix(err, "NOPERM") && !strings.Contains(err.Error(), "can't access") {
			t.Errorf("%v: %v", command, err)
		}
	}
}

// Case 26, seen from the wire: no password, a wrong one, no TLS, or a
// certificate that nobody vouches for.
func TestASecuredRedisRefuses(t *testing.T) {
	t.Parallel()
	s := redistest.Secure(t, deploy)
	for why, try := range map[string]ledger.Options{
		"no password":    {URL: "rediss://" + s.Address, Authorities: s.Authority},
		"wrong password": {URL: "rediss://" + s.User + ":guess@" + s.Address, Authorities: s.Authority},
		"no TLS":         {URL: "redis://" + s.User + ":" + s.Password + "@" + s.Address},
		"unknown":        {URL: s.URL()},
	} {
		try.Installation, try.Timeout = "here", 2*time.Second
		_, err := ledger.Open(t.Context(), try)
		if err == nil || strings.Contains(err.Error(), s.Password) || strings.Contains(err.Error(), "guess") {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// Case 21: the master dies, the replica is promoted, and the ledger goes on.
func TestAFailoverIsFollowed(t *testing.T) {
	t.Parallel()
	w := redistest.Sentinel(t)
	l := rebuilt(t, w.URL, newWatch())
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1")}))
	before, err := l.Run(t.Context())
	must(t, err)
	must(t, client(t, w.Master.URL).Wait(t.Context(), 1, 5*time.Second).Err())
	w.Master.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for err = errors.New("not tried"); err != nil && ctx.Err() == nil; <-tick.C {
		err = l.Put(ctx, live(2), links(2), nil)
	}
	must(t, err)
	_, err = l.Get(t.Context(), tenant, id(1))
	must(t, err)
	claimOne(t, l)
	if after, err := l.Run(t.Context()); err != nil || after == before {
		t.Errorf("the run after the failover is %q, %v", after, err)
	}
}

// A restart is another run until it has been replayed into.
func TestARestartIsSeen(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := rebuilt(t, server.URL, newWatch())
	first, err := l.Unseen(t.Context())
	must(t, err)
	if first == "" {
		t.Fatal("a run that nobody has marked counts as seen")
	}
	must(t, l.MarkSeen(t.Context(), first))
	_, _, err = l.Begin(t.Context(), transfer.Record{Tenant: tenant, ID: id(2), RequestHash: []byte("hash"), Held: transfer.HeldOpen}, time.Minute, "holder")
	must(t, err)
	if again, err := l.Unseen(t.Context()); err != nil || again != "" {
		t.Errorf("the same run: %q, %v", again, err)
	}
	server.Stop()
	must(t, server.Restart(t.Context()))
	for deadline := time.Now().Add(5 * time.Second); l.Ready(t.Context()) != nil && time.Now().Before(deadline); {
	}
	second, err := l.Unseen(t.Context())
	if err != nil || second == "" || second == first {
		t.Errorf("after a restart: %q, %v", second, err)
	}
	for _, want := range []transfer.Code{transfer.Unavailable, transfer.NotFound} {
		_, err := l.Get(t.Context(), tenant, id(1))
		_, _, _, byLink := l.FindLink(t.Context(), id(1).Shard(), "hash")
		if transfer.CodeOf(err) != want || transfer.CodeOf(byLink) != want {
			t.Errorf("what is not there: %v, %v, want %s", err, byLink, want)
		}
		_, err = l.Get(t.Context(), tenant, id(2))
		if got := transfer.CodeOf(err); (got == transfer.Unavailable) != (want == transfer.Unavailable) {
			t.Errorf("a reception: %v", err)
		}
		must(t, l.MarkSeen(t.Context(), second))
	}
}
