package recovering

import (
	"hash/maphash"

	"senddigitally/backend/transfer"
)

// ids is a set of ids by their hashes, since a tenant may have millions. Two that
// share one of 64 bits are as good as never.
type ids struct {
	seed maphash.Seed
	in   map[uint64]struct{}
}

func newIDs() ids { return ids{maphash.MakeSeed(), map[uint64]struct{}{}} }

func (s ids) add(id transfer.ID) { s.in[s.hash(id)] = struct{}{} }

func (s ids) has(id transfer.ID) bool {
	_, there := s.in[s.hash(id)]
	return there
}

func (s ids) hash(id transfer.ID) uint64 { return maphash.String(s.seed, string(id)) }
