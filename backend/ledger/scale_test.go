package ledger_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

var scale = flag.String("scale", "300,600", "live transfers at which TestScale measures")

// TestScale measures one operation after the other among ever more live
// transfers, and what one of them costs Redis with all its keys.
//
//	go test -tags nomsgpack ./backend/ledger -run Scale -v -scale 1000,100000,1000000
func TestScale(t *testing.T) {
	url, clock := redistest.Start(t).URL, newWatch()
	options, err := redis.ParseURL(url)
	must(t, err)
	server := redis.NewClient(options)
	defer server.Close()
	l, n := rebuilt(t, url, clock), 0
	for step := range strings.SplitSeq(*scale, ",") {
		until, err := strconv.Atoi(step)
		must(t, err)
		from := n
		inParallel(until-from, func(i int) { must(t, l.Put(t.Context(), typical(from+i), typicalLinks(from+i), nil)) }, func() int { return until })
		n = until
		t.Logf("%8d live: %.0f bytes each by MEMORY USAGE of a sample of keys", n, usage(t, server)/float64(n))
		samples := min(2000, n/2)
		timed(t, "open (link, record)", samples, func(int) { find(t, l, 1+rand.IntN(n)) })
		timed(t, "list page of 50 of an owner", min(500, samples), func(i int) {
			_, _, err := l.Owned(t.Context(), tenant, typical(i).Owner, "", 50)
			must(t, err)
		})
		timed(t, "commit with its job", samples, func(i int) {
			extra := n + 1 + i
			must(t, l.Put(t.Context(), typical(extra), typicalLinks(extra), []transfer.Job{job(extra, "r1")}))
		})
		for _, j := range claimAll(t, l) {
			must(t, l.Done(t.Context(), j))
			must(t, l.Remove(t.Context(), tenant, j.Job.ID))
		}
		sweep(t, l, clock, n)
	}
}

func claimAll(t *testing.T, l *ledger.Ledger) (all []transfer.Leased) {
	for {
		claimed, err := l.Claim(t.Context(), "worker", 100, 10*time.Millisecond)
		must(t, err)
		if len(claimed) == 0 {
			return all
		}
		all = append(all, claimed...)
	}
}

func find(t *testing.T, l *ledger.Ledger, n int) {
	hash := linkHash(n, "r1")
	_, found, _, err := l.FindLink(t.Context(), id(n).Shard(), hash)
	must(t, err)
	_, err = l.Get(t.Context(), tenant, found)
	must(t, err)
}

// sweep gives up a thousand that are due, as the sweep tells the ledger.
func sweep(t *testing.T, l *ledger.Ledger, clock *watch, n int) {
	const swept = 1000
	overdue := func(int) {
		for i := range swept {
			r := typical(n + 10_000 + i)
			r.DueAt = clock.now().Add(-time.Minute)
			must(t, l.Put(t.Context(), r, typicalLinks(n+10_000+i), nil))
		}
	}
	timed(t, "sweep of 1,000", 5, func(int) {
		due, err := l.Due(t.Context(), clock.now(), swept)
		must(t, err)
		if len(due) != swept {
			t.Fatalf("%d are due", len(due))
		}
		for _, r := range due {
			must(t, l.Remove(t.Context(), tenant, r.ID))
		}
	}, overdue)
}

func timed(t *testing.T, what string, times int, act func(int), before ...func(int)) {
	took := make([]time.Duration, times)
	for i := range took {
		for _, prepare := range before {
			prepare(i)
		}
		begun := time.Now()
		act(i)
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	t.Logf("    %-28s p50 %10v   p99 %10v", what, took[times/2].Round(time.Microsecond), took[times*99/100].Round(time.Microsecond))
}

// usage is what all keys cost; small and many ones by a sample of each kind.
func usage(t *testing.T, c *redis.Client) (sum float64) {
	const perKind = 20_000
	counted, measured, seen := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for keys := c.Scan(t.Context(), 0, "*", 10_000).Iterator(); keys.Next(t.Context()); {
		_, name, _ := strings.Cut(keys.Val(), "}")
		kind := name[:1]
		if counted[kind]++; seen[kind] < perKind {
			bytes, err := c.MemoryUsage(t.Context(), keys.Val(), 0).Result()
			must(t, err)
			seen[kind]++
			measured[kind] += float64(bytes)
		}
	}
	for kind, n := range counted {
		sum += measured[kind] / seen[kind] * n
	}
	return sum
}
