package keys

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/file"
	"senddigitally/backend/transfer"
)

const (
	tenant = transfer.TenantID("municipality")
	day    = transfer.Hold("2026-03-08")
	later  = transfer.Hold("2026-04-01")
)

// shop is a container on real directories, whose store a test can break.
type shop struct {
	*Container
	t     testing.TB
	path  string
	blobs *breaking
}

func newShop(t testing.TB) *shop {
	store, err := file.Open(t.TempDir(), "keys", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, path: newRingFile(t), blobs: &breaking{Store: store, left: -1}}
	s.restart()
	return s
}

// restart makes a container that knows nothing but what is stored.
func (s *shop) restart() {
	s.Container = NewContainer(s.blobs, load(s.t, s.path))
}

func (s *shop) rotate() {
	s.t.Helper()
	if err := Rotate(s.path); err != nil {
		s.t.Fatal(err)
	}
	s.restart()
}

func (s *shop) create(id transfer.ID, hold transfer.Hold) transfer.DataKey {
	s.t.Helper()
	key, err := s.Create(s.t.Context(), tenant, id, hold)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

func (s *shop) wantKey(id transfer.ID, hold transfer.Hold, want transfer.DataKey) {
	s.t.Helper()
	key, err := s.Open(s.t.Context(), tenant, id, hold)
	if err != nil || !bytes.Equal(key.Secret(), want.Secret()) {
		s.t.Errorf("Open %s: another key, or %v", hold, err)
	}
}

func (s *shop) wantCode(id transfer.ID, hold transfer.Hold, code transfer.Code) {
	s.t.Helper()
	if _, err := s.Open(s.t.Context(), tenant, id, hold); transfer.CodeOf(err) != code {
		s.t.Errorf("Open %s: %v, want %q", hold, err, code)
	}
}

func (s *shop) names() []string {
	var names []string
	for name, err := range s.blobs.Store.List(s.t.Context(), "", "") {
		if err != nil {
			s.t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func (s *shop) tamper(name string, change func([]byte) []byte) {
	s.t.Helper()
	r, err := s.blobs.Store.ReadRange(s.t.Context(), name, 0, -1)
	if err != nil {
		s.t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	r.Close()
	if err == nil {
		err = s.blobs.Store.Delete(s.t.Context(), name)
	}
	if err == nil {
		_, err = s.blobs.Store.Put(s.t.Context(), name, bytes.NewReader(change(bytes.Clone(content))))
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func id(name string) transfer.ID {
	return transfer.NewNamer([]byte("a root of the tests")).TransferID(tenant, "caseworker", name)
}

// breaking is a store whose changes fail for good after some of them, as for a
// process that is killed there.
type breaking struct {
	blob.Store
	left int // changes that succeed; negative: all
}

var errKilled = errors.New("killed")

func (b *breaking) spend() error {
	if b.left == 0 {
		return errKilled
	}
	b.left--
	return nil
}

func (b *breaking) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := b.spend(); err != nil {
		return 0, err
	}
	return b.Store.Put(ctx, name, r)
}

func (b *breaking) Delete(ctx context.Context, name string) error {
	if err := b.spend(); err != nil {
		return err
	}
	return b.Store.Delete(ctx, name)
}

func TestADataKeyIsMadeOnceAndKept(t *testing.T) {
	s := newShop(t)
	key := s.create(id("a"), transfer.HeldOpen)
	if again := s.create(id("a"), transfer.HeldOpen); !bytes.Equal(again.Secret(), key.Secret()) {
		t.Error("a second Create made another key")
	}
	if other := s.create(id("b"), transfer.HeldOpen); bytes.Equal(other.Secret(), key.Secret()) {
		t.Error("two transfers share a key")
	}
	s.restart()
	s.wantKey(id("a"), transfer.HeldOpen, key)
	s.wantCode(id("a"), day, transfer.NotFound)
	s.wantCode(id("c"), transfer.HeldOpen, transfer.NotFound)
	for _, name := range s.names() {
		r, _ := s.blobs.ReadRange(t.Context(), name, 0, -1)
		if content, _ := io.ReadAll(r); bytes.Contains(content, key.Secret()) {
			t.Errorf("%s has the data key in the clear", name)
		}
		r.Close()
	}
}

// Case 39 as far as keys go: fifty attempts, some on another replica, one key.
func TestManyCreateOneKey(t *testing.T) {
	s := newShop(t)
	replicas := []*Container{s.Container, NewContainer(s.blobs.Store, load(t, s.path))}
	s.blobs.left = -1
	made := make([][]byte, 50)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			c := NewContainer(s.blobs.Store, replicas[i%2].kek)
			key, err := c.Create(t.Context(), tenant, id("a"), transfer.HeldOpen)
			if err != nil {
				t.Errorf("attempt %d: %v", i, err)
			}
			made[i] = key.Secret()
		})
	}
	all.Wait()
	for i := range made {
		if !bytes.Equal(made[i], made[0]) {
			t.Fatalf("attempt %d got another key", i)
		}
	}
}

// move is how a record comes under another hold: the old one goes last.
func (s *shop) move(id transfer.ID, from, to transfer.Hold) error {
	if err := s.Copy(s.t.Context(), tenant, id, from, to); err != nil || from == to {
		return err
	}
	return s.Erase(s.t.Context(), tenant, id, from)
}

func TestMovingLeavesAKeyWhereverItIsKilled(t *testing.T) {
	for left := range 4 {
		s := newShop(t)
		key := s.create(id("a"), day)
		s.blobs.left = left
		err := s.move(id("a"), day, later)
		s.blobs.left = -1
		s.restart()
		_, here := s.Open(t.Context(), tenant, id("a"), day)
		_, there := s.Open(t.Context(), tenant, id("a"), later)
		if here != nil && there != nil {
			t.Errorf("killed after %d changes, there is no key", left)
		}
		if err == nil && left < 2 {
			t.Errorf("killed after %d changes, and acknowledged", left)
		}
		for range 2 {
			if err := s.move(id("a"), day, later); err != nil {
				t.Errorf("again: %v", err)
			}
		}
		s.wantKey(id("a"), later, key)
		s.wantCode(id("a"), day, transfer.NotFound)
	}
}

func TestMovingWhatIsNotThere(t *testing.T) {
	s := newShop(t)
	if err := s.move(id("a"), day, later); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("an absent record: %v", err)
	}
	if err := s.move(id("a"), day, day); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("an absent record to where it is: %v", err)
	}
	one, two := s.create(id("a"), day), s.create(id("a"), later)
	if err := s.move(id("a"), day, later); transfer.CodeOf(err) != transfer.Integrity {
		t.Errorf("over another key: %v", err)
	}
	s.wantKey(id("a"), day, one)
	s.wantKey(id("a"), later, two)
}

func TestErasingIsForGood(t *testing.T) {
	s := newShop(t)
	key := s.create(id("a"), day)
	s.create(id("b"), day)
	for range 2 {
		if err := s.Erase(t.Context(), tenant, id("a"), day); err != nil {
			t.Errorf("Erase: %v", err)
		}
	}
	s.wantCode(id("a"), day, transfer.NotFound)
	if again := s.create(id("a"), day); bytes.Equal(again.Secret(), key.Secret()) {
		t.Error("an erased key came back")
	}
}

func TestAllListsRecordsByHold(t *testing.T) {
	s := newShop(t)
	var want []string
	for _, hold := range []transfer.Hold{transfer.HeldOpen, later, day} {
		for _, name := range []string{"a", "b", "c"} {
			s.create(id(name), hold)
			want = append(want, string(hold)+" "+string(id(name)))
		}
	}
	if _, err := s.Create(t.Context(), "another", id("a"), day); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	var got []string
	for ref, err := range s.All(t.Context(), tenant) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(ref.Hold)+" "+string(ref.ID))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for range s.All(t.Context(), tenant) {
		break
	}
}

