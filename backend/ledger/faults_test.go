package ledger_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

// client is a connection past the ledger, to do harm.
func client(t testing.TB, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	must(t, err)
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Cases 17 and 19.
func TestWeakRedisIsRefused(t *testing.T) {
	t.Parallel()
	weak := map[string][]string{
		"appendonly":       {"--appendonly", "no"},
		"maxmemory-policy": {"--maxmemory-policy", "allkeys-lru"},
		"cannot be seen":   {"--rename-command", "INFO", ""},
	}
	for why, settings := range weak {
		url := redistest.Start(t, settings...).URL
		strict := open(t, url, newWatch(), func(o *ledger.Options) { o.TrustPersistence = false })
		must(t, strict.Rebuilt(t.Context()))
		err := strict.Check(t.Context())
		wantCode(t, err, transfer.Unavailable)
		if !errors.Is(err, ledger.ErrUnsafe) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
		trusting := open(t, url, newWatch(), func(o *ledger.Options) { o.Prefix = strict.Prefix })
		must(t, trusting.Check(t.Context()))
	}
	strong := open(t, redistest.Start(t).URL, newWatch(), func(o *ledger.Options) { o.TrustPersistence = false })
	must(t, strong.Rebuilt(t.Context()))
	must(t, strong.Check(t.Context()))
	if now, err := strong.Now(t.Context()); err != nil || time.Since(now).Abs() > time.Minute {
		t.Fatal(now, err)
	}
}

// Case 15.
func TestReconnectsAfterAKill(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendfsync", "always")
	l := rebuilt(t, server.URL, newWatch())
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1")}))
	server.Kill()
	_, err := l.Get(t.Context(), tenant, id(1))
	wantCode(t, err, transfer.Unavailable)
	must(t, server.Restart(t.Context()))
	reconnects(t, l)
	claimOne(t, l) // although the server has forgotten the scripts
}

// reconnects waits until the server is found again: 5 seconds at the most.
func reconnects(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	both := func() error { // single commands and pipelines have connections of their own
		_, err := l.LockedUntil(t.Context(), tenant, id(1), "r1")
		return errors.Join(err, l.Ready(t.Context()))
	}
	back := time.Now()
	for err := both(); err != nil; err = both() {
		if time.Since(back) > 5*time.Second {
			t.Fatal(err)
		}
	}
}

// Case 16.
func TestKillUnderLoadLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendfsync", "always")
	l := rebuilt(t, server.URL, newWatch())
	var acknowledged sync.Map
	var count, next atomic.Int64
	enough := make(chan struct{})
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for {
				n := int(next.Add(1))
				if l.Put(t.Context(), live(n), links(n), []transfer.Job{job(n, "r1")}) != nil {
					return
				}
				acknowledged.Store(n, true)
				if count.Add(1) == 500 {
					close(enough)
				}
			}
		})
	}
	<-enough
	server.Kill()
	writers.Wait()
	must(t, server.Restart(t.Context()))
	reconnects(t, l)
	queued := drain(t, l)
	acknowledged.Range(func(n, _ any) bool {
		if _, err := l.Get(t.Context(), tenant, id(n.(int))); err != nil {
			t.Errorf("record %d: %v", n, err)
		}
		if _, _, _, err := l.FindLink(t.Context(), id(n.(int)).Shard(), linkHash(n.(int), "r2")); err != nil {
			t.Errorf("link %d: %v", n, err)
		}
		if !queued[job(n.(int), "r1").Key()] {
			t.Errorf("job %d is not queued", n)
		}
		return true
	})
}

// drain claims everything that is due.
func drain(t *testing.T, l *ledger.Ledger) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for {
		claimed, err := l.Claim(t.Context(), "worker", 500, 50*time.Millisecond)
		must(t, err)
		if len(claimed) == 0 {
			return all
		}
		for _, j := range claimed {
			all[j.Job.Key()] = true
		}
	}
}

