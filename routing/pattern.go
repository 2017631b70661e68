package routing

import (
	"regexp"
	"regexp/syntax"
)

// pattern is a compiled subject pattern.
type pattern struct {
	text string
	size int
	// needs are what occurs, folded, in all that matches: of each one word.
	needs []oneOf
	// plain is set when meeting the needs is already a match.
	plain bool
	re    *regexp.Regexp
}

// newPattern parses a pattern; size says whether it may be compiled.
func newPattern(text string) (*pattern, error) {
	tree, err := syntax.Parse(text, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil, err
	}
	needs, plain := needsOf(tree)
	return &pattern{text: text, size: size(tree), needs: needs, plain: plain}, nil
}

func (p *pattern) compile() (err error) {
	p.re, err = regexp.Compile("(?i)" + p.text)
	return err
}

func (p *pattern) matches(k *known) bool {
	for _, words := range p.needs {
		if !words.occur(k.folded) {
			return false
		}
	}
	return p.plain || p.re.MatchString(k.values[fieldSubject])
}

// size is the number of matcher instructions that a pattern expands to, give or
// take the few that join them.
func size(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpRepeat:
		return 1 + size(re.Sub[0])*max(re.Min, re.Max, 1)
	}
	n := 1
	for _, sub := range re.Sub {
		n += size(sub)
	}
	return n
}
