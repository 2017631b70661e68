package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"pgregory.net/rapid"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

// queueModel says what the queue must do, in the simplest words.
type queueModel struct {
	l     *ledger.Ledger
	clock *watch
	jobs  map[string]*modelJob
	old   []transfer.Leased // leases that were ended or lost
}

type modelJob struct {
	at      time.Time // when it may be claimed next
	attempt int
	lease   *transfer.Leased
	again   bool
	dead    bool
}

func (m *queueModel) draw(t *rapid.T) transfer.Job {
	return job(rapid.IntRange(0, 9).Draw(t, "transfer"), "r1")
}

func (m *queueModel) enqueue(t *rapid.T) {
	j := m.draw(t)
	if rapid.Bool().Draw(t, "delayed") {
		j.NotBefore = m.clock.now().Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "delay")) * time.Second)
	}
	must2(t, m.l.Enqueue(t.Context(), j))
	at := m.clock.now()
	if j.NotBefore.After(at) {
		at = j.NotBefore
	}
	switch known := m.jobs[j.Key()]; {
	case known == nil || known.dead:
		m.jobs[j.Key()] = &modelJob{at: at}
	case known.lease != nil:
		known.again = true
	}
}

func (m *queueModel) due() (keys []string) {
	for key, j := range m.jobs {
		if !j.dead && !j.at.After(m.clock.now()) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (m *queueModel) claim(t *rapid.T) {
	due := m.due()
	patience := time.Millisecond
	if len(due) > 0 {
		patience = 5 * time.Second
	}
	n := rapid.IntRange(1, 4).Draw(t, "n")
	claimed, err := m.l.Claim(t.Context(), "worker", n, patience)
	must2(t, err)
	if len(claimed) > n || len(claimed) == 0 && len(due) > 0 {
		t.Fatalf("claimed %d of %d due, asked for %d", len(claimed), len(due), n)
	}
	for _, c := range claimed {
		j := m.jobs[c.Job.Key()]
		if j == nil || !slices.Contains(due, c.Job.Key()) {
			t.Fatalf("%s was not due", c.Job.Key())
		}
		if j.lease != nil {
			m.old = append(m.old, *j.lease)
		}
		if j.attempt++; c.Attempt != j.attempt {
			t.Fatalf("attempt %d, want %d", c.Attempt, j.attempt)
		}
		j.at, j.lease, j.again = m.clock.now().Add(m.l.JobLease), &c, false
	}
}

// leased draws a job that somebody holds.
func (m *queueModel) leased(t *rapid.T) (string, *modelJob) {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(m.jobs)) {
		if m.jobs[key].lease != nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		t.Skip("nothing is leased")
	}
	key := rapid.SampledFrom(keys).Draw(t, "job")
	return key, m.jobs[key]
}

func (m *queueModel) end(key string, afresh bool, otherwise func(*modelJob)) {
	j := m.jobs[key]
	m.old = append(m.old, *j.lease)
	j.lease = nil
	if afresh && j.again {
		*j = modelJob{at: m.clock.now()}
		return
	}
	otherwise(j)
}

func (m *queueModel) done(t *rapid.T) {
	key, j := m.leased(t)
	must2(t, m.l.Done(t.Context(), *j.lease))
	m.end(key, true, func(*modelJob) { delete(m.jobs, key) })
}

func (m *queueModel) retry(t *rapid.T) {
	key, j := m.leased(t)
	at := m.clock.now().Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "wait")) * time.Second)
	must2(t, m.l.Retry(t.Context(), *j.lease, at, transfer.OutlookBusy))
	m.end(key, false, func(j *modelJob) { j.at, j.again = at, false })
}

func (m *queueModel) bury(t *rapid.T) {
	key, j := m.leased(t)
	must2(t, m.l.Bury(t.Context(), *j.lease, transfer.Internal))
	m.end(key, true, func(j *modelJob) { j.dead = true })
}

func (m *queueModel) renew(t *rapid.T) {
	_, j := m.leased(t)
	must2(t, m.l.Renew(t.Context(), *j.lease))
	j.at = m.clock.now().Add(m.l.JobLease)
}

