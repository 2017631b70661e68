package routing

import "slices"

// firstMatch returns the position of the first rule that matches, or -1.
func (s *Set) firstMatch(k *known) int {
	best := s.earliest(s.index.always, k, len(s.rules))
	for b := range s.index.buckets(&k.values) {
		if b.from == b.to {
			best = s.earlier(b.first, k, best)
		} else {
			best = s.earliest(s.index.filed[b.from:b.to], k, best)
		}
	}
	if s.patterned {
		best = s.earliest(s.words.candidates(k.folded, best), k, best)
	}
	if best == len(s.rules) {
		return -1
	}
	return best
}

// earliest looks through ascending candidates for a match before best.
func (s *Set) earliest(candidates []candidate, k *known, best int) int {
	for _, c := range candidates {
		if int(c.rule) >= best {
			break
		}
		if c.certain || s.rules[c.rule].matches(k) {
			return int(c.rule)
		}
	}
	return best
}

// earlier is earliest for one candidate.
func (s *Set) earlier(c candidate, k *known, best int) int {
	if int(c.rule) < best && (c.certain || s.rules[c.rule].matches(k)) {
		return int(c.rule)
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
	rules  []candidate
}

const runLength = 3

func runOf(text string, i int) uint32 {
	return uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2])
}

// spread maps a run to a bit of the filter (Fibonacci hashing).
func spread(run uint32) uint32 { return run * 2654435769 >> 16 }

func newWordFinder(x *index) wordFinder {
	table := x.values[fieldSubject]
	frequency := map[uint32]int{}
	for text := range table {
		for i := range len(text) - runLength + 1 {
			frequency[runOf(text, i)]++
		}
	}
	f := wordFinder{runs: map[uint32][]word{}}
	for text, b := range table {
		f.add(word{text: text, rules: x.all(b)}, frequency)
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
func (f *wordFinder) candidates(subject string, limit int) []candidate {
	var found []candidate
	for i := range len(subject) - runLength + 1 {
		run := runOf(subject, i)
		if bit := spread(run); f.filter[bit>>6]&(1<<(bit&63)) == 0 {
			continue
		}
		for _, w := range f.runs[run] {
			if w.at(subject, i) {
				n, _ := slices.BinarySearchFunc(w.rules, limit, func(c candidate, limit int) int { return int(c.rule) - limit })
				found = append(found, w.rules[:n]...)
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return int(a.rule) - int(b.rule) })
	return slices.Compact(found)
}

func (w *word) at(subject string, i int) bool {
	start := i - w.offset
	end := start + len(w.text)
	return start >= 0 && end <= len(subject) && subject[start:end] == w.text
}
