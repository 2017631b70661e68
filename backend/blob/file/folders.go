package file

import "sync"

// known is a bounded set of folders whose names are durable.
type known struct {
	mu    sync.Mutex
	names map[string]struct{}
}

const maxKnown = 16384

func (k *known) has(name string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, found := k.names[name]
	return found
}

func (k *known) add(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.names == nil || len(k.names) >= maxKnown {
		k.names = map[string]struct{}{}
	}
	k.names[name] = struct{}{}
}

func (k *known) forget(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.names, name)
}
