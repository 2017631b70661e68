package routing

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDeputies(t *testing.T) {
	def := town()
	def.Mailboxes[0].Deputy = "c" // b → a → c
	def.Rules = []Rule{{ID: "r", When: Condition{Subject: []string{"word"}}, Route: Route{Mailbox: "b", Folder: "Own", Categories: []string{"k"}, Copies: []string{"a", "c"}}}}
	set := mustCompile(t, def)
	for _, c := range []struct {
		unavailable []string
		mailbox     string
		folder      string
		copies      string
	}{
		{nil, "b", "Own", "a c"},
		{[]string{"b"}, "a", "", "c"},
		{[]string{"b", "a"}, "c", "In", ""},
		{[]string{"a"}, "b", "Own", "c"},
		{[]string{"a", "b", "c"}, "", "", ""},
	} {
		d := set.Decide(Input{Subject: "word", Unavailable: c.unavailable})
		var copies []string
		for _, c := range d.Copies {
			copies = append(copies, c.Mailbox)
		}
		if d.Mailbox != c.mailbox || d.Folder != c.folder || strings.Join(copies, " ") != c.copies || d.Manual != (c.mailbox == "") {
			t.Errorf("without %v: %+v", c.unavailable, d)
		}
		standIn := slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Name == StepDeputy && s.Params != nil && s.Params.Deputy == d.Mailbox })
		if standIn != (c.mailbox != "b" && c.mailbox != "") {
			t.Errorf("without %v the deputy's step is wrong: %+v", c.unavailable, d.Steps)
		}
	}
}

// Opening hours, over the changes of clocks in Copenhagen (2026-03-29 and
// 2026-10-25, EU directive 2000/84/EC).
func TestOpeningHours(t *testing.T) {
	def := town()
	def.Mailboxes[1].Hours = []Period{{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "08:00", To: "16:00"}, {Days: []string{"sat"}, From: "22:00", To: "03:00"}}
	def.Mailboxes[1].DeputyOutsideHours = true
	set := mustCompile(t, def)
	for at, want := range map[string]string{
		"2026-01-07T06:59:59Z": "a", "2026-01-07T07:00:00Z": "b", "2026-01-07T14:59:59Z": "b", "2026-01-07T15:00:00Z": "a",
		"2026-07-08T05:59:59Z": "a", "2026-07-08T06:00:00Z": "b", "2026-07-08T14:00:00Z": "a",
		"2026-03-28T20:59:59Z": "a", "2026-03-28T21:00:00Z": "b", "2026-03-29T00:59:59Z": "b", "2026-03-29T01:00:00Z": "a",
		"2026-10-24T20:00:00Z": "b", "2026-10-25T00:59:59Z": "b", "2026-10-25T01:59:59Z": "b", "2026-10-25T02:00:00Z": "a",
		"2026-10-25T12:00:00Z": "a", "2026-10-26T12:00:00Z": "b",
	} {
		received, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if d := set.Decide(Input{ReplyMailbox: "b", Received: received}); d.Mailbox != want {
			t.Errorf("at %s: %s, want %s", at, d.Mailbox, want)
		}
	}
	if d := set.Decide(Input{ReplyMailbox: "b", Received: noon.Add(12 * time.Hour), Unavailable: []string{"a"}}); d.Mailbox != "b" {
		t.Errorf("a closed mailbox keeps what no deputy can take: %+v", d)
	}
	d := set.Decide(Input{ReplyMailbox: "b", Received: noon.Add(12 * time.Hour)})
	if last := d.Steps[len(d.Steps)-1]; last.Reason != ReasonClosed {
		t.Errorf("the reason should be the hour: %+v", last)
	}
}

func TestChoices(t *testing.T) {
	set := mustCompile(t, town())
	for _, c := range []struct {
		mailbox, topic string
		want           string
		topicWant      string
		reason         Reason
	}{
		{"a", "x", "a", "x", ReasonPlaced},
		{"c", "y", "c", "y", ReasonPlaced},
		{"", "y", "b", "y", ReasonPlaced},
		{"c", "", "c", "", ReasonPlaced},
		{"c", "gone", "c", "", ReasonTopicDropped},
		{"gone", "y", "b", "y", ReasonMailboxDropped},
		{"gone", "gone", "", "", ReasonNothingLeft},
	} {
		d := set.Decide(Input{ReplyMailbox: c.mailbox, ReplyTopic: c.topic})
		if d.Mailbox != c.want || d.Topic != c.topicWant || d.Reason != c.reason {
			t.Errorf("%q and %q: %+v", c.mailbox, c.topic, d)
		}
	}
	d := set.Decide(Input{ReplyMailbox: "c", ReplyTopic: "y"})
	if !slices.Equal(d.Categories, []string{"Yes", "see"}) || d.Folder != "In" {
		t.Errorf("a topic's folder belongs to its own mailbox: %+v", d)
	}
}

// The JSON of a decision is stored for years: it changes by addition only.
func TestDecisionJSON(t *testing.T) {
	def := town()
	def.Rules = []Rule{{ID: "r", When: Condition{Subject: []string{"word"}, Language: []string{"da"}}, Route: Route{Topic: "y", Categories: []string{"k"}, Copies: []string{"c"}}}}
	set := mustCompile(t, def)
	d := set.Decide(Input{Subject: "A word", Language: "da-DK", CaseID: "9", ReplyMailbox: "Not an <id>", Unavailable: []string{"b"}})
	d.Set = "fingerprint"
	got, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "decision.json", string(got)+"\n")
}

func TestFingerprint(t *testing.T) {
	one, same, other := mustCompile(t, town()), mustCompile(t, town()), town()
	other.Mailboxes[0].Folder = "x"
	if one.Fingerprint() != same.Fingerprint() || one.Fingerprint() == mustCompile(t, other).Fingerprint() || len(one.Fingerprint()) != 32 {
		t.Error("a fingerprint tells definitions apart, and nothing else")
	}
}

func TestSimulate(t *testing.T) {
	changed := town()
	changed.Topics[0].Mailbox = "c"
	inputs := []Input{{ReplyTopic: "y"}, {ReplyTopic: "x"}, {}}
	moves := Simulate(inputs, mustCompile(t, town()), mustCompile(t, changed))
	if len(moves) != 1 || moves[0].Index != 1 || moves[0].From.Mailbox != "a" || moves[0].To.Mailbox != "c" {
		t.Errorf("moves: %+v", moves)
	}
}

func TestZeroSetIsManual(t *testing.T) {
	expect(t, new(Set).Decide(Input{Subject: "word", ReplyMailbox: "a", CaseID: "1", ContactPoint: "p"}), "", StepManual, ReasonNothingLeft)
}

func TestAccessors(t *testing.T) {
	set := mustCompile(t, town())
	m, found := set.Mailbox("c")
	topic, topicFound := set.Topic("y")
	point, pointFound := set.ContactPoint("p")
	_, gone := set.Mailbox("gone")
	if !found || !topicFound || !pointFound || gone || m.Folder != "In" || topic.Mailbox != "b" || point.Folder != "f" {
		t.Error(m, topic, point)
	}
	if len(set.Mailboxes()) != 3 || len(set.Topics()) != 2 || len(set.ContactFolders()) != 1 || len(set.ContactPoints()) != 1 || set.Language() != "en" {
		t.Error("the lists are incomplete")
	}
	if (Mailbox{SizeLimitMB: 25}).SizeLimit() != 25_000_000 {
		t.Error("a megabyte is a million bytes")
	}
}
