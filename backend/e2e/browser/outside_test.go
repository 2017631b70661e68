package browser

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// outside stands for every machine but this one: Chromium's proxy, which never
// hears of loopback addresses. It counts whatever frame or worker asked, and what
// Chromium asks on its own behalf does not count.
var outside = &elsewhere{}

type elsewhere struct {
	mu    sync.Mutex
	asked []string
}

func (e *elsewhere) listen() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go http.Serve(l, e)
	return "http://" + l.Addr().String(), nil
}

// ServeHTTP refuses a request and remembers its host.
func (e *elsewhere) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "There is no other machine.", http.StatusBadGateway)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, r.Host)
}

// empty fails when a page asked another machine. Chromium's own services are
// Google's.
func (e *elsewhere) empty(t *testing.T) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, host := range e.asked {
		name, _, _ := strings.Cut(host, ":")
		if !strings.HasSuffix(name, ".google.com") && !strings.HasSuffix(name, ".googleapis.com") && !strings.HasSuffix(name, ".gvt1.com") {
			t.Errorf("a page asked %s", host)
		}
	}
}
