package uploading

import (
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// told remembers what this process has told the ledger lately, so that not every
// file of a message and every piece of a file asks Redis. What arrives so is
// swept up to toldFor earlier than a day after its last file.
type told struct {
	mu sync.Mutex
	at map[transfer.ID]time.Time
}

const (
	toldFor = time.Minute
	maxTold = 65536
)

func (t *told) lately(id transfer.ID, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, known := t.at[id]
	return known && now.Sub(at) < toldFor && !now.Before(at)
}

func (t *told) note(id transfer.ID, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil || len(t.at) >= maxTold {
		t.at = map[transfer.ID]time.Time{}
	}
	t.at[id] = now
}
