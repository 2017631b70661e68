package mail_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"
	"pgregory.net/rapid"

	"senddigitally/backend/sandbox/mail"
)

func encode(t interface{ Fatal(...any) }, m mail.Message) []byte {
	var text bytes.Buffer
	if err := mail.WriteMIME(&text, m); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestMIMECarriesEveryKindOfAttachment(t *testing.T) {
	m := mail.Message{
		Subject: "Æblegrød", HTML: true, Body: `<p>Kære <img src="cid:logo"> borger = ok</p>`,
		From: mail.Address{Name: "Byggesag, kommunen", Address: building}, To: []mail.Address{{Address: citizen}},
		InternetMessageID: "<1@municipality.example>",
		Headers:           []mail.Header{{Name: "x-note", Value: "a\r\nBcc: intruder@home.example"}},
		Attachments: []mail.Attachment{
			{Kind: mail.FileAttachment, Name: "Tegning nr. 1 – ændret.pdf", ContentType: "application/pdf", Content: bytes.Repeat([]byte{0, 1, 2}, 1000)},
			{Kind: mail.FileAttachment, Name: "logo.png", ContentType: "image/png", Inline: true, ContentID: "logo", Content: []byte("png")},
			{Kind: mail.ItemAttachment, Name: "earlier", Item: &mail.Message{Subject: "Earlier", Body: "before", Attachments: []mail.Attachment{{Kind: mail.FileAttachment, Name: "in.txt", ContentType: "text/plain", Content: []byte("in")}}}},
			{Kind: mail.ReferenceAttachment, Name: "plan.docx", SourceURL: "https://files.example/plan.docx"},
		},
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(encode(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	if envelope.GetHeader("Subject") != m.Subject || strings.TrimRight(envelope.HTML, "\r\n") != m.Body {
		t.Errorf("subject %q, body %q", envelope.GetHeader("Subject"), envelope.HTML)
	}
	if envelope.GetHeader("Bcc") != "" {
		t.Error("a header value became a header")
	}
	if len(envelope.Attachments) != 3 || envelope.Attachments[0].FileName != m.Attachments[0].Name ||
		!bytes.Equal(envelope.Attachments[0].Content, m.Attachments[0].Content) {
		t.Fatalf("attachments %v", envelope.Attachments)
	}
	if !strings.Contains(string(envelope.Attachments[1].Content), "in.txt") {
		t.Error("the attached mail has to keep its own attachment")
	}
	if !strings.Contains(string(envelope.Attachments[2].Content), "https://files.example/plan.docx") {
		t.Error("the cloud file's link is lost")
	}
	if len(envelope.Inlines) != 1 || envelope.Inlines[0].ContentID != "logo" {
		t.Errorf("inline %v", envelope.Inlines)
	}
	if !bytes.Equal(encode(t, m), encode(t, m)) {
		t.Error("the same message has to give the same bytes")
	}
}

func TestMIMERoundTrip(t *testing.T) {
	words := rapid.StringMatching(`[a-zA-ZæøåÆØÅ0-9,;:"<>()@=?_ -]{0,200}`)
	rapid.Check(t, func(t *rapid.T) {
		m := mail.Message{Subject: strings.TrimSpace(words.Draw(t, "subject")), Body: words.Draw(t, "body")}
		for range rapid.IntRange(0, 60).Draw(t, "recipients") {
			m.To = append(m.To, mail.Address{Name: "Somebody", Address: citizen})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "attachments") {
			m.Attachments = append(m.Attachments, mail.Attachment{
				Kind: mail.FileAttachment, Name: "f", ContentType: "image/png", Inline: i == 1,
				Content: rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "content"),
			})
		}
		text := encode(t, m)
		for line := range strings.SplitSeq(string(text), "\r\n") {
			if len(line) > 998 {
				t.Fatalf("a line of %d characters", len(line))
			}
		}
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Fields(envelope.GetHeader("Subject")), strings.Fields(m.Subject); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("subject %q became %q", m.Subject, envelope.GetHeader("Subject"))
		}
		if strings.TrimRight(envelope.Text, "\r\n") != m.Body {
			t.Fatalf("body %q became %q", m.Body, envelope.Text)
		}
		parts := slices.Concat(envelope.Attachments, envelope.Inlines)
		if len(parts) != len(m.Attachments) {
			t.Fatalf("%d of %d attachments", len(parts), len(m.Attachments))
		}
		for _, a := range m.Attachments {
			if !contains(parts, a.Content) {
				t.Fatal("an attachment has changed")
			}
		}
	})
}

func contains(parts []*enmime.Part, content []byte) bool {
	for _, p := range parts {
		if bytes.Equal(p.Content, content) {
			return true
		}
	}
	return false
}
