package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/blobtest"
)

func TestConformance(t *testing.T) {
	everyWay(t, func(t *testing.T, way func(*os.Root) files) {
		blobtest.Run(t, func(t *testing.T) blob.Store { return openBy(t, way, t.TempDir()) })
	})
}

// everyWay tests how the kernel is asked here, and how it is asked elsewhere.
func everyWay(t *testing.T, test func(t *testing.T, way func(*os.Root) files)) {
	t.Run("here", func(t *testing.T) { test(t, within) })
	t.Run("by os.Root", func(t *testing.T) { test(t, func(root *os.Root) files { return rooted{root} }) })
}

func openBy(t *testing.T, way func(*os.Root) files, dir string) *Store {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(way(root), "test", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOnlyTheOwnerOpensADirectory(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, "installation one, vault", time.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "installation one, vault", time.Now); err != nil {
		t.Errorf("the owner, again: %v", err)
	}
	for _, other := range []string{"installation two, vault", "installation one, keys", "installation one, vault\n", ""} {
		if _, err := Open(dir, other, time.Now); err == nil {
			t.Errorf("opened as %q", other)
		}
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(foreign, "installation one, vault", time.Now); err == nil {
		t.Error("a directory with foreign content was opened")
	}
	if _, err := Open(filepath.Join(dir, "nothing"), "x", time.Now); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent directory: %v", err)
	}
}

func TestADirectoryThatCannotBeWrittenIsRefused(t *testing.T) {
	disk := newSimulated()
	openSimulated(t, disk)
	disk.hook = func(op, _ string) error {
		if op == "create" || op == "mkdir" {
			return syscall.EROFS
		}
		return nil
	}
	if _, err := open(disk, "test", time.Now); !errors.Is(err, syscall.EROFS) {
		t.Errorf("a read-only directory: %v", err)
	}
}

// What cannot be seen has not been deleted: a key would be taken for erased.
func TestADeletionThatCannotLookIsNotAcknowledged(t *testing.T) {
	s, err := Open(t.TempDir(), "owner", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "a/b", strings.NewReader("content")); err != nil {
		t.Fatal(err)
	}
	whole := s.files
	s.files = blind{whole}
	if err := s.Delete(t.Context(), "a/b"); !errors.Is(err, syscall.EIO) {
		t.Errorf("the deletion: %v", err)
	}
	s.files = whole
	if _, err := s.Size(t.Context(), "a/b"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// blind is a file system that cannot look a name up.
type blind struct{ files }

func (blind) Stat(string) (fs.FileInfo, error) { return nil, syscall.EIO }

// Case 7: what a killed process was writing is swept, what another one is still
// writing is not.
func TestOldTemporaryFilesAreSwept(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, "x", time.Now); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, age := range map[string]time.Duration{"old": temporaryGrace + time.Hour, "young": time.Hour} {
		path := filepath.Join(dir, temporaryFolder, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, now, now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir, "x", func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(dir, temporaryFolder))
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, "x", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "a/b", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"a": fs.ModeDir | 0o700, "a/b": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestNoLinkLeadsOutOfTheDirectory(t *testing.T) { everyWay(t, testNoLinkLeadsOut) }

func testNoLinkLeadsOut(t *testing.T, way func(*os.Root) files) {
	dir := t.TempDir()
	s := openBy(t, way, dir)
	outside := t.TempDir()
	foreign := filepath.Join(outside, "foreign")
	if err := errors.Join(os.WriteFile(foreign, []byte("x"), 0o600), os.Symlink(outside, filepath.Join(dir, "out")), os.Symlink(foreign, filepath.Join(dir, "file"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"out/foreign", "file"} {
		if _, err := s.ReadRange(t.Context(), name, 0, -1); err == nil {
			t.Errorf("%s was read", name)
		}
		if _, err := s.Size(t.Context(), name); err == nil {
			t.Errorf("%s was measured", name)
		}
		if _, err := s.Put(t.Context(), name+"x", strings.NewReader("x")); name == "out/foreign" && err == nil {
			t.Errorf("%sx was written", name)
		}
		_ = s.Delete(t.Context(), name)
	}
	for name := range s.List(t.Context(), "out/", "") {
		if name != "" {
			t.Errorf("%s was listed", name)
		}
	}
	if there, err := os.ReadDir(outside); err != nil || len(there) != 1 {
		t.Errorf("outside there are %v, %v", there, err)
	}
}
