package collecting

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/eml/emltest"
	"senddigitally/backend/transfer"
)

const citizenMail = `From: The citizen <citizen@post.example>
To: {to}
Subject: Re: {subject}
Message-ID: <one@post.example>
{more}Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Here is my answer.
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename=form.pdf
Content-Transfer-Encoding: base64

AAEC
--b--
`

func mailOf(to, subject, more string) string {
	return strings.NewReplacer("{to}", to, "{subject}", subject, "{more}", more).Replace(citizenMail)
}

func TestAPlainReplyFindsItsTransfer(t *testing.T) {
	for name, mail := range map[string]func(w *world, d *transfer.Dossier) string{
		"by the address it was written to": func(w *world, d *transfer.Dossier) string {
			return mailOf(strings.ToUpper(organisation.ReplyTo(w.Namer, org, d.Manifest.ID, "r1")), "x", "")
		},
		"by what it answers": func(w *world, d *transfer.Dossier) string {
			return mailOf("intake@municipality.example", "x", "In-Reply-To: "+organisation.MessageID(w.Namer, org, d.Manifest.ID, "notify/r1/0")+"\n")
		},
		"by its subject": func(w *world, d *transfer.Dossier) string {
			token, _, _ := strings.Cut(strings.SplitN(organisation.ReplyTo(w.Namer, org, d.Manifest.ID, "r1"), "+", 2)[1], "@")
			return mailOf("intake@municipality.example", "["+token+"]", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := w.transfer(nil)
			w.arrives("m1", mail(w, d))
			if n := w.collect(); n != 1 || w.office.folders["m1"] != Distributed {
				t.Fatalf("%d taken, folders %v", n, w.office.folders)
			}
			reply := w.reply()
			o := reply.Manifest.Origin
			if o.Transfer != d.Manifest.ID || o.Recipient != "r1" || !o.Unencrypted || o.Channel != "mail" || o.ReplyMailbox != "children" || o.CaseID != "27.1" || len(o.Notes) != 0 {
				t.Errorf("origin %+v", o)
			}
			if got := w.open(d.Manifest.ID).State.Recipients["r1"].Replies; !slices.Equal(got, []transfer.ID{reply.Manifest.ID}) {
				t.Errorf("replies %v", got)
			}
			if w.read(reply, *reply.Manifest.Body) != "Here is my answer." || len(reply.Manifest.Files) != 2 || w.read(reply, reply.Manifest.Files[0]) != "\x00\x01\x02" ||
				w.read(reply, reply.Manifest.Files[1]) != strings.ReplaceAll(mail(w, d), "\n", "\r\n") {
				t.Errorf("files %+v", reply.Manifest.Files)
			}
		})
	}
}

func TestAForgedTokenFindsNothing(t *testing.T) {
	w := newWorld(t)
	d := w.transfer(nil)
	address := organisation.ReplyTo(w.Namer, org, d.Manifest.ID, "r1")
	forged := strings.Replace(address, "-r1-", "-r2-", 1)
	foreign := strings.Replace(organisation.MessageID(w.Namer, org, d.Manifest.ID, "notify/r1/0"), ".", ".0", 1)
	w.arrives("m1", mailOf(forged, "x", "References: "+foreign+"\n"))
	w.collect()
	if o := w.reply().Manifest.Origin; o.Transfer != "" || o.ReplyMailbox != "" {
		t.Errorf("origin %+v", o)
	}
}

func TestSomebodyElsesAnswerIsMarked(t *testing.T) {
	w := newWorld(t)
	d := w.transfer(nil)
	w.arrives("m1", strings.Replace(mailOf(organisation.ReplyTo(w.Namer, org, d.Manifest.ID, "r1"), "x", ""), "citizen@", "cousin@", 1))
	w.collect()
	if o := w.reply().Manifest.Origin; !slices.Contains(o.Notes, "other_sender") {
		t.Errorf("origin %+v", o)
	}
}

