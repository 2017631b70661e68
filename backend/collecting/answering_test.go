package collecting

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

// delivered is a reply that lies in the mailbox of children's team.
func (w *world) delivered(parent *transfer.Dossier) *transfer.Dossier {
	w.t.Helper()
	d := w.commit(transfer.Manifest{Kind: transfer.KindReply, ID: w.Namer.ReplyID(org, parent.Manifest.ID, "r1", "s"), Subject: "Re: Decision",
		Sender: transfer.Party{Address: "citizen@post.example"}, Options: transfer.Options{Language: "da"},
		Origin: &transfer.Origin{Channel: "link", Transfer: parent.Manifest.ID, Recipient: "r1", CaseID: "27.1", ReplyMailbox: "children"}}, nil)
	w.must(w.store.Change(w.t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Decided, Decision: []byte(`{"mailbox":"children","address":"children@municipality.example","topic":"day-care"}`)}, nil
	}))
	return d
}

func (w *world) staffMail(reply *transfer.Dossier, from, more string) string {
	return "From: " + from + "\nTo: " + organisation.ReplyTo(w.Namer, org, reply.Manifest.ID, transfer.StaffRecipient) + "\nSubject: Re: Decision\n" +
		"Message-ID: <staff@municipality.example>\n" + more + "\nDear citizen, this is settled.\n\n> ##- Write above -##\n> because rule 7\n"
}

const vouched = "X-MS-Exchange-Organization-AuthAs: Internal\n"

func generated(w *world, id transfer.ID) func(transfer.DataKey) transfer.AccessCode {
	return func(key transfer.DataKey) transfer.AccessCode {
		code, err := accesscode.New(transfer.CodeGenerated, accesscode.Generate(key, id, 0), key, id)
		w.must(err)
		return code
	}
}

func TestStaffsOrdinaryReplyBecomesATransfer(t *testing.T) {
	w := newWorld(t)
	parent := w.transfer(generated(w, w.Namer.TransferID(org, "caseworker", "k")))
	reply := w.delivered(parent)
	for _, id := range []string{"m1", "m2"} {
		w.arrives(id, w.staffMail(reply, "Children@municipality.example", vouched))
		w.collect()
		if w.office.folders[id] != Distributed {
			t.Fatalf("folders %v", w.office.folders)
		}
	}
	var sent *transfer.Dossier
	for id, r := range w.book.records {
		if r.Kind == transfer.KindTransfer && id != parent.Manifest.ID {
			if sent != nil {
				t.Fatal("sent twice")
			}
			sent = w.open(id)
		}
	}
	if sent == nil {
		t.Fatal("nothing was sent")
	}
	m := sent.Manifest
	if answers := w.open(reply.Manifest.ID).State.Answers; !slices.Equal(answers, []transfer.ID{m.ID}) {
		t.Errorf("the reply does not know what answers it: %v", answers)
	}
	if m.Recipients[0].Address != "citizen@post.example" || m.Options.ReplyMailbox != "children" || m.Options.ReplyTopic != "day-care" || m.Options.CaseID != "27.1" || m.ExpiresAt.IsZero() {
		t.Errorf("manifest %+v", m)
	}
	if got := w.read(sent, *m.Body); got != "Dear citizen, this is settled." {
		t.Errorf("the citizen reads %q", got)
	}
	code := accesscode.Generate(parent.Key, parent.Manifest.ID, 0)
	if ok, err := accesscode.Verify(t.Context(), m.Options.Code, code, sent.Key, m.ID); !ok || err != nil {
		t.Errorf("the citizen's code does not open it: %v", err)
	}
	told := w.office.sent[1:]
	if len(told) != 1 || told[0].To[0].Address != "Children@municipality.example" || !strings.Contains(told[0].Text, "citizen@post.example") || strings.Contains(told[0].Text, code) {
		t.Errorf("told %+v", told)
	}
}

func TestANewCodeIsToldToStaffWhereTheFirstCannotServe(t *testing.T) {
	w := newWorld(t)
	reply := w.delivered(w.transfer(func(transfer.DataKey) transfer.AccessCode { return transfer.AccessCode{Kind: transfer.CodePassword} }))
	w.arrives("m1", w.staffMail(reply, "children@municipality.example", vouched))
	w.collect()
	for _, r := range w.book.records {
		if r.Kind == transfer.KindTransfer && r.Owner == w.Namer.Owner(org, "children@municipality.example") {
			d := w.open(r.ID)
			if code := accesscode.Generate(d.Key, r.ID, 0); !strings.Contains(w.office.sent[1].Text, code) {
				t.Errorf("told %q", w.office.sent[1].Text)
			}
			return
		}
	}
	t.Fatal("nothing was sent")
}

