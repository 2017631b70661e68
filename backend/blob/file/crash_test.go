package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/transfer"
)

func never() bool { return false }

func openSimulated(t testing.TB, disk *simulated) *Store {
	t.Helper()
	s, err := open(disk, "test", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// losing is a store that loses power after each answer, looks at what the disk
// then holds, and complains when the answer was not true.
type losing struct {
	*Store
	t    testing.TB
	disk *simulated
}

func (l *losing) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	var content bytes.Buffer
	n, err := l.Store.Put(ctx, name, io.TeeReader(r, &content))
	switch {
	case err == nil:
		if got, after := l.afterwards(name); after != nil || !bytes.Equal(got, content.Bytes()) {
			l.t.Errorf("Put %s was acknowledged; after the crash: %d of %d bytes, %v", name, len(got), content.Len(), after)
		}
	case errors.Is(err, fs.ErrExist):
		if _, after := l.afterwards(name); after != nil {
			l.t.Errorf("Put %s said that there is one; after the crash: %v", name, after)
		}
	}
	return n, err
}

func (l *losing) Delete(ctx context.Context, name string) error {
	err := l.Store.Delete(ctx, name)
	if err == nil {
		if _, after := l.afterwards(name); !errors.Is(after, fs.ErrNotExist) {
			l.t.Errorf("Delete %s was acknowledged; after the crash: %v", name, after)
		}
	}
	return err
}

// afterwards reads a blob as it is after a loss of power.
func (l *losing) afterwards(name string) ([]byte, error) {
	s, err := open(l.disk.crash(never), "test", time.Now)
	if err != nil {
		return nil, err
	}
	r, err := s.ReadRange(context.Background(), name, 0, -1)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestConformanceUnderLossOfPower(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		disk := newSimulated()
		return &losing{openSimulated(t, disk), t, disk}
	})
}

// complaints stands in for a test that is expected to fail.
type complaints struct {
	testing.TB
	said []string
}

func (c *complaints) Errorf(format string, a ...any) {
	c.said = append(c.said, fmt.Sprintf(format, a...))
}
func (c *complaints) Helper() {}

// script does what makes every sync of the driver matter.
func script(t testing.TB, disk *simulated) {
	ctx := context.Background()
	put := func(l *losing, name string) {
		if _, err := l.Put(ctx, name, strings.NewReader("content of "+name)); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Errorf("Put %s: %v", name, err)
		}
	}
	s, err := open(disk, "test", time.Now)
	if err != nil {
		t.Errorf("open: %v", err)
		return
	}
	l := &losing{s, t, disk}
	put(l, "a/b/1")
	put(l, "a/b/2")
	put(l, "a/b/2")
	if err := l.Delete(ctx, "a/b/1"); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if err := l.Delete(ctx, "a/b/2"); err != nil {
		t.Errorf("Delete: %v", err)
	}
	put(l, "a/b/1")
}

var syncCall = regexp.MustCompile(`\.(Sync|SyncDir)\(`)

// sites finds every line of the driver that asks for a sync.
func sites(t *testing.T) []string {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, source := range sources {
		if strings.HasPrefix(source, "fs") || strings.HasSuffix(source, "_test.go") {
			continue
		}
		content, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if syncCall.MatchString(line) {
				found = append(found, fmt.Sprintf("%s:%d", source, i+1))
			}
		}
	}
	return found
}

// syncSite is the line of the driver that the sync under way comes from.
func syncSite() string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		if base := filepath.Base(frame.File); !strings.HasSuffix(base, "_test.go") || !more {
			return fmt.Sprintf("%s:%d", base, frame.Line)
		}
	}
}

func TestWithoutAnyOneSyncSomethingIsLost(t *testing.T) {
	t.Run("with all of them", func(t *testing.T) { script(t, newSimulated()) })
	found := sites(t)
	if len(found) < 4 {
		t.Errorf("only %d lines sync: %q", len(found), found)
	}
	for _, site := range found {
		t.Run("without "+site, func(t *testing.T) {
			disk, reached := newSimulated(), 0
			disk.hook = func(op, _ string) error {
				if strings.HasPrefix(op, "sync") && syncSite() == site {
					reached++
					return deaf{}
				}
				return nil
			}
			heard := &complaints{TB: t}
			script(heard, disk)
			if reached == 0 || len(heard.said) == 0 {
				t.Errorf("left out %d times, and nobody noticed", reached)
			}
		})
	}
}

