// Package bench_test measures the product beside references in one interleaved
// run, and prints ratios of medians: 1.00 is as fast as the reference. The
// client is in this process for all of them, and so are product and floor;
// nginx is a process of its own.
//
//	go test -tags nomsgpack ./backend/bench -run Bench -v -size 1024 -rounds 7
//
// Without -size it is a smoke run of a few megabytes, which proves only that the
// measurement works.
package bench_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/bench/floor"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

var (
	size   = flag.Int64("size", 4, "MiB of a file")
	rounds = flag.Int("rounds", 1, "of which the median is taken")
)

// protocols are those that everything is measured over.
var protocols = []string{"http", "tls-h1", "h2"}

// rig serves product and floor over every protocol.
type rig struct {
	t       *testing.T
	sandbox *sandbox.Sandbox
	dir     string
	took    map[string][]time.Duration
	spent   map[string][]time.Duration
	client  map[string]*http.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), took: map[string][]time.Duration{}, spent: map[string][]time.Duration{}, client: map[string]*http.Client{}}
	dir, err := os.MkdirTemp("", "bench")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r.sandbox, err = sandbox.Start(t.Context(), sandbox.Options{Dir: dir, Policy: func(p *transfer.Policy) {
		p.MaxFileBytes, p.MaxTransferBytes = 64<<30, 64<<30
	}})
	must(t, err)
	t.Cleanup(func() { _ = r.sandbox.Close() })
	for _, p := range protocols {
		jar, _ := cookiejar.New(nil)
		r.client[p] = &http.Client{Jar: jar, Transport: &http.Transport{ForceAttemptHTTP2: p == "h2", MaxIdleConnsPerHost: 64,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // loopback, certificates of the run
			TLSNextProto:    nextProto(p)}}
	}
	return r
}

// nextProto keeps a client from HTTP/2 where it is not measured.
func nextProto(p string) map[string]func(string, *tls.Conn) http.RoundTripper {
	if p == "h2" {
		return nil
	}
	return map[string]func(string, *tls.Conn) http.RoundTripper{}
}

