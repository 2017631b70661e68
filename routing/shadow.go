package routing

import "fmt"

// maxShadowChecks bounds the search for shadowed rules, at some ten nanoseconds
// each. Beyond it shadowing counts as not provable.
const maxShadowChecks = 20_000_000

// shadows reports each rule that can never match, because an earlier one holds
// whenever it does: equal or wider on each field. Only exact values, stems and
// equal patterns and windows count as proof. The check has no false alarms.
func (c *compiler) shadows() {
	x := newIndex(c.rules, textsOf)
	left := maxShadowChecks
	for i := range c.rules {
		first := c.firstCovering(x.always, i, i, &left)
		for b := range x.buckets(c.rules[i].sample()) {
			first = c.firstCovering(x.all(b), first, i, &left)
		}
		if first < i {
			c.reportShadow(first, i)
		}
	}
}

// firstCovering looks through ascending candidates for a rule before first that
// covers rule i.
func (c *compiler) firstCovering(candidates []candidate, first, i int, left *int) int {
	for _, earlier := range candidates {
		if int(earlier.rule) >= first || *left == 0 {
			break
		}
		*left--
		if c.rules[earlier.rule].covers(&c.rules[i]) {
			return int(earlier.rule)
		}
	}
	return first
}

func (c *compiler) reportShadow(first, i int) {
	c.report(note{CodeShadowed, fmt.Sprintf("rule %q can never match: the earlier rule %q already takes everything it would", c.rules[i].id, c.rules[first].id),
		"Move it up, narrow the earlier one, or remove it"}, "rules", i)
	c.relate("rules", first)
}

func textsOf(t *test, _ map[key]int) []string {
	texts := make([]string, len(t.patterns))
	for i, p := range t.patterns {
		texts[i] = p.text
	}
	return texts
}

// sample gives values that lead to every rule that may cover r: such a rule is
// filed under a key that takes the first value of r's test on that field.
func (r *rule) sample() *[fieldCount]string {
	var values [fieldCount]string
	for i := range r.tests {
		values[r.tests[i].field] = r.tests[i].sample()
	}
	return &values
}

// sample is a value that every test covering t admits.
func (t *test) sample() string {
	switch {
	case len(t.patterns) > 0:
		return t.patterns[0].text
	case len(t.values) > 0:
		return t.values[0]
	case len(t.stems) > 0 && t.field == fieldDomain:
		return "*." + t.stems[0]
	case len(t.stems) > 0:
		return t.stems[0]
	}
	return ""
}

// covers says whether r provably holds whenever other does.
func (r *rule) covers(other *rule) bool {
	j := 0
	for i := range r.tests {
		for j < len(other.tests) && other.tests[j].field < r.tests[i].field {
			j++
		}
		if j == len(other.tests) || !r.tests[i].covers(&other.tests[j]) {
			return false
		}
	}
	return true
}

func (t *test) covers(other *test) bool {
	if t.field != other.field {
		return false
	}
	if t.field == fieldReceived {
		return *t.window == *other.window
	}
	for _, p := range other.patterns {
		if !t.hasPattern(p.text) {
			return false
		}
	}
	for _, v := range other.values {
		if !t.admits(v) {
			return false
		}
	}
	for _, stem := range other.stems {
		if !t.admitsStem(stem) {
			return false
		}
	}
	return true
}

func (t *test) hasPattern(text string) bool {
	for _, p := range t.patterns {
		if p.text == text {
			return true
		}
	}
	return false
}

// admitsStem says whether all values of a stem are admitted.
func (t *test) admitsStem(stem string) bool {
	for _, own := range t.stems {
		if own == stem || hasStem(t.field, stem, own) {
			return true
		}
	}
	return false
}
