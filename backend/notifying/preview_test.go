package notifying

import (
	"strings"
	"testing"
	"time"

	"senddigitally/backend/transfer"
)

func sample() Sample {
	return Sample{Expiry: 3 * 24 * time.Hour, Files: []string{"Decision.pdf"}, Options: transfer.Options{Language: "da",
		Code: transfer.AccessCode{Kind: transfer.CodeGenerated}, NotifySubject: "Hello\r\nBcc: x@y.example", NotifyText: "<b>{{.}}</b>", ShowFileNames: true}}
}

func TestAPreviewIsTheNotificationItself(t *testing.T) {
	r := newRig(t, "da")
	who := transfer.Caller{Tenant: tenant, Subject: "caseworker", Name: "The caseworker", Address: "caseworker@municipality.example"}
	got, err := r.Preview(t.Context(), who, sample())
	if err != nil {
		t.Fatal(err)
	}
	d := r.dossier
	d.Manifest.Options, d.Manifest.Sender.Phone = sample().Options, ""
	d.State.ExpiresAt = now.Add(sample().Expiry)
	r.clock = now.Add(10 * time.Minute)
	want, err := r.compose(d, d.Manifest.Recipients[0], "mail")
	if err != nil {
		t.Fatal(err)
	}
	link := r.Organisation(tenant).LinkURL(d.Link("r1"), "da")
	if plain := strings.Replace(want.Text, link, "https://post.municipality.example/l/…", 1); got.Text != plain {
		t.Errorf("the preview says\n%s\nthe notification\n%s", got.Text, plain)
	}
	if got.Subject != "Hello Bcc: x@y.example" || got.FromName != want.FromName {
		t.Errorf("subject %q, from %q", got.Subject, got.FromName)
	}
	if !strings.Contains(got.HTML, "&lt;b&gt;{{.}}&lt;/b&gt;") {
		t.Error("the sender's words are not shown literally")
	}
}

// Files take their time to arrive, and mails wait for their turn.
func TestTheDaysThatTheSenderChoseAreTheDaysThatTheMailSays(t *testing.T) {
	for days, want := range map[int]string{1: "You have 1 day.", 2: "You have 2 days.", 7: "You have 7 days.", 30: "You have 30 days."} {
		for _, wait := range []time.Duration{0, time.Second, 10 * time.Minute, 11 * time.Hour} {
			r := newRig(t, "en")
			r.dossier.State.ExpiresAt = now.AddDate(0, 0, days)
			r.clock = now.Add(wait)
			r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
			if !strings.Contains(r.mails[0].Text, want) || !strings.Contains(r.mails[0].HTML, want) {
				t.Errorf("of %d days, %s later the mail says: %s", days, wait, r.mails[0].Text)
			}
		}
	}
	r := newRig(t, "en")
	r.clock = r.dossier.State.ExpiresAt.Add(-6 * time.Hour)
	r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
	if !strings.Contains(r.mails[0].Text, "That is less than a day from now.") {
		t.Errorf("six hours before the end the mail says: %s", r.mails[0].Text)
	}
}

func TestAPreviewIsForStaffOnly(t *testing.T) {
	r := newRig(t, "da")
	r.denied = transfer.E(transfer.Forbidden, "no")
	if _, err := r.Preview(t.Context(), transfer.Caller{Tenant: tenant}, sample()); transfer.CodeOf(err) != transfer.Forbidden {
		t.Error(err)
	}
}