// killed makes the n-th matching operation of a disk fail for good, as a process
// does that is killed there; the disk keeps what was done.
func killed(disk *simulated, op string, n int) func() {
	dead := errors.New("killed")
	disk.hook = func(got, _ string) error {
		if got == op {
			n--
		}
		if n <= 0 {
			return dead
		}
		return nil
	}
	return func() { disk.hook = func(string, string) error { return nil } }
}

// Another process answers for what a killed one has left unsynced.
func TestARetryAfterAKillIsDurable(t *testing.T) {
	for _, op := range []string{"create", "write", "sync file", "mkdir", "sync folder", "link", "remove"} {
		for n := 1; n <= 4; n++ {
			t.Run(fmt.Sprint(op, n), func(t *testing.T) {
				disk := newSimulated()
				first := openSimulated(t, disk)
				revive := killed(disk, op, n)
				_, _ = first.Put(t.Context(), "a/b/1", strings.NewReader("content"))
				revive()
				second := &losing{openSimulated(t, disk), t, disk}
				_, err := second.Put(t.Context(), "a/b/1", strings.NewReader("content"))
				if err != nil && !errors.Is(err, fs.ErrExist) {
					t.Errorf("the retry: %v", err)
				}
				revive = killed(disk, op, n)
				_ = second.Store.Delete(t.Context(), "a/b/1")
				revive()
				third := &losing{openSimulated(t, disk), t, disk}
				if err := third.Delete(t.Context(), "a/b/1"); err != nil {
					t.Errorf("the retried deletion: %v", err)
				}
			})
		}
	}
}

// Whatever reaches the disk of a Put that was cut off, a name has all of its
// bytes or is not there.
func TestNoCrashLeavesAPartOfABlob(t *testing.T) {
	content := blobtest.Fill(700_000, 1)
	ops := []string{"create", "write", "sync file", "mkdir", "link", "sync folder", "remove"}
	for seed := range uint64(400) {
		source := rand.New(rand.NewPCG(seed, 1))
		disk := newSimulated()
		s := openSimulated(t, disk)
		killed(disk, ops[source.IntN(len(ops))], 1+source.IntN(4))
		_, _ = s.Put(t.Context(), "a/b/1", bytes.NewReader(content))
		after := &losing{t: t, disk: disk.crash(func() bool { return source.IntN(2) == 0 })}
		if got, err := after.afterwards("a/b/1"); err == nil && !bytes.Equal(got, content) {
			t.Fatalf("seed %d: %d of %d bytes are there after the crash", seed, len(got), len(content))
		}
	}
}

// Cases 10 and 13: a full disk and a failing sync. Nothing is acknowledged and
// nothing stays; reading and deleting go on.
func TestADiskThatFails(t *testing.T) {
	for _, test := range []struct {
		op   string
		err  error
		code transfer.Code
	}{
		{"create", syscall.ENOSPC, transfer.StorageFull},
		{"write", syscall.ENOSPC, transfer.StorageFull},
		{"write", syscall.EDQUOT, transfer.StorageFull},
		{"mkdir", syscall.ENOSPC, transfer.StorageFull},
		{"link", syscall.ENOSPC, transfer.StorageFull},
		{"sync file", syscall.EIO, transfer.Internal},
		{"sync file", syscall.ENOSPC, transfer.StorageFull},
		{"sync folder", syscall.EIO, transfer.Internal},
	} {
		t.Run(test.op+" "+test.err.Error(), func(t *testing.T) {
			disk := newSimulated()
			s := openSimulated(t, disk)
			for _, name := range []string{"old/1", "known/1"} {
				if _, err := s.Put(t.Context(), name, strings.NewReader("old")); err != nil {
					t.Fatal(err)
				}
			}
			disk.hook = func(op, name string) error {
				if op == test.op && name != "old" {
					return test.err
				}
				return nil
			}
			wantRefused(t, s, "new/1", test.code)
			if test.op != "mkdir" {
				wantRefused(t, s, "known/2", test.code)
			}
			if left, _ := disk.ReadDir(temporaryFolder); len(left) != 0 {
				t.Errorf("%d temporary files stay", len(left))
			}
			if n, err := s.Size(t.Context(), "old/1"); n != 3 || err != nil {
				t.Errorf("reading: %v", err)
			}
			if err := s.Delete(t.Context(), "old/1"); err != nil {
				t.Errorf("deleting: %v", err)
			}
		})
	}
}

func wantRefused(t *testing.T, s *Store, name string, code transfer.Code) {
	t.Helper()
	if _, err := s.Put(t.Context(), name, strings.NewReader("new")); transfer.CodeOf(err) != code {
		t.Errorf("Put %s: %v, want code %s", name, err, code)
	}
	if _, err := s.Size(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s was not acknowledged: %v", name, err)
	}
}
