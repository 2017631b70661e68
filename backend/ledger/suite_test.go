package ledger_test

import (
	"crypto/x509"
	"fmt"
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

var (
	prefixes    atomic.Int64
	authorities sync.Map // *x509.CertPool by the URL of a server with a certificate of the tests
	masters     sync.Map // URL of the master by that of its Sentinel
)

// open opens a ledger of its own on a server that tests share.
func open(t testing.TB, url string, clock *watch, change ...func(*ledger.Options)) *ledger.Ledger {
	t.Helper()
	authority, _ := authorities.Load(url)
	pool, _ := authority.(*x509.CertPool)
	o := ledger.Options{URL: url, Prefix: fmt.Sprintf("sd:%d:", prefixes.Add(1)), Installation: "here",
		Authorities: pool, Clock: clock.now, Poll: 5 * time.Millisecond, TrustPersistence: true}
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
		"sentinel": func(t *testing.T) string {
			w := redistest.Sentinel(t)
			masters.Store(w.URL, w.Master.URL)
			return w.URL
		},
		"embedded": func(t *testing.T) string { return "redis://" + miniredis.RunT(t).Addr() },
	}
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
	{"what is settled after it was listed is not due", settledMeanwhile},
	{"a reading lasts until it ends or lapses (45)", readers},
	{"jobs come once, in time, and end", jobLife},
	{"a job is queued once", jobOnce},
	{"a job asked for while it runs runs once more", jobAgain},
	{"a lapsed lease is claimed again (38)", jobLapse},
	{"retry waits, bury waits for a person", jobRetryBury},
	{"what could not be tried waits and loses no try", jobDefer},
	{"a dead letter goes with what it is about", jobForgotten},
	{"a worker told to stop works on what it claims", claimCancelled},
	{"Claim wakes for a job of the same process", claimWakes},
	{"Claim sees another process's job", claimPolls},
	{"many workers claim every job once", claimMany},
	{"a session ends by the backend's clock", sessions},
	{"a rate lets through what it says", allow},
	{"what is held together stays within its limit and lapses", hold},
	{"what is counted is summed by days", counts},
	{"wrong codes lock out", codes},
	{"stats count", stats},
	{"a lost ledger stops sweeps and workers (20)", lost},
	{"a foreign ledger is refused", foreign},
}
