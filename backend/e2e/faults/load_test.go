package faults_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// load is a mix of people at work.
type load struct {
	rig     *rig
	stopped atomic.Bool
	working sync.WaitGroup

	sent, opened, read, replied, withdrawn, expired, refused atomic.Int64
	lost                                                     sync.Map
}

// load lets so many people work until stop.
func (r *rig) load(people int) *load {
	w := &load{rig: r}
	for n := range people {
		w.working.Go(func() { w.work(rand.New(rand.NewPCG(*seed, uint64(n)))) })
	}
	return w
}

// stop lets everybody finish what he has begun.
func (w *load) stop() string {
	w.stopped.Store(true)
	w.working.Wait()
	w.lost.Range(func(what, _ any) bool { w.rig.t.Errorf("%v", what); return true })
	return fmt.Sprintf("%d sent, %d opened, %d downloads, %d replies, %d erased, %d expired, %d tries refused while something was down",
		w.sent.Load(), w.opened.Load(), w.read.Load(), w.replied.Load(), w.withdrawn.Load(), w.expired.Load(), w.refused.Load())
}

func (w *load) work(random *rand.Rand) {
	for !w.stopped.Load() {
		w.letter(w.rig.newLetter(1+random.IntN(200_000)), random)
	}
}

// letter carries one through, as far as chance has it.
func (w *load) letter(l *letter, random *rand.Rand) {
	r := w.rig
	ok := w.repeat("accepted", &w.sent, func() error {
		if err := r.upload(l); err != nil {
			return err
		}
		return r.send(l)
	}) && w.repeat("notified", nil, func() error { return r.notified(l) }) &&
		w.repeat("opened", &w.opened, func() error { return r.open(l) }) &&
		w.repeat("read", &w.read, func() error { return r.download(l, random.IntN(l.size)) })
	if !ok {
		return
	}
	switch random.IntN(4) {
	case 0:
		w.repeat("replied to", &w.replied, func() error { return r.reply(l) })
	case 1:
		w.repeat("erased", &w.withdrawn, func() error { return r.withdraw(l) })
	case 2:
		w.repeat("expired", &w.expired, func() error { return r.expire(l) })
	}
}

// repeat tries until it succeeds; what never does is lost.
func (w *load) repeat(what string, count *atomic.Int64, do func() error) bool {
	deadline := time.Now().Add(2 * patience)
	for {
		err := do()
		if err == nil {
			if count != nil {
				count.Add(1)
			}
			return true
		}
		if err == errDifferent || time.Now().After(deadline) {
			w.lost.Store(fmt.Sprintf("a letter was never %s: %v", what, err), true)
			return false
		}
		if !errors.Is(err, errNotYet) {
			w.refused.Add(1)
		}
		time.Sleep(50 * time.Millisecond) // between two tries of one person
	}
}
