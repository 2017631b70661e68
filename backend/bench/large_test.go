package bench_test

import (
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/bench/floor"
)

func TestBenchDownload(t *testing.T) {
	r, n := newRig(t), *size<<20
	s := r.send(1, n)
	r.do(put("http", r.serve("http", floor.Server{Dir: r.dir, Encrypt: true})+"/sealed", n))
	r.do(put("http", r.serve("http", floor.Server{Dir: r.dir})+"/plain", n))
	nginx := r.nginx()
	product, sealed := map[string]string{}, map[string]string{}
	for _, p := range protocols {
		product[p] = r.serve(p, r.sandbox.System.Portal) + s.seat() + "/files/" + s.Files[0].ID
		sealed[p] = r.serve(p, floor.Server{Dir: r.dir, Encrypt: true}) + "/sealed"
	}
	fetch := func(name string, o order) {
		if got := r.measure(name, o).Bytes; got != n {
			t.Fatalf("%s: %d bytes", name, got)
		}
	}
	for range *rounds {
		for _, p := range protocols {
			fetch("product "+p, get(p, product[p], s.cookie))
			fetch("floor "+p, get(p, sealed[p], nil))
			if nginx != nil {
				fetch("nginx "+p, get(p, nginx[p]+"/plain", nil))
			}
		}
	}
	goals := map[string][2]float64{"http": {1.3, 1.2}, "tls-h1": {0.95, 0.88}, "h2": {0.75, 0.65}}
	for _, p := range protocols {
		r.ratio("download ÷ nginx sendfile, "+p, "product "+p, "nginx "+p, goals[p][0], goals[p][1])
		r.cost("processor time of download ÷ encrypting floor, "+p, "product "+p, "floor "+p, 1.1, 1.25)
	}
}

func TestBenchUpload(t *testing.T) {
	r, n := newRig(t), *size<<20
	nginx := r.nginx()
	protocols := protocols[:2]
	product, plain, sealed := map[string]string{}, map[string]string{}, map[string]string{}
	for _, p := range protocols {
		product[p] = r.serve(p, r.sandbox.System.Staff)
		plain[p] = r.serve(p, floor.Server{Dir: r.dir, Sync: true})
		sealed[p] = r.serve(p, floor.Server{Dir: r.dir, Sync: true, Encrypt: true})
	}
	for round := range *rounds + 1 {
		if round == 1 { // the first has warmed up
			clear(r.took)
			clear(r.spent)
		}
		for _, p := range protocols {
			r.stored("product "+p, r.upload(p, product[p], rand.Text(), 1, 1, n, 1))
			r.stored("floor "+p, put(p, plain[p]+"/plain", n))
			r.stored("sealed "+p, put(p, sealed[p]+"/sealed", n))
			if nginx != nil {
				r.stored("nginx "+p, put(p, nginx[p]+"/nginx", n))
			}
		}
	}
	for _, p := range protocols {
		r.ratio("durable upload ÷ plain floor with fsync, "+p, "product "+p, "floor "+p, 0.9, 0.8)
		r.ratio("durable upload ÷ nginx DAV PUT (neither), "+p, "product "+p, "nginx "+p, 0.85, 0.75)
		r.ratio("durable upload ÷ encrypting floor with fsync, "+p, "product "+p, "sealed "+p, 1/1.1, 1/1.25)
		r.cost("processor time of upload ÷ encrypting floor, "+p, "product "+p, "sealed "+p, 1.1, 1.25)
	}
}

// stored measures an upload and removes what it wrote, so that the next finds the
// disk, and the memory that holds its pages, as this one did.
func (r *rig) stored(name string, o order) {
	r.measure(name, o)
	for _, dir := range []string{r.dir, filepath.Join(r.sandbox.Dir, "vault")} {
		must(r.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || dir != r.dir && !strings.HasPrefix(d.Name(), "part.") {
				return err
			}
			return os.Remove(path)
		}))
	}
}

// Peak memory above idle with 32 downloads and 8 uploads at once.
func TestBenchMemory(t *testing.T) {
	r, n := newRig(t), *size<<20/4
	s := r.send(1, n)
	portal, staff := r.serve("http", r.sandbox.System.Portal), r.serve("http", r.sandbox.System.Staff)
	downloads := get("http", "", s.cookie)
	downloads.URLs, downloads.AtOnce = slices.Repeat([]string{portal + s.seat() + "/files/" + s.Files[0].ID}, 32), 32
	var above []uint64
	for range *rounds {
		runtime.GC()
		idle, peak := inUse(), make(chan uint64)
		done := make(chan struct{})
		go func() { peak <- highest(done) }()
		var all sync.WaitGroup
		for _, o := range []order{downloads, r.upload("http", staff, rand.Text(), 1, 8, n, 8)} {
			all.Go(func() {
				if _, err := r.client.do(o); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		close(done)
		above = append(above, max(<-peak, idle)-idle)
	}
	t.Logf("%-56s %5.1f MiB (up to %.1f; aim 48, must 64)", "peak memory above idle, 32 downloads and 8 uploads", float64(median(above))/(1<<20), float64(slices.Max(above))/(1<<20))
}

// highest samples what is in use until done.
func highest(done <-chan struct{}) (peak uint64) {
	for tick := time.NewTicker(2 * time.Millisecond); ; <-tick.C {
		peak = max(peak, inUse())
		select {
		case <-done:
			return peak
		default:
		}
	}
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
