package routing

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// pattern is a compiled subject pattern.
type pattern struct {
	text string
	size int
	// words are such that one of them occurs, folded, in all that matches;
	// none if no such words are known.
	words []string
	// plain is set when the occurrence of a word is already a match.
	plain bool
	re    *regexp.Regexp
}

// maxWords is how many alternatives a pattern's required words may have.
const maxWords = 16

// newPattern parses a pattern; size says whether it may be compiled.
func newPattern(text string) (*pattern, error) {
	tree, err := syntax.Parse("(?i)"+text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	words, plain := requiredWords(tree)
	return &pattern{text: text, size: size(tree), words: words, plain: plain}, nil
}

func (p *pattern) compile() (err error) {
	p.re, err = regexp.Compile("(?i)" + p.text)
	return err
}

func (p *pattern) matches(k *known) bool {
	if len(p.words) == 0 {
		return p.re.MatchString(k.values[fieldSubject])
	}
	if !slices.ContainsFunc(p.words, func(w string) bool { return strings.Contains(k.folded, w) }) {
		return false
	}
	return p.plain || p.re.MatchString(k.values[fieldSubject])
}

// size is the number of matcher instructions that a pattern expands to, give or
// take the few that join them.
func size(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += size(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// requiredWords finds words one of which must occur in whatever re matches.
func requiredWords(re *syntax.Regexp) (words []string, plain bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return requiredLiteral(re)
	case syntax.OpCapture:
		return requiredWords(re.Sub[0])
	case syntax.OpPlus:
		words, _ = requiredWords(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			words, _ = requiredWords(re.Sub[0])
		}
	case syntax.OpAlternate:
		return requiredOfAll(re.Sub)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if w, _ := requiredWords(sub); sharper(w, words) {
				words = w
			}
		}
	}
	return words, false
}

func requiredLiteral(re *syntax.Regexp) ([]string, bool) {
	word := foldText(string(re.Rune))
	if len(word) < runLength {
		return nil, false
	}
	return []string{word}, re.Flags&syntax.FoldCase != 0
}

func requiredOfAll(alternatives []*syntax.Regexp) (words []string, plain bool) {
	plain = true
	for _, sub := range alternatives {
		w, p := requiredWords(sub)
		if len(w) == 0 || len(words)+len(w) > maxWords {
			return nil, false
		}
		words, plain = append(words, w...), plain && p
	}
	return words, plain
}

// sharper prefers longer words, then fewer.
func sharper(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) > 0
	}
	if x, y := shortest(a), shortest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

func shortest(words []string) int {
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}
