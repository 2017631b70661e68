package faults_test

import (
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/sandbox/outlook"
)

// Case 44: 500 uploads of a byte a second are given up within a minute, and
// others are served meanwhile as if they were not there.
func TestCase44_FiveHundredUploadsDrip(t *testing.T) {
	if !*full {
		t.Skip("not run in the short form: an upload may stall for half a minute")
	}
	r := newRig(t)
	r.start()
	l := r.newLetter(100_000)
	r.story(l)
	before := r.p99(l)
	patient := &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxConnsPerHost: 0}}
	stop := make(chan struct{})
	var dripping sync.WaitGroup
	var mu sync.Mutex
	ended := map[int]int{}
	for range 500 {
		dripping.Go(func() {
			body, into := io.Pipe()
			go drip(into, stop)
			request, _ := http.NewRequest("PUT", r.staff+"/api/v1/uploads/"+rand.Text()+"/u1", body)
			request.Header.Set("Authorization", "Bearer "+r.world.UserToken(outlook.Caseworker))
			request.Header.Set("Content-Type", "application/octet-stream")
			request.Header.Set("Content-Disposition", "attachment; filename=a.bin")
			status := 0
			if answer, err := patient.Do(request); err == nil {
				status = answer.StatusCode
				answer.Body.Close()
			}
			mu.Lock()
			defer mu.Unlock()
			ended[status]++
		})
	}
	during := r.p99(l)
	dripping.Wait()
	close(stop)
	t.Logf("p99 of downloading: %s before, %s with 500 dripping uploads; they ended with %v", before, during, ended)
	if during > max(5*before, 2*time.Second) {
		t.Error("the others waited")
	}
	for status := range ended {
		if status == http.StatusOK || status == http.StatusCreated {
			t.Error("an upload that was given up is acknowledged")
		}
	}
	r.holds()
}

// drip writes a byte a second until it is not read any more.
func drip(into *io.PipeWriter, stop <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			into.Close()
			return
		case <-tick.C:
			if _, err := into.Write([]byte("x")); err != nil {
				return
			}
		}
	}
}

// p99 is what one in a hundred waits longer than for a letter's file.
func (r *rig) p99(l *letter) time.Duration {
	r.t.Helper()
	var took []time.Duration
	must(r.t, r.open(l)) // once: codes are limited for each visitor
	for range 200 {
		began := time.Now()
		must(r.t, r.download(l, 0))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}
