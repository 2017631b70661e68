package routing

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// oneOf are folded words of which one has to occur.
type oneOf []string

// maxWords is how many alternatives are worth looking for.
const maxWords = 16

func (words oneOf) occur(folded string) bool {
	for _, w := range words {
		if strings.Contains(folded, w) {
			return true
		}
	}
	return false
}

// needsOf finds the words without which re cannot match. They are plain if
// their occurrence is enough.
func needsOf(re *syntax.Regexp) (needs []oneOf, plain bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return needsOfLiteral(re)
	case syntax.OpCapture:
		return needsOf(re.Sub[0])
	case syntax.OpPlus:
		needs, _ = needsOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			needs, _ = needsOf(re.Sub[0])
		}
	case syntax.OpAlternate:
		return needsOfAlternatives(re.Sub)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n, _ := needsOf(sub)
			needs = append(needs, n...)
		}
	}
	return needs, false
}

func needsOfLiteral(re *syntax.Regexp) ([]oneOf, bool) {
	word := foldText(string(re.Rune))
	if len(word) < runLength {
		return nil, false
	}
	return []oneOf{{word}}, re.Flags&syntax.FoldCase != 0
}

// needsOfAlternatives takes from each alternative the need with the longest words.
func needsOfAlternatives(alternatives []*syntax.Regexp) ([]oneOf, bool) {
	var words oneOf
	plain := true
	for _, sub := range alternatives {
		needs, p := needsOf(sub)
		if len(needs) == 0 {
			return nil, false
		}
		words = append(words, slices.MaxFunc(needs, bySharpness)...)
		plain = plain && p
	}
	if len(words) > maxWords {
		return nil, false
	}
	return []oneOf{words}, plain
}

func bySharpness(a, b oneOf) int {
	if x, y := a.shortest(), b.shortest(); x != y {
		return x - y
	}
	return len(b) - len(a)
}

func (words oneOf) shortest() int {
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}

// wordsOf gives the words under which a test on the subject is filed: for each
// pattern those that the fewest rules share. A pattern without needs cannot be
// found by words, and so neither can the test.
func wordsOf(t *test, frequency map[key]int) []string {
	var words []string
	for _, p := range t.patterns {
		switch {
		case len(p.needs) == 0:
			return nil
		case frequency == nil:
			words = slices.Concat(words, slices.Concat(p.needs...))
		default:
			words = append(words, slices.MinFunc(p.needs, func(a, b oneOf) int { return a.shared(frequency) - b.shared(frequency) })...)
		}
	}
	return words
}

// shared is how often rules need these words.
func (words oneOf) shared(frequency map[key]int) (n int) {
	for _, w := range words {
		n += frequency[key{field: fieldSubject, value: w}]
	}
	return n
}
