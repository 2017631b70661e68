package faults_test

import (
	"fmt"
	"testing"
	"time"
)

// points are where a server is killed: around every step that makes something
// durable or takes it away.
func points() (all []string) {
	for _, p := range []string{
		"blobs put part", "blobs put staged", "blobs put manifest", "blobs put tombstone", "blobs delete part", "blobs delete manifest",
		"keys put open", "keys put epoch", "keys put day", "keys delete open", "keys delete day",
	} {
		all = append(all, p+" before 1", p+" after 1")
	}
	for n := 1; n <= 7; n++ {
		all = append(all, fmt.Sprintf("blobs put journal after %d", n))
	}
	return all
}

// step repeats what somebody does until it succeeds, and starts the server when
// it was killed.
func (r *rig) step(what string, do func() error) {
	r.t.Helper()
	r.until(what, func() error {
		err := do()
		if err != nil && r.server.dead() {
			r.again()
		}
		return err
	})
}

// story is the whole job: sent, notified, opened, read, replied, delivered,
// erased.
func (r *rig) story(l *letter) {
	r.t.Helper()
	r.step("the file is uploaded", func() error { return r.upload(l) })
	r.step("the letter is accepted", func() error { return r.send(l) })
	r.step("the recipient is notified", func() error { return r.revived(r.notified(l)) })
	r.step("the code opens it", func() error { return r.open(l) })
	r.step("the file is read", func() error { return r.download(l, l.size/2) })
	r.step("the reply is accepted", func() error { return r.reply(l) })
	r.step("the reply is delivered", func() error { return r.revived(r.reached(l)) })
}

// revived starts a killed server also where nobody asks it.
func (r *rig) revived(err error) error {
	if err != nil && r.server.dead() {
		r.again()
	}
	return err
}

// Case 1 (and 3 to 6 in a process of its own): killed at every named point, the
// server reaches sent or failed after its restart, and everything holds.
func TestCase01_KilledAtEveryNamedPoint(t *testing.T) {
	all := points()
	chosen := all
	if !*full {
		chosen = nil
		for i := range 4 {
			chosen = append(chosen, all[(int(*seed%uint64(len(all)))+i*len(all)/4)%len(all)])
		}
	}
	for _, point := range chosen {
		t.Run(point, func(t *testing.T) {
			r := newRig(t)
			first := r.start("SENDDIGITALLYFAULT_KILL=" + point)
			kept, erased := r.newLetter(300_000), r.newLetter(1000)
			r.story(kept)
			r.story(erased)
			r.step("the letter is erased", func() error { return r.withdraw(erased) })
			r.until("the point is reached", func() error {
				if !first.dead() {
					return errNotYet
				}
				return nil
			})
			if r.server == first {
				r.again()
			}
			r.holds()
		})
	}
}

// Case 2: killed at random moments while eight senders work.
func TestCase02_KilledAtRandomMomentsUnderEightSenders(t *testing.T) {
	kills := 3
	if *full {
		kills = 200
	}
	r := newRig(t)
	r.start()
	work := r.load(8)
	for range kills {
		time.Sleep(time.Duration(r.random.IntN(int(300 * time.Millisecond)))) // the moment is what is random
		r.server.kill()
		r.again()
	}
	done := work.stop()
	t.Logf("%d kills, %s", kills, done)
	r.holds()
}
