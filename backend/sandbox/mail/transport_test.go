package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
)

func TestSendDeliversACopyAndKeepsTheImmutableID(t *testing.T) {
	w := newWorld(t)
	draft := w.send(caseworker, mail.Message{
		Subject:     "Decision",
		Bcc:         []mail.Address{{Address: building}},
		Categories:  []string{"Private"},
		Headers:     []mail.Header{{Name: "x-case", Value: "26/17"}},
		Attachments: []mail.Attachment{{Name: "a.txt", Content: []byte("hello")}},
	}, citizen)

	sent := w.only(caseworker, mail.SentItems)
	if sent.ImmutableID != draft.ImmutableID || sent.ID == draft.ID || sent.Draft {
		t.Error("the sent item must keep the immutable id, change its id and be no draft")
	}
	if len(w.folder(caseworker, mail.Drafts)) != 0 {
		t.Error("the draft still lies in Drafts")
	}
	got := w.only(citizen, mail.Inbox)
	if got.InternetMessageID != draft.InternetMessageID || got.ImmutableID == draft.ImmutableID {
		t.Error("the copy must carry the message id and an identity of its own")
	}
	if len(got.Bcc) != 0 || len(got.Categories) != 0 {
		t.Error("bcc and categories do not travel")
	}
	if got.Header("x-case") != "26/17" || got.Header("Received") == "" {
		t.Error("headers have to travel and a trace line be added")
	}
	if got.Property("String {00020386-0000-0000-C000-000000000046} Name x-case") != "26/17" {
		t.Error("a header is an extended property too")
	}
	if string(got.Attachments[0].Content) != "hello" || got.Read || got.Draft {
		t.Error("the copy is an unread message with its attachment")
	}
	if w.only(building, mail.Inbox).Subject != "Decision" {
		t.Error("bcc recipients are delivered to")
	}
	if box, _ := w.Mailbox(citizen); box.Kind != mail.External {
		t.Error("an address outside gets an external mailbox")
	}
}

func TestOneCopyForAnAddressNamedTwice(t *testing.T) {
	w := newWorld(t)
	w.send(caseworker, mail.Message{Cc: []mail.Address{{Address: strings.ToUpper(citizen)}}}, citizen)
	w.only(citizen, mail.Inbox)
}

func TestUnknownAddressInsideBounces(t *testing.T) {
	w := newWorld(t)
	w.send(caseworker, mail.Message{Subject: "x"}, "nobody@municipality.example")
	if ndr := w.only(caseworker, mail.Inbox); ndr.Report == nil || ndr.Report.Failure.Status != "5.1.10" {
		t.Errorf("want a report of an unknown recipient, got %+v", ndr.Report)
	}
}

