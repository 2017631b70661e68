package file

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"senddigitally/routing"
)

// Open loads the routing file at path and puts it in force. The error is the
// file's, or [Problems].
func Open(path string, now time.Time) (*routing.Current, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	set, problems := Load(filepath.Base(path), data)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return routing.NewCurrent(set, now), nil
}

// read reads at most one byte more than a routing file may have, which Load refuses.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("routing file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("routing file: %w", err)
	}
	return data, nil
}

// Watcher reloads a routing file when its content changes. It compares content
// instead of asking the file system for events, so that it also sees files that
// are replaced through links, as Kubernetes does, or lie on a network.
type Watcher struct {
	Path    string
	Current *routing.Current
	// Every is the time between two looks at the file.
	Every time.Duration
	// Now asks for a reload at once, also of unchanged content; it may be nil.
	Now   <-chan struct{}
	Clock func() time.Time
	// Report is told the outcome of each reload, nil for success; it may be nil.
	Report func(error)

	last [sha256.Size]byte
	gone bool
}

// Run watches until the context ends. The content at the start is taken for new,
// which does no harm.
func (w *Watcher) Run(ctx context.Context) {
	ticker := time.NewTicker(w.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.look(false)
		case <-w.Now:
			w.look(true)
		}
	}
}

// look reloads if the content changed, or if it must. A file that cannot be
// read is reported once.
func (w *Watcher) look(must bool) {
	data, err := read(w.Path)
	sum := sha256.Sum256(data)
	if !must && w.gone == (err != nil) && sum == w.last {
		return
	}
	w.last, w.gone = sum, err != nil
	err = w.Current.Reload(w.Clock(), func() (*routing.Set, error) {
		if err != nil {
			return nil, err
		}
		set, problems := Load(filepath.Base(w.Path), data)
		return set, problems.Err()
	})
	if w.Report != nil {
		w.Report(err)
	}
}
