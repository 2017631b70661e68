package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

const (
	tenant = transfer.TenantID("town")
	lease  = time.Minute
)

var (
	start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	namer = transfer.NewNamer([]byte("a root secret for tests, 32 bytes"))
)

// watch is a clock that a test moves.
type watch struct{ at atomic.Int64 }

func newWatch() *watch                   { w := &watch{}; w.at.Store(start.UnixNano()); return w }
func (w *watch) now() time.Time          { return time.Unix(0, w.at.Load()).UTC() }
func (w *watch) advance(d time.Duration) { w.at.Add(int64(d)) }

var prefixes atomic.Int64

// open opens a ledger of its own on a server that tests share.
func open(t testing.TB, url string, clock *watch, change ...func(*ledger.Options)) *ledger.Ledger {
	t.Helper()
	o := ledger.Options{URL: url, Prefix: fmt.Sprintf("t%d:", prefixes.Add(1)), Installation: "here",
		Clock: clock.now, Poll: 5 * time.Millisecond, TrustPersistence: true}
	for _, c := range change {
		c(&o)
	}
	l, err := ledger.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// rebuilt opens a ledger that is ready for use.
func rebuilt(t testing.TB, url string, clock *watch) *ledger.Ledger {
	t.Helper()
	l := open(t, url, clock)
	must(t, l.Rebuilt(t.Context()))
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code transfer.Code) {
	t.Helper()
	if transfer.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func id(n int) transfer.ID { return namer.TransferID(tenant, "caller", fmt.Sprint(n)) }

// live is a committed transfer with two recipients.
func live(n int) transfer.Record {
	expires := start.Add(7 * 24 * time.Hour)
	return transfer.Record{Tenant: tenant, ID: id(n), Kind: transfer.KindTransfer, Phase: transfer.Live,
		RequestHash: []byte(namer.Hash("request", fmt.Sprint(n))), Owner: namer.Owner(tenant, "caseworker"),
		Mailbox: namer.Owner(tenant, "mailbox"), AcceptedAt: start.Add(time.Duration(n) * time.Second),
		ExpiresAt: expires, DueAt: expires, Held: transfer.HoldUntil(expires), Seq: 1, Size: 12345,
		Recipients: map[transfer.RecipientID]string{"r1": "waiting", "r2": "notified"}}
}

func links(n int) map[string]transfer.RecipientID {
	return map[string]transfer.RecipientID{linkHash(n, "r1"): "r1", linkHash(n, "r2"): "r2"}
}

func linkHash(n int, r string) string { return namer.Hash("link", fmt.Sprint(n), r) }

func job(n int, r transfer.RecipientID) transfer.Job {
	return transfer.Job{Version: 1, Kind: transfer.NotifyJob, Tenant: tenant, ID: id(n), Recipient: r}
}

func claimOne(t testing.TB, l *ledger.Ledger) transfer.Leased {
	t.Helper()
	claimed, err := l.Claim(t.Context(), "worker", 1, 5*time.Second)
	must(t, err)
	if len(claimed) != 1 {
		t.Fatalf("claimed %d jobs, want 1", len(claimed))
	}
	return claimed[0]
}

func claimNone(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	claimed, err := l.Claim(t.Context(), "worker", 10, 30*time.Millisecond)
	must(t, err)
	if len(claimed) != 0 {
		t.Fatalf("claimed %v, want nothing", claimed)
	}
}

// TestLedger runs everything against a real server, a real cluster and the
// stand-in.
func TestLedger(t *testing.T) {
	servers := map[string]func(*testing.T) string{
		"redis-server": func(t *testing.T) string { return redistest.Start(t).URL },
		"cluster":      func(t *testing.T) string { return redistest.Cluster(t, 3) },
		"embedded":     func(t *testing.T) string { return "redis://" + miniredis.RunT(t).Addr() },
	}
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			url := server(t)
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, url, newWatch()) })
			}
		})
	}
}

