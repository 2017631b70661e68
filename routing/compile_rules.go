package routing

import (
	"fmt"
	"slices"
	"strings"
)

func (c *compiler) ruleList() {
	list := c.definition.Rules
	if len(list) > MaxRules {
		c.report(note{CodeTooManyRules, fmt.Sprintf("there are %d rules", len(list)),
			fmt.Sprintf("Keep to %d; let one rule list several values", MaxRules)}, "rules")
		return
	}
	c.identifiers("rules", len(list), func(i int) string { return list[i].ID })
	targets := map[string]*target{}
	for i := range list {
		r := rule{id: list[i].ID, tests: c.condition(&list[i].When, i), target: shared(targets, c.route(&list[i].Route, "rules", i, "route"))}
		r.fields = fieldsOf(r.tests)
		c.rules = append(c.rules, r)
	}
	if len(c.problems) == 0 {
		c.shadows()
	}
}

// shared returns the first of equal targets.
func shared(targets map[string]*target, t target) *target {
	key := fmt.Sprintf("%d %d %q %q %d %t", t.mailbox, t.topic, t.folder, t.categories, t.copies, t.manual)
	if targets[key] == nil {
		targets[key] = &t
	}
	return targets[key]
}

func fieldsOf(tests []test) string {
	names := make([]string, len(tests))
	for i, t := range tests {
		names[i] = fieldNames[t.field]
	}
	return strings.Join(names, ", ")
}

func (c *compiler) route(r *Route, path ...any) target {
	if r.Manual {
		if r.Mailbox != "" || r.Topic != "" || r.Folder != "" || len(r.Categories) > 0 || len(r.Copies) > 0 {
			c.report(note{CodeContradiction, "the manual list takes no mailbox, topic, folder, category or copy", "Keep either manual or the others"}, path...)
		}
		return target{mailbox: -1, topic: -1, manual: true}
	}
	t := c.destination(r.Mailbox, r.Topic, path...)
	t.folder, t.categories = r.Folder, r.Categories
	for i, id := range r.Copies {
		where := slices.Concat(path, []any{"copies", i})
		if id == "" {
			c.report(required("the copy's mailbox", "Name a mailbox"), where...)
		}
		t.copies = append(t.copies, c.mailboxID(id, where...))
	}
	return t
}

// condition compiles the tests of a rule, in the order of the fields.
func (c *compiler) condition(w *Condition, i int) []test {
	var tests []test
	for f, values := range [fieldCount][]string{
		fieldMailbox: w.ReplyMailbox, fieldTopic: w.ReplyTopic, fieldKind: plainKinds(w.SenderKind), fieldDomain: w.SenderDomain,
		fieldSubject: w.Subject, fieldOrganisation: w.OrganisationNumber, fieldRecipient: w.RecipientNumber, fieldCase: w.CaseID, fieldLanguage: w.Language,
	} {
		if len(values) > 0 {
			tests = append(tests, c.test(field(f), values, i))
		} else if values != nil {
			c.report(required("the list of values", "Write values, or remove the condition"), "rules", i, "when", fieldNames[f])
		}
	}
	if w.Received != nil {
		tests = append(tests, test{field: fieldReceived, window: c.window(w.Received, i)})
	}
	if len(tests) == 0 {
		c.report(note{CodeNoCondition, "the rule would take every reply", "Write a condition under when; what no rule takes is for default_route"}, "rules", i)
	}
	return tests
}

func plainKinds(kinds []SenderKind) []string {
	if kinds == nil {
		return nil
	}
	plain := make([]string, len(kinds))
	for i, k := range kinds {
		plain[i] = string(k)
	}
	return plain
}

func (c *compiler) test(f field, values []string, rule int) test {
	t := test{field: f}
	for j, value := range values {
		path := []any{"rules", rule, "when", fieldNames[f], j}
		if strings.TrimSpace(value) == "" {
			c.report(required("the value", "Write a value, or remove it from the list"), path...)
			continue
		}
		c.value(&t, value, path)
	}
	return t
}

func (c *compiler) value(t *test, value string, path []any) {
	switch t.field {
	case fieldMailbox:
		c.mailboxID(value, path...)
		t.values = append(t.values, value)
	case fieldTopic:
		c.topicID(value, path...)
		t.values = append(t.values, value)
	case fieldKind:
		if !slices.Contains(senderKinds, SenderKind(value)) {
			c.report(note{CodeInvalidValue, fmt.Sprintf("%q is not a kind of sender", value), "Use citizen, company, authority, staff or unknown"}, path...)
		}
		t.values = append(t.values, value)
	case fieldDomain:
		c.domainValue(t, value, path)
	case fieldSubject:
		c.patternValue(t, value, path)
	case fieldOrganisation:
		t.values = append(t.values, normalNumber(value))
	case fieldRecipient:
		c.ownNumber(normalNumber(value), path...)
		t.values = append(t.values, normalNumber(value))
	case fieldCase:
		c.caseValue(t, value, path)
	case fieldLanguage:
		if len(value) > 8 || primaryLanguage(value) != value {
			c.report(note{CodeInvalidValue, fmt.Sprintf("%q is not a language", value), "Write its short lower-case code, like en, without a region"}, path...)
		}
		t.values = append(t.values, value)
	}
}

func (c *compiler) domainValue(t *test, value string, path []any) {
	parent, below := strings.CutPrefix(normalDomain(value), "*.")
	c.domain(parent, path...)
	if below {
		t.stems = append(t.stems, parent)
	} else {
		t.values = append(t.values, parent)
	}
}

func (c *compiler) caseValue(t *test, value string, path []any) {
	start, open := strings.CutSuffix(normalCase(value), "*")
	if strings.Contains(start, "*") {
		c.report(note{CodeInvalidValue, "a case id may have a * at its end only", "Write a whole case id, or its beginning and one *"}, path...)
	}
	if open {
		t.stems = append(t.stems, start)
	} else {
		t.values = append(t.values, start)
	}
}

func (c *compiler) window(w *Window, rule int) *window {
	compiled, err := newWindow(w)
	if err != nil {
		c.report(invalidTime(err), "rules", rule, "when", "received")
	}
	c.timed = true
	return compiled
}