// Case 18: what is new is refused, all else goes on.
func TestFullRedisStillReadsAndSettles(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := rebuilt(t, server.URL, newWatch())
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1"), job(1, "r2")}))
	must(t, client(t, server.URL).ConfigSet(t.Context(), "maxmemory", "1").Err())
	_, _, err := l.Begin(t.Context(), live(2), lease, "holder")
	wantCode(t, err, transfer.Unavailable)
	_, err = l.Get(t.Context(), tenant, id(1))
	must(t, err)
	must(t, l.CreateSession(t.Context(), "h", map[string][]byte{"a": nil}, time.Minute))
	_, _, err = l.FailCode(t.Context(), tenant, id(1), "r1", 5, time.Minute)
	must(t, err)
	_, _, err = l.Allow(t.Context(), "k", ledger.Rate{Limit: 1, Per: time.Minute})
	must(t, err)
	changed := live(1)
	changed.Seq, changed.Phase = 2, transfer.Revoked
	must(t, l.Put(t.Context(), changed, nil, nil))
	must(t, l.Done(t.Context(), claimOne(t, l)))
	must(t, l.Bury(t.Context(), claimOne(t, l), transfer.Internal))
	must(t, l.Remove(t.Context(), tenant, id(1)))
}

// Case 20.
func TestFlushStopsSweepsAndWorkers(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := rebuilt(t, server.URL, newWatch())
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	must(t, client(t, server.URL).FlushAll(t.Context()).Err())
	must(t, l.Put(t.Context(), live(2), links(2), []transfer.Job{job(2, "r1")}))
	_, claimErr := l.Claim(t.Context(), "worker", 1, time.Second)
	_, dueErr := l.Due(t.Context(), start.Add(1000*time.Hour), 10)
	_, getErr := l.Get(t.Context(), tenant, id(1))
	for _, err := range []error{l.Check(t.Context()), claimErr, dueErr, getErr} {
		if !errors.Is(err, ledger.ErrLost) {
			t.Error(err)
		}
	}
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	must(t, l.Rebuilt(t.Context()))
	_, err := l.Get(t.Context(), tenant, id(1))
	must(t, err)
	claimOne(t, l)
}

// A Redis that hangs is Unavailable within the timeout.
func TestHangingRedisIsUnavailable(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := open(t, server.URL, newWatch(), func(o *ledger.Options) { o.Timeout = 200 * time.Millisecond })
	must(t, syscall.Kill(server.PID(), syscall.SIGSTOP))
	defer func() { _ = syscall.Kill(server.PID(), syscall.SIGCONT) }()
	began := time.Now()
	_, err := l.Get(t.Context(), tenant, id(1))
	wantCode(t, err, transfer.Unavailable)
	ok, _, err := l.Allow(t.Context(), "k", ledger.Rate{Limit: 1, Per: time.Minute})
	wantCode(t, err, transfer.Unavailable)
	if ok || time.Since(began) > 2*time.Second {
		t.Fatal(ok, time.Since(began))
	}
}

// Case 23: the connection breaks after a command has run. The client repeats
// it, and it must have happened once.
func TestResetAfterTheCommandRan(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := cutter(t, strings.TrimPrefix(server.URL, "unix://"))
	l := rebuilt(t, proxy.url, newWatch())
	cut := func(call func() error) {
		t.Helper()
		proxy.cuts.Store(1)
		must(t, call())
		if proxy.cuts.Load() != 0 {
			t.Fatal("nothing was cut")
		}
	}
	ctx := t.Context()
	began := false
	cut(func() (err error) { _, began, err = l.Begin(ctx, live(1), lease, "holder"); return err })
	if !began {
		t.Error("the winner was told that another one began")
	}
	cut(func() error { return l.Heartbeat(ctx, tenant, id(1), "holder", 5, 10, lease) })
	cut(func() error { return l.Put(ctx, live(1), links(1), []transfer.Job{job(1, "r1"), job(1, "r2")}) })
	first, second := claimOne(t, l), claimOne(t, l)
	cut(func() error { return l.Renew(ctx, first) })
	cut(func() error { return l.Done(ctx, first) })
	cut(func() error { return l.Enqueue(ctx, job(3, "r1")) })
	must(t, l.Done(ctx, claimOne(t, l)))
	cut(func() error { return l.Retry(ctx, second, start, transfer.OutlookBusy) })
	again := claimOne(t, l)
	if again.Attempt != 2 || again.Job != second.Job {
		t.Errorf("%+v", again)
	}
	cut(func() error { return l.Bury(ctx, again, transfer.Internal) })
	cut(func() error { return l.Revive(ctx, tenant, again.Job.Key()) })
	must(t, l.Done(ctx, claimOne(t, l)))
	claimNone(t, l)
	cut(func() error { return l.Remove(ctx, tenant, id(1)) })
	if s, err := l.Stats(ctx); err != nil || len(s.Phases) != 0 || s.Dead != 0 {
		t.Errorf("%+v %v", s, err)
	}
}

