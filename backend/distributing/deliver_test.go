package distributing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"senddigitally/backend/access"
	"senddigitally/backend/quoting"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

const (
	children = "children@municipality.example"
	service  = "citizen-service@municipality.example"
)

func TestAReplyGoesWhereTheCaseworkerChoseOnce(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children", ReplyTopic: "day-care"})
	for range 3 {
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	}
	if len(w.office.sent) != 1 || w.office.sent[0].To[0].Address != children {
		t.Fatalf("sent %+v", w.office.sent)
	}
	after, decision := w.open(d.Manifest.ID)
	if decision.Topic != "day-care" || after.State.ExpiresAt != w.now.Add(w.policy.ReplyRetention) || w.phase(d.Manifest.ID) != transfer.Delivered {
		t.Errorf("decision %+v, state %+v", decision, after.State)
	}
	var in routing.Input
	if err := json.Unmarshal(after.State.Input, &in); err != nil || in.ReplyMailbox != "children" {
		t.Errorf("the input was not kept: %v %+v", err, in)
	}
}

func TestTheConversationsEarlierMailboxTakesTheNextReply(t *testing.T) {
	w := newWorld(t)
	parent := w.transfer("k1")
	first := w.reply(parent, "s1", transfer.Origin{ReplyMailbox: "technical"})
	w.must(w.Deliver(t.Context(), w.deliverJob(first), false))
	second := w.reply(parent, "s2", transfer.Origin{CaseID: "99.unknown"})
	w.must(w.Deliver(t.Context(), w.deliverJob(second), false))
	_, decision := w.open(second.Manifest.ID)
	if last := decision.Steps[len(decision.Steps)-1]; decision.Mailbox != "technical" || last.Name != routing.StepConversation {
		t.Errorf("decided %+v", decision)
	}
}

func TestWhatIsKnownOfTheSenderDecides(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		from   transfer.Party
		origin transfer.Origin
		want   routing.Input
	}{
		"nobody we know":    {transfer.Party{Address: "citizen@post.example"}, transfer.Origin{}, routing.Input{SenderKind: routing.UnknownSender, SenderDomain: "post.example"}},
		"our own staff":     {transfer.Party{Address: "a@Municipality.example"}, transfer.Origin{}, routing.Input{SenderKind: routing.Staff, SenderDomain: "Municipality.example"}},
		"a company":         {transfer.Party{Address: "a@firm.example"}, transfer.Origin{SenderKind: "company", OrganisationNumber: "12 34 56 78"}, routing.Input{SenderKind: routing.Company, OrganisationNumber: "12 34 56 78", SenderDomain: "firm.example"}},
		"an address of one": {transfer.Party{Address: "no-at-sign"}, transfer.Origin{}, routing.Input{SenderKind: routing.UnknownSender}},
	} {
		d := &transfer.Dossier{Manifest: transfer.Manifest{Tenant: org, Sender: c.from, Origin: &c.origin}}
		in, err := w.input(t.Context(), d)
		if err != nil || in.SenderKind != c.want.SenderKind || in.SenderDomain != c.want.SenderDomain || in.OrganisationNumber != c.want.OrganisationNumber {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
}

// A crash came when the reply was durable and its transfer did not know of it: the
// delivery says so there, and only once.
func TestADeliveryTellsTheTransferWhatACrashKeptFromIt(t *testing.T) {
	w := newWorld(t)
	parent := w.transfer("k1")
	d := w.answer(parent, "s1", transfer.Origin{ReplyMailbox: "children"})
	for range 2 {
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
		known, err := w.store.Open(t.Context(), org, parent.Manifest.ID)
		w.must(err)
		if replies := known.State.Recipients["r1"].Replies; !slices.Equal(replies, []transfer.ID{d.Manifest.ID}) {
			t.Fatalf("the transfer knows of %v", replies)
		}
		if len(known.State.News) != 1 || known.State.News[0].Kind != transfer.Replied {
			t.Errorf("the sender hears %+v", known.State.News)
		}
	}
}

// Case 36: the mailbox is gone. Its deputy takes the reply; without one, the
// default route; and only then nobody.
func TestCase36AMailboxThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.office.refuses[children] = transfer.MailboxMissing
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	after, decision := w.open(d.Manifest.ID)
	if decision.Mailbox != "citizen-service" || w.phase(d.Manifest.ID) != transfer.Delivered || !slices.Equal(after.State.Refused, []string{"children"}) {
		t.Fatalf("decision %+v, refused %v", decision, after.State.Refused)
	}
	if len(w.office.sent) != 1 || w.office.sent[0].To[0].Address != service {
		t.Errorf("sent %+v", w.office.sent)
	}
	if w.audited(access.Decide) != 2 {
		t.Errorf("%d decisions are in the trail", w.audited(access.Decide))
	}
}

