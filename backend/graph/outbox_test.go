package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/transfer"
)

func notification() transfer.Mail {
	return transfer.Mail{
		MessageID: "<t1.r1.0@municipality.example>", FromName: "Caseworker via Municipality",
		To:      []transfer.Party{{Name: "Citizen", Address: citizen}},
		ReplyTo: []transfer.Party{{Address: "intake+token@municipality.example"}},
		Subject: "A message for you", Text: "plain", HTML: "<p>rich</p>",
		Headers:    map[string]string{"x-senddigitally": "1", "x-auto-response-suppress": "All"},
		InReplyTo:  "<first@home.example>",
		References: []string{"<zero@home.example>", "<first@home.example>"},
	}
}

// deliver brings a mail from nothing to sent.
func (o *office) deliver(t *testing.T, m transfer.Mail) {
	t.Helper()
	id, err := o.CreateDraft(t.Context(), org, service, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Send(t.Context(), org, service, id); err != nil {
		t.Fatal(err)
	}
}

func TestPickIsStableAndEven(t *testing.T) {
	o := newOffice(t)
	count := map[string]int{}
	for i := range 1000 {
		key := fmt.Sprint("transfer", i)
		mailbox := o.Pick(org, key)
		count[mailbox]++
		if o.Pick(org, key) != mailbox {
			t.Fatal("not stable")
		}
	}
	if len(count) != 2 || count[service] < 400 || count[service] > 600 {
		t.Errorf("uneven: %v", count)
	}
	if o.Pick("unknown", "k") != "" {
		t.Error("a mailbox of nobody's")
	}
}

func TestAMailArrivesAsComposed(t *testing.T) {
	o := newOffice(t)
	m := notification()
	m.Attachments = []transfer.MailAttachment{
		mailAttachment("small.txt", []byte("hello")), mailAttachment("empty.txt", nil),
		mailAttachment("below.bin", randomBytes(maxSimpleAttachment-1)),
		mailAttachment("above.bin", randomBytes(maxSimpleAttachment)),
		mailAttachment("large.bin", randomBytes(9_000_001)),
	}
	o.deliver(t, m)
	arrived := o.messages(t, citizen, "inbox")
	if len(arrived) != 1 {
		t.Fatalf("%d mails", len(arrived))
	}
	got := arrived[0]
	if got.InternetMessageID != m.MessageID || got.Subject != m.Subject || got.Body != m.HTML || !got.HTML {
		t.Errorf("%+v", got)
	}
	if got.From.Address != service || got.From.Name != m.FromName || len(got.ReplyTo) != 1 || got.ReplyTo[0].Address != m.ReplyTo[0].Address {
		t.Errorf("from %v, reply to %v", got.From, got.ReplyTo)
	}
	for name, want := range map[string]string{"x-senddigitally": "1", "In-Reply-To": m.InReplyTo, "References": strings.Join(m.References, " ")} {
		if got.Header(name) != want {
			t.Errorf("%s is %q", name, got.Header(name))
		}
	}
	compareMailed(t, got.Attachments, m.Attachments)
}

func compareMailed(t *testing.T, got []mail.Attachment, want []transfer.MailAttachment) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d attachments, want %d", len(got), len(want))
	}
	for i, a := range want {
		stream, _ := a.Open()
		content, _ := io.ReadAll(stream)
		if got[i].Name != a.Name || !bytes.Equal(got[i].Content, content) || got[i].Inline {
			t.Errorf("%s arrived as %q with %d bytes", a.Name, got[i].Name, len(got[i].Content))
		}
	}
}

func TestPlainMail(t *testing.T) {
	o := newOffice(t)
	o.deliver(t, transfer.Mail{MessageID: "<p@municipality.example>", To: []transfer.Party{{Address: citizen}}, Subject: "s", Text: "plain"})
	got := o.messages(t, citizen, "inbox")
	if len(got) != 1 || got[0].HTML || got[0].Body != "plain" {
		t.Errorf("%+v", got)
	}
}

