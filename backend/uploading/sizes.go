package uploading

import (
	"context"
	"sync"

	"senddigitally/backend/transfer"
)

// sizes remembers how long files are that wait, so that the n-th upload does
// not open n records. Only names that are still listed are asked for; a file
// that another replica has exchanged meanwhile counts as it was.
type sizes struct {
	mu    sync.Mutex
	known map[sizeOf]int64
}

type sizeOf struct {
	id   transfer.ID
	file transfer.FileID
}

const maxSizes = 65536

func (s *sizes) get(id transfer.ID, file transfer.FileID) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, known := s.known[sizeOf{id, file}]
	return n, known
}

func (s *sizes) set(id transfer.ID, file transfer.FileID, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSizes {
		s.known = map[sizeOf]int64{}
	}
	s.known[sizeOf{id, file}] = n
}

func (s *sizes) forget(id transfer.ID, file transfer.FileID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, sizeOf{id, file})
}

// waiting is how long each file is that waits under an id.
func (u *Uploading) waiting(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) (map[transfer.FileID]int64, error) {
	records, err := u.Vault.StagedRecords(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	all := make(map[transfer.FileID]int64, len(records))
	for file, record := range records {
		n, known := u.sizes.get(id, file)
		if !known {
			f, err := u.Vault.StagedFile(ctx, tenant, id, key, record)
			if transfer.CodeOf(err) == transfer.NotFound {
				continue // taken back meanwhile
			}
			if err != nil {
				return nil, err
			}
			n = f.Size
			u.sizes.set(id, file, n)
		}
		all[file] = n
	}
	return all, nil
}