// Case 35: nobody takes it. The reply is kept among the dead letters, with its
// cause, and can be delivered again.
func TestCase35EveryMailboxRefuses(t *testing.T) {
	w := newWorld(t)
	w.office.refuses[children], w.office.refuses[service] = transfer.MailboxRefused, transfer.MailboxRefused
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if w.phase(d.Manifest.ID) != transfer.DeadLetter {
		t.Fatalf("phase %s", w.phase(d.Manifest.ID))
	}
	after, _ := w.open(d.Manifest.ID)
	if after.State.Delivery().Reason != transfer.MailboxRefused || !after.State.ExpiresAt.IsZero() || after.Held != transfer.HeldOpen {
		t.Errorf("state %+v held %s", after.State, after.Held)
	}
	distributor := transfer.Caller{Tenant: org, Subject: "d", Roles: []transfer.Role{transfer.Distributor}}
	waiting, _, err := w.Waiting(t.Context(), distributor, "dead:", 10)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("waiting %v, %v", waiting, err)
	}
	if _, err := w.DeliverAgain(t.Context(), transfer.Caller{Tenant: org, Subject: "c", Roles: []transfer.Role{transfer.Caseworker}}, d.Manifest.ID); transfer.CodeOf(err) != transfer.Forbidden {
		t.Errorf("a caseworker may deliver again: %v", err)
	}
	delete(w.office.refuses, children)
	if _, err := w.DeliverAgain(t.Context(), distributor, d.Manifest.ID); err != nil {
		t.Fatal(err)
	}
	if last := w.book.last; !last[transfer.DeliverJob] {
		t.Fatalf("queued %v", last)
	}
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if _, decision := w.open(d.Manifest.ID); decision.Mailbox != "children" || w.phase(d.Manifest.ID) != transfer.Delivered {
		t.Errorf("decision %+v", decision)
	}
	if _, err := w.DeliverAgain(t.Context(), distributor, d.Manifest.ID); transfer.CodeOf(err) != transfer.Conflict {
		t.Errorf("a delivered reply goes out again: %v", err)
	}
}

// A draft that an earlier try left for one mailbox never goes to it after the
// reply was placed in another.
func TestAPlacedReplyIsAMailOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.office.refuses[children], w.office.refuses[service] = transfer.MailboxRefused, transfer.MailboxRefused
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	w.office.refuses = map[string]transfer.Code{}
	distributor := transfer.Caller{Tenant: org, Subject: "d", Roles: []transfer.Role{transfer.Distributor}}
	if _, err := w.Place(t.Context(), distributor, d.Manifest.ID, "technical", ""); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(UndoTime)
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if len(w.office.sent) != 1 || w.office.sent[0].To[0].Address != "technical@municipality.example" {
		t.Errorf("sent %+v", w.office.sent)
	}
}

func TestAJobThatWasGivenUpIsShownAndRevived(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{})
	w.book.dead = []transfer.ID{d.Manifest.ID}
	distributor := transfer.Caller{Tenant: org, Subject: "d", Roles: []transfer.Role{transfer.Distributor}}
	waiting, next, err := w.Waiting(t.Context(), distributor, "given:", 10)
	if err != nil || next != "" || len(waiting) != 1 {
		t.Fatalf("waiting %v, next %q, %v", waiting, next, err)
	}
	if _, err := w.DeliverAgain(t.Context(), distributor, d.Manifest.ID); err != nil || len(w.book.revived) != 1 || !strings.Contains(w.book.revived[0], string(d.Manifest.ID)) {
		t.Errorf("revived %v, %v", w.book.revived, err)
	}
}

