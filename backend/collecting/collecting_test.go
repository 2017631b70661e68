package collecting

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

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

// Somebody else's answer goes to the same mailbox, but is none of the recipient's: she
// would read it as her own.
func TestSomebodyElsesAnswerIsMarked(t *testing.T) {
	w := newWorld(t)
	d := w.transfer(nil)
	w.arrives("m1", strings.Replace(mailOf(organisation.ReplyTo(w.Namer, org, d.Manifest.ID, "r1"), "x", ""), "citizen@", "cousin@", 1))
	w.collect()
	if o := w.reply().Manifest.Origin; !slices.Contains(o.Notes, "other_sender") || o.Transfer != d.Manifest.ID || o.ReplyMailbox != "children" || o.Recipient != "" {
		t.Errorf("origin %+v", o)
	}
	if r := w.open(d.Manifest.ID).State.Recipients["r1"]; len(r.Replies) != 0 || !r.Replied.IsZero() {
		t.Errorf("the recipient has replied: %+v", r)
	}
}

// What was erased keeps where it belonged.
func TestWhatAnswersSomethingErasedFindsItsMailbox(t *testing.T) {
	for kind, c := range map[transfer.Kind]struct {
		recipient transfer.RecipientID
		note      string
	}{transfer.KindTransfer: {"r1", "erased"}, transfer.KindReply: {transfer.StaffRecipient, "not_sent_on"}} {
		w := newWorld(t)
		id := w.Namer.TransferID(org, "caseworker", "gone")
		w.stones[id] = &transfer.Tombstone{Kind: kind, ReplyMailbox: "children", ReplyTopic: "day-care"}
		w.arrives("m1", mailOf(organisation.ReplyTo(w.Namer, org, id, c.recipient), "x", vouched))
		w.collect()
		if o := w.reply().Manifest.Origin; o.ReplyMailbox != "children" || o.ReplyTopic != "day-care" || !slices.Contains(o.Notes, c.note) {
			t.Errorf("%s: origin %+v", kind, o)
		}
	}
}

// Whoever answers her receipt answers the same mailbox.
func TestAnAnswerToAReceiptBelongsToTheConversation(t *testing.T) {
	for from, recipient := range map[string]transfer.RecipientID{"citizen@": "r1", "cousin@": ""} {
		w := newWorld(t)
		parent := w.transfer(nil)
		reply := w.delivered(parent)
		w.must(w.store.Change(t.Context(), reply, func(transfer.State) (transfer.Entry, error) {
			return transfer.Entry{Kind: transfer.Intended, Effect: transfer.ReceiptEffect, Mail: &transfer.MailRef{}}, nil
		}))
		receipt := organisation.MessageID(w.Namer, org, reply.Manifest.ID, transfer.ReceiptEffect)
		w.arrives("m1", strings.Replace(mailOf("service@municipality.example", "x", "In-Reply-To: "+receipt+"\n"), "citizen@", from, 1))
		w.collect()
		for _, r := range w.replies() {
			if o := r.Manifest.Origin; r.Manifest.ID != reply.Manifest.ID && (o.Transfer != parent.Manifest.ID || o.CaseID != "27.1" || o.ReplyMailbox != "children" || o.Recipient != recipient) {
				t.Errorf("%s: origin %+v", from, o)
			}
		}
	}
}

// A mailbox that redirects what we deliver to the intake would have it delivered again
// and again.
func TestOurOwnMailThatComesBackIsNoReply(t *testing.T) {
	w := newWorld(t)
	reply := w.delivered(w.transfer(nil))
	effect := transfer.DeliverEffect(1)
	w.must(w.store.Change(t.Context(), reply, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Intended, Effect: effect, Mail: &transfer.MailRef{}}, nil
	}))
	own := organisation.MessageID(w.Namer, org, reply.Manifest.ID, effect)
	w.arrives("m1", "From: service@municipality.example\nTo: children@municipality.example\nMessage-ID: "+own+"\n"+vouched+"\nHello\n")
	w.collect()
	if want := string(reply.Manifest.ID) + "  mailbox_refused"; w.office.folders["m1"] != Automatic || len(w.replies()) != 1 || !slices.Equal(w.bounced, []string{want}) {
		t.Errorf("folders %v, %d replies, bounced %q", w.office.folders, len(w.replies()), w.bounced)
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