// Cases 5 and 30: 504 after sending; looked up before it is tried again; one mail.
func TestASendThatTimesOutIsFoundSent(t *testing.T) {
	o := newOffice(t)
	m := notification()
	if _, known, err := o.Find(t.Context(), org, service, m.MessageID); known || err != nil {
		t.Fatal(known, err)
	}
	id, err := o.CreateDraft(t.Context(), org, service, m)
	if err != nil {
		t.Fatal(err)
	}
	if found, known, err := o.Find(t.Context(), org, service, m.MessageID); !known || found.Sent || found.DraftID != id || err != nil {
		t.Fatal(found, known, err)
	}
	o.store.Configure(func(s *mail.Settings) { s.TimeoutsAfterSend, s.SentItemDelay = 1, time.Minute })
	wantCode(t, o.Send(t.Context(), org, service, id), transfer.OutlookUncertain)
	if found, known, _ := o.Find(t.Context(), org, service, m.MessageID); known {
		t.Errorf("found at once: %+v; the setting has no effect", found)
	}
	o.time.now = o.time.now.Add(time.Minute)
	if found, known, err := o.Find(t.Context(), org, service, m.MessageID); !known || !found.Sent || found.DraftID != id || err != nil {
		t.Error(found, known, err)
	}
	if n := len(o.messages(t, citizen, "inbox")); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// A draft that an earlier attempt left incomplete is never found, and goes.
func TestAnIncompleteDraftIsNeverSent(t *testing.T) {
	o := newOffice(t)
	m := notification()
	down := true
	second := mailAttachment("second.bin", randomBytes(5_000_000))
	open := second.Open
	second.Open = func() (io.ReadCloser, error) {
		if down {
			return nil, errors.New("the vault is down")
		}
		return open()
	}
	m.Attachments = []transfer.MailAttachment{mailAttachment("first.txt", []byte("hello")), second}
	for range 2 {
		if _, err := o.CreateDraft(t.Context(), org, service, m); err == nil {
			t.Fatal("no error")
		}
		if found, known, err := o.Find(t.Context(), org, service, m.MessageID); known || err != nil {
			t.Fatalf("found an incomplete draft: %+v %v", found, err)
		}
	}
	down = false
	o.deliver(t, m)
	arrived := o.messages(t, citizen, "inbox")
	if len(arrived) != 1 {
		t.Fatalf("%d mails", len(arrived))
	}
	compareMailed(t, arrived[0].Attachments, m.Attachments)
	if n := len(o.messages(t, service, "drafts")) + len(o.messages(t, service, "deleteditems")); n != 0 {
		t.Errorf("%d messages are left behind", n)
	}
}

// Cases 31 and 32 against the sandbox's upload sessions.
func TestMailSurvivesBrokenUploads(t *testing.T) {
	for name, disturb := range map[string]func(*office, *transfer.MailAttachment){
		"cut connections": func(o *office, _ *transfer.MailAttachment) {
			o.store.Configure(func(s *mail.Settings) { s.BrokenUploads = 3 })
		},
		"an expired session": func(o *office, a *transfer.MailAttachment) {
			o.store.Configure(func(s *mail.Settings) { s.UploadSessionLife = time.Minute })
			open, opened := a.Open, false
			a.Open = func() (io.ReadCloser, error) {
				stream, err := open()
				if !opened {
					opened = true
					stream = io.NopCloser(io.MultiReader(io.LimitReader(stream, uploadChunk), during(func() {
						o.time.Sleep(t.Context(), time.Hour)
					}), stream))
				}
				return stream, err
			}
		},
		"throttling": func(o *office, _ *transfer.MailAttachment) {
			o.store.Configure(func(s *mail.Settings) { s.UploadPer5Minutes = 1; s.RetryAfter = time.Second })
		},
	} {
		o := newOffice(t)
		m := notification()
		m.Attachments = []transfer.MailAttachment{mailAttachment("large.bin", randomBytes(10_000_001))}
		disturb(o, &m.Attachments[0])
		if name == "throttling" { // five minutes are more than an upload waits
			_, err := o.CreateDraft(t.Context(), org, service, m)
			wantCode(t, err, transfer.OutlookBusy)
			continue
		}
		o.deliver(t, m)
		arrived := o.messages(t, citizen, "inbox")
		if len(arrived) != 1 {
			t.Fatalf("%s: %d mails", name, len(arrived))
		}
		compareMailed(t, arrived[0].Attachments, m.Attachments)
	}
}

// during is an empty reader that does something when it is reached.
type during func()

func (f during) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestTooLargeAndTooManyHeaders(t *testing.T) {
	o := newOffice(t)
	m := notification()
	m.Attachments = []transfer.MailAttachment{mailAttachment("huge.bin", randomBytes(36<<20))}
	_, err := o.CreateDraft(t.Context(), org, service, m)
	wantCode(t, err, transfer.TooLarge)
	m = notification()
	for i := range 6 {
		m.Headers[fmt.Sprint("x-", i)] = "1"
	}
	_, err = o.CreateDraft(t.Context(), org, service, m)
	wantCode(t, err, transfer.Internal)
}

func TestRecipientsThatOutlookRefuses(t *testing.T) {
	for address, want := range map[string]transfer.Code{
		"throttle@home.example": transfer.OutlookBusy, "temperror@home.example": transfer.OutlookBusy,
		"denied@home.example": transfer.MailboxRefused, "nonsense": transfer.Invalid,
	} {
		o := newOffice(t)
		m := notification()
		m.To = []transfer.Party{{Address: address}}
		id, err := o.CreateDraft(t.Context(), org, service, m)
		if err == nil {
			err = o.Send(t.Context(), org, service, id)
		}
		if transfer.CodeOf(err) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Case 29: an outage ends, the mailbox was left alone meanwhile.
func TestAnOutageIsWaitedOut(t *testing.T) {
	o := newOffice(t)
	o.store.Configure(func(s *mail.Settings) { s.Unavailable, s.RetryAfter = true, 30*time.Second })
	for range 4 {
		_, _, err := o.Find(t.Context(), org, service, "<a@b>")
		wantCode(t, err, transfer.OutlookBusy)
		o.time.now = o.time.now.Add(30 * time.Second)
	}
	o.store.Configure(func(s *mail.Settings) { s.Unavailable = false })
	o.deliver(t, notification())
	if traffic := o.api.Traffic(service); traffic.Early != 0 {
		t.Errorf("%+v", traffic)
	}
}

func TestClassify(t *testing.T) {
	o := newOffice(t)
	m := notification()
	m.To = []transfer.Party{{Address: team}}
	wantCode(t, o.Classify(t.Context(), org, team, m.MessageID, "Permits", ""), transfer.DraftNotFound)
	o.deliver(t, m)
	for range 2 {
		if err := o.Classify(t.Context(), org, team, m.MessageID, "Permits; Urgent", "Digital post"); err != nil {
			t.Fatal(err)
		}
	}
	all := o.messages(t, team, "")
	if len(all) != 1 || strings.Join(all[0].Categories, ",") != "Permits,Urgent" {
		t.Fatalf("%d messages, %+v", len(all), all)
	}
	if folder, err := o.store.Folder(team, all[0].Folder); err != nil || folder.Name != "Digital post" {
		t.Errorf("%+v %v", folder, err)
	}
	wantCode(t, o.Classify(t.Context(), org, "denied@municipality.example", m.MessageID, "Permits", ""), transfer.MailboxRefused)
}

func TestIntake(t *testing.T) {
	o := newOffice(t)
	arrive := func(n int) {
		for i := range n {
			m := notification()
			m.MessageID = fmt.Sprintf("<%d.%d@municipality.example>", o.time.Now().UnixNano(), i)
			m.To = []transfer.Party{{Address: team}}
			o.deliver(t, m)
			o.time.now = o.time.now.Add(3 * time.Second)
		}
	}
	arrive(60)
	read := func(token string) (ids []string, _ string) {
		for {
			some, next, err := o.Delta(t.Context(), org, team, token)
			if err != nil {
				t.Fatal(err)
			}
			if token = next; len(some) == 0 {
				return ids, token
			}
			ids = append(ids, some...)
		}
	}
	ids, token := read("")
	if len(ids) != 60 {
		t.Fatalf("%d messages", len(ids))
	}
	arrive(2)
	fresh, token := read(token)
	if len(fresh) != 2 {
		t.Errorf("%d new messages", len(fresh))
	}
	stream, err := o.MIME(t.Context(), org, team, fresh[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(stream)
	stream.Close()
	if err != nil || !bytes.Contains(text, []byte("Subject: A message for you")) {
		t.Errorf("%v: %.200s", err, text)
	}
	if id, err := o.MoveTo(t.Context(), org, team, fresh[0], "Received"); err != nil || id != fresh[0] {
		t.Error(id, err)
	}
	if gone, _ := read(token); len(gone) != 0 {
		t.Errorf("moved away and reported: %v", gone)
	}
	_, _, err = o.Delta(t.Context(), org, team, "https://evil.example/v1.0/users/x")
	wantCode(t, err, transfer.Internal)
}