func (r *rig) serve(p string, h http.Handler) string {
	s := httptest.NewUnstartedServer(h)
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

// measure times one way, on the clock and in processor time of this process.
func (r *rig) measure(name string, act func() error) {
	r.t.Helper()
	start, spent := time.Now(), processor()
	must(r.t, act())
	r.took[name] = append(r.took[name], time.Since(start))
	r.spent[name] = append(r.spent[name], processor()-spent)
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ratio prints how fast one way is, as a share of another.
func (r *rig) ratio(what, name, reference string, aim, least float64) {
	r.t.Helper()
	if len(r.took[reference]) == 0 {
		r.t.Logf("%-52s not run", what)
		return
	}
	speed := median(r.took[reference]).Seconds() / median(r.took[name]).Seconds()
	cost := median(r.spent[name]).Seconds() / median(r.spent[reference]).Seconds()
	r.t.Logf("%-52s %5.2f (aim %.2f, must %.2f); processor time × %.2f; %s, %s", what, speed, aim, least, cost,
		median(r.took[name]).Round(time.Microsecond), median(r.took[reference]).Round(time.Microsecond))
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// zeros is a body of so many bytes; what they are matters to nobody here.
func zeros(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func (r *rig) put(client *http.Client, address string, n int64, header http.Header) error {
	request, err := http.NewRequest(http.MethodPut, address, zeros(n))
	if err != nil {
		return err
	}
	request.ContentLength = n
	for name, values := range header {
		request.Header[name] = values
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s: %d %s", address, answer.StatusCode, text)
	}
	return err
}

// upload is a raw, durable upload to the product.
func (r *rig) upload(client *http.Client, base, key, file string, n int64) error {
	return r.put(client, base+"/api/v1/uploads/"+key+"/"+file, n, http.Header{"Content-Type": {"application/octet-stream"},
		"Authorization":       {"Bearer " + r.sandbox.UserToken(outlook.Caseworker)},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": "file.bin"})}})
}

func (r *rig) get(client *http.Client, address string, n int64) error {
	answer, err := client.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.Copy(io.Discard, answer.Body)
	if err == nil && (got != n || answer.StatusCode != http.StatusOK) {
		err = fmt.Errorf("%s: %d bytes with status %d", address, got, answer.StatusCode)
	}
	return err
}

// sent is a transfer with one file of n bytes.
type sent struct {
	ID, State, Code string
	Files           []struct{ ID string }
	link            string
}

func (r *rig) send(n int64) (s sent) {
	r.t.Helper()
	key := rand.Text()
	must(r.t, r.upload(http.DefaultClient, r.sandbox.StaffURL, key, "u1", n))
	call := func(method, path string, body []byte) {
		request, err := http.NewRequest(method, r.sandbox.StaffURL+path, bytes.NewReader(body))
		must(r.t, err)
		request.Header = http.Header{"Authorization": {"Bearer " + r.sandbox.UserToken(outlook.Caseworker)}, "Idempotency-Key": {key}, "Content-Type": {"application/json"}}
		answer, err := http.DefaultClient.Do(request)
		must(r.t, err)
		defer answer.Body.Close()
		must(r.t, json.NewDecoder(answer.Body).Decode(&s))
	}
	call("POST", "/api/v1/transfers", []byte(`{"uploads":["u1"],"message":{"subject":"s","text":"t","recipients":[{"address":"`+outlook.Citizen+`"}]},"options":{"language":"en","code":"generated","replyMailbox":"citizen-service"}}`))
	for deadline := time.Now().Add(time.Minute); s.State != "live" || s.link == ""; {
		call("GET", "/api/v1/transfers/"+s.ID, nil)
		s.link = r.link()
		if time.Now().After(deadline) {
			r.t.Fatalf("not sent: %+v", s)
		}
	}
	return s
}

func (r *rig) link() string {
	found, err := r.sandbox.Mail.Messages(outlook.Citizen, "inbox", nil)
	if err != nil || len(found) == 0 {
		return ""
	}
	_, after, _ := strings.Cut(found[0].Body, r.sandbox.PortalURL+"/l/")
	token, _, _ := strings.Cut(after, `"`)
	return "/l/" + strings.Fields(token + " ")[0]
}

// opened lets a client into a transfer and returns the path of its file.
func (r *rig) opened(p, base string, s sent) string {
	r.t.Helper()
	jar := r.client[p].Jar
	r.client[p].Jar = loopback{jar}
	answer, err := r.client[p].PostForm(base+s.link, url.Values{"code": {s.Code}})
	must(r.t, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		r.t.Fatalf("the code opens %d", answer.StatusCode)
	}
	return "/m/" + s.ID + "/r1/files/" + s.Files[0].ID
}

// loopback keeps Secure cookies on plain loopback, as browsers do.
type loopback struct{ http.CookieJar }

func (j loopback) Cookies(u *url.URL) []*http.Cookie       { return j.CookieJar.Cookies(secured(u)) }
func (j loopback) SetCookies(u *url.URL, c []*http.Cookie) { j.CookieJar.SetCookies(secured(u), c) }

func secured(u *url.URL) *url.URL { s := *u; s.Scheme = "https"; return &s }

func TestBenchDownload(t *testing.T) {
	r, n := newRig(t), *size<<20
	s := r.send(n)
	must(t, r.put(http.DefaultClient, r.serve("http", floor.Server{Dir: r.dir, Encrypt: true})+"/sealed", n, nil))
	must(t, r.put(http.DefaultClient, r.serve("http", floor.Server{Dir: r.dir})+"/plain", n, nil))
	nginx := r.nginx()
	product, sealed := map[string]string{}, map[string]string{}
	for _, p := range protocols {
		base := r.serve(p, r.sandbox.System.Portal)
		product[p] = base + r.opened(p, base, s)
		sealed[p] = r.serve(p, floor.Server{Dir: r.dir, Encrypt: true}) + "/sealed"
	}
	for range *rounds {
		for _, p := range protocols {
			r.measure("product "+p, func() error { return r.get(r.client[p], product[p], n) })
			r.measure("floor "+p, func() error { return r.get(r.client[p], sealed[p], n) })
			if nginx != nil {
				r.measure("nginx "+p, func() error { return r.get(r.client[p], nginx[p]+"/plain", n) })
			}
		}
	}
	for p, goal := range map[string][2]float64{"http": {1.3, 1.2}, "tls-h1": {0.95, 0.88}, "h2": {0.75, 0.65}} {
		r.ratio("download ÷ nginx sendfile, "+p, "product "+p, "nginx "+p, goal[0], goal[1])
		r.ratio("download ÷ encrypting floor, "+p, "product "+p, "floor "+p, 1/1.1, 1/1.25)
	}
}

func TestBenchUpload(t *testing.T) {
	r, n := newRig(t), *size<<20
	nginx := r.nginx()
	key := rand.Text()
	for round := range *rounds {
		for _, p := range protocols[:2] {
			staff := r.serve(p, r.sandbox.System.Staff)
			plain := r.serve(p, floor.Server{Dir: r.dir, Sync: true})
			sealed := r.serve(p, floor.Server{Dir: r.dir, Sync: true, Encrypt: true})
			r.measure("product "+p, func() error { return r.upload(r.client[p], staff, key, fmt.Sprintf("u%d", 2*round+len(p)%2+1), n) })
			r.measure("floor "+p, func() error { return r.put(r.client[p], plain+"/up", n, nil) })
			r.measure("sealed "+p, func() error { return r.put(r.client[p], sealed+"/sealed", n, nil) })
			if nginx != nil {
				r.measure("nginx "+p, func() error { return r.put(r.client[p], nginx[p]+"/dav", n, nil) })
			}
		}
	}
	for _, p := range protocols[:2] {
		r.ratio("durable upload ÷ plain floor with fsync, "+p, "product "+p, "floor "+p, 0.9, 0.8)
		r.ratio("durable upload ÷ encrypting floor, "+p, "product "+p, "sealed "+p, 1/1.1, 1/1.25)
		r.ratio("durable upload ÷ nginx DAV (neither), "+p, "product "+p, "nginx "+p, 0.85, 0.75)
	}
}

// Many small files, eight at a time.
func TestBenchSmallFiles(t *testing.T) {
	const small, files = 100 << 10, 40
	r := newRig(t)
	staff, plain := r.serve("http", r.sandbox.System.Staff), r.serve("http", floor.Server{Dir: r.dir, Sync: true})
	eight := func(act func(i int) error) error {
		var all sync.WaitGroup
		var failed error
		var mu sync.Mutex
		slots := make(chan struct{}, 8)
		for i := range files {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				if err := act(i); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		return failed
	}
	for range *rounds {
		key := rand.Text()
		r.measure("product", func() error {
			return eight(func(i int) error { return r.upload(r.client["http"], staff, key, fmt.Sprintf("u%d", i+1), small) })
		})
		r.measure("floor", func() error {
			return eight(func(i int) error { return r.put(r.client["http"], fmt.Sprintf("%s/f%d", plain, i), small, nil) })
		})
	}
	r.ratio("files of 100 KiB, 8 at a time ÷ floor with fsync", "product", "floor", 0.9, 0.8)
}

// Peak memory above idle with 32 downloads and 8 uploads at once.
func TestBenchMemory(t *testing.T) {
	r, n := newRig(t), *size<<20
	s := r.send(n)
	portal, staff := r.serve("http", r.sandbox.System.Portal), r.serve("http", r.sandbox.System.Staff)
	file := portal + r.opened("http", portal, s)
	runtime.GC()
	idle, peak, done := inUse(), uint64(0), make(chan struct{})
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
			peak = max(peak, inUse())
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	var all sync.WaitGroup
	key := rand.Text()
	for i := range 40 {
		all.Go(func() {
			err := error(nil)
			if i < 8 {
				err = r.upload(r.client["http"], staff, key, fmt.Sprintf("u%d", i+1), n)
			} else {
				err = r.get(r.client["http"], file, n)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(done)
	<-sampled
	t.Logf("peak memory above idle, 32 downloads and 8 uploads: %.0f MiB, client included (aim 48, must 64)", float64(peak-min(idle, peak))/(1<<20))
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
