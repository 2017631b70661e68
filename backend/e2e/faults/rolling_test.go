package faults_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// A rolling restart: two replicas are restarted one after the other, in good
// order, while people work through whichever answers; nothing is lost or doubled.
func TestARollingRestartOfTwoReplicas(t *testing.T) {
	r := newRig(t)
	first := r.start()
	second := r.replica()
	second.start()
	people := r.load(2)
	for range 2 {
		for _, one := range []*rig{r, second} {
			time.Sleep(300 * time.Millisecond) // some work in between
			one.server.signal(syscall.SIGTERM)
			one.server.end(t, 20*time.Second)
			if one.server.err != nil {
				t.Errorf("a replica that was told to stop ended with %v", one.server.err)
			}
			one.remember()
			r.use(second, one == r)
			one.start()
			r.use(second, false)
		}
	}
	t.Log(people.stop())
	if !first.dead() {
		t.Error("the first replica was not restarted")
	}
	r.holds()
}

// replica is another server of the same installation, at addresses of its own.
func (r *rig) replica() *rig {
	other := &rig{t: r.t, dir: r.dir, world: r.world, redis: r.redis, toRedis: r.toRedis, toGraph: r.toGraph, random: r.random}
	staff, portal := freePort(r.t), freePort(r.t)
	other.staff, other.portal = "http://localhost:"+staff, "http://localhost:"+portal
	for _, v := range r.environ {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "SENDDIGITALLY_LISTEN_STAFF":
			v = name + "=127.0.0.1:" + staff
		case "SENDDIGITALLY_LISTEN_PORTAL":
			v = name + "=127.0.0.1:" + portal
		case "SENDDIGITALLY_LISTEN_METRICS":
			v = name + "=127.0.0.1:" + freePort(r.t)
		}
		other.environ = append(other.environ, v)
	}
	r.t.Cleanup(func() {
		if other.server != nil && !other.server.dead() {
			other.server.kill()
		}
	})
	return other
}

// use sends the API's callers to the other replica while one is down.
func (r *rig) use(other *rig, instead bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.instead = ""
	if instead {
		r.instead = other.staff
	}
}

// Case 79: a job of a version that this release does not know is left alone, for
// the newer replica that knows it.
func TestCase79_AJobOfANewerVersionIsLeftAlone(t *testing.T) {
	r := newRig(t)
	r.start()
	l := r.newLetter(1000)
	r.story(l)
	c := r.direct()
	base := "sd:{" + l.id[:2] + "}"
	key := "notify/" + l.id + "/r1/"
	queue := base + "q" + string(rune('1'+transfer.JobVersion))
	state := "0||r||" + string(rune('1'+transfer.JobVersion)) + `|{"v":2,"kind":"notify","tenant":"municipality","id":"` + l.id + `","recipient":"r1","new":true}`
	must(t, c.HSet(t.Context(), base+"j", key, state).Err())
	must(t, c.ZAdd(t.Context(), queue, redis.Z{Score: 1, Member: key}).Err())
	again := r.newLetter(1000)
	r.story(again)
	time.Sleep(time.Second) // twice as long as a worker waits between two looks
	if got := c.HGet(t.Context(), base+"j", key).Val(); got != state {
		t.Errorf("the job became %q", got)
	}
	if n := c.ZCard(t.Context(), queue).Val(); n != 1 {
		t.Errorf("%d jobs are queued", n)
	}
	r.holds()
}