var cases = []struct {
	name string
	run  func(*testing.T, string, *watch)
}{
	{"one of fifty equal requests begins (39)", oneBegins},
	{"the same key with another request is refused (40)", keyReused},
	{"a failed or lapsed reception begins again", beginsAgain},
	{"a reception reports its progress", progress},
	{"a record comes back as it was put", putAndGet},
	{"another tenant sees nothing", foreignTenant},
	{"an older record is ignored, its jobs are not", olderRecord},
	{"repeating a put changes nothing (23)", putTwice},
	{"a new link replaces the recipient's old one", relink},
	{"a tombstone stays and nothing is put over it", tombstone},
	{"removing leaves nothing", removed},
	{"a live reception cannot be removed", removeReceiving},
	{"lists merge all shards, newest first", lists},
	{"lists page through equal times", equalTimes},
	{"manual and dead replies are listed while they wait", phaseLists},
	{"what is due is listed, postponed and removed", due},
	{"jobs come once, in time, and end", jobLife},
	{"a job is queued once", jobOnce},
	{"a job asked for while it runs runs once more", jobAgain},
	{"a lapsed lease is claimed again (38)", jobLapse},
	{"retry waits, bury waits for a person", jobRetryBury},
	{"Claim wakes for a job of the same process", claimWakes},
	{"Claim sees another process's job", claimPolls},
	{"many workers claim every job once", claimMany},
	{"a session ends by the backend's clock", sessions},
	{"a rate lets through what it says", allow},
	{"wrong codes lock out", codes},
	{"stats count", stats},
	{"a lost ledger stops sweeps and workers (20)", lost},
	{"a foreign ledger is refused", foreign},
}

func oneBegins(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	var winners atomic.Int32
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r, began, err := l.Begin(t.Context(), live(1), lease, fmt.Sprint("holder", i))
			if err != nil || r.Phase != transfer.Receiving || r.ID != id(1) {
				t.Errorf("%v %v", r, err)
			}
			if began {
				winners.Add(1)
			}
		})
	}
	all.Wait()
	if winners.Load() != 1 {
		t.Fatalf("%d began", winners.Load())
	}
}

func keyReused(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	other := live(1)
	other.RequestHash = []byte("something else")
	_, _, err := l.Begin(t.Context(), other, lease, "two")
	wantCode(t, err, transfer.KeyReused)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	_, _, err = l.Begin(t.Context(), other, lease, "two")
	wantCode(t, err, transfer.KeyReused)
}

func begin(t *testing.T, l *ledger.Ledger, holder string, want bool) transfer.Record {
	t.Helper()
	r, began, err := l.Begin(t.Context(), live(1), lease, holder)
	must(t, err)
	if began != want {
		t.Fatalf("%s began: %v, want %v", holder, began, want)
	}
	return r
}

func beginsAgain(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	begin(t, l, "one", true) // the answer was lost
	begin(t, l, "two", false)
	clock.advance(lease + time.Second)
	begin(t, l, "two", true)
	wantCode(t, l.Heartbeat(t.Context(), tenant, id(1), "one", 1, 1, lease), transfer.Conflict)
	wantCode(t, l.Fail(t.Context(), tenant, id(1), "one", transfer.TooLarge), transfer.Conflict)
	must(t, l.Fail(t.Context(), tenant, id(1), "two", transfer.TooLarge))
	must(t, l.Fail(t.Context(), tenant, id(1), "two", transfer.TooLarge))
	r, err := l.Get(t.Context(), tenant, id(1))
	must(t, err)
	if r.Phase != transfer.Failing || r.Reason != transfer.TooLarge {
		t.Fatalf("%+v", r)
	}
	if again := begin(t, l, "three", true); again.Reason != "" || again.Phase != transfer.Receiving {
		t.Fatalf("%+v", again)
	}
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	if r := begin(t, l, "four", false); r.Phase != transfer.Live {
		t.Fatalf("%+v", r)
	}
}