func TestBounceReportsToTheSenderNotToReplyTo(t *testing.T) {
	w := newWorld(t)
	original := w.send(service, mail.Message{Subject: "Mail for you", ReplyTo: []mail.Address{{Address: building}}}, "bounce@home.example", citizen)
	ndr := w.only(service, mail.Inbox)
	if ndr.Subject != "Undeliverable: Mail for you" || ndr.Property(mail.InReplyTo) != original.InternetMessageID {
		t.Errorf("the report must refer to the original: %q", ndr.Subject)
	}
	if len(w.folder(building, mail.Inbox)) != 0 {
		t.Error("reports go to the envelope sender")
	}
	w.only(citizen, mail.Inbox)
	var text strings.Builder
	if err := mail.WriteMIME(&text, ndr); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"multipart/report; report-type=delivery-status", "Content-Type: message/delivery-status",
		"Final-Recipient: rfc822;bounce@home.example", "Action: failed", "Status: 5.1.1",
		"Message-ID: " + original.InternetMessageID,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

func TestSlowRecipientGetsItLater(t *testing.T) {
	w := newWorld(t)
	w.send(caseworker, mail.Message{}, "slow@home.example")
	if len(w.folder("slow@home.example", mail.Inbox)) != 0 {
		t.Fatal("delivered at once")
	}
	w.pass(w.Settings().SlowDelivery)
	w.only("slow@home.example", mail.Inbox)
}

func TestThrottledRecipientAsksForAPause(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(caseworker, mail.Message{}, "throttle@home.example")
	refusal := wantRefusal(t, w.Send(caseworker, draft.ID), 429, "ApplicationThrottled")
	if refusal.RetryAfter != w.Settings().RetryAfter {
		t.Errorf("retry after %v", refusal.RetryAfter)
	}
	w.pass(refusal.RetryAfter - time.Second)
	wantRefusal(t, w.Send(caseworker, draft.ID), 429, "ApplicationThrottled")
	w.pass(time.Second)
	if err := w.Send(caseworker, draft.ID); err != nil {
		t.Fatal(err)
	}
	w.only("throttle@home.example", mail.Inbox)
}

func TestTemporaryErrorPasses(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(caseworker, mail.Message{}, "temperror@home.example")
	for range w.Settings().TemporaryErrors {
		wantRefusal(t, w.Send(caseworker, draft.ID), 503, "ErrorServerBusy")
	}
	if err := w.Send(caseworker, draft.ID); err != nil {
		t.Fatal(err)
	}
	w.only("temperror@home.example", mail.Inbox)
}

func TestDeniedRecipientIsRefused(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(caseworker, mail.Message{}, "denied+2@home.example")
	wantRefusal(t, w.Send(caseworker, draft.ID), 403, "ErrorAccessDenied")
}

func TestTimeoutAfterSendHasSentAndARetrySendsAgain(t *testing.T) {
	w := newWorld(t)
	w.Configure(func(s *mail.Settings) { s.TimeoutsAfterSend = 1 })
	draft := w.draft(caseworker, mail.Message{}, citizen)
	wantRefusal(t, w.Send(caseworker, draft.ID), 504, "UnknownError")
	w.only(citizen, mail.Inbox)
	if m, err := w.Message(caseworker, draft.ImmutableID); err != nil || m.Draft {
		t.Fatal("looking by immutable id must show that it was sent")
	}
	if err := w.Send(caseworker, draft.ImmutableID); err != nil {
		t.Fatal(err)
	}
	if n := len(w.folder(citizen, mail.Inbox)); n != 2 {
		t.Errorf("a blind retry must show as a second mail, got %d", n)
	}
}

func TestSentItemAppearsLate(t *testing.T) {
	w := newWorld(t)
	w.Configure(func(s *mail.Settings) { s.SentItemDelay = time.Minute })
	draft := w.send(caseworker, mail.Message{}, citizen)
	_, err := w.Message(caseworker, draft.ImmutableID)
	wantRefusal(t, err, 404, "ErrorItemNotFound")
	w.pass(time.Minute)
	if w.only(caseworker, mail.SentItems).ImmutableID != draft.ImmutableID {
		t.Error("the sent item must come back under the same immutable id")
	}
}

func TestSendingLimits(t *testing.T) {
	w := newWorld(t)
	w.Configure(func(s *mail.Settings) { s.MessagesPerMinute, s.RecipientsPerDay = 2, 4 })
	w.send(service, mail.Message{}, citizen)
	w.pass(20 * time.Second)
	w.send(service, mail.Message{}, citizen)
	third := w.draft(service, mail.Message{}, citizen, "other@home.example", "third@home.example")
	refusal := wantRefusal(t, w.Send(service, third.ID), 429, "ApplicationThrottled")
	if refusal.RetryAfter != 40*time.Second {
		t.Errorf("the minute ends in 40 s, told %v", refusal.RetryAfter)
	}
	w.pass(time.Minute)
	wantRefusal(t, w.Send(service, third.ID), 429, "ErrorSubmissionQuotaExceeded")
	w.pass(24 * time.Hour)
	if err := w.Send(service, third.ID); err != nil {
		t.Fatal(err)
	}
}

func TestMessageLimits(t *testing.T) {
	w := newWorld(t)
	var many []string
	for i := range 501 {
		many = append(many, fmt.Sprintf("r%d@home.example", i))
	}
	tooMany := w.draft(caseworker, mail.Message{}, many...)
	wantRefusal(t, w.Send(caseworker, tooMany.ID), 400, "ErrorInvalidRecipients")
	none := w.draft(caseworker, mail.Message{})
	wantRefusal(t, w.Send(caseworker, none.ID), 400, "ErrorInvalidRecipients")

	w.Configure(func(s *mail.Settings) { s.MessageSize = 100 })
	_, err := w.AddAttachment(caseworker, none.ID, mail.Attachment{Content: make([]byte, 101)})
	wantRefusal(t, err, 413, "ErrorMessageSizeExceeded")
}

func TestSendAsNeedsMembership(t *testing.T) {
	w := newWorld(t)
	w.send(caseworker, mail.Message{From: mail.Address{Address: building}}, citizen)
	if got := w.only(citizen, mail.Inbox).From.Address; got != building {
		t.Errorf("from %s", got)
	}
	foreign := w.draft(caseworker, mail.Message{From: mail.Address{Address: service}}, citizen)
	wantRefusal(t, w.Send(caseworker, foreign.ID), 403, "ErrorSendAsDenied")
}

func TestThreading(t *testing.T) {
	w := newWorld(t)
	w.send(service, mail.Message{Subject: "Your permit"}, citizen)
	received := w.only(citizen, mail.Inbox)
	first := w.only(service, mail.SentItems).ConversationID

	reply := mail.Reply(received)
	if reply.Subject != "Re: Your permit" || reply.To[0].Address != service {
		t.Fatalf("reply %q to %v", reply.Subject, reply.To)
	}
	w.send(citizen, reply)
	if got := w.only(service, mail.Inbox); got.ConversationID != first || got.Header("In-Reply-To") != received.InternetMessageID {
		t.Error("a reply belongs to the conversation of what it answers")
	}

	reply.Subject = "Something else"
	w.pass(time.Second)
	w.send(citizen, reply)
	if newest := w.folder(service, mail.Inbox)[0]; newest.ConversationID == first {
		t.Error("a changed subject splits the conversation")
	}
	w.pass(time.Second)
	w.send(citizen, mail.Message{Subject: "Your permit"}, service)
	if newest := w.folder(service, mail.Inbox)[0]; newest.ConversationID == first {
		t.Error("the same subject without a reference is another conversation")
	}
}

// TestSubjectPrefixes: prefixes of up to three characters do not split a conversation,
// longer ones and digits do.
func TestSubjectPrefixes(t *testing.T) {
	for subject, joined := range map[string]bool{
		"Re: Your permit": true, "SV: RE: your permit": true, "VS: Fwd: Your permit": true,
		"Antw: Your permit": false, "Re2: Your permit": false, "Re:Your permit": false,
	} {
		w := newWorld(t)
		w.send(service, mail.Message{Subject: "Your permit"}, citizen)
		reply := mail.Reply(w.only(citizen, mail.Inbox))
		reply.Subject = subject
		w.send(citizen, reply)
		if got := w.only(service, mail.Inbox).ConversationID == w.only(service, mail.SentItems).ConversationID; got != joined {
			t.Errorf("%q joined: %v", subject, got)
		}
	}
}
