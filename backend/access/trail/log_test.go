package trail

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

var testKey = []byte(strings.Repeat("a", 32))

func at(s string) func() time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return t }
}

var noon = at("2026-11-22T12:00:00Z")

func event(action access.Action) access.Event {
	return access.Event{Tenant: "aalborg", Actor: "staff:0123", Action: action, Outcome: access.Allowed}
}

func opened(t *testing.T, dir string, clock func() time.Time) *Log {
	t.Helper()
	l, err := Open(dir, testKey, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func appended(t *testing.T, l *Log, n int) {
	t.Helper()
	for range n {
		if err := l.Append(t.Context(), event(access.Send)); err != nil {
			t.Fatal(err)
		}
	}
}

func verified(t *testing.T, dir string, anchors []Head) Report {
	t.Helper()
	report, err := Verify(dir, testKey, anchors)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestWhatIsAppendedVerifies(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, noon)
	appended(t, l, 9)
	heads := l.Heads()
	if report := verified(t, dir, heads); !report.Intact() || report.Lines != 10 || report.Files != 1 || report.Torn != 0 {
		t.Errorf("report %+v", report)
	}
	if len(heads) != 1 || heads[0].Seq != 10 || verified(t, dir, nil).Heads[0] != heads[0] {
		t.Errorf("heads %+v", heads)
	}
	if report, _ := Verify(dir, []byte(strings.Repeat("b", 32)), nil); report.Intact() {
		t.Error("verifies under another key")
	}
}

func TestTheLogIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	opened(t, dir, noon)
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for name, want := range map[string]os.FileMode{dir: 0o700, names[0]: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestProcessesShareADirectory(t *testing.T) {
	dir := t.TempDir()
	first, second := opened(t, dir, noon), opened(t, dir, noon)
	appended(t, first, 3)
	appended(t, second, 4)
	anchors := append(first.Heads(), second.Heads()...)
	if report := verified(t, dir, anchors); !report.Intact() || report.Files != 2 || report.Lines != 9 {
		t.Errorf("report %+v", report)
	}
}

func TestAChainGoesOnInTheNextDaysFile(t *testing.T) {
	dir := t.TempDir()
	var now atomic.Value
	now.Store(noon())
	l := opened(t, dir, func() time.Time { return now.Load().(time.Time) })
	appended(t, l, 2)
	now.Store(noon().Add(12 * time.Hour))
	appended(t, l, 2)
	now.Store(noon()) // a clock set back
	appended(t, l, 1)
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(names) != 2 || !strings.HasPrefix(filepath.Base(names[1]), "2026-11-23-") {
		t.Fatalf("files %v", names)
	}
	if report := verified(t, dir, l.Heads()); !report.Intact() || report.Lines != 6 || len(report.Heads) != 1 {
		t.Errorf("report %+v", report)
	}
	if err := os.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
	if report := verified(t, dir, nil); report.Intact() || report.Findings[0].Fault != Gap {
		t.Errorf("a day is missing: %+v", report)
	}
}

func TestClosedLogsRefuse(t *testing.T) {
	l := opened(t, t.TempDir(), noon)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), event(access.Send)); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("error %v", err)
	}
}

func TestOneOverlongEventHarmsNoOther(t *testing.T) {
	l := opened(t, t.TempDir(), noon)
	long := event(access.Action(strings.Repeat("\x01", 601)))
	if err := l.Append(t.Context(), long); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("error %v", err)
	}
	long = event(access.Action(strings.Repeat("\x01", maxEvent-size(event("")))))
	if err := l.Append(t.Context(), long); err != nil {
		t.Errorf("the longest event: %v", err)
	}
	if len(l.Heads()) != 1 {
		t.Error("the chain was broken off")
	}
}

// disk is a store whose writes and fsyncs can fail or wait.
type disk struct {
	directory
	room  atomic.Int64 // bytes that still fit
	sync  atomic.Pointer[error]
	syncs atomic.Int64
	gate  sync.RWMutex // held by a test, fsync waits
}

func (d *disk) create(name string) (file, error) {
	f, err := d.directory.create(name)
	return &faulty{file: f, disk: d}, err
}

type faulty struct {
	file
	disk *disk
}

func (f *faulty) Write(b []byte) (int, error) {
	if left := f.disk.room.Add(-int64(len(b))); left < 0 {
		n, _ := f.file.Write(b[:max(0, len(b)+int(left))])
		return n, &os.PathError{Op: "write", Err: syscall.ENOSPC}
	}
	return f.file.Write(b)
}

func (f *faulty) Sync() error {
	f.disk.gate.RLock()
	defer f.disk.gate.RUnlock()
	f.disk.syncs.Add(1)
	if err := f.disk.sync.Load(); err != nil {
		return *err
	}
	return f.file.Sync()
}

func onDisk(t *testing.T) (*disk, *Log) {
	t.Helper()
	d := &disk{directory: directory(t.TempDir())}
	d.room.Store(1 << 30)
	l, err := open(d, testKey, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return d, l
}

// Case 11: a full disk refuses the operation; room again lets it go on without
// a restart.
func TestCase11FullDiskRefusesAndRecovers(t *testing.T) {
	d, l := onDisk(t)
	appended(t, l, 3)
	for _, room := range []int64{100, 0, 0} { // a part of a line fits, then nothing
		d.room.Store(room)
		if err := l.Append(t.Context(), event(access.Send)); transfer.CodeOf(err) != transfer.StorageFull {
			t.Fatalf("error %v", err)
		}
	}
	d.room.Store(1 << 30)
	appended(t, l, 2)
	report := verified(t, string(d.directory), l.Heads())
	if !report.Intact() || report.Lines != 6 || report.Torn != 0 || report.Files != 2 {
		t.Errorf("report %+v", report)
	}
}

func TestAFailedFsyncIsNeverAcknowledged(t *testing.T) {
	d, l := onDisk(t)
	appended(t, l, 1)
	var failure error = syscall.EIO
	d.sync.Store(&failure)
	if err := l.Append(t.Context(), event(access.Send)); transfer.CodeOf(err) != transfer.Unavailable {
		t.Fatalf("error %v", err)
	}
	d.sync.Store(nil)
	appended(t, l, 1)
	if report := verified(t, string(d.directory), l.Heads()); !report.Intact() || report.Lines != 3 || len(report.Heads) != 2 {
		t.Errorf("report %+v", report)
	}
}

func TestManyAppendsShareAnFsync(t *testing.T) {
	d, l := onDisk(t)
	before := d.syncs.Load()
	d.gate.Lock()
	var group sync.WaitGroup
	const many = 200
	for range many {
		group.Go(func() {
			if err := l.Append(context.Background(), event(access.Read)); err != nil {
				t.Error(err)
			}
		})
	}
	deadline := time.Now().Add(5 * time.Second)
	for len(l.requests) < many/2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // until they have queued up behind the one that waits
	}
	d.gate.Unlock()
	group.Wait()
	if n := d.syncs.Load() - before; n > many/2+1 {
		t.Errorf("%d appends took %d fsyncs", many, n)
	}
	if report := verified(t, string(d.directory), l.Heads()); !report.Intact() || report.Lines != many+1 {
		t.Errorf("report %+v", report)
	}
}

func TestAWaitingAppendGivesUpWithItsContext(t *testing.T) {
	d, l := onDisk(t)
	d.gate.Lock()
	defer d.gate.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { result <- l.Append(ctx, event(access.Send)) }()
	cancel()
	if err := <-result; transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("error %v", err)
	}
}
