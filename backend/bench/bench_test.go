// Package bench_test measures the product beside references in one interleaved
// run, and prints the median of each round's ratio: 1.00 is as fast as the
// reference. The client is a process of its own, so processor time and memory
// are the servers'; product and floor share this process, nginx is one of its
// own. README.md has figures and how they were measured.
//
//	go test -tags nomsgpack ./backend/bench -run Bench -v -size 1024 -rounds 7
//
// Without -size it is a smoke run of a few megabytes, which proves only that the
// measurement works.
package bench_test

import (
	"cmp"
	"crypto/tls"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

var (
	size   = flag.Int64("size", 4, "MiB of a file")
	rounds = flag.Int("rounds", 1, "of which the median is taken")
)

// full reports whether this is a measurement and not a smoke run.
func full() bool { return *rounds > 1 }

// protocols are those that everything is measured over.
var protocols = []string{"http", "tls-h1", "h2"}

// rig serves product and floor over every protocol.
type rig struct {
	t       *testing.T
	sandbox *sandbox.Sandbox
	dir     string // of the floor's and nginx's files
	client  *remote
	token   string // a caseworker's
	took    map[string][]time.Duration
	spent   map[string][]time.Duration
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir, err := os.MkdirTemp("", "bench")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// Side by side, so that the file system treats both alike: ext4 puts a folder
	// near the one above it, and slows where much was deleted shortly before.
	product, reference := filepath.Join(dir, "product"), filepath.Join(dir, "reference")
	must(t, errors.Join(os.Mkdir(product, 0o700), os.Mkdir(reference, 0o700)))
	r := &rig{t: t, dir: reference, took: map[string][]time.Duration{}, spent: map[string][]time.Duration{}}
	r.sandbox, err = sandbox.Start(t.Context(), sandbox.Options{Dir: product, Policy: func(p *transfer.Policy) {
		p.MaxFileBytes, p.MaxTransferBytes, p.MaxReplyBytes, p.MaxFiles = 64<<30, 64<<30, 64<<30, 2000
		p.Quotas = transfer.Quotas{} // what is measured is never sent
	}})
	must(t, err)
	t.Cleanup(func() { _ = r.sandbox.Close() })
	r.client, r.token = startClient(t), r.sandbox.UserToken(outlook.Caseworker)
	return r
}

// serve serves a handler with the product's own limits (package app).
func (r *rig) serve(p string, h http.Handler) string {
	s := httptest.NewUnstartedServer(h)
	s.Config.ReadHeaderTimeout, s.Config.ReadTimeout, s.Config.IdleTimeout = 10*time.Second, time.Minute, 2*time.Minute
	s.EnableHTTP2 = p == "h2"
	if p == "http" {
		s.Start()
	} else {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
		s.StartTLS()
	}
	r.t.Cleanup(s.Close)
	return s.URL
}

// measure times an order, on the clock and in processor time of this process.
func (r *rig) measure(name string, o order) outcome {
	r.t.Helper()
	start, spent := time.Now(), processor()
	done, err := r.client.do(o)
	must(r.t, err)
	r.took[name] = append(r.took[name], time.Since(start))
	r.spent[name] = append(r.spent[name], processor()-spent)
	return done
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ratio prints how fast one way is, as a share of another measured in the same
// rounds.
func (r *rig) ratio(what, name, reference string, aim, least float64) {
	r.t.Helper()
	if len(r.took[reference]) == 0 {
		r.t.Logf("%-56s not run", what)
		return
	}
	all := shares(r.took[reference], r.took[name])
	r.t.Logf("%-56s %5.2f (%.2f to %.2f; aim %.2f, must %.2f); %s, %s", what, median(all), slices.Min(all), slices.Max(all), aim, least,
		median(r.took[name]).Round(time.Microsecond), median(r.took[reference]).Round(time.Microsecond))
}

// cost prints the processor time of one way as a multiple of another's.
func (r *rig) cost(what, name, reference string, aim, most float64) {
	r.t.Helper()
	all := shares(r.spent[name], r.spent[reference])
	r.t.Logf("%-56s %5.2f (%.2f to %.2f; aim %.2f, must %.2f); %s, %s", what, median(all), slices.Min(all), slices.Max(all), aim, most,
		median(r.spent[name]).Round(time.Millisecond), median(r.spent[reference]).Round(time.Millisecond))
}

// shares divides round by round.
func shares(over, under []time.Duration) []float64 {
	all := make([]float64, len(over))
	for i := range over {
		all[i] = over[i].Seconds() / max(under[i], time.Nanosecond).Seconds()
	}
	return all
}

func median[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
