package summing_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"senddigitally/backend/summing"
	"senddigitally/backend/transfer"
)

func file(parts ...string) transfer.File {
	var f transfer.File
	for _, id := range parts {
		f.Parts = append(f.Parts, transfer.Part{ID: id})
	}
	return f
}

func TestTheSumIsTheSHA256(t *testing.T) {
	for content, want := range map[string]string{
		"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", // FIPS 180-2, B.1
		"":    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	} {
		sum, err := summing.New().Of(t.Context(), file(content), strings.NewReader(content))
		if got := fmt.Sprintf("%x", sum); err != nil || got != want {
			t.Errorf("%q: %s, %v", content, got, err)
		}
	}
}

// reader answers chunks until it has none, and counts.
type reader struct {
	chunks int
	reads  int
	each   func()
}

func (r *reader) Read(b []byte) (int, error) {
	if r.reads++; r.each != nil {
		r.each()
	}
	if r.reads > r.chunks {
		return 0, io.EOF
	}
	return len(b), nil
}

func TestOneThatNobodyWaitsForEndsAndIsNotRemembered(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s, endless := summing.New(), &reader{chunks: 10}
	endless.each = func() {
		if endless.reads == 3 {
			stop()
		}
	}
	if _, err := s.Of(ctx, file("p"), endless); !errors.Is(err, context.Canceled) || endless.reads > 4 {
		t.Errorf("after %d reads: %v", endless.reads, err)
	}
	again := &reader{chunks: 1}
	if _, err := s.Of(t.Context(), file("p"), again); err != nil || again.reads == 0 {
		t.Errorf("again: %d reads, %v", again.reads, err)
	}
}

func TestAFileIsReadOnceAndOneAtATime(t *testing.T) {
	s := summing.New()
	var at, reads atomic.Int32
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			r := &reader{chunks: 5}
			r.each = func() {
				if at.Add(1) > 1 {
					t.Error("two are read at once")
				}
				at.Add(-1)
			}
			if _, err := s.Of(t.Context(), file("p", fmt.Sprint(i%2)), r); err != nil {
				t.Error(err)
			}
			if r.reads > 0 {
				reads.Add(1)
			}
		})
	}
	all.Wait()
	if reads.Load() != 2 {
		t.Errorf("two files were read %d times", reads.Load())
	}
}

func TestWhoWaitsForItsTurnMayLeave(t *testing.T) {
	s := summing.New()
	left, leave := context.WithCancel(t.Context())
	slow := &reader{chunks: 1, each: func() {
		leave()
		if _, err := s.Of(left, file("other"), strings.NewReader("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("a second while one is read: %v", err)
		}
	}}
	if _, err := s.Of(t.Context(), file("p"), slow); err != nil {
		t.Error(err)
	}
}