func progress(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	must(t, l.Heartbeat(t.Context(), tenant, id(1), "one", 10, 100, lease))
	clock.advance(lease / 2)
	must(t, l.Heartbeat(t.Context(), tenant, id(1), "one", -1, -1, lease))
	clock.advance(lease * 3 / 4)
	if r := begin(t, l, "two", false); r.Progress != 10 || r.Size != 100 {
		t.Fatalf("%+v", r)
	}
	wantCode(t, l.Heartbeat(t.Context(), tenant, id(2), "one", 1, 1, lease), transfer.NotFound)
}

func putAndGet(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	want := live(1)
	must(t, l.Put(t.Context(), want, links(1), nil))
	got, err := l.Get(t.Context(), tenant, id(1))
	must(t, err)
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Fatalf("\n%+v, want\n%+v", got, want)
	}
	for _, r := range []transfer.RecipientID{"r1", "r2"} {
		who, which, recipient, err := l.FindLink(t.Context(), id(1).Shard(), linkHash(1, string(r)))
		if err != nil || who != tenant || which != id(1) || recipient != r {
			t.Fatal(who, which, recipient, err)
		}
	}
	_, _, _, err = l.FindLink(t.Context(), id(1).Shard(), linkHash(2, "r1"))
	wantCode(t, err, transfer.NotFound)
	_, err = l.Get(t.Context(), tenant, id(2))
	wantCode(t, err, transfer.NotFound)
	_, err = l.Get(t.Context(), tenant, "../../x")
	wantCode(t, err, transfer.NotFound)
}

func foreignTenant(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	_, err := l.Get(t.Context(), "other", id(1))
	wantCode(t, err, transfer.NotFound)
	must(t, l.Remove(t.Context(), "other", id(1)))
	_, _, err = l.FailCode(t.Context(), "other", id(1), "r1", 5, time.Minute)
	wantCode(t, err, transfer.NotFound)
	wantCode(t, l.Postpone(t.Context(), "other", id(1), start), transfer.NotFound)
	stolen := live(1)
	stolen.Tenant = "other"
	wantCode(t, l.Put(t.Context(), stolen, nil, nil), transfer.Conflict)
	ids, _, err := l.Owned(t.Context(), "other", live(1).Owner, "", 10)
	if err != nil || len(ids) != 0 {
		t.Fatal(ids, err)
	}
	_, err = l.Get(t.Context(), tenant, id(1))
	must(t, err)
}

func olderRecord(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	newer, older := live(1), live(1)
	newer.Seq, newer.Phase = 5, transfer.Revoked
	older.Seq = 4
	must(t, l.Put(t.Context(), newer, links(1), nil))
	must(t, l.Put(t.Context(), older, links(1), []transfer.Job{job(1, "r1")}))
	if r, err := l.Get(t.Context(), tenant, id(1)); err != nil || r.Seq != 5 || r.Phase != transfer.Revoked {
		t.Fatal(r, err)
	}
	if got := claimOne(t, l); got.Job.Recipient != "r1" {
		t.Fatal(got)
	}
}

func putTwice(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	before := ""
	for range 2 {
		must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1"), job(1, "r2")}))
		now := dump(t, url, l.Prefix)
		if before != "" && now != before {
			t.Fatalf("%s\nbecame\n%s", before, now)
		}
		before = now
	}
}

func relink(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	fresh := live(1)
	fresh.Seq = 2
	must(t, l.Put(t.Context(), fresh, map[string]transfer.RecipientID{linkHash(9, "new"): "r1"}, nil))
	shard := id(1).Shard()
	_, _, _, err := l.FindLink(t.Context(), shard, linkHash(1, "r1"))
	wantCode(t, err, transfer.NotFound)
	for _, hash := range []string{linkHash(9, "new"), linkHash(1, "r2")} {
		_, _, _, err = l.FindLink(t.Context(), shard, hash)
		must(t, err)
	}
}

