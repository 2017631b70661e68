package routing

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// index finds the few rules that can match. Each rule is filed under all keys
// of one of its tests, its anchor: the one whose keys the fewest rules share.
// A rule that matches is therefore always found, and what is found still has to
// be matched.
type index struct {
	values [fieldCount]map[string]bucket
	stems  [fieldCount]map[string]bucket
	// caseLengths are the lengths of the starts of case ids, ascending.
	caseLengths []int
	// always are the rules without an anchor.
	always []candidate
	// filed holds the longer buckets, one after the other.
	filed []candidate
}

// candidate is a rule that may match.
type candidate struct {
	rule int32
	// certain is set when being found by its key is a match already.
	certain bool
}

// bucket is what is filed under a key. Most keys belong to one rule only, which
// is found without a further look into memory.
type bucket struct {
	first candidate
	// from and to are the place in index.filed if there are more, the first
	// among them.
	from, to uint32
}

type key struct {
	field field
	stem  bool
	value string
}

// subjectKeys gives the keys under which a test on the subject is best filed,
// none if it cannot be; without frequencies, all keys that come into question.
type subjectKeys func(t *test, frequency map[key]int) []string

func newIndex(rules []rule, subjects subjectKeys) index {
	frequency := map[key]int{}
	for i := range rules {
		for j := range rules[i].tests {
			for _, k := range rules[i].tests[j].keys(subjects, nil) {
				frequency[k]++
			}
		}
	}
	var x index
	buckets := map[key][]candidate{}
	for i := range rules {
		keys := rules[i].anchor(frequency, subjects)
		c := candidate{int32(i), len(rules[i].tests) == 1 && len(keys) > 0 && keys[0].field != fieldSubject}
		if len(keys) == 0 {
			x.always = append(x.always, c)
		}
		for _, k := range keys {
			if n := len(buckets[k]); n == 0 || buckets[k][n-1] != c {
				buckets[k] = append(buckets[k], c)
			}
		}
	}
	for k, filed := range buckets {
		x.file(k, filed)
	}
	x.caseLengths = lengths(maps.Keys(x.stems[fieldCase]))
	return x
}

func (x *index) file(k key, filed []candidate) {
	table := &x.values[k.field]
	if k.stem {
		table = &x.stems[k.field]
	}
	if *table == nil {
		*table = map[string]bucket{}
	}
	b := bucket{first: filed[0]}
	if len(filed) > 1 {
		b.from = uint32(len(x.filed))
		x.filed = append(x.filed, filed...)
		b.to = uint32(len(x.filed))
	}
	(*table)[k.value] = b
}

// lengths returns the different lengths of texts, ascending.
func lengths(texts iter.Seq[string]) []int {
	seen := map[int]bool{}
	for text := range texts {
		seen[len(text)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func (t *test) keys(subjects subjectKeys, frequency map[key]int) []key {
	values := t.values
	if t.field == fieldSubject {
		values = subjects(t, frequency)
	}
	keys := make([]key, 0, len(values)+len(t.stems))
	for _, v := range values {
		keys = append(keys, key{t.field, false, v})
	}
	for _, v := range t.stems {
		keys = append(keys, key{t.field, true, v})
	}
	return keys
}

func (r *rule) anchor(frequency map[key]int, subjects subjectKeys) []key {
	var best []key
	least := 0
	for i := range r.tests {
		keys, sum := r.tests[i].keys(subjects, frequency), 0
		for _, k := range keys {
			sum += frequency[k]
		}
		if len(keys) > 0 && (best == nil || sum < least) {
			best, least = keys, sum
		}
	}
	return best
}

// all returns the candidates of a bucket, ascending.
func (x *index) all(b bucket) []candidate {
	if b.from == b.to {
		return []candidate{b.first}
	}
	return x.filed[b.from:b.to]
}

// buckets goes through the buckets that the values lead to.
func (x *index) buckets(values *[fieldCount]string) iter.Seq[bucket] {
	return func(yield func(bucket) bool) {
		for f, table := range x.values {
			if len(table) == 0 || values[f] == "" {
				continue
			}
			if b, ok := table[values[f]]; ok && !yield(b) {
				return
			}
		}
		if !x.caseBuckets(values[fieldCase], yield) {
			return
		}
		x.domainBuckets(values[fieldDomain], yield)
	}
}

func (x *index) caseBuckets(id string, yield func(bucket) bool) bool {
	for _, n := range x.caseLengths {
		if n > len(id) {
			break
		}
		if b, ok := x.stems[fieldCase][id[:n]]; ok && !yield(b) {
			return false
		}
	}
	return true
}

func (x *index) domainBuckets(domain string, yield func(bucket) bool) {
	parents := x.stems[fieldDomain]
	for rest, ok := domain, len(parents) > 0; ok; {
		if _, rest, ok = strings.Cut(rest, "."); !ok {
			return
		}
		if b, found := parents[rest]; found && !yield(b) {
			return
		}
	}
}
