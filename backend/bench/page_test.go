package bench_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"
)

var asset = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

// The link page as 200 visitors at once meet it, beside a static page of the
// same server, and what it transfers in all.
func TestBenchLinkPage(t *testing.T) {
	r, visits := newRig(t), 400
	if full() {
		visits = 4000
	}
	s := r.send(1, 1)
	portal := r.serve("http", r.sandbox.System.Portal)
	page, text := r.transferred(portal + s.link)
	total := page
	assets := asset.FindAllStringSubmatch(text, -1)
	for _, a := range assets {
		n, _ := r.transferred(portal + a[1])
		t.Logf("%7d bytes %s", n, a[1])
		total += n
	}
	t.Logf("%-56s %5.1f KB, of which %.1f is the page (must 50)", "link page, transferred", float64(total)/1000, float64(page)/1000)
	if total > 50_000 || len(assets) == 0 {
		t.Errorf("the link page and its %d assets are %d bytes", len(assets), total)
	}
	last := map[string][]time.Duration{}
	middle := map[string][]time.Duration{}
	for range *rounds {
		for name, path := range map[string]string{"link page": s.link, "static": assets[0][1]} {
			o := get("http", "", http.Header{"Accept-Encoding": {"gzip"}})
			o.Visitors = true
			o.URLs, o.AtOnce = slices.Repeat([]string{portal + path}, visits), 200
			took := slices.Sorted(slices.Values(r.measure(name, o).Took))
			middle[name] = append(middle[name], took[len(took)/2])
			last[name] = append(last[name], took[len(took)*99/100])
		}
	}
	for _, name := range []string{"link page", "static"} {
		t.Logf("%-56s p50 %v, p99 %v, %.0f a second", name+", 200 visitors at once", median(middle[name]).Round(10*time.Microsecond), median(last[name]).Round(10*time.Microsecond),
			float64(visits)/median(r.took[name]).Seconds())
	}
}

// transferred asks as a browser does and returns how many bytes came, and what
// they say.
func (r *rig) transferred(address string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	must(r.t, err)
	request.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultTransport.RoundTrip(request)
	must(r.t, err)
	defer answer.Body.Close()
	counted := &counting{Reader: answer.Body}
	var body io.Reader = counted
	if answer.Header.Get("Content-Encoding") == "gzip" {
		body, err = gzip.NewReader(counted)
		must(r.t, err)
	}
	text, err := io.ReadAll(body)
	must(r.t, err)
	if answer.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %d", address, answer.StatusCode)
	}
	return counted.n, string(text)
}

type counting struct {
	io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}
