// Package intake runs the intake mailbox from end to end: the real product, with
// the simulated Outlook around it.
package intake

import (
	"context"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	sandboxgraph "senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

type world struct {
	*sandbox.Sandbox
	t testing.TB
}

func start(t testing.TB) *world {
	t.Helper()
	return startWith(t, sandbox.Options{})
}

func startWith(t testing.TB, o sandbox.Options) *world {
	t.Helper()
	s, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{s, t}
}

// sends sends a mail as Outlook does.
func (w *world) sends(from string, m mail.Message) {
	w.t.Helper()
	draft, err := w.Mail.SaveDraft(from, m)
	if err == nil {
		err = w.Mail.SendDraft(from, draft.ImmutableID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// finds collects until a mail with these words lies somewhere in a mailbox.
func (w *world) finds(mailbox, words string) mail.Message {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		w.System.Collect(ctx)
		found, err := w.Mail.Messages(mailbox, "", func(m *mail.Message) bool { return strings.Contains(m.Body, words) && !m.Draft })
		if err == nil && len(found) > 0 {
			return found[0]
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("no mail with %q in %s (%v)", words, mailbox, err)
		case <-tick.C:
		}
	}
}

func (w *world) count(mailbox, folder, words string) int {
	w.t.Helper()
	found, err := w.Mail.Messages(mailbox, folder, func(m *mail.Message) bool { return strings.Contains(m.Body, words) })
	if err != nil {
		w.t.Fatal(err)
	}
	return len(found)
}

func fromCitizen(to, text string) mail.Message {
	return mail.Message{Subject: "About my place", Body: text, To: []mail.Address{{Address: to}}, From: mail.Address{Name: "Citizen", Address: outlook.Citizen},
		Attachments: []mail.Attachment{{Kind: mail.FileAttachment, Name: "form.pdf", ContentType: "application/pdf", Content: []byte("%PDF-1.7 form")}}}
}

func TestAMailAtTheIntakeMailboxIsDistributedAndAnswered(t *testing.T) {
	w := start(t)
	w.sends(outlook.Citizen, fromCitizen("intake+day-care-places@municipality.example", "When can my child start?"))
	arrived := w.finds(outlook.Children, "When can my child start?")
	if len(arrived.Attachments) != 2 || !strings.Contains(arrived.Body, "unencrypted") || !strings.Contains(arrived.Body, "##-") {
		t.Errorf("delivered %d attachments, body %s", len(arrived.Attachments), arrived.Body)
	}
	w.System.Collect(t.Context())
	if n := w.count(outlook.Intake, "inbox", "When can"); n != 0 {
		t.Errorf("%d mails still lie in the inbox", n)
	}
	if n := w.count(outlook.Children, "", "When can my child start?"); n != 1 {
		t.Errorf("%d copies were delivered", n)
	}

	answer := mail.Message{Subject: "Re: About my place", HTML: true, Body: "<p>In August.</p>" + arrived.Body, To: arrived.ReplyTo,
		From: mail.Address{Address: outlook.Children}}
	w.sends(outlook.Children, answer)
	notice := w.finds(outlook.Citizen, "/l/")
	if strings.Contains(notice.Body, "In August") {
		t.Error("the answer left in the clear")
	}
	if told := w.finds(outlook.Children, "was sent encrypted"); !strings.Contains(told.Body, outlook.Citizen) {
		t.Errorf("staff were told %s", told.Body)
	}
}

// Case 36 from end to end: the mailbox is gone, its report comes back to the
// service mailbox, and the deputy has the reply.
func TestCase36AMailboxThatIsGoneIsStoodInFor(t *testing.T) {
	w := start(t)
	if err := w.Mail.RemoveMailbox(outlook.Children); err != nil {
		t.Fatal(err)
	}
	w.sends(outlook.Citizen, fromCitizen("intake+day-care-places@municipality.example", "Is anybody there?"))
	w.finds(outlook.CitizenService, "Is anybody there?")
}

// TestMachinesThatAnswerNeverLoop lets every mailbox that we write to answer by
// itself: the citizen's, the team's and the caseworker's.
func TestMachinesThatAnswerNeverLoop(t *testing.T) {
	w := start(t)
	w.sends(outlook.Citizen, fromCitizen("intake+day-care-places@municipality.example", "When can my child start?"))
	delivered := w.finds(outlook.Children, "When can my child start?")
	absent := func(from string, to []mail.Address, subject string) mail.Message {
		return mail.Message{Subject: "Automatic reply: " + subject, Body: "I am away until Monday.", To: to, From: mail.Address{Address: from},
			Headers: []mail.Header{{Name: "Auto-Submitted", Value: "auto-replied"}, {Name: "X-Auto-Response-Suppress", Value: "All"}}}
	}
	w.sends(outlook.Children, mail.Message{Subject: "Re: About my place", Body: "In August.", To: delivered.ReplyTo, From: mail.Address{Address: outlook.Children}})
	notice := w.finds(outlook.Citizen, "/l/")
	for round := range 3 {
		w.sends(outlook.Children, absent(outlook.Children, delivered.ReplyTo, "About my place"))
		w.sends(outlook.Citizen, absent(outlook.Citizen, notice.ReplyTo, notice.Subject))
		for range 5 {
			w.System.Collect(t.Context())
		}
		if n := w.count(outlook.Intake, "inbox", "I am away"); n != 0 {
			t.Errorf("round %d: %d answers still lie in the inbox", round, n)
		}
		for _, mailbox := range []string{outlook.Children, outlook.Citizen} { // its own copies alone
			if n := w.count(mailbox, "", "I am away"); n != round+1 {
				t.Errorf("round %d: %s has %d machines' answers", round, mailbox, n)
			}
		}
	}
}

// Outlook's word that something came is enough: nobody looks otherwise. A subscription
// that Outlook drops is made again, and what came meanwhile is found.
func TestOutlookTellsOfNewMail(t *testing.T) {
	w := startWith(t, sandbox.Options{CollectEvery: time.Hour})
	w.until("a subscription", func() bool { return !w.Graph.Subscribed(outlook.Intake).IsZero() })
	w.sends(outlook.Citizen, fromCitizen("intake+day-care-places@municipality.example", "You were told of this."))
	w.until("the mail that was told of", func() bool { return w.count(outlook.Children, "", "You were told of this.") == 1 })
	if w.Graph.Befall(outlook.Intake, sandboxgraph.Removed) != 1 {
		t.Fatal("there was not one subscription")
	}
	w.until("another subscription", func() bool { return !w.Graph.Subscribed(outlook.Intake).IsZero() })
	w.sends(outlook.Citizen, fromCitizen("intake+day-care-places@municipality.example", "And of this, too."))
	w.until("the mail after it", func() bool { return w.count(outlook.Children, "", "And of this, too.") == 1 })
}

func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline:
			w.t.Fatalf("%s did not come", what)
		case <-tick.C:
		}
	}
}
