package keys

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

// follower is the container of a process that runs on while others rotate.
func (s *shop) follower(log *strings.Builder) *Container {
	return NewContainer(s.blobs, Follow(s.path, load(s.t, s.path), slog.New(slog.NewTextHandler(log, nil))))
}

// Two rotations beside a running process leave it able to open what came before,
// what comes since, and to make new keys, which the newest keyring opens.
func TestARotationBesideARunningProcessNeedsNoRestart(t *testing.T) {
	s := newShop(t)
	var log strings.Builder
	before := s.create(id("a"), day)
	running := &shop{Container: s.follower(&log), t: t}
	for _, name := range []string{"b", "c"} {
		s.rotate()
		if err := s.Rewrap(t.Context(), tenant, nil); err != nil {
			t.Fatal(err)
		}
		running.wantKey(id("a"), day, before)
		running.wantKey(id(name), day, s.create(id(name), day))
		made := running.create(id(name+name), day)
		s.wantKey(id(name+name), day, made)
		if other, err := running.Create(t.Context(), transfer.TenantID("other"+name), id("o"), day); err != nil {
			t.Errorf("for another tenant: %v", err)
		} else if found, err := s.Open(t.Context(), transfer.TenantID("other"+name), id("o"), day); err != nil || string(found.Secret()) != string(other.Secret()) {
			t.Errorf("what it made for another tenant: %v", err)
		}
	}
	if n := strings.Count(log.String(), "has changed"); n != 2 || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log says %s", log.String())
	}
}

// A process that has not met the new key wraps nothing with one that was dropped.
func TestNothingIsWrappedWithADroppedKey(t *testing.T) {
	s := newShop(t)
	var log strings.Builder
	running := &shop{Container: s.follower(&log), t: t}
	old := load(t, s.path).Primary("")
	s.rotate()
	if err := Drop(s.path, old); err != nil {
		t.Fatal(err)
	}
	s.restart()
	s.wantKey(id("a"), day, running.create(id("a"), day))
}

func TestAKeyringThatCannotBeReadAgainChangesNothing(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"gone": os.Remove,
		"another installation's": func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return Init(path)
		},
	} {
		s := newShop(t)
		var log strings.Builder
		running := &shop{Container: s.follower(&log), t: t}
		if err := spoil(s.path); err != nil {
			t.Fatal(err)
		}
		key := running.create(id("a"), day)
		running.wantKey(id("a"), day, key)
		if !strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: the log says %q", name, log.String())
		}
	}
}
