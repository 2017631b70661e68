package routing

import (
	"maps"
	"slices"
	"strings"
)

// index finds the few rules that can match. Each rule is filed under all keys
// of one of its tests, its anchor: the one whose keys the fewest rules share.
// A rule that matches is therefore always found, and what is found still has to
// be matched.
type index struct {
	values [fieldCount]map[string][]int32
	stems  [fieldCount]map[string][]int32
	// caseLengths are the lengths of the starts of case ids, ascending.
	caseLengths []int
	// always are the rules without an anchor.
	always []int32
}

type key struct {
	field field
	stem  bool
	value string
}

// subjectKeys gives the keys under which a test on the subject can be filed;
// none if it cannot.
type subjectKeys func(*test) []string

func newIndex(rules []rule, subjects subjectKeys) index {
	frequency := map[key]int{}
	for i := range rules {
		for j := range rules[i].tests {
			for _, k := range rules[i].tests[j].keys(subjects) {
				frequency[k]++
			}
		}
	}
	var x index
	for i := range rules {
		x.file(int32(i), rules[i].anchor(frequency, subjects))
	}
	lengths := map[int]bool{}
	for start := range x.stems[fieldCase] {
		lengths[len(start)] = true
	}
	x.caseLengths = slices.Sorted(maps.Keys(lengths))
	return x
}

func (t *test) keys(subjects subjectKeys) []key {
	values := t.values
	if t.field == fieldSubject {
		values = subjects(t)
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
		keys, sum := r.tests[i].keys(subjects), 0
		for _, k := range keys {
			sum += frequency[k]
		}
		if len(keys) > 0 && (best == nil || sum < least) {
			best, least = keys, sum
		}
	}
	return best
}

func (x *index) file(rule int32, keys []key) {
	if len(keys) == 0 {
		x.always = append(x.always, rule)
	}
	for _, k := range keys {
		table := &x.values[k.field]
		if k.stem {
			table = &x.stems[k.field]
		}
		if *table == nil {
			*table = map[string][]int32{}
		}
		bucket := (*table)[k.value]
		if n := len(bucket); n == 0 || bucket[n-1] != rule {
			(*table)[k.value] = append(bucket, rule)
		}
	}
}

// visit shows every bucket, each ascending, that the values lead to.
func (x *index) visit(values *[fieldCount]string, show func(bucket []int32)) {
	show(x.always)
	for f, table := range x.values {
		if len(table) > 0 && values[f] != "" {
			show(table[values[f]])
		}
	}
	for _, n := range x.caseLengths {
		if n > len(values[fieldCase]) {
			break
		}
		show(x.stems[fieldCase][values[fieldCase][:n]])
	}
	if parents := x.stems[fieldDomain]; len(parents) > 0 {
		for _, rest, ok := strings.Cut(values[fieldDomain], "."); ok; _, rest, ok = strings.Cut(rest, ".") {
			show(parents[rest])
		}
	}
}
