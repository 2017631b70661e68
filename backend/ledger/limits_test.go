package ledger_test

import (
	"testing"
	"time"

	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
)

func sessions(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	_, err := l.Session(t.Context(), "h1")
	wantCode(t, err, transfer.NotFound)
	sealed := map[string][]byte{"links": {0, 1, 255}, "x": []byte("not the end")}
	must(t, l.CreateSession(t.Context(), "h1", sealed, time.Minute))
	got, err := l.Session(t.Context(), "h1")
	must(t, err)
	if len(got) != 2 || string(got["links"]) != "\x00\x01\xff" || string(got["x"]) != "not the end" {
		t.Fatalf("%v", got)
	}
	clock.advance(59 * time.Second)
	must(t, l.Touch(t.Context(), "h1", time.Minute))
	clock.advance(59 * time.Second)
	_, err = l.Session(t.Context(), "h1")
	must(t, err)
	clock.advance(time.Second)
	_, err = l.Session(t.Context(), "h1")
	wantCode(t, err, transfer.NotFound)
	wantCode(t, l.Touch(t.Context(), "h1", time.Minute), transfer.NotFound)
	must(t, l.CreateSession(t.Context(), "h1", map[string][]byte{"links": nil}, time.Minute))
	if got, err := l.Session(t.Context(), "h1"); err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	must(t, l.DropSession(t.Context(), "h1"))
	must(t, l.DropSession(t.Context(), "h1"))
	_, err = l.Session(t.Context(), "h1")
	wantCode(t, err, transfer.NotFound)
}

func hold(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	try := func(id string, more int64, want bool) time.Duration {
		t.Helper()
		ok, wait, err := l.Hold(t.Context(), "k", id, more, 100, time.Hour)
		must(t, err)
		if ok != want {
			t.Fatalf("holding %d more for %s is %v", more, id, ok)
		}
		return wait
	}
	try("a", 60, true)
	clock.advance(10 * time.Minute)
	try("b", 40, true)
	if wait := try("c", 1, false); wait != 50*time.Minute {
		t.Fatal(wait)
	}
	try("b", -10, true)
	try("c", 10, true)
	try("a", 0, true) // holds on for another hour
	clock.advance(time.Hour - time.Second)
	try("d", 1, false)
	clock.advance(time.Second) // all have lapsed
	try("d", 100, true)
	try("d", -1<<62, true)
	try("e", 100, true)
	if ok, _, err := l.Hold(t.Context(), "other", "a", 100, 100, time.Hour); err != nil || !ok {
		t.Fatal("another key is not its own", err)
	}
}

func allow(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	rate := ledger.Rate{Limit: 60, Per: time.Minute, Burst: 3}
	try := func(want bool) time.Duration {
		t.Helper()
		ok, wait, err := l.Allow(t.Context(), "k", rate)
		must(t, err)
		if ok != want || ok != (wait == 0) {
			t.Fatalf("allowed %v, wait %v; want %v", ok, wait, want)
		}
		return wait
	}
	try(true)
	try(true)
	try(true)
	if wait := try(false); wait != time.Second {
		t.Fatal(wait)
	}
	clock.advance(time.Second)
	try(true)
	try(false)
	if ok, _, err := l.Allow(t.Context(), "other", rate); err != nil || !ok {
		t.Fatal(ok, err)
	}
	clock.advance(time.Hour)
	try(true)
	try(true)
	try(true)
	try(false)
	clock.advance(-10 * time.Hour) // a clock that was wrong does not lock anybody out for hours
	if wait := try(false); wait > 4*time.Second {
		t.Fatal(wait)
	}
	_, _, err := l.Allow(t.Context(), "k", ledger.Rate{})
	wantCode(t, err, transfer.Internal)
}

func codes(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	_, _, err := l.FailCode(t.Context(), tenant, id(1), "r1", 3, time.Minute)
	wantCode(t, err, transfer.NotFound)
	must(t, l.Put(t.Context(), live(1), links(1), nil))
	fail := func(want int, locked bool) {
		t.Helper()
		left, until, err := l.FailCode(t.Context(), tenant, id(1), "r1", 3, time.Minute)
		must(t, err)
		known, err := l.LockedUntil(t.Context(), tenant, id(1), "r1")
		must(t, err)
		if left != want || until.IsZero() == locked || !known.Equal(until) {
			t.Fatalf("%d left, locked until %v (%v)", left, until, known)
		}
	}
	fail(2, false)
	fail(1, false)
	must(t, l.ClearCode(t.Context(), tenant, id(1), "r1"))
	fail(2, false)
	fail(1, false)
	must(t, l.Put(t.Context(), live(1), links(1), nil)) // a change does not forget the count
	fail(0, true)
	clock.advance(30 * time.Second)
	fail(0, true)
	if until, err := l.LockedUntil(t.Context(), tenant, id(1), "r2"); err != nil || !until.IsZero() {
		t.Fatal(until, err)
	}
	clock.advance(30 * time.Second)
	fail(2, false)
}

func stats(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	later := job(2, "r2")
	later.NotBefore = clock.now().Add(time.Hour)
	must(t, l.Put(t.Context(), live(1), nil, []transfer.Job{job(1, "r1")}))
	must(t, l.Bury(t.Context(), claimOne(t, l), transfer.Internal))
	must(t, l.Put(t.Context(), live(2), nil, []transfer.Job{job(2, "r1"), later}))
	revoked := live(1)
	revoked.Phase, revoked.Seq = transfer.Revoked, 2
	must(t, l.Put(t.Context(), revoked, nil, nil))
	clock.advance(5 * time.Second)
	s, err := l.Stats(t.Context())
	must(t, err)
	if s.Ready != 1 || s.Later != 1 || s.Dead != 1 || s.Lag != 5*time.Second ||
		len(s.Phases) != 2 || s.Phases[transfer.Live] != 1 || s.Phases[transfer.Revoked] != 1 {
		t.Fatalf("%+v", s)
	}
}

func counts(t *testing.T, url string, clock *watch) {
	l := rebuilt(t, url, clock)
	for range 2 {
		must(t, l.Count(t.Context(), "org", "a"))
	}
	clock.advance(24 * time.Hour)
	must(t, l.Count(t.Context(), "org", "a"))
	must(t, l.Count(t.Context(), "other", "a"))
	for days, want := range map[int]int64{0: 0, 1: 1, 2: 3, 30: 3} {
		got, err := l.Counted(t.Context(), "org", days)
		if must(t, err); got["a"] != want {
			t.Errorf("%d in %d days, not %d", got["a"], days, want)
		}
	}
}