// Case 9 for key records: nothing that was changed, or lies in another's place,
// gives a key.
func TestARecordThatWasTamperedWithGivesNoKey(t *testing.T) {
	s := newShop(t)
	key := s.create(id("a"), day)
	s.create(id("b"), day)
	name, other := recordName(tenant, id("a"), day), recordName(tenant, id("b"), day)
	var record []byte
	s.tamper(name, func(b []byte) []byte { record = b; return b })
	for i := range record {
		s.tamper(name, func([]byte) []byte { b := bytes.Clone(record); b[i] ^= 1; return b })
		s.wantCode(id("a"), day, transfer.Integrity)
	}
	for n := range record {
		s.tamper(name, func([]byte) []byte { return record[:n] })
		s.wantCode(id("a"), day, transfer.Integrity)
	}
	s.tamper(name, func([]byte) []byte { return append(bytes.Clone(record), 0) })
	s.wantCode(id("a"), day, transfer.Integrity)
	s.tamper(other, func([]byte) []byte { return record })
	s.wantCode(id("b"), day, transfer.Integrity)
	s.tamper(name, func([]byte) []byte { return record })
	s.wantKey(id("a"), day, key)
}

// Case 75: a key-encryption key that is missing or wrong.
func TestAMissingOrWrongKEKIsNoticed(t *testing.T) {
	s := newShop(t)
	s.create(id("a"), day)
	if err := s.Verify(t.Context(), tenant); err != nil {
		t.Errorf("the right keyring: %v", err)
	}
	for name, want := range map[string]transfer.Code{"missing": transfer.Unavailable, "wrong": transfer.Integrity} {
		ring := load(t, newRingFile(t))
		if name == "wrong" {
			ring.content.KEKs[0].ID = load(t, s.path).Primary("")
		}
		c := NewContainer(s.blobs, ring)
		if err := c.Verify(t.Context(), tenant); transfer.CodeOf(err) != want {
			t.Errorf("%s, Verify: %v", name, err)
		}
		if _, err := c.Open(t.Context(), tenant, id("a"), day); transfer.CodeOf(err) != want {
			t.Errorf("%s, Open: %v", name, err)
		}
		if _, err := c.Create(t.Context(), tenant, id("a"), day); transfer.CodeOf(err) != want {
			t.Errorf("%s, Create: %v", name, err)
		}
	}
}