func TestAMailIsTakenInOnceWhateverHappensBetween(t *testing.T) {
	w := newWorld(t)
	w.office.moveErr = errors.New("down")
	w.arrives("m1", mailOf("intake+moving-house@municipality.example", "x", ""))
	if n := w.collect(); n != 0 {
		t.Fatal("counted although it still lies in the inbox")
	}
	if n := w.collect(); n != 0 || len(w.office.inbox) != 1 {
		t.Fatal("tried again at once")
	}
	w.office.moveErr = nil
	w.now = w.now.Add(time.Minute)
	w.arrives("copy", "Received: by another way\n"+mailOf("intake+moving-house@municipality.example", "x", ""))
	if n := w.collect(); n != 2 {
		t.Fatalf("%d taken", n)
	}
	if o := w.reply().Manifest.Origin; o.ContactPoint != "moving-house" {
		t.Errorf("origin %+v", o)
	}
	w.arrives("m2", strings.Replace(mailOf("intake@municipality.example", "x", ""), "my answer", "another answer", 1))
	w.collect()
	if n := len(w.replies()); n != 2 {
		t.Errorf("%d replies: another mail with the same message id must not be lost", n)
	}
}

func TestOneMailsTroubleHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	w.office.mimeErr = map[string]error{"bad": transfer.E(transfer.OutlookBusy, "no")}
	w.arrives("bad", mailOf("intake@municipality.example", "bad", ""))
	w.arrives("good", mailOf("intake@municipality.example", "good", ""))
	if n := w.collect(); n != 1 || w.office.folders["good"] != Distributed || w.office.inbox["bad"] == "" {
		t.Errorf("%d taken, %v", n, w.office.folders)
	}
}

func TestASenderOfOurDomainIsStaffOnlyIfExchangeSaysSo(t *testing.T) {
	for header, want := range map[string]string{"": "unknown", "X-MS-Exchange-Organization-AuthAs: Internal\n": "staff"} {
		w := newWorld(t)
		w.arrives("m1", strings.Replace(mailOf("intake@municipality.example", "x", header), "post.example>", "municipality.example>", 1))
		w.collect()
		if o := w.reply().Manifest.Origin; o.SenderKind != want {
			t.Errorf("%q: %+v", header, o)
		}
	}
}

func bounceOf(messageID, address, status string) string {
	return `From: postmaster@municipality.example
Message-ID: <ndr@municipality.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Final-Recipient: rfc822;` + address + `
Action: failed
Status: ` + status + `

--b
Content-Type: message/rfc822

Message-ID: ` + messageID + `

x
--b--
`
}

func TestABounceMarksTheRecipientAndTellsTheSender(t *testing.T) {
	w := newWorld(t)
	d := w.transfer(nil)
	for i, id := range []string{"m1", "m2"} {
		w.arrives(id, bounceOf(organisation.MessageID(w.Namer, org, d.Manifest.ID, "notify/r1/0"), "citizen@post.example", "5.1.1"))
		w.collect()
		r := w.open(d.Manifest.ID).State.Recipients["r1"]
		if r.Failed != transfer.MailboxMissing || r.Word() != "undeliverable" || w.office.folders[id] != Automatic {
			t.Fatalf("recipient %+v, folders %v", r, w.office.folders)
		}
		if i == 0 && w.book.alerts == 0 {
			t.Error("the sender hears nothing")
		}
	}
	if n := w.open(d.Manifest.ID).State.Seq; n != 4 {
		t.Errorf("%d journal entries: the second report says nothing new", n)
	}
	if len(w.replies()) != 0 || len(w.office.sent) != 1 {
		t.Error("a bounce was answered or distributed")
	}
}

func TestABounceOfADeliveryGoesToDistributing(t *testing.T) {
	w := newWorld(t)
	w.arrives("m1", mailOf("intake@municipality.example", "x", ""))
	w.collect()
	d := w.reply()
	effect := transfer.DeliverEffect(1)
	w.must(w.store.Change(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Intended, Effect: effect, Mail: &transfer.MailRef{}}, nil
	}))
	w.arrives("m2", bounceOf(organisation.MessageID(w.Namer, org, d.Manifest.ID, effect), "team@municipality.example", "5.7.1"))
	w.collect()
	if want := string(d.Manifest.ID) + " team@municipality.example mailbox_refused"; !slices.Equal(w.bounced, []string{want}) {
		t.Errorf("bounced %q", w.bounced)
	}
}

