package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
)

// dump is everything under a prefix, in a fixed order.
func dump(t testing.TB, url, prefix string) string {
	t.Helper()
	var lines []string
	for _, c := range nodes(t, url) {
		keys, err := c.Keys(t.Context(), prefix+"*").Result()
		must(t, err)
		for _, key := range keys {
			lines = append(lines, fmt.Sprintf("%s %s\n", strings.Trim(fmt.Sprintf("%q", key), `"`), value(t.Context(), c, key)))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// nodes are connections to every server behind a URL.
func nodes(t testing.TB, url string) []*redis.Client {
	t.Helper()
	if strings.HasPrefix(url, "rediss") {
		t.Skip("the product's user may not list keys")
	}
	if master, watched := masters.Load(url); watched {
		return []*redis.Client{client(t, master.(string))}
	}
	if !strings.HasPrefix(url, "redis+cluster") {
		return []*redis.Client{client(t, url)}
	}
	o, err := redis.ParseClusterURL(strings.Replace(url, "+cluster", "", 1))
	must(t, err)
	var all []*redis.Client
	for _, address := range o.Addrs {
		all = append(all, client(t, "redis://"+address))
	}
	return all
}

func value(ctx context.Context, c *redis.Client, key string) string {
	switch c.Type(ctx, key).Val() {
	case "hash":
		return fmt.Sprintf("%q", c.HGetAll(ctx, key).Val())
	case "zset":
		return fmt.Sprintf("%+v", c.ZRangeWithScores(ctx, key, 0, -1).Val())
	}
	return fmt.Sprintf("%q", c.Get(ctx, key).Val())
}

type lister func(ctx context.Context, tenant transfer.TenantID, whose, cursor string, limit int) ([]transfer.ID, string, error)

// walk pages through a list, and fails when it does not end.
func walk(t *testing.T, list lister, whose string, limit int) []transfer.ID {
	t.Helper()
	var all []transfer.ID
	cursor := ""
	for range 10_000 {
		ids, next, err := list(t.Context(), tenant, whose, cursor, limit)
		must(t, err)
		if len(ids) > limit {
			t.Fatalf("%d on a page of %d", len(ids), limit)
		}
		all = append(all, ids...)
		if cursor = next; cursor == "" {
			return all
		}
	}
	t.Fatal("the list does not end")
	return nil
}

func lists(t *testing.T, url string, clock *watch) {
	const n = 400
	l := rebuilt(t, url, clock)
	var want []transfer.ID
	for i := range n {
		must(t, l.Put(t.Context(), live(i), nil, nil))
		want = append(want, id(i))
	}
	slices.Reverse(want)
	r := live(0)
	for _, limit := range []int{1, 7, 64, n, 2 * n} {
		if limit == 1 {
			continue
		}
		if got := walk(t, l.Owned, r.Owner, limit); !slices.Equal(got, want) {
			t.Fatalf("limit %d: %d entries, not the %d in their order", limit, len(got), n)
		}
		if got := walk(t, l.Mailbox, r.Mailbox, limit); !slices.Equal(got, want) {
			t.Fatalf("limit %d: the mailbox's list differs", limit)
		}
	}
	if got := walk(t, l.Owned, namer.Owner(tenant, "nobody"), 10); len(got) != 0 {
		t.Fatal(got)
	}
	_, _, err := l.Owned(t.Context(), tenant, r.Owner, "no cursor!", 10)
	wantCode(t, err, transfer.Invalid)
	moved := live(0)
	moved.Mailbox, moved.Seq = namer.Owner(tenant, "another mailbox"), 2
	must(t, l.Put(t.Context(), moved, nil, nil))
	if got := walk(t, l.Mailbox, r.Mailbox, n); len(got) != n-1 {
		t.Fatalf("%d", len(got))
	}
	if got := walk(t, l.Mailbox, moved.Mailbox, n); len(got) != 1 {
		t.Fatalf("%d", len(got))
	}
}

func equalTimes(t *testing.T, url string, clock *watch) {
	const n = 500
	l := rebuilt(t, url, clock)
	for i := range n {
		r := live(i)
		r.AcceptedAt = start
		must(t, l.Put(t.Context(), r, nil, nil))
	}
	for _, limit := range []int{10, 333} {
		got := walk(t, l.Owned, live(0).Owner, limit)
		slices.Sort(got)
		if unique := slices.Compact(slices.Clone(got)); len(unique) != n || len(got) != n {
			t.Fatalf("%d entries, %d different, want %d", len(got), len(unique), n)
		}
	}
}

func phaseLists(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	check := func(manual, dead int) {
		t.Helper()
		m, _, err := l.Manual(t.Context(), tenant, "", 10)
		must(t, err)
		d, _, err := l.DeadLetters(t.Context(), tenant, "", 10)
		must(t, err)
		if len(m) != manual || len(d) != dead {
			t.Fatalf("%d manual, %d dead; want %d, %d", len(m), len(d), manual, dead)
		}
	}
	reply := live(1)
	for i, step := range []struct {
		phase        transfer.Phase
		manual, dead int
	}{{transfer.Undelivered, 0, 0}, {transfer.OnManual, 1, 0}, {transfer.DeadLetter, 0, 1}, {transfer.Delivered, 0, 0}} {
		reply.Phase, reply.Seq = step.phase, i
		must(t, l.Put(t.Context(), reply, nil, nil))
		check(step.manual, step.dead)
	}
}

func due(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	undelivered := live(900)
	undelivered.Phase, undelivered.ExpiresAt, undelivered.DueAt, undelivered.Held = transfer.Undelivered, time.Time{}, time.Time{}, transfer.HeldOpen
	must(t, l.Put(t.Context(), undelivered, nil, nil))
	for i := range 200 {
		must(t, l.Put(t.Context(), live(i), nil, nil))
	}
	count := func(at time.Time, limit, want int) []transfer.Record {
		t.Helper()
		found, err := l.Due(t.Context(), at, limit)
		must(t, err)
		if len(found) != want {
			t.Fatalf("%d due, want %d", len(found), want)
		}
		return found
	}
	expiry := live(0).ExpiresAt
	count(expiry.Add(-time.Second), 1000, 0)
	count(expiry, 1000, 200)
	count(expiry, 150, 150)
	first := count(expiry, 1, 1)[0]
	must(t, l.Postpone(t.Context(), tenant, first.ID, expiry.Add(time.Hour))) // it is not due
	count(expiry, 1000, 200)
	ahead := expiry.Sub(clock.now())
	clock.advance(ahead)
	must(t, l.Postpone(t.Context(), tenant, first.ID, expiry.Add(time.Hour)))
	must(t, l.Postpone(t.Context(), tenant, undelivered.ID, start))
	clock.advance(-ahead)
	must(t, l.Remove(t.Context(), tenant, count(expiry, 1000, 199)[0].ID))
	count(expiry, 1000, 198)
	count(expiry.Add(1000*time.Hour), 1000, 199)
	stuckReception(t, l, clock)
	oneShardIsDue(t, rebuilt(t, url, clock))
}

// settledMeanwhile lets a record be erased between its being listed and its being
// read: it is not due any more.
func settledMeanwhile(t *testing.T, url string, clock *watch) {
	l, client := watched(t, url, clock)
	must(t, l.Put(t.Context(), live(1), nil, nil))
	now := live(1).DueAt
	client.AddHook(&between{"hgetall", func() {
		must(t, l.Tombstoned(t.Context(), transfer.Tombstone{Tenant: tenant, ID: id(1), ErasedAt: now, Reason: transfer.Expired}))
	}})
	found, err := l.Due(t.Context(), now, 10)
	if must(t, err); len(found) != 0 {
		t.Errorf("the sweep would forget %+v", found)
	}
}

// oneShardIsDue fills a page from one shard when the others have nothing.
func oneShardIsDue(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	put := 0
	for n := 0; put < 12; n++ {
		if id(n).Shard() == id(0).Shard() {
			must(t, l.Put(t.Context(), live(n), nil, nil))
			put++
		}
	}
	for _, limit := range []int{10, 20} {
		found, err := l.Due(t.Context(), live(0).DueAt, limit)
		must(t, err)
		if len(found) != min(limit, put) {
			t.Fatalf("%d due, want %d", len(found), min(limit, put))
		}
	}
}

func stuckReception(t *testing.T, l *ledger.Ledger, clock *watch) {
	t.Helper()
	receiving := live(901)
	_, _, err := l.Begin(t.Context(), receiving, lease, "holder")
	must(t, err)
	receives := func(at time.Time) bool {
		found, err := l.Due(t.Context(), at, 1000)
		must(t, err)
		return slices.ContainsFunc(found, func(r transfer.Record) bool { return r.ID == receiving.ID })
	}
	if receives(clock.now().Add(lease-time.Second)) || !receives(clock.now().Add(lease)) {
		t.Fatal("a reception is due when its lease has lapsed")
	}
}
