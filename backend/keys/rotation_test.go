package keys

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"senddigitally/backend/transfer"
)

func (s *shop) wrappings() []string {
	var found []string
	for _, name := range s.names() {
		if strings.Contains(name, "/epoch/") {
			found = append(found, strings.TrimPrefix(name, string(tenant)+"/epoch/"))
		}
	}
	return found
}

// A rotation may be killed at every change and is finished by the next run; the
// old key-encryption key can leave, and nothing is lost.
func TestARotationResumesWhereverItIsKilled(t *testing.T) {
	for left := range 6 {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			s := newShop(t)
			one := s.create(id("a"), day)
			s.rotate()
			two := s.create(id("b"), day)
			s.rotate()
			s.wantKey(id("a"), day, one)
			s.blobs.left = left
			err := s.Rewrap(t.Context(), tenant, nil)
			s.blobs.left = -1
			if complete := left >= 4; complete != (err == nil) {
				t.Errorf("killed after %d changes: %v", left, err)
			}
			s.restart()
			s.wantKey(id("a"), day, one)
			s.wantKey(id("b"), day, two)
			calls := 0
			if err := s.Rewrap(t.Context(), tenant, func(done int) { calls = done }); err != nil || calls == 0 {
				t.Errorf("the second run: %v after %d", err, calls)
			}
			ring := load(t, s.path)
			ring.content.KEKs = ring.content.KEKs[:1]
			s.Container = NewContainer(s.blobs, ring)
			s.wantKey(id("a"), day, one)
			s.wantKey(id("b"), day, two)
			for _, w := range s.wrappings() {
				if !strings.HasSuffix(w, "."+ring.Primary("")) {
					t.Errorf("%s is not under the primary", w)
				}
			}
		})
	}
}

// Two replicas rewrap while a third, with the older keyring, goes on working.
func TestRewrapsAtOnce(t *testing.T) {
	s := newShop(t)
	key := s.create(id("a"), day)
	old := s.Container
	s.rotate()
	var all sync.WaitGroup
	for range 4 {
		c := NewContainer(s.blobs.Store, load(t, s.path))
		all.Go(func() {
			if err := c.Rewrap(t.Context(), tenant, nil); err != nil {
				t.Errorf("Rewrap: %v", err)
			}
		})
	}
	all.Wait()
	s.wantKey(id("a"), day, key)
	if _, err := old.Create(t.Context(), tenant, id("c"), day); err != nil {
		t.Errorf("the replica with the older keyring: %v", err)
	}
	s.Container = NewContainer(s.blobs, load(t, s.path))
	if _, err := s.Open(t.Context(), tenant, id("c"), day); err != nil {
		t.Errorf("what it made: %v", err)
	}
}

func TestADamagedEpochKeyIsNotReplaced(t *testing.T) {
	s := newShop(t)
	s.create(id("a"), day)
	name := string(tenant) + "/epoch/" + s.wrappings()[0]
	s.tamper(name, func(b []byte) []byte { b[20] ^= 1; return b })
	s.restart()
	s.wantCode(id("a"), day, transfer.Integrity)
	if _, err := s.Create(t.Context(), tenant, id("b"), day); transfer.CodeOf(err) != transfer.Integrity {
		t.Errorf("Create: %v", err)
	}
	if err := s.Verify(t.Context(), tenant); transfer.CodeOf(err) != transfer.Integrity {
		t.Errorf("Verify: %v", err)
	}
}

// The older wrapping goes only when the newer one holds the same key.
func TestAForeignWrappingStopsTheRotation(t *testing.T) {
	s := newShop(t)
	s.create(id("a"), day)
	began, _, _ := strings.Cut(s.wrappings()[0], ".")
	s.rotate()
	if err := s.wrapEpoch(t.Context(), epoch{string(tenant), began}, random(secretSize)); err != nil {
		t.Fatal(err)
	}
	if err := s.Rewrap(t.Context(), tenant, nil); transfer.CodeOf(err) != transfer.Integrity {
		t.Errorf("Rewrap: %v", err)
	}
	if left := s.wrappings(); len(left) != 2 {
		t.Errorf("left: %q", left)
	}
}
