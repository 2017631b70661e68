package notifying

import (
	"strings"
	"testing"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

func TestTheNotificationIsAsItWasInEveryLanguage(t *testing.T) {
	for _, lang := range catalogue.Languages() {
		r := newRig(t, lang)
		if err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false); err != nil {
			t.Fatal(err)
		}
		golden(t, "notification."+lang, r.mails[0])

		r = newRig(t, lang)
		r.dossier.Manifest.Options.NotifyText = "Here is what we talked about.\n\nOpen the message: https://evil.example"
		r.dossier.Manifest.Options.ShowFileNames = true
		if err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false); err != nil {
			t.Fatal(err)
		}
		golden(t, "words."+lang, r.mails[0])

		r = newRig(t, lang)
		r.dossier.Manifest.Options.Request = transfer.RequestOnce
		r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
		golden(t, "request."+lang, r.mails[0])
		r.happen(t, everything[1])
		r.clock = now.Add(6 * 24 * time.Hour)
		r.do(t, r.Remind, r.job(transfer.RemindJob, "r1"))
		golden(t, "request-reminder."+lang, r.mails[1])
	}
}

func TestTheNotificationHasNothingOfTheMessage(t *testing.T) {
	for _, kind := range []transfer.CodeKind{transfer.CodeNone, transfer.CodeGenerated, transfer.CodePassword, transfer.CodeSMS, transfer.CodeMail} {
		r := newRig(t, "en")
		r.dossier.State.Code = transfer.AccessCode{Kind: kind, Verifier: []byte("VERIFIER")}
		if err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false); err != nil {
			t.Fatal(err)
		}
		m := r.mails[0]
		for _, text := range []string{m.Text, m.HTML, m.Subject} {
			for _, secret := range []string{"Decision", "VERIFIER", "other@post.example", "<img", "cid:"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: the mail has %q", kind, secret)
				}
			}
		}
		link := string(r.dossier.Link("r1"))
		if !strings.Contains(m.Text, link) || !strings.Contains(m.HTML, link) || strings.Contains(m.Text, "mail.code") {
			t.Errorf("%s: no link or no words: %s", kind, m.Text)
		}
	}
}

func TestCase67TheSendersWordsAreDataInAFixedFrame(t *testing.T) {
	r := newRig(t, "en")
	r.dossier.Manifest.Sender.Name = "{{.Link}} <script>x</script>"
	r.dossier.Manifest.Options.NotifySubject = "Hello\r\nBcc: everybody@post.example {{.}}"
	r.dossier.Manifest.Options.NotifyText = "{{.Link}} ${7*7}\n<a href=\"https://evil.example\">click</a>\r\n\r\n</table>"
	r.dossier.Manifest.Options.ShowFileNames = true
	r.dossier.Manifest.Files[0].Name = "<b>.pdf"
	if err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false); err != nil {
		t.Fatal(err)
	}
	m := r.mails[0]
	if strings.ContainsAny(m.Subject, "\r\n") || !strings.Contains(m.Subject, "{{.}}") {
		t.Errorf("the subject is %q", m.Subject)
	}
	for _, bad := range []string{"<script", `<a href="https://evil`, "<b>", "</table></table>"} {
		if strings.Contains(m.HTML, bad) {
			t.Errorf("the mail has %q", bad)
		}
	}
	for _, good := range []string{"{{.Link}} ${7*7}", "&lt;/table&gt;", "&lt;b&gt;.pdf"} {
		if !strings.Contains(m.HTML, good) {
			t.Errorf("the mail lacks %q", good)
		}
	}
}

func TestOneEffectARecipientAndLink(t *testing.T) {
	r := newRig(t, "en")
	for range 2 {
		if err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false); err != nil {
			t.Fatal(err)
		}
		r.happen(t, transfer.Entry{Kind: transfer.Relinked, Recipient: "r1"})
	}
	first, second := r.sent[0], r.sent[1]
	if first.Name == second.Name || first.MessageID == second.MessageID || r.mails[0].Text == r.mails[1].Text {
		t.Error("a new link is the same mail")
	}
	if first.MessageID == "" || !strings.HasSuffix(first.MessageID, "@municipality.example>") {
		t.Errorf("message id %q", first.MessageID)
	}
}

func TestWhoMayNotReadIsNotWrittenTo(t *testing.T) {
	for name, c := range map[string]struct {
		happen transfer.Entry
		want   transfer.Code
	}{
		"withdrawn from her": {transfer.Entry{Kind: transfer.WithdrawnBy, Recipient: "r1"}, transfer.Withdrawn},
		"withdrawn from all": {transfer.Entry{Kind: transfer.WithdrawnBy, Until: now}, transfer.Withdrawn},
		"expired":            {transfer.Entry{Kind: transfer.Extended, Until: now.Add(-1)}, transfer.Expired},
	} {
		r := newRig(t, "en")
		r.happen(t, c.happen)
		err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false)
		if transfer.CodeOf(err) != c.want || len(r.sent) != 0 {
			t.Errorf("%s: %v, %d mails", name, err, len(r.sent))
		}
	}
	r := newRig(t, "en")
	r.denied = transfer.E(transfer.Unavailable, "no audit log")
	if err := r.Notify(t.Context(), r.job(transfer.NotifyJob, "r1"), false); err == nil || len(r.sent) != 0 {
		t.Error("a mail went out without a line in the audit log")
	}
}
