package faults_test

import (
	"testing"
	"time"
)

// Case 14: two replicas sweep the same things at once; what lives is untouched.
func TestCase14_TwoReplicasSweepAtOnce(t *testing.T) {
	r := newRig(t)
	r.start()
	r.replica().start()
	kept := r.newLetter(1000)
	r.story(kept)
	for range 6 {
		over := r.newLetter(1000)
		r.step("the file is uploaded", func() error { return r.upload(over) })
		r.step("the letter is accepted", func() error { return r.send(over) })
		r.step("the recipient is notified", func() error { return r.notified(over) })
		r.step("its time ends", func() error { return r.expire(over) })
	}
	r.holds()
}

// Case 25: clocks nine minutes ahead of Redis, half a minute behind it (beyond a
// minute Entra's tokens are not valid yet), and both at once: the stamp of a
// backend decides when a letter expires, and nothing else.
func TestCase25_ClocksApart(t *testing.T) {
	r := newRig(t)
	for _, ahead := range []time.Duration{-30 * time.Second, 9 * time.Minute} {
		r.ahead = ahead
		r.start()
		kept, over := r.newLetter(1000), r.newLetter(1000)
		r.story(kept)
		r.story(over)
		r.step("its time ends", func() error { return r.expire(over) })
		r.holds()
		if ahead > 0 {
			continue
		}
		r.server.kill()
		r.remember()
	}
	late := r.replica()
	late.ahead = -30 * time.Second
	late.start()
	r.story(r.newLetter(1000))
	r.holds()
}
