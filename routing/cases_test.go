package routing

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// hostilePatterns are as expensive as the limits let them be. They all hold the
// same words, so that one subject leads to every rule.
func hostilePatterns(n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		rules[i] = Rule{ID: fmt.Sprint("r", i), Route: Route{Mailbox: "c"},
			When: Condition{Subject: []string{fmt.Sprintf("(aaa+)*(a|aa)+aaab{1,%d}c$", 1+i%8) + strings.Repeat("|aaab", i%3) + fmt.Sprint(i)}}}
	}
	return rules
}

// Case 71: 10,000 rules with hostile patterns, and the subject made for them:
// bounded time. The bounds are generous against a slow machine; what is really
// held is MaxPatternWork times SubjectLimit.
func TestCase71HostilePatterns(t *testing.T) {
	def := town()
	def.Rules = hostilePatterns(10_000)
	var set *Set
	loaded := worked(func() { set = mustCompile(t, def) })
	slowest := time.Duration(0)
	for _, subject := range []string{strings.Repeat("a", 1<<20), strings.Repeat("aaab", SubjectLimit/4), strings.Repeat("aaab1234567890", 40)} {
		slowest = max(slowest, worked(func() { set.Decide(Input{Subject: subject}) }))
	}
	t.Logf("compiled in %v, slowest decision %v", loaded, slowest)
	if !raceEnabled && (loaded > 20*time.Second || slowest > 5*time.Second) {
		t.Errorf("not bounded: compiled in %v, slowest decision %v", loaded, slowest)
	}
}

// Case 71: what cannot be bounded is refused, fast, at its place.
func TestCase71RefusesUnboundedPatterns(t *testing.T) {
	many := func(pattern string, n int) []string {
		patterns := make([]string, n)
		for i := range patterns {
			patterns[i] = fmt.Sprint(pattern, i%100)
		}
		return patterns
	}
	for name, c := range map[string]struct {
		patterns []string
		want     string
	}{
		"repeat of repeats": {[]string{"(((a{10}){10}){10}){2}"}, "pattern_invalid /rules/0/when/subject/0"},
		"large repeat":      {[]string{"fine", "(a|bc){900}"}, "pattern_too_complex /rules/0/when/subject/1"},
		"long":              {[]string{strings.Repeat("a", MaxPatternLength+1)}, "pattern_too_long /rules/0/when/subject/0"},
		"too many free":     {many(`[a-z]{90}\d`, 400), "patterns_too_complex /rules/0/when/subject/"},
		"too many in all":   {many("word[a-z]{900}", 500), "patterns_too_complex /rules/0/when/subject/"},
		"look-around":       {[]string{"(?=a)"}, "pattern_invalid /rules/0/when/subject/0"},
		"back-reference":    {[]string{`(a)\1`}, "pattern_invalid /rules/0/when/subject/0"},
	} {
		def := town()
		def.Rules = []Rule{{ID: "r", When: Condition{Subject: c.patterns}, Route: Route{Mailbox: "a"}}}
		var found []string
		spent := worked(func() { found = codes(t, def) })
		if len(found) != 1 || !strings.HasPrefix(found[0], c.want) {
			t.Errorf("%s: %d problems, the first %v", name, len(found), found[:min(1, len(found))])
		}
		if !raceEnabled && spent > 10*time.Second {
			t.Errorf("%s: refused after %v", name, spent)
		}
	}
}

