package outlook

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// settingsChanged is the mark for a change of settings; mailboxes are marked by their
// address, so it can be none.
const settingsChanged = "settings"

// settling is how often a watched store is asked to let happen what is due, and
// silence how long a stream stays without a sign of life.
const (
	settling = 500 * time.Millisecond
	silence  = 15 * time.Second
)

// watch tells every open window what has changed since it last heard. It keeps names
// only, so that a slow window loses nothing and holds nobody up.
type watch struct {
	mu      sync.Mutex
	windows map[*window]bool
}

type window struct {
	wake    chan struct{}
	changed map[string]bool // guarded by watch.mu
}

func newWatch() *watch { return &watch{windows: map[*window]bool{}} }

func (w *watch) open() *window {
	w.mu.Lock()
	defer w.mu.Unlock()
	opened := &window{wake: make(chan struct{}, 1), changed: map[string]bool{}}
	w.windows[opened] = true
	return opened
}

func (w *watch) close(closed *window) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.windows, closed)
}

func (w *watch) mark(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for opened := range w.windows {
		opened.changed[what] = true
		select {
		case opened.wake <- struct{}{}:
		default:
		}
	}
}

func (w *watch) take(opened *window) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := slices.Sorted(maps.Keys(opened.changed))
	clear(opened.changed)
	return changed
}

// events streams the names of what has changed (server-sent events).
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	opened := s.watch.open()
	defer s.watch.close(opened)
	tick, alive := time.NewTicker(settling), time.NewTicker(silence)
	defer tick.Stop()
	defer alive.Stop()

	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	fmt.Fprint(w, ": open\n\n")
	for stream.Flush() == nil {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
			s.Mail.Settle()
		case <-alive.C:
			fmt.Fprint(w, ": alive\n\n")
		case <-opened.wake:
			names, _ := json.Marshal(s.watch.take(opened))
			fmt.Fprintf(w, "event: change\ndata: %s\n\n", names)
		}
	}
}
