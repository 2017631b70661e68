package routing

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vocabularies are small, so that conditions often meet what they speak of.
var (
	someIDs      = []string{"", "a", "b", "c", "gone"}
	someTopics   = []string{"", "x", "y", "gone"}
	someDomains  = []string{"", "one.example", "sub.one.example", "a.sub.one.example", "two.example", "ONE.example"}
	someSubjects = []string{"", "Invoice 4711", "FAKTURA æøå", "re: Ærø", "kelvin \u212Aelvin", "aaa bbb", "ſtraße", "\xff\xfe invoice", "no word"}
	somePatterns = []string{"invoice", "(invoice|faktura) ", `\d{4}`, "ÆRØ", "ær[øo]", "kelvin$", "^re:", "a+b*", "straße", "(aaa|bbb|c)", "(zzz){0,2}re", "(ærø){2}|(word)+", "(?-i)Invoice", `\bword\b`, "x*"}
	someNumbers  = []string{"", "1", "2", "12345678"}
	someCases    = []string{"", "27", "27.24", "27.24.1", "02.1", "k-9"}
	caseValues   = []string{"27*", "27.24*", "27.24.1", "02*", "K-9", "2*"}
)

func some[T any](t *rapid.T, label string, values []T) []T {
	if drawn := rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, label); len(drawn) > 0 {
		return drawn
	}
	return nil
}

func pick[T any](t *rapid.T, label string, values []T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

// drawInput leaves half of the replies to the rules.
func drawInput(t *rapid.T) Input {
	in := Input{
		TokenMailbox: pick(t, "token", []string{"", "", "", "a", "gone"}), TokenTopic: pick(t, "token topic", []string{"", "", "y"}),
		ReplyMailbox: pick(t, "reply", someIDs), ReplyTopic: pick(t, "reply topic", someTopics),
		CaseID: pick(t, "case", someCases), ConversationMailbox: pick(t, "conversation", []string{"", "", "b", "gone"}),
		ContactPoint: pick(t, "contact", []string{"", "", "p", "gone"}),
		SenderKind:   pick(t, "kind", append([]SenderKind{""}, senderKinds...)), SenderDomain: pick(t, "domain", someDomains),
		Subject: pick(t, "subject", someSubjects), OrganisationNumber: pick(t, "number", someNumbers), RecipientNumber: pick(t, "own number", someNumbers),
		Language: pick(t, "language", []string{"", "da", "en", "DE"}),
		Received: noon.Add(time.Duration(rapid.IntRange(-200, 200).Draw(t, "hours")) * time.Hour),
		Unavailable: slices.Compact(slices.Sorted(slices.Values(
			rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "gone"}), 0, 4).Draw(t, "unavailable")))),
	}
	if rapid.Bool().Draw(t, "no choices") {
		in.TokenMailbox, in.TokenTopic, in.ConversationMailbox, in.ContactPoint, in.Unavailable = "", "", "", "", nil
		in.ReplyMailbox, in.ReplyTopic = pick(t, "reply", []string{"", "gone"}), ""
		in.CaseID = pick(t, "unlisted case", []string{"", "02.1", "k-9"})
	}
	return in
}

func drawCondition(t *rapid.T) Condition {
	c := Condition{
		ReplyMailbox: some(t, "reply mailboxes", []string{"a", "b", "c"}), ReplyTopic: some(t, "reply topics", []string{"x", "y"}),
		SenderKind: some(t, "kinds", senderKinds), SenderDomain: some(t, "domains", []string{"one.example", "*.one.example", "*.sub.one.example", "two.example"}),
		Subject: some(t, "patterns", somePatterns), OrganisationNumber: some(t, "numbers", someNumbers[1:]), RecipientNumber: some(t, "own numbers", someNumbers[1:]),
		CaseID: some(t, "cases", caseValues), Language: some(t, "languages", []string{"da", "en", "de"}),
	}
	if rapid.IntRange(0, 3).Draw(t, "window") == 0 {
		c.Received = &Window{Days: some(t, "days", dayNames), From: pick(t, "from", []string{"", "06:00", "09:30"}),
			To: pick(t, "to", []string{"", "10:00", "24:00"}), FirstDay: pick(t, "first", []string{"", "2026-09-15"}), LastDay: pick(t, "last", []string{"", "2026-09-18"})}
	}
	// Mostly one or two fields, as people write them.
	for _, blank := range []func(){
		func() { c.ReplyMailbox = nil }, func() { c.ReplyTopic = nil }, func() { c.SenderKind = nil }, func() { c.SenderDomain = nil },
		func() { c.Subject = nil }, func() { c.OrganisationNumber = nil }, func() { c.RecipientNumber = nil }, func() { c.CaseID = nil }, func() { c.Language = nil },
	} {
		if rapid.IntRange(0, 3).Draw(t, "keep") > 0 {
			blank()
		}
	}
	if reflect.DeepEqual(c, Condition{}) {
		c.Language = []string{"da"}
	}
	return c
}