func (m *queueModel) revive(t *rapid.T) {
	j := m.draw(t)
	known := m.jobs[j.Key()]
	err := m.l.Revive(t.Context(), tenant, j.Key())
	if known == nil || !known.dead {
		if transfer.CodeOf(err) != transfer.NotFound {
			t.Fatal(err)
		}
		return
	}
	must2(t, err)
	m.jobs[j.Key()] = &modelJob{at: m.clock.now()}
}

// stale lets somebody who lost or ended his lease act once more: it must not
// change anything.
func (m *queueModel) stale(t *rapid.T) {
	if len(m.old) == 0 {
		t.Skip("no lease was lost")
	}
	lease := rapid.SampledFrom(m.old).Draw(t, "lease")
	_ = m.l.Done(t.Context(), lease)
	_ = m.l.Bury(t.Context(), lease, transfer.Internal)
	_ = m.l.Retry(t.Context(), lease, m.clock.now(), transfer.Internal)
	if err := m.l.Renew(t.Context(), lease); transfer.CodeOf(err) != transfer.Conflict {
		t.Fatal(err)
	}
}

func (m *queueModel) check(t *rapid.T) {
	s, err := m.l.Stats(t.Context())
	must2(t, err)
	dead := 0
	for _, j := range m.jobs {
		if j.dead {
			dead++
		}
	}
	if ready := len(m.due()); s.Ready != ready || s.Dead != dead || s.Later != len(m.jobs)-dead-ready {
		t.Fatalf("%+v; the model has %d jobs, %d ready, %d dead", s, len(m.jobs), ready, dead)
	}
}

func must2(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// No job is lost, none is claimed before its time, and none twice but after its
// lease lapsed, whatever workers do.
func TestQueueFollowsItsModel(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"redis-server": redistest.Start(t).URL, "embedded": "redis://" + miniredis.RunT(t).Addr()} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				clock := newWatch()
				l := open(t, url, clock)
				must(t, l.Rebuilt(t.Context()))
				m := &queueModel{l: l, clock: clock, jobs: map[string]*modelJob{}}
				rt.Repeat(map[string]func(*rapid.T){
					"figures": m.check, "enqueue": m.enqueue, "claim": m.claim, "claim again": m.claim, "done": m.done,
					"retry": m.retry, "bury": m.bury, "renew": m.renew, "revive": m.revive, "stale": m.stale,
					"advance": func(t *rapid.T) {
						clock.advance(time.Duration(rapid.IntRange(1, 70).Draw(t, "seconds")) * time.Second)
					},
				})
				for clock.advance(time.Hour); len(m.due()) > 0; {
					m.claim(rt)
				}
			})
		})
	}
}

// In any period a rate lets through no more than its burst and what trickles
// in; after the wait that it names the next is let through, and not before.
func TestRateProperty(t *testing.T) {
	t.Parallel()
	url := "redis://" + miniredis.RunT(t).Addr()
	clock := newWatch()
	l := rebuilt(t, url, clock)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		key := fmt.Sprint("k", n)
		rate := ledger.Rate{Limit: rapid.IntRange(1, 100).Draw(rt, "limit"),
			Per: time.Duration(rapid.IntRange(1, 3600).Draw(rt, "per")) * time.Second, Burst: rapid.IntRange(1, 10).Draw(rt, "burst")}
		interval := (rate.Per / time.Duration(rate.Limit)).Truncate(time.Microsecond)
		var passed []time.Time
		try := func() time.Duration {
			ok, wait, err := l.Allow(t.Context(), key, rate)
			must2(rt, err)
			if ok {
				passed = append(passed, clock.now())
			}
			return wait
		}
		for range rapid.IntRange(1, 40).Draw(rt, "tries") {
			wait := try()
			if wait > 0 && rapid.Bool().Draw(rt, "exact") {
				clock.advance(wait - time.Microsecond)
				if try() == 0 {
					rt.Fatal("let through before its time")
				}
				clock.advance(time.Microsecond)
				if try() != 0 {
					rt.Fatal("not let through at its time")
				}
			}
			clock.advance(time.Duration(rapid.Int64Range(0, 2*interval.Microseconds()).Draw(rt, "pause")) * time.Microsecond)
		}
		for i := range passed {
			for k := i; k < len(passed); k++ {
				if most := rate.Burst + int(passed[k].Sub(passed[i])/interval); k-i+1 > most {
					rt.Fatalf("%d in %v, at most %d", k-i+1, passed[k].Sub(passed[i]), most)
				}
			}
		}
	})
}