// A14 and A15: post to the organisation as a company comes in like any other;
// whoever answers it from Outlook hears that nothing was sent.
func TestPostToTheCompanyIsNotAnsweredFromOutlook(t *testing.T) {
	for _, to := range []string{"intake+29000000@municipality.example", "Company@municipality.example"} {
		w := newWorld(t)
		w.arrives("m1", mailOf(to, "x", ""))
		w.collect()
		reply := w.reply()
		if reply.Manifest.Origin.RecipientNumber != "29000000" {
			t.Fatalf("%s: origin %+v", to, reply.Manifest.Origin)
		}
		w.must(w.store.Change(t.Context(), reply, func(transfer.State) (transfer.Entry, error) {
			return transfer.Entry{Kind: transfer.Decided, Decision: []byte(`{"mailbox":"children","address":"children@municipality.example"}`)}, nil
		}))
		w.arrives("m2", w.staffMail(reply, "children@municipality.example", vouched))
		w.collect()
		if w.office.folders["m2"] != Refused || len(w.book.records) != 1 {
			t.Errorf("%s: folders %v, %d records", to, w.office.folders, len(w.book.records))
		}
		if told := w.office.sent; len(told) != 1 || !strings.Contains(told[0].Text, "as a company") {
			t.Errorf("told %+v", told)
		}
	}
}

func TestOnlyTheMailboxItselfMayAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		from, more, folder string
		told               int
	}{
		"a colleague":                {"other@municipality.example", vouched, Refused, 1},
		"another mailbox":            {"technical@municipality.example", vouched, Refused, 1},
		"somebody who claims to be":  {"children@municipality.example", "", Distributed, 0},
		"the mailbox's auto-reply":   {"children@municipality.example", vouched + "Auto-Submitted: auto-replied\n", Automatic, 0},
		"a machine of a colleague's": {"other@municipality.example", vouched + "Precedence: bulk\n", Automatic, 0},
		"the mailbox's machine":      {"children@municipality.example", vouched + "Auto-Submitted: auto-generated\n", Automatic, 0},
	} {
		w := newWorld(t)
		reply := w.delivered(w.transfer(nil))
		w.arrives("m1", w.staffMail(reply, c.from, c.more))
		w.collect()
		transfers := 0
		for _, r := range w.book.records {
			if r.Kind == transfer.KindTransfer {
				transfers++
			}
		}
		if transfers != 1 || w.office.folders["m1"] != c.folder || len(w.office.sent)-1 != c.told {
			t.Errorf("%s: %d transfers, folder %q, %d told", name, transfers, w.office.folders["m1"], len(w.office.sent)-1)
		}
	}
}

// A mail may ask machines for silence and be a person's all the same.
func TestAnAnswerThatAsksMachinesForSilenceIsSent(t *testing.T) {
	w := newWorld(t)
	reply := w.delivered(w.transfer(nil))
	w.arrives("m1", w.staffMail(reply, "children@municipality.example", vouched+"X-Auto-Response-Suppress: OOF\n"))
	w.collect()
	if w.office.folders["m1"] != Distributed || len(w.open(reply.Manifest.ID).State.Answers) != 1 {
		t.Errorf("folders %v", w.office.folders)
	}
}

// Only what was written to the address of the answer goes on to the citizen: a mail
// that refers to a delivered one may be forwarded, or answer a notice of ours.
func TestWhatIsForwardedDoesNotGoToTheCitizen(t *testing.T) {
	w := newWorld(t)
	reply := w.delivered(w.transfer(nil))
	effect := transfer.DeliverEffect(1)
	w.must(w.store.Change(t.Context(), reply, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Intended, Effect: effect, Mail: &transfer.MailRef{}}, nil
	}))
	delivered := organisation.MessageID(w.Namer, org, reply.Manifest.ID, effect)
	forward := "From: children@municipality.example\nTo: intake@municipality.example\nSubject: Fw: Decision\nMessage-ID: <fw@municipality.example>\nIn-Reply-To: " + delivered + "\n"
	w.arrives("m1", forward+vouched+"\nNot ours. He is a nuisance.\n")
	w.arrives("m2", strings.ReplaceAll(forward, "<fw@", "<auto@")+vouched+"X-Auto-Response-Suppress: All\n\nI am a rule.\n")
	w.collect()
	if answers := w.open(reply.Manifest.ID).State.Answers; len(answers) != 0 || w.office.folders["m1"] != Distributed || w.office.folders["m2"] != Automatic {
		t.Fatalf("it was sent as %v, folders %v", answers, w.office.folders)
	}
	for _, r := range w.replies() {
		if o := r.Manifest.Origin; r.Manifest.ID != reply.Manifest.ID && (o.SenderKind != "staff" || o.ReplyMailbox != "") {
			t.Errorf("origin %+v", o)
		}
	}
}