// breaker passes connections on to a server and, as often as cuts says, breaks
// one when the answer to what was asked comes back.
type breaker struct {
	url  string
	cuts atomic.Int64
}

func cutter(t *testing.T, socket string) *breaker {
	t.Helper()
	in, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = in.Close() })
	b := &breaker{url: "redis://" + in.Addr().String()}
	go func() {
		for {
			near, err := in.Accept()
			if err != nil {
				return
			}
			go b.pass(near, socket)
		}
	}()
	return b
}

func (b *breaker) pass(near net.Conn, socket string) {
	defer near.Close()
	far, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
	answer := make([]byte, 64<<10)
	for {
		n, err := far.Read(answer)
		if err != nil || b.cuts.Load() > 0 && b.cuts.Add(-1) >= 0 {
			return
		}
		_, _ = near.Write(answer[:n])
	}
}

// Case 79.
func TestUnknownJobVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t).URL
	older := rebuilt(t, url, newWatch())
	future := job(1, "r1")
	future.Version = 2
	must(t, older.Enqueue(t.Context(), future))
	claimNone(t, older)
	newer := open(t, url, newWatch(), func(o *ledger.Options) { o.Prefix = older.Prefix })
	newer.KnowJobs(2)
	must(t, older.Enqueue(t.Context(), job(2, "r1")))
	versions := map[int]bool{}
	for range 2 {
		j := claimOne(t, newer)
		versions[j.Job.Version] = true
		must(t, newer.Done(t.Context(), j))
	}
	if len(versions) != 2 {
		t.Fatal(versions)
	}
	claimNone(t, older)
}

// Everything that is written lies under the prefix, and nothing that a person
// could be known by is in it.
func TestNothingReadableInRedis(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t).URL
	l := rebuilt(t, url, newWatch())
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1")}))
	must(t, l.CreateSession(t.Context(), namer.Hash("session", "x"), map[string][]byte{"a": {1}}, time.Hour))
	keys, err := client(t, url).Keys(t.Context(), "*").Result()
	must(t, err)
	for _, key := range keys {
		if !strings.HasPrefix(key, l.Prefix) {
			t.Errorf("%q is outside of the prefix", key)
		}
	}
	all := dump(t, url, "")
	for _, secret := range []string{"caseworker", "mailbox@", "@"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in Redis", secret)
		}
	}
}

// Records stay in Redis's compact encoding up to 500 recipients' worth of
// fields, and every key of a thousand recipients still works.
func TestManyRecipients(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t).URL
	l := open(t, url, newWatch(), func(o *ledger.Options) { o.Timeout = time.Minute }) // it is the size that counts here
	must(t, l.Rebuilt(t.Context()))
	r := live(1)
	r.Recipients = map[transfer.RecipientID]string{}
	many := map[string]transfer.RecipientID{}
	for i := range 3000 {
		recipient := transfer.RecipientID(fmt.Sprint("r", i))
		r.Recipients[recipient] = "waiting"
		many[linkHash(1, string(recipient))] = recipient
	}
	var jobs []transfer.Job
	for recipient := range r.Recipients {
		jobs = append(jobs, job(1, recipient))
	}
	must(t, l.Put(t.Context(), r, many, jobs))
	got, err := l.Get(t.Context(), tenant, id(1))
	must(t, err)
	if len(got.Recipients) != 3000 || len(drain(t, l)) != 3000 {
		t.Fatal(len(got.Recipients))
	}
	must(t, l.Put(t.Context(), live(2), links(2), nil))
	key := l.Prefix + fmt.Sprintf("{%02x}t%s", id(2).Shard(), id(2)[2:])
	if how := client(t, url).ObjectEncoding(t.Context(), key).Val(); how != "listpack" {
		t.Fatal(how)
	}
}
