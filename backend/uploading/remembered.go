package uploading

import (
	"context"
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// sizes are how long files are that wait, so that the n-th upload does not open n
// records. Only names that are still listed are asked for; a file that another
// replica has exchanged meanwhile counts as it was.
type sizes = memory[sizeOf, int64]

type sizeOf struct {
	id   transfer.ID
	file transfer.FileID
}

// told is when this process told the ledger of a reception last, so that not every
// file of a message and every piece of a file asks Redis. What arrives so is swept
// up to toldFor earlier than a day after its last file.
type told = memory[transfer.ID, time.Time]

const toldFor = time.Minute

// memory is what one process remembers; what it forgets is asked for again.
type memory[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]V
}

const mostKnown = 65536

func (m *memory[K, V]) get(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, known := m.known[k]
	return v, known
}

func (m *memory[K, V]) set(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= mostKnown {
		m.known = map[K]V{}
	}
	m.known[k] = v
}

func (m *memory[K, V]) forget(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, k)
}

// waiting is how long each file is that waits under an id.
func (u *Uploading) waiting(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) (map[transfer.FileID]int64, error) {
	records, err := u.Vault.StagedRecords(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	all := make(map[transfer.FileID]int64, len(records))
	for file, record := range records {
		n, known := u.sizes.get(sizeOf{id, file})
		if !known {
			f, err := u.Vault.StagedFile(ctx, tenant, id, key, record)
			if transfer.CodeOf(err) == transfer.NotFound {
				continue // taken back meanwhile
			}
			if err != nil {
				return nil, err
			}
			n = f.Size
			u.sizes.set(sizeOf{id, file}, n)
		}
		all[file] = n
	}
	return all, nil
}
