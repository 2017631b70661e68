package routing

import (
	"errors"
	"fmt"
	"regexp/syntax"
)

// patternValue compiles a subject pattern within the limits that bound the time
// of a decision. Once they are exceeded, patterns are no longer compiled.
func (c *compiler) patternValue(t *test, text string, path []any) {
	c.patterned = true
	if len(text) > MaxPatternLength {
		c.report(note{CodeLongPattern, fmt.Sprintf("the pattern has %d bytes", len(text)),
			fmt.Sprintf("Keep to %d; several patterns may stand in one list", MaxPatternLength)}, path...)
		return
	}
	p, err := newPattern(text)
	if err != nil {
		c.report(invalidPattern(err), path...)
		return
	}
	if p.size > MaxPatternSize {
		c.report(note{CodeComplexPattern, fmt.Sprintf("the pattern expands to %d instructions", p.size),
			fmt.Sprintf("Keep to %d: write smaller repeat counts", MaxPatternSize)}, path...)
		return
	}
	if !c.affordable(p, path) {
		return
	}
	if err := p.compile(); err != nil {
		c.report(invalidPattern(err), path...)
		return
	}
	t.patterns = append(t.patterns, p)
}

// affordable adds the pattern to the work of a decision; the first that is too
// much is reported.
func (c *compiler) affordable(p *pattern, path []any) bool {
	before := c.work <= MaxPatternWork && c.freeWork <= MaxFreePatternWork
	if !p.plain {
		c.work += p.size
	}
	if len(p.needs) == 0 {
		c.freeWork += p.size
	}
	now := c.work <= MaxPatternWork && c.freeWork <= MaxFreePatternWork
	if before && !now {
		c.report(note{CodePatternWork, "with this pattern, all patterns together take too long to decide",
			"Write patterns around a fixed word of three letters or more, shorten them, or use exact conditions"}, path...)
	}
	return now
}

func invalidPattern(err error) note {
	cause := "the pattern is not valid"
	if syntaxError := new(syntax.Error); errors.As(err, &syntaxError) {
		cause = fmt.Sprintf("the pattern is not valid: %s near %q", syntaxError.Code, syntaxError.Expr)
	}
	return note{CodeInvalidPattern, cause, "Correct it; the syntax is RE2, which has no look-around and no back-references"}
}