func drawRoute(t *rapid.T) Route {
	switch rapid.IntRange(0, 5).Draw(t, "route") {
	case 0:
		return Route{Manual: true}
	case 1:
		return Route{Topic: pick(t, "to topic", []string{"x", "y"})}
	default:
		return Route{Mailbox: pick(t, "to", []string{"a", "b", "c"}), Topic: pick(t, "about", []string{"", "x"}), Copies: some(t, "copies", []string{"a", "b"})}
	}
}

func drawDefinition(t *rapid.T) Definition {
	def := town()
	def.Company.OrganisationNumbers = someNumbers[1:]
	def.Cases = []CaseSeries{{Prefix: "27", Mailbox: "c"}, {Prefix: "27.24.", Topic: "y"}}[:rapid.IntRange(0, 2).Draw(t, "cases")]
	def.Mailboxes[2].Unavailable = rapid.Bool().Draw(t, "c unavailable")
	for i := range rapid.IntRange(0, 12).Draw(t, "rules") {
		def.Rules = append(def.Rules, Rule{ID: fmt.Sprint("r", i), When: drawCondition(t), Route: drawRoute(t)})
	}
	if rapid.Bool().Draw(t, "default") {
		route := drawRoute(t)
		def.DefaultRoute = &route
	}
	return def
}

// unshadowed takes out the rules that Compile reports as shadowed.
func unshadowed(t *rapid.T, def Definition) (Definition, *Set) {
	set, problems := Compile(def)
	shadowed := map[string]bool{}
	for _, p := range problems {
		if p.Code != CodeShadowed {
			t.Fatalf("unexpected problem: %v", p)
		}
		shadowed[p.Path] = true
	}
	if set != nil {
		return def, set
	}
	var kept []Rule
	for i, r := range def.Rules {
		if !shadowed[pointer("rules", i)] {
			kept = append(kept, r)
		}
	}
	def.Rules = kept
	set, problems = Compile(def)
	if set == nil {
		t.Fatalf("still shadowed: %v", problems)
	}
	return def, set
}

func verdictOf(d Decision) verdict {
	i := slices.IndexFunc(d.Steps, func(s Step) bool { return s.Applied })
	return verdict{d.Mailbox, d.Topic, d.Rule, d.Steps[i].Name}
}

// Totality, determinism and order: for any definition and input the decision is
// in exactly one place, the same each time, and the reference's. The reference
// keeps the shadowed rules, so a false alarm about shadowing shows as well.
func TestDecisionsEqualTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := drawDefinition(t)
		_, set := unshadowed(t, written)
		for range 8 {
			in := drawInput(t)
			d := set.Decide(in)
			if (d.Mailbox == "") != d.Manual || (d.Mailbox == "") != (d.Address == "") {
				t.Fatalf("not in exactly one place: %+v", d)
			}
			if want := (reference{written, in}).decide(); verdictOf(d) != want {
				t.Fatalf("want %+v, got %+v\n%+v", want, verdictOf(d), d)
			}
			checkStable(t, d, set.Decide(in))
		}
	})
}

func checkStable(t *rapid.T, d, again Decision) {
	first, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	second, _ := json.Marshal(again)
	var read Decision
	if err := json.Unmarshal(first, &read); err != nil {
		t.Fatal(err)
	}
	third, _ := json.Marshal(read)
	if string(first) != string(second) || string(first) != string(third) {
		t.Fatalf("unstable:\n%s\n%s\n%s", first, second, third)
	}
}

// A trace ends at the rule that an undirected reply is decided by.
func TestTraceAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, set := unshadowed(t, drawDefinition(t))
		in := drawInput(t)
		k := set.known(&in)
		first, trace := set.firstMatch(&k), set.Trace(in)
		matched := len(trace) > 0 && trace[len(trace)-1].Matched
		if (first >= 0) != matched || matched && trace[len(trace)-1].Number != first+1 {
			t.Fatalf("first match %d, trace %+v", first, trace)
		}
	})
}