// A bounce takes the delivery back: the clock stops and another mailbox gets
// the reply. A second report of the same, or one about something else, changes
// nothing.
func TestABouncedDeliveryGoesElsewhere(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	id := w.office.sent[0].MessageID
	w.must(w.Bounced(t.Context(), org, d.Manifest.ID, "<other@municipality.example>", []string{children}, transfer.MailboxMissing))
	if w.phase(d.Manifest.ID) != transfer.Delivered {
		t.Fatal("a foreign bounce took the delivery back")
	}
	w.must(w.Bounced(t.Context(), org, d.Manifest.ID, id, []string{"renamed@municipality.example"}, transfer.MailboxMissing))
	after, decision := w.open(d.Manifest.ID)
	if decision.Mailbox != "citizen-service" || w.phase(d.Manifest.ID) != transfer.Undelivered || after.Held != transfer.HeldOpen {
		t.Fatalf("decision %+v phase %s held %s", decision, w.phase(d.Manifest.ID), after.Held)
	}
	if last := w.book.last; !last[transfer.DeliverJob] {
		t.Fatalf("queued %v", last)
	}
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	w.must(w.Bounced(t.Context(), org, d.Manifest.ID, id, []string{children}, transfer.MailboxMissing))
	if w.phase(d.Manifest.ID) != transfer.Delivered || len(w.office.sent) != 2 {
		t.Errorf("phase %s, %d sent", w.phase(d.Manifest.ID), len(w.office.sent))
	}
	second := w.office.sent[1].MessageID
	w.must(w.Bounced(t.Context(), org, d.Manifest.ID, second, []string{service}, transfer.MailboxMissing))
	if w.phase(d.Manifest.ID) != transfer.DeadLetter {
		t.Errorf("phase %s", w.phase(d.Manifest.ID))
	}
}

func TestAReportAboutCopiesAloneTakesNothingBack(t *testing.T) {
	decision := routing.Decision{Address: children, Copies: []routing.Copy{{Address: "copy@municipality.example"}}}
	for addresses, want := range map[string]bool{"": false, "Copy@municipality.example": true, children: false, "copy@municipality.example " + children: false,
		"copy@municipality.example renamed@municipality.example": false} {
		if got := copiesAlone(decision, strings.Fields(addresses)); got != want {
			t.Errorf("%s: %v", addresses, got)
		}
	}
}

// A report may come before the journal has the outcome: it must be heard again then.
func TestAReportThatIsEarlyIsHeardAgain(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.office.refuses[children] = transfer.OutlookUncertain
	if err := w.Deliver(t.Context(), w.deliverJob(d), false); err == nil {
		t.Fatal("delivered")
	}
	delete(w.office.refuses, children)
	id := w.office.drafts[0].MessageID
	if err := w.Bounced(t.Context(), org, d.Manifest.ID, id, []string{children}, transfer.MailboxMissing); transfer.CodeOf(err) != transfer.InProgress {
		t.Errorf("early: %v", err)
	}
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	w.must(w.Bounced(t.Context(), org, d.Manifest.ID, id, []string{children}, transfer.MailboxMissing))
	if w.phase(d.Manifest.ID) != transfer.Undelivered {
		t.Errorf("phase %s", w.phase(d.Manifest.ID))
	}
}

func TestALowerLimitCutsNothingThatWaits(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children"})
	w.policy.MaxBodyBytes = 7
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if !strings.Contains(w.office.sent[0].Text, "Here is my answer.") {
		t.Errorf("delivered %s", w.office.sent[0].Text)
	}
}

func TestClassifyIsTriedAgainAndEndsWithAnOutcome(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children", ReplyTopic: "day-care"})
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if last := w.book.last; !last[transfer.ClassifyJob] {
		t.Fatalf("queued %v", last)
	}
	job := w.deliverJob(d)
	job.Kind = transfer.ClassifyJob
	w.office.classifyFails[children] = transfer.E(transfer.DraftNotFound, "not there yet")
	if err := w.Classify(t.Context(), job, false); transfer.CodeOf(err) != transfer.DraftNotFound {
		t.Fatalf("not tried again: %v", err)
	}
	delete(w.office.classifyFails, children)
	for range 2 {
		w.must(w.Classify(t.Context(), job, false))
	}
	if !slices.Equal(w.office.classified, []string{children + " Day care Day care"}) {
		t.Errorf("classified %q", w.office.classified)
	}
	after, _ := w.open(d.Manifest.ID)
	open := slices.ContainsFunc(after.Outstanding(w.now), func(j transfer.Job) bool { return j.Kind == transfer.ClassifyJob })
	if open || after.State.Effects[transfer.ClassifyEffect(1)].Outcome != transfer.Done {
		t.Errorf("outstanding %v", after.Outstanding(w.now))
	}
}