func TestWhatMachinesSayAboutOurMailIsFiledAndNothingElse(t *testing.T) {
	w := newWorld(t)
	d := w.transfer(nil)
	answers := "In-Reply-To: " + organisation.MessageID(w.Namer, org, d.Manifest.ID, "notify/r1/0") + "\n"
	w.arrives("vacation", mailOf("intake@municipality.example", "x", answers+"Auto-Submitted: auto-replied\n"))
	w.arrives("stranger", mailOf("intake@municipality.example", "x", "Auto-Submitted: auto-replied\n"))
	w.arrives("report", bounceOf("<foreign@post.example>", "x@post.example", "5.1.1"))
	w.collect()
	if w.office.folders["vacation"] != Automatic || w.office.folders["stranger"] != Distributed || w.office.folders["report"] != Distributed || len(w.replies()) != 2 {
		t.Errorf("folders %v, %d replies", w.office.folders, len(w.replies()))
	}
	if len(w.office.sent) != 1 {
		t.Errorf("a machine was answered: %+v", w.office.sent[1:])
	}
}

// delivered is a reply that lies in the mailbox of children's team.
func (w *world) delivered(parent *transfer.Dossier) *transfer.Dossier {
	w.t.Helper()
	d := w.commit(transfer.Manifest{Kind: transfer.KindReply, ID: w.Namer.ReplyID(org, parent.Manifest.ID, "r1", "s"), Subject: "Re: Decision",
		Sender: transfer.Party{Address: "citizen@post.example"}, Options: transfer.Options{Language: "da"},
		Origin: &transfer.Origin{Channel: "link", Transfer: parent.Manifest.ID, Recipient: "r1", CaseID: "27.1"}}, nil)
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

func TestOnlyStaffsOwnWordsAreSentOn(t *testing.T) {
	for quoted, want := range map[string]string{
		"Mine.\n\n##- Write above this line -##\nbecause rule 7": "Mine.",
		"Mine.\n________________________________\nFrom: x":       "Mine.",
		"Mine.\n-----Original Message-----\nFrom: x":             "Mine.",
		"Mine.\n> quoted\n> more":                                "Mine.",
		"> theirs\nMine below.":                                  "> theirs\nMine below.",
		"":                                                       "",
	} {
		if got := own(quoted); got != want {
			t.Errorf("%q gives %q", quoted, got)
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
		"short above a long thread": {"", "Short.\n> ##- Write above -##\n" + long, Distributed},
		"short above one too long":  {"", "Short.\n> ##- Write above -##\n" + strings.Repeat("word ", 1<<20), Distributed},
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

// Whatever a mail is made of, it is taken in as it came, and what was not read of it is
// named for who gets it; no mail holds up the next.
func TestHostileMailsAreTakenInAsTheyCame(t *testing.T) {
	w := newWorld(t)
	hostile := emltest.Hostile()
	for name, raw := range hostile {
		w.office.inbox[name] = string(raw)
	}
	if n := w.collect(); n != len(hostile) {
		t.Errorf("%d of %d were taken in", n, len(hostile))
	}
	whole := map[[sha256.Size]byte]string{}
	for name, raw := range hostile {
		whole[sha256.Sum256(raw)] = name
	}
	for _, d := range w.replies() {
		f, known := d.Manifest.File("eml")
		if !known {
			t.Fatal("a reply is without its original")
		}
		delete(whole, sha256.Sum256([]byte(w.read(d, f))))
		if len(d.Manifest.Origin.Notes) > 0 && w.Words("en").Text("intake.note."+d.Manifest.Origin.Notes[0], nil) == "" {
			t.Errorf("note %s has no words", d.Manifest.Origin.Notes[0])
		}
	}
	for _, name := range whole {
		t.Errorf("%s did not come as it was", name)
	}
}
