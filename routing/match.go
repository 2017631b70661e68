package routing

import "slices"

// firstMatch returns the position of the first rule that matches, or -1.
func (s *Set) firstMatch(k *known) int {
	best := len(s.rules)
	s.index.visit(&k.values, func(bucket []int32) { best = s.earliest(bucket, k, best) })
	if s.patterned {
		best = s.earliest(s.words.candidates(k.folded, best), k, best)
	}
	if best == len(s.rules) {
		return -1
	}
	return best
}

// earliest looks through an ascending bucket for a match before best.
func (s *Set) earliest(bucket []int32, k *known, best int) int {
	for _, i := range bucket {
		if int(i) >= best {
			break
		}
		if s.rules[i].matches(k) {
			return int(i)
		}
	}
	return best
}

// wordFinder finds the rules whose required words occur in a subject. Each word
// is filed under the rarest of its runs of three bytes; a bit per run keeps the
// common case, no word at all, within the processor's cache.
type wordFinder struct {
	filter [1 << 10]uint64
	runs   map[uint32][]word
}

type word struct {
	text   string
	offset int
	rules  []int32
}

const runLength = 3

func runOf(text string, i int) uint32 {
	return uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2])
}

// spread maps a run to a bit of the filter (Fibonacci hashing).
func spread(run uint32) uint32 { return run * 2654435769 >> 16 }

func newWordFinder(table map[string][]int32) wordFinder {
	frequency := map[uint32]int{}
	for text := range table {
		for i := range len(text) - runLength + 1 {
			frequency[runOf(text, i)]++
		}
	}
	f := wordFinder{runs: map[uint32][]word{}}
	for text, rules := range table {
		f.add(word{text: text, rules: rules}, frequency)
	}
	return f
}

func (f *wordFinder) add(w word, frequency map[uint32]int) {
	for i := range len(w.text) - runLength + 1 {
		if frequency[runOf(w.text, i)] < frequency[runOf(w.text, w.offset)] {
			w.offset = i
		}
	}
	run := runOf(w.text, w.offset)
	f.runs[run] = append(f.runs[run], w)
	bit := spread(run)
	f.filter[bit>>6] |= 1 << (bit & 63)
}

// candidates returns, ascending, the rules before limit that a word in the
// folded subject leads to.
func (f *wordFinder) candidates(subject string, limit int) []int32 {
	var found []int32
	for i := range len(subject) - runLength + 1 {
		run := runOf(subject, i)
		if bit := spread(run); f.filter[bit>>6]&(1<<(bit&63)) == 0 {
			continue
		}
		for _, w := range f.runs[run] {
			if w.at(subject, i) {
				found = appendBefore(found, w.rules, limit)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (w *word) at(subject string, i int) bool {
	start := i - w.offset
	end := start + len(w.text)
	return start >= 0 && end <= len(subject) && subject[start:end] == w.text
}

func appendBefore(found, rules []int32, limit int) []int32 {
	n, _ := slices.BinarySearch(rules, int32(limit))
	return append(found, rules[:n]...)
}