func TestAFileOfStaffsAnswerIsListed(t *testing.T) {
	w := newWorld(t)
	reply := w.delivered(w.transfer(nil))
	w.arrives("m1", "From: children@municipality.example\nTo: "+organisation.ReplyTo(w.Namer, org, reply.Manifest.ID, transfer.StaffRecipient)+
		"\nMessage-ID: <staff@municipality.example>\n"+vouched+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the decision.\n"+
		"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=decision.pdf\nContent-ID: <abc@outlook>\n\nx\n--b--\n")
	w.collect()
	sent := w.open(w.open(reply.Manifest.ID).State.Answers[0])
	if files := sent.Manifest.Attachments(); len(files) != 1 || files[0].Name != "decision.pdf" {
		t.Errorf("the citizen's list has %+v", files)
	}
}

// The first transfer's code must be hers alone, and must not have gone where the link
// of the answer goes.
func TestACodeThatOthersHaveOpensNoAnswer(t *testing.T) {
	for name, change := range map[string]func(*transfer.Manifest){
		"": func(*transfer.Manifest) {},
		"two recipients": func(m *transfer.Manifest) {
			m.Recipients = append(m.Recipients, transfer.Recipient{ID: "r2", Party: transfer.Party{Address: "other@post.example"}, Field: "to"})
		},
		"she wrote first": func(m *transfer.Manifest) { m.Options.ContactPoint = "children" },
	} {
		w := newWorld(t)
		w.change = change
		id := w.Namer.TransferID(org, "caseworker", "k")
		parent := w.transfer(generated(w, id))
		reply := w.delivered(parent)
		w.arrives("m1", w.staffMail(reply, "children@municipality.example", vouched))
		w.collect()
		sent := w.open(w.open(reply.Manifest.ID).State.Answers[0])
		ok, err := accesscode.Verify(t.Context(), sent.Manifest.Options.Code, accesscode.Generate(parent.Key, id, 0), sent.Key, sent.Manifest.ID)
		w.must(err)
		if told := w.office.sent[len(w.office.sent)-1].Text; ok != (name == "") || strings.Contains(told, accesscode.Generate(sent.Key, sent.Manifest.ID, 0)) == ok {
			t.Errorf("%q: the first code opens it: %v; staff read %q", name, ok, told)
		}
	}
}

// The code goes through a conversation: each answer opens with what she has, also with
// one that was renewed since.
func TestEveryAnswerOfAConversationOpensWithTheCodeThatSheHas(t *testing.T) {
	w := newWorld(t)
	id := w.Namer.TransferID(org, "caseworker", "k")
	first := w.transfer(generated(w, id))
	hers, before := accesscode.Generate(first.Key, id, 0), first
	for n := range 3 {
		reply := w.commit(transfer.Manifest{Kind: transfer.KindReply, ID: w.Namer.ReplyID(org, before.Manifest.ID, "r1", fmt.Sprint(n)), Sender: transfer.Party{Address: "citizen@post.example"},
			Origin: &transfer.Origin{Channel: "link", Transfer: before.Manifest.ID, Recipient: "r1"}}, nil)
		w.must(w.store.Change(t.Context(), reply, func(transfer.State) (transfer.Entry, error) {
			return transfer.Entry{Kind: transfer.Decided, Decision: []byte(`{"mailbox":"children","address":"children@municipality.example"}`)}, nil
		}))
		mail := strings.Replace(w.staffMail(reply, "children@municipality.example", vouched), "<staff@", fmt.Sprintf("<staff%d@", n), 1)
		w.arrives(fmt.Sprint("m", n), mail)
		w.collect()
		before = w.open(w.open(reply.Manifest.ID).State.Answers[0])
		ok, err := accesscode.Verify(t.Context(), before.Manifest.Options.Code, hers, before.Key, before.Manifest.ID)
		w.must(err)
		if told := w.office.sent[len(w.office.sent)-1].Text; !ok || strings.Contains(told, "-") && strings.Contains(told, accesscode.Generate(before.Key, before.Manifest.ID, 0)) {
			t.Errorf("answer %d opens with her code: %v; staff read %q", n, ok, told)
		}
		if n == 1 { // she gets a new one for what she has from then on
			code, err := accesscode.Renew(before.State.Code, before.Key, before.Manifest.ID)
			w.must(err)
			w.must(w.store.Change(t.Context(), before, func(transfer.State) (transfer.Entry, error) {
				return transfer.Entry{Kind: transfer.CodeChanged, Code: &code}, nil
			}))
			hers, _ = accesscode.Recall(code, before.Key, before.Manifest.ID)
		}
	}
}

