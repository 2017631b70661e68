package faults_test

import (
	"testing"
	"time"
)

// TestSoak lets people work while server and Redis are killed at random; then
// every acknowledged byte is accounted for.
func TestSoak(t *testing.T) {
	if *soak <= 0 {
		t.Skip("not run: see make soak")
	}
	r := newRig(t)
	r.start()
	people := r.load(6)
	servers, ledgers := 0, 0
	for end := time.Now().Add(*soak); time.Now().Before(end); {
		time.Sleep(time.Second + time.Duration(r.random.IntN(int(4*time.Second)))) // the moment is what is random
		if r.random.IntN(2) == 0 {
			r.server.kill()
			r.again()
			servers++
			continue
		}
		r.redis.Kill()
		must(t, r.redis.Restart(t.Context()))
		ledgers++
	}
	done := people.stop()
	r.holds()
	losses := 0
	people.lost.Range(func(any, any) bool { losses++; return true })
	if t.Failed() {
		losses = max(losses, 1)
	}
	t.Logf("soak of %s, seed %d: %s; %d kills of the server, %d of Redis; %d letters; losses: %d",
		*soak, *seed, done, servers, ledgers, len(r.letters), losses)
}