func TestTenantsDoNotShareKeys(t *testing.T) {
	s := newShop(t)
	s.create(id("a"), day)
	if _, err := s.Create(t.Context(), "another", id("b"), day); err != nil {
		t.Fatal(err)
	}
	var record []byte
	s.tamper(recordName(tenant, id("a"), day), func(b []byte) []byte { record = b; return b })
	if _, err := s.blobs.Put(t.Context(), recordName("another", id("a"), day), bytes.NewReader(record)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "another", id("a"), day); transfer.CodeOf(err) != transfer.Integrity {
		t.Errorf("a record of another tenant: %v", err)
	}
	if _, err := s.Open(t.Context(), "no/tenant", id("a"), day); transfer.CodeOf(err) != transfer.Invalid {
		t.Errorf("a hostile tenant: %v", err)
	}
	for _, hold := range []transfer.Hold{"", "epoch", "..", "2026-3-8", "2026-13-01"} {
		if _, err := s.Create(t.Context(), tenant, id("a"), hold); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("hold %q: %v", hold, err)
		}
	}
}

func TestEveryRecordIsVerified(t *testing.T) {
	s := newShop(t)
	s.create(id("a"), day)
	s.create(id("b"), day)
	s.create(id("c"), later)
	s.tamper(recordName(tenant, id("b"), day), func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
	var bad []Ref
	opened, err := s.VerifyRecords(t.Context(), tenant, func(ref Ref, err error) {
		if bad = append(bad, ref); transfer.CodeOf(err) != transfer.Integrity {
			t.Errorf("%v: %v", ref, err)
		}
	})
	if err != nil || opened != 2 || !slices.Equal(bad, []Ref{{ID: id("b"), Hold: day}}) {
		t.Errorf("%d are opened, and %v not: %v", opened, bad, err)
	}
}