func TestAnswersThatAreWantedElsewhereAreRefused(t *testing.T) {
	w := newWorld(t)
	w.Words = func(string) Words { return catalogue.For("en") }
	w.arrives("m1", mailOf("intake@municipality.example", "x", "Reply-To: citizen@home.example\n"))
	w.collect()
	reply := w.reply()
	w.must(w.store.Change(t.Context(), reply, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Decided, Decision: []byte(`{"mailbox":"children","address":"children@municipality.example"}`)}, nil
	}))
	w.arrives("m2", w.staffMail(reply, "children@municipality.example", vouched))
	w.collect()
	if told := w.office.sent; w.office.folders["m2"] != Refused || len(told) != 1 || !strings.Contains(told[0].Text, "citizen@home.example") {
		t.Errorf("folders %v, told %+v", w.office.folders, told)
	}
}

func TestNothingThatStaffWriteBelowTheLineIsLost(t *testing.T) {
	attached := "Content-Type: multipart/mixed; boundary=b\n"
	for name, c := range map[string]struct{ more, text, want, told string }{
		"above":               {"", "Yes.\n\n" + delivery, Distributed, "sent encrypted"},
		"below":               {"", delivery + "\nYes, on Monday.\n", Refused, "nothing stands above"},
		"between":             {"", "See below.\n> ##- Write above -##\n> because\nYes, on Monday.\n> rule 7\n", Refused, "“Yes on Monday”"},
		"nothing":             {"", "\n" + delivery, Refused, "nothing stands above"},
		"nothing at all":      {"", "\n", Refused, "nothing stands above"},
		"a file":              {attached, "--b\n\n" + delivery + "\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nx\n--b--\n", Distributed, "sent encrypted"},
		"a file, words below": {attached, "--b\n\n" + delivery + "\nYes.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nx\n--b--\n", Refused, "“Yes”"},
	} {
		w := newWorld(t)
		w.Words = func(string) Words { return catalogue.For("en") }
		reply := w.delivered(w.transfer(nil))
		w.arrives("m1", "From: children@municipality.example\nTo: "+organisation.ReplyTo(w.Namer, org, reply.Manifest.ID, transfer.StaffRecipient)+
			"\nSubject: Re: Decision\nMessage-ID: <staff@municipality.example>\n"+vouched+c.more+"\n"+c.text)
		w.collect()
		if got := w.office.folders["m1"]; got != c.want {
			t.Errorf("%s: it lies in %q", name, got)
		}
		if told := w.office.sent[len(w.office.sent)-1]; !strings.Contains(told.Text, c.told) {
			t.Errorf("%s: staff read %q", name, told.Text)
		}
	}
}

// What was not read whole is not sent in part: whoever wrote it hears of it.
func TestStaffsAnswerIsSentWholeOrNotAtAll(t *testing.T) {
	long := strings.Repeat("word ", 1000)
	signed := "Content-Type: multipart/signed; boundary=b\n"
	for name, c := range map[string]struct {
		more, text string
		want       string
	}{
		"as long as it may be":      {"", strings.Repeat("x", 4000), Distributed},
		"longer":                    {"", long, Refused},
		"signed":                    {signed, "--b\n\nHello\n--b--\n", Refused},
		"short above a long thread": {"", "Short.\n> " + delivery + strings.Repeat("- ", 5000), Distributed},
		"short above one too long":  {"", "Short.\n> " + delivery + strings.Repeat("- ", 3<<20) + ".", Distributed},
		"too long to be read":       {"", strings.Repeat("word ", 1<<20), Refused},
	} {
		w := newWorld(t)
		policy := transfer.StrictPolicy()
		policy.MaxBodyBytes = 4000
		w.Policy = func(transfer.TenantID) transfer.Policy { return policy }
		reply := w.delivered(w.transfer(nil))
		w.arrives("m1", "From: children@municipality.example\nTo: "+organisation.ReplyTo(w.Namer, org, reply.Manifest.ID, transfer.StaffRecipient)+
			"\nSubject: Re: Decision\nMessage-ID: <staff@municipality.example>\n"+vouched+c.more+"\n"+c.text)
		w.collect()
		if got := w.office.folders["m1"]; got != c.want {
			t.Errorf("%s: it lies in %q", name, got)
		}
		if told := w.office.sent[len(w.office.sent)-1]; c.want == Refused && !strings.Contains(told.Text, "nothing of it") && !strings.Contains(told.Text, "intet af det") {
			t.Errorf("%s: staff read %q", name, told.Text)
		}
	}
}
