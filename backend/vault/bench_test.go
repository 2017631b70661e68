package vault

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/blob/file"
	"senddigitally/backend/keys"
	"senddigitally/backend/transfer"
)

const benchSize = 256 << 20

// repeating yields n bytes by copying one block, about as fast as memory.
type repeating struct {
	block []byte
	left  int
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.left)], r.block)
	r.left -= n
	return n, nil
}

// rig measures several ways of doing one job in turns, so that what else the
// machine does meets all of them.
type rig struct {
	b     *testing.B
	world *world
	dir   string
	block []byte
	took  map[string][]time.Duration // on the clock
	spent map[string]time.Duration   // of all processors, in total
}

func newRig(b *testing.B) *rig {
	r := &rig{b: b, dir: b.TempDir(), block: blobtest.Fill(1<<20, 1), took: map[string][]time.Duration{}, spent: map[string]time.Duration{}}
	ring := newRing(b)
	w := &world{t: b, now: time.Now(), namer: ring.Namer(), held: blobtest.NewMemory()}
	w.keys = keys.NewContainer(w.held, ring)
	dir := filepath.Join(r.dir, "vault")
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	store, err := file.Open(dir, "bench", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	w.Vault = New(store, w.keys, w.namer, time.Now)
	r.world = w
	return r
}

func (r *rig) source() io.Reader { return &repeating{r.block, benchSize} }

func (r *rig) time(name string, act func() error) {
	start, spent := time.Now(), processorTime(r.b)
	if err := act(); err != nil {
		r.b.Fatal(err)
	}
	r.took[name] = append(r.took[name], time.Since(start))
	r.spent[name] += processorTime(r.b) - spent
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// report gives the speed of one way as a share of each other's, medians over
// medians, and its processor time as a multiple of all the others' together.
func (r *rig) report(name string, others ...string) {
	var sum time.Duration
	for _, other := range others {
		sum += r.spent[other]
	}
	r.b.ReportMetric(float64(r.spent[name])/float64(sum), "cpu/sum-of-others")

	median := func(name string) float64 {
		took := r.took[name]
		sort.Slice(took, func(i, k int) bool { return took[i] < took[k] })
		return took[len(took)/2].Seconds()
	}
	r.b.ReportMetric(benchSize/median(name)/1e9, "GB/s")
	for _, other := range others {
		r.b.ReportMetric(median(other)/median(name), "of-"+other)
	}
	r.b.ReportMetric(0, "ns/op")
}

// aesGCM seals or opens as much as the job has, a segment at a time.
func (r *rig) aesGCM(open bool) error {
	aead := newAEAD(make([]byte, 32))
	sealed := aead.Seal(nil, nil, r.block[:segmentSize], nil)
	out := make([]byte, 0, fullSealed)
	for range benchSize / segmentSize {
		if !open {
			aead.Seal(out, nil, r.block[:segmentSize], nil)
		} else if _, err := aead.Open(out, nil, sealed, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) sha256() error {
	_, err := io.CopyBuffer(sha256.New(), r.source(), make([]byte, segmentSize))
	return err
}

// writeFile writes the same bytes to a plain, synced file, in the same pieces.
func (r *rig) writeFile() error {
	f, err := os.Create(filepath.Join(r.dir, "plain"))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, r.source(), make([]byte, segmentSize)); err != nil {
		return err
	}
	return f.Sync()
}

func (r *rig) readFile() error {
	f, err := os.Open(filepath.Join(r.dir, "plain"))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{f}, make([]byte, segmentSize))
	return err
}

func BenchmarkWriteFile(b *testing.B) {
	r := newRig(b)
	id := r.world.id("a")
	key := r.world.begin(id)
	for b.Loop() {
		r.time("vault", func() error {
			f, err := r.world.WriteFile(b.Context(), tenant, id, key, transfer.File{ID: "f1"}, r.source(), -1, nil)
			if err == nil {
				defer r.world.removeParts(b.Context(), place{tenant, id}, f.Parts)
			}
			return err
		})
		r.time("fsynced-file", r.writeFile)
		r.time("aes-gcm", func() error { return r.aesGCM(false) })
		r.time("sha-256", r.sha256)
	}
	r.report("vault", "fsynced-file", "aes-gcm", "sha-256")
}

func BenchmarkReadFile(b *testing.B) {
	r := newRig(b)
	id := r.world.id("a")
	key := r.world.begin(id)
	f, err := r.world.WriteFile(b.Context(), tenant, id, key, transfer.File{ID: "f1"}, r.source(), -1, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := r.writeFile(); err != nil {
		b.Fatal(err)
	}
	d := &transfer.Dossier{Manifest: r.world.manifestOf(id, f), Key: key}
	for b.Loop() {
		r.time("vault", func() error {
			reader := r.world.ReadFile(b.Context(), d, f)
			defer reader.Close()
			_, err := io.Copy(io.Discard, reader)
			return err
		})
		r.time("file", r.readFile)
		r.time("aes-gcm", func() error { return r.aesGCM(true) })
	}
	r.report("vault", "file", "aes-gcm")
}
