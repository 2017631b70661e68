package routing

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update if that is meant):\n%s", path, got)
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// Every language has a title for each step and a sentence for each reason, with
// the same parameters.
func TestPhrasesAreComplete(t *testing.T) {
	keys := []string{}
	for _, s := range []StepName{StepToken, StepReply, StepCase, StepConversation, StepContact, StepRules, StepDefault, StepManual, StepDeputy} {
		keys = append(keys, string(s))
	}
	for _, r := range []Reason{ReasonPlaced, ReasonTopicDropped, ReasonMailboxDropped, ReasonRule, ReasonManual, ReasonUnavailable, ReasonClosed, ReasonNothingLeft,
		ReasonAbsent, ReasonMailboxUnknown, ReasonMailboxUnavailable, ReasonTopicUnknown, ReasonCaseUnknown, ReasonContactUnknown, ReasonNoRule} {
		keys = append(keys, string(r))
	}
	for _, language := range Languages {
		words := phrases()[language]
		if len(words) != len(keys) {
			t.Errorf("%s has %d phrases of %d", language, len(words), len(keys))
		}
		for _, k := range keys {
			want, got := placeholder.FindAllString(phrases()["en"][k], -1), placeholder.FindAllString(words[k], -1)
			slices.Sort(want)
			slices.Sort(got)
			if words[k] == "" || !slices.Equal(want, got) {
				t.Errorf("%s %s: %q", language, k, words[k])
			}
		}
	}
}

// What a person reads, in all languages, for decisions of every kind.
func TestExplain(t *testing.T) {
	def := town()
	def.Cases = []CaseSeries{{Prefix: "27", Mailbox: "b"}}
	def.Mailboxes[1].Hours, def.Mailboxes[1].DeputyOutsideHours = []Period{{To: "16:00"}}, true
	def.Rules = []Rule{
		{ID: "words", When: Condition{Subject: []string{"word"}, Language: []string{"da"}}, Route: Route{Topic: "y"}},
		{ID: "by-hand", When: Condition{Subject: []string{"hand"}}, Route: Route{Manual: true}},
	}
	set := mustCompile(t, def)
	inputs := []Input{
		{TokenMailbox: "a", TokenTopic: "x"},
		{TokenMailbox: "gone", ReplyMailbox: "c", ReplyTopic: "gone"},
		{TokenTopic: "gone", ReplyMailbox: "gone", ReplyTopic: "x"},
		{CaseID: "27.1", Unavailable: []string{"b"}},
		{ReplyMailbox: "b", Received: noon.Add(6 * 3600e9)},
		{CaseID: "28", ConversationMailbox: "c", Unavailable: []string{"c"}, ContactPoint: "none", Subject: "word", Language: "da"},
		{Subject: "word", Language: "da", Unavailable: []string{"a", "b"}},
		{Subject: "by hand", ContactPoint: "<script>{mailbox}[x]"},
		{Subject: "nothing"},
	}
	var b strings.Builder
	for _, language := range append([]string{"en-GB"}, Languages[:5]...) {
		b.WriteString("# " + language + "\n")
		for _, in := range inputs {
			b.WriteString(strings.Join(set.Decide(in).Explain(language), "\n") + "\n\n")
		}
	}
	golden(t, "explain.txt", b.String())
	if got := (Params{Mailbox: "{topic}[x]"}).fill("to {mailbox}[, {topic}]."); got != "to {topic}[x]." {
		t.Errorf("values are taken literally, got %q", got)
	}
}
