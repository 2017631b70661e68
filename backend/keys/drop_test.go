package keys

import "testing"

// A key leaves once nothing is wrapped by it, and not before.
func TestDrop(t *testing.T) {
	s := newShop(t)
	key := s.create(id("a"), day)
	old := load(t, s.path).Primary("")
	if err := Drop(s.path, old); err == nil {
		t.Error("the primary was dropped")
	}
	s.rotate()
	if used, err := s.InUse(t.Context()); err != nil || used[old] != 1 || len(used) != 1 {
		t.Errorf("before the rewrap: %v, %v", used, err)
	}
	if err := s.Rewrap(t.Context(), tenant, nil); err != nil {
		t.Fatal(err)
	}
	if used, err := s.InUse(t.Context()); err != nil || used[old] != 0 || len(used) != 1 {
		t.Errorf("after the rewrap: %v, %v", used, err)
	}
	if err := Drop(s.path, old); err != nil {
		t.Fatal(err)
	}
	if err := Drop(s.path, old); err == nil {
		t.Error("it was dropped twice")
	}
	s.Container = NewContainer(s.blobs, load(t, s.path))
	s.wantKey(id("a"), day, key)
}
