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

func TestAPreviewIsForStaffOnly(t *testing.T) {
	r := newRig(t, "da")
	r.denied = transfer.E(transfer.Forbidden, "no")
	if _, err := r.Preview(t.Context(), transfer.Caller{Tenant: tenant}, sample()); transfer.CodeOf(err) != transfer.Forbidden {
		t.Error(err)
	}
}
