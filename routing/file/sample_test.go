package file

import (
	"slices"
	"testing"
	"time"

	"senddigitally/routing"
)

// day is a Wednesday at noon.
var day = time.Date(2026, 9, 16, 10, 0, 0, 0, time.UTC)

func sampleSet(t testing.TB) *routing.Set {
	t.Helper()
	set, problems := Load("sample.yaml", Sample)
	if len(problems) > 0 {
		t.Fatalf("the sample has problems:\n%v", problems)
	}
	return set
}

func TestSampleDecides(t *testing.T) {
	set := sampleSet(t)
	for _, c := range []struct {
		name       string
		in         routing.Input
		mailbox    string
		folder     string
		topic      string
		categories []string
		by         routing.StepName
	}{
		{"token first", routing.Input{TokenMailbox: "technical", TokenTopic: "roads", ReplyMailbox: "children"},
			"technical", "Sent Digitally", "roads", []string{"Roads", "Sent Digitally"}, routing.StepToken},
		{"chosen mailbox and topic", routing.Input{ReplyMailbox: "children", ReplyTopic: "day-care", CaseID: "02.34.02-P19-1-26"},
			"children", "Day care", "day-care", []string{"Day care"}, routing.StepReply},
		{"topic of another mailbox", routing.Input{ReplyMailbox: "children", ReplyTopic: "invoices"},
			"children", "", "invoices", []string{"Invoices"}, routing.StepReply},
		{"case", routing.Input{CaseID: " 27.24.00-g01-7-26", ConversationMailbox: "technical"},
			"children", "", "child-welfare", []string{"Child welfare"}, routing.StepCase},
		{"conversation", routing.Input{CaseID: "99.1", ConversationMailbox: "technical", ContactPoint: "moving-house"},
			"technical", "Sent Digitally", "", []string{"Sent Digitally"}, routing.StepConversation},
		{"contact point", routing.Input{ContactPoint: "moving-house", Subject: "pothole"},
			"citizen-service", "", "moving", []string{"Moving"}, routing.StepContact},
		{"rule with subject", routing.Input{SenderKind: routing.Company, Subject: "Re: FAKTURA 4711"},
			"citizen-service", "Invoices", "invoices", []string{"Invoices", "To be paid"}, routing.StepRules},
		{"rule with number", routing.Input{OrganisationNumber: "12 34 56 78", Subject: "schlagloch"},
			"technical", "Contractors", "", []string{"Sent Digitally"}, routing.StepRules},
		{"rule with domain", routing.Input{SenderDomain: "Health.County.Example.", Subject: "about a Child"},
			"children", "", "child-welfare", []string{"Child welfare"}, routing.StepRules},
		{"default", routing.Input{Subject: "hello"}, "citizen-service", "", "", []string{"Not sorted"}, routing.StepDefault},
		{"rule to the manual list", routing.Input{SenderKind: routing.Authority}, "", "", "", nil, routing.StepRules},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Received = day
			d := set.Decide(c.in)
			last := d.Steps[len(d.Steps)-1]
			if d.Mailbox != c.mailbox || d.Folder != c.folder || d.Topic != c.topic ||
				!slices.Equal(d.Categories, c.categories) || last.Name != c.by || !last.Applied || d.Manual != (c.mailbox == "") {
				t.Errorf("decided %+v", d)
			}
		})
	}
}
