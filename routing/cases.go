package routing

import (
	"maps"
	"slices"
)

// caseTable finds the longest start of a case id.
type caseTable struct {
	series  map[string]caseEntry
	lengths []int // descending
}

type caseEntry struct {
	prefix string
	target target
}

func newCaseTable(entries []caseEntry) caseTable {
	t := caseTable{series: map[string]caseEntry{}}
	for _, e := range entries {
		t.series[e.prefix] = e
	}
	t.lengths = lengths(maps.Keys(t.series))
	slices.Reverse(t.lengths)
	return t
}

func (t *caseTable) find(id string) (caseEntry, bool) {
	for _, n := range t.lengths {
		if n <= len(id) {
			if e, ok := t.series[id[:n]]; ok {
				return e, true
			}
		}
	}
	return caseEntry{}, false
}