func tombstone(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	r := live(1)
	must(t, l.Put(t.Context(), r, links(1), nil))
	stone := transfer.Tombstone{Kind: r.Kind, Tenant: tenant, ID: r.ID, RequestHash: r.RequestHash,
		Links: []string{linkHash(1, "r1"), linkHash(1, "r2")}, AcceptedAt: r.AcceptedAt, ErasedAt: clock.now(), Reason: transfer.Withdrawn}
	must(t, l.Tombstoned(t.Context(), stone))
	must(t, l.Tombstoned(t.Context(), stone))
	r.Seq = 99
	must(t, l.Put(t.Context(), r, links(1), []transfer.Job{job(1, "r1")}))
	got, err := l.Get(t.Context(), tenant, r.ID)
	must(t, err)
	if got.Phase != transfer.Erased || got.Reason != transfer.Withdrawn || got.Owner != "" || len(got.Recipients) != 0 {
		t.Fatalf("%+v", got)
	}
	_, which, recipient, err := l.FindLink(t.Context(), r.ID.Shard(), linkHash(1, "r2"))
	if err != nil || which != r.ID || recipient != "" {
		t.Fatal(which, recipient, err)
	}
	claimNone(t, l)
	if ids, _, err := l.Owned(t.Context(), tenant, r.Owner, "", 10); err != nil || len(ids) != 0 {
		t.Fatal(ids, err)
	}
	begin(t, l, "again", false)
	if found, err := l.Due(t.Context(), clock.now().Add(l.KeepTombstone-time.Hour), 10); err != nil || len(found) != 0 {
		t.Fatal(found, err)
	}
	if found, err := l.Due(t.Context(), clock.now().Add(l.KeepTombstone+time.Hour), 10); err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
}

func removed(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	empty := dump(t, url, l.Prefix)
	reply := live(2)
	reply.Phase = transfer.OnManual
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	must(t, l.Put(t.Context(), reply, links(2), nil))
	_, _, err := l.FailCode(t.Context(), tenant, id(1), "r1", 5, time.Minute)
	must(t, err)
	must(t, l.Remove(t.Context(), tenant, id(1)))
	must(t, l.Remove(t.Context(), tenant, id(1)))
	must(t, l.Remove(t.Context(), tenant, id(2)))
	if now := dump(t, url, l.Prefix); withoutCounts(now) != withoutCounts(empty) {
		t.Fatalf("left behind:\n%s", now)
	}
}

func withoutCounts(dump string) string {
	var kept []string
	for line := range strings.Lines(dump) {
		if !strings.Contains(line, "}n ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func removeReceiving(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	begin(t, l, "one", true)
	wantCode(t, l.Remove(t.Context(), tenant, id(1)), transfer.Conflict)
	clock.advance(lease + time.Second)
	must(t, l.Remove(t.Context(), tenant, id(1)))
}

func lost(t *testing.T, url string, clock *watch) {
	l := open(t, url, clock)
	wantLost := func(err error) {
		t.Helper()
		wantCode(t, err, transfer.Unavailable)
		if !errors.Is(err, ledger.ErrLost) {
			t.Fatal(err)
		}
	}
	wantLost(l.Check(t.Context()))
	must(t, l.Put(t.Context(), live(1), links(1), []transfer.Job{job(1, "r1")}))
	_, err := l.Claim(t.Context(), "worker", 1, time.Second)
	wantLost(err)
	_, err = l.Due(t.Context(), start.Add(1000*time.Hour), 10)
	wantLost(err)
	_, err = l.Get(t.Context(), tenant, id(2))
	wantLost(err)
	_, _, _, err = l.FindLink(t.Context(), 3, linkHash(3, "r1"))
	wantLost(err)
	must(t, l.Rebuilt(t.Context()))
	must(t, l.Rebuilt(t.Context()))
	must(t, l.Check(t.Context()))
	claimOne(t, l)
}

func foreign(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	other := open(t, url, clock, func(o *ledger.Options) { o.Prefix, o.Installation = l.Prefix, "elsewhere" })
	for _, err := range []error{other.Check(context.Background()), other.Rebuilt(context.Background())} {
		if !errors.Is(err, ledger.ErrForeign) {
			t.Fatal(err)
		}
	}
	must(t, l.Check(t.Context()))
}