// Case 73: no match, a tie, a missing mailbox, a cycle: default route, manual
// list or an error at load time; the same every time.
func TestCase73(t *testing.T) {
	def := town()
	def.Rules = []Rule{
		{ID: "first", When: Condition{Subject: []string{"word"}}, Route: Route{Mailbox: "b"}},
		{ID: "second", When: Condition{Subject: []string{"words?"}}, Route: Route{Mailbox: "c"}},
	}
	t.Run("no match and no default", func(t *testing.T) {
		expect(t, mustCompile(t, def).Decide(Input{Subject: "hello"}), "", StepManual, ReasonNothingLeft)
	})
	t.Run("no match", func(t *testing.T) {
		def := def
		def.DefaultRoute = &Route{Mailbox: "c"}
		expect(t, mustCompile(t, def).Decide(Input{Subject: "hello"}), "c", StepDefault, ReasonPlaced)
	})
	t.Run("tie", func(t *testing.T) {
		d := mustCompile(t, def).Decide(Input{Subject: "words"})
		expect(t, d, "b", StepRules, ReasonRule)
		if d.Rule != "first" {
			t.Errorf("rule %q", d.Rule)
		}
	})
	t.Run("missing mailbox", func(t *testing.T) {
		def := def
		def.Rules = []Rule{{ID: "r", When: Condition{CaseID: []string{"1"}}, Route: Route{Mailbox: "gone"}}}
		if found := codes(t, def); !slices.Equal(found, []string{"mailbox_unknown /rules/0/route/mailbox"}) {
			t.Error(found)
		}
	})
	t.Run("mailbox gone since", func(t *testing.T) {
		def := def
		def.DefaultRoute = &Route{Mailbox: "c"}
		d := mustCompile(t, def).Decide(Input{ReplyMailbox: "closed-last-year", ConversationMailbox: "a", Unavailable: []string{"a"}})
		expect(t, d, "c", StepDefault, ReasonPlaced)
	})
	t.Run("cycle", func(t *testing.T) {
		def := town()
		def.Mailboxes[0].Deputy = "b"
		if found := codes(t, def); !slices.Equal(found, []string{"deputy_cycle /mailboxes/0/deputy"}) {
			t.Error(found)
		}
	})
	t.Run("the same every time", func(t *testing.T) { sameEveryTime(t, def) })
}

// sameEveryTime decides with sets compiled anew, inputs shuffled.
func sameEveryTime(t *testing.T, def Definition) {
	inputs := patternInputs(10)
	want := map[int]string{}
	for range 5 {
		set := mustCompile(t, def)
		for _, i := range rand.Perm(len(inputs)) {
			text, err := json.Marshal(set.Decide(inputs[i]))
			if err != nil {
				t.Fatal(err)
			}
			if want[i] == "" {
				want[i] = string(text)
			}
			if want[i] != string(text) {
				t.Fatalf("input %d: first %s, then %s", i, want[i], text)
			}
		}
	}
}

// Case 74: a set that cannot be loaded leaves the old one in force, visibly.
func TestCase74(t *testing.T) {
	old := mustCompile(t, town())
	c := NewCurrent(old, noon)
	broken := errors.New("broken")
	later := noon.Add(time.Hour)
	if err := c.Reload(later, func() (*Set, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("reload returned %v", err)
	}
	want := State{Set: old, Since: noon, Failure: broken, FailedAt: later}
	if got := c.State(); got != want {
		t.Errorf("after a failure: %+v", got)
	}
	expect(t, c.Decide(Input{ReplyMailbox: "b"}), "b", StepReply, ReasonPlaced)

	foreign := town()
	foreign.Tenant = "elsewhere"
	if err := c.Reload(later, func() (*Set, error) { return mustCompile(t, foreign), nil }); err == nil || c.State().Set != old {
		t.Errorf("another tenant's set came into force (%v)", err)
	}
	if err := c.Reload(later, func() (*Set, error) { return mustCompile(t, town()), nil }); err != nil || c.State() != (State{Set: old, Since: noon}) {
		t.Errorf("the unchanged set should clear the failure only: %v, %+v", err, c.State())
	}
	changed := town()
	changed.Mailboxes = changed.Mailboxes[:2]
	changed.ContactPoints = nil
	next := mustCompile(t, changed)
	if err := c.Reload(later, func() (*Set, error) { return next, nil }); err != nil || c.State() != (State{Set: next, Since: later}) {
		t.Errorf("a good set should come into force: %v, %+v", err, c.State())
	}
}