func TestAMailboxThatMayNotBeChangedIsNoFailureOfTheDelivery(t *testing.T) {
	for _, last := range []bool{false, true} {
		w := newWorld(t)
		d := w.reply(w.transfer("k1"), "s1", transfer.Origin{ReplyMailbox: "children", ReplyTopic: "day-care"})
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
		code := transfer.MailboxRefused
		if last {
			code = transfer.DraftNotFound
		}
		w.office.classifyFails[children] = transfer.E(code, "no")
		job := w.deliverJob(d)
		job.Kind = transfer.ClassifyJob
		w.must(w.Classify(t.Context(), job, last))
		after, _ := w.open(d.Manifest.ID)
		if e := after.State.Effects[transfer.ClassifyEffect(1)]; e.Outcome != transfer.Failed || e.Reason != code || w.phase(d.Manifest.ID) != transfer.Delivered {
			t.Errorf("effect %+v, phase %s", e, w.phase(d.Manifest.ID))
		}
	}
}

// A15: what was written to the organisation as a company is delivered with a mark
// that the pane reads, and asks nobody to answer.
func TestPostToTheCompanyIsMarked(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"", "29000000"} {
		d := w.reply(w.transfer("k"+number), "s1", transfer.Origin{RecipientNumber: number, ReplyMailbox: "children"})
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
		mail := w.office.sent[len(w.office.sent)-1]
		marked := number != ""
		if (mail.Headers[AnswerHeader] == AnswerNotHere) != marked || len(mail.Headers) > 5 {
			t.Errorf("headers %v", mail.Headers)
		}
		for _, body := range []string{mail.Text, mail.HTML} {
			if strings.Contains(body, "as a company") != marked || strings.Contains(body, "##-") == marked {
				t.Errorf("%q: %s", number, body)
			}
		}
	}
}

// What staff's Outlook quotes of a delivered mail was delivered, however it came.
func TestTheDeliveredMailAddsNothingToAnAnswer(t *testing.T) {
	w := newWorld(t)
	for i, origin := range []transfer.Origin{
		{ReplyMailbox: "children", CaseID: "27.1"},
		{Unencrypted: true, Notes: []string{"other_sender", "text_cut"}, ReplyTo: "forms@post.example"},
		{ReplyMailbox: "technical"},
	} {
		d := w.reply(w.transfer(fmt.Sprint(i)), "s1", origin)
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
		after, decision := w.open(d.Manifest.ID)
		after.Manifest.Files = []transfer.File{{ID: "f1", Name: "plan.pdf", Size: int64(i) * MaxAttached}}
		mail, err := w.compose(t.Context(), after, decision)
		w.must(err)
		if !strings.Contains(mail.Text, origin.ReplyTo) {
			t.Errorf("it does not say where answers are wanted: %s", mail.Text)
		}
		delivered, err := w.Delivered(t.Context(), after)
		w.must(err)
		for kind, body := range map[string]string{"text/html": "<p>Yes.</p><blockquote>" + mail.HTML, "text/plain": "Yes.\n" + mail.Text} {
			for more, want := range map[string]string{"": "", "\nTrue.": "True"} {
				if added := quoting.Read(body+more, kind).Added(delivered); added != want {
					t.Errorf("%s, %+v: %q is said to be added", kind, origin, added)
				}
			}
		}
	}
}

func TestCopiesGoInCopy(t *testing.T) {
	w := newWorld(t)
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{})
	w.set = nil
	w.routes(strings.Replace(sampleRouting(), "topic: invoices\n      categories: [To be paid]", "topic: invoices\n      copies: [children]", 1))
	d.Manifest.Origin.SenderKind = "company"
	decision := w.set.Decide(routing.Input{SenderKind: routing.Company, Subject: "invoice"})
	mail, err := w.compose(t.Context(), d, decision)
	if err != nil || len(mail.To) != 1 || len(mail.Cc) != 1 || mail.Cc[0].Address != children {
		t.Errorf("to %v cc %v: %v", mail.To, mail.Cc, err)
	}
}

func TestARecordingHasWhatDecisionsWereMadeFrom(t *testing.T) {
	w := newWorld(t)
	parent := w.transfer("k1")
	decided := w.reply(parent, "s1", transfer.Origin{ReplyMailbox: "children", CaseID: "27.1"})
	w.reply(parent, "s2", transfer.Origin{}) // not decided yet
	w.must(w.Deliver(t.Context(), w.deliverJob(decided), false))
	var inputs []routing.Input
	recording := &Recording{Keys: w.container, Vault: w.vault, Gate: w.Gate}
	report, err := recording.Record(t.Context(), org, func(in routing.Input) error { inputs = append(inputs, in); return nil })
	if err != nil || report.Recorded != 1 || len(inputs) != 1 || inputs[0].CaseID != "27.1" || w.audited(access.Record) != 1 {
		t.Errorf("%+v %+v %v", report, inputs, err)
	}
}
