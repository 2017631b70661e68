package notifying

import (
	"strings"
	"testing"
	"time"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

// everything is what can happen at a recipient.
var everything = []transfer.Entry{
	{Kind: transfer.Concluded, Effect: "notify/r2/0", Recipient: "r2", Outcome: transfer.Failed, Reason: transfer.MailboxMissing},
	{Kind: transfer.Concluded, Effect: "notify/r1/0", Recipient: "r1", Outcome: transfer.Done},
	{Kind: transfer.Locked, Recipient: "r1"}, {Kind: transfer.Opened, Recipient: "r1"}, {Kind: transfer.Opened, Recipient: "r1"},
	{Kind: transfer.Downloaded, Recipient: "r1", File: "f1"}, {Kind: transfer.Downloaded, Recipient: "r1", File: "f1"},
	{Kind: transfer.Replied, Recipient: "r1", Ref: "x"}, {Kind: transfer.Asked, Recipient: "r2"},
}

func TestCourtesiesAreAsTheyWereInEveryLanguage(t *testing.T) {
	for _, lang := range catalogue.Languages() {
		r := newRig(t, lang)
		o := &r.dossier.Manifest.Options
		o.NotifyOnOpen, o.NotifyOnDownload, o.ConfirmUpload = true, true, true
		for _, e := range everything {
			r.happen(t, e)
		}
		r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
		golden(t, "alert."+lang, r.mails[0])

		r = newRig(t, lang)
		r.happen(t, everything[1])
		r.clock = now.Add(6 * 24 * time.Hour)
		unread := r.job(transfer.AlertJob, "")
		unread.Note = transfer.NoteUnread
		r.do(t, r.Alert, unread)
		r.do(t, r.Remind, r.job(transfer.RemindJob, "r1"))
		golden(t, "unread."+lang, r.mails[0])
		golden(t, "reminder."+lang, r.mails[1])

		r = newRig(t, lang)
		r.dossier.Manifest.Kind, r.dossier.Manifest.Sender = transfer.KindReply, transfer.Party{Address: "citizen@post.example"}
		r.do(t, r.Receipt, r.job(transfer.ReceiptJob, ""))
		golden(t, "receipt."+lang, r.mails[0])
		held := r.job(transfer.ReceiptJob, "")
		held.Note = transfer.NoteHeld
		r.do(t, r.Receipt, held) // nothing is held back
		r.happen(t, transfer.Entry{Kind: transfer.Checked, Findings: []transfer.Finding{{File: "f1", Code: transfer.Infected, Name: "Eicar"}}})
		r.do(t, r.Receipt, held)
		if len(r.mails) != 2 {
			t.Fatalf("%d mails", len(r.mails))
		}
		golden(t, "held."+lang, r.mails[1])
	}
}

func TestTheSenderIsToldOnceAndOnlyWhatSheWants(t *testing.T) {
	r := newRig(t, "en")
	for _, e := range everything {
		r.happen(t, e)
	}
	for range 3 {
		r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
	}
	if len(r.mails) != 1 || strings.Contains(r.mails[0].Text, "Opened by") || strings.Contains(r.mails[0].Text, "Downloaded") {
		t.Fatalf("%d mails: %v", len(r.mails), r.mails)
	}
	r.happen(t, transfer.Entry{Kind: transfer.Replied, Recipient: "r2", Ref: "y"})
	r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
	if len(r.mails) != 2 || strings.Contains(r.mails[1].Text, "citizen@") || !strings.Contains(r.mails[1].Text, "Replied to by: other@post.example") {
		t.Errorf("the second mail is %s", r.mails[1].Text)
	}
}

func TestAMailThatWasBegunGoesOnWithWhatItSaid(t *testing.T) {
	r := newRig(t, "en")
	r.happen(t, transfer.Entry{Kind: transfer.Replied, Recipient: "r1", Ref: "x"})
	begun := transfer.AlertEffect(r.dossier.State.Seq)
	r.happen(t, transfer.Entry{Kind: transfer.Intended, Effect: begun, Mail: &transfer.MailRef{MessageID: "<x>"}})
	r.happen(t, transfer.Entry{Kind: transfer.Replied, Recipient: "r2", Ref: "y"})
	r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
	r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
	if len(r.sent) != 2 || r.sent[0].Name != begun || strings.Contains(r.mails[0].Text, "other@") || strings.Contains(r.mails[1].Text, "citizen@") {
		t.Errorf("%d mails", len(r.sent))
	}
}

func TestAMailToManySaysTheFirstOfThem(t *testing.T) {
	r := newRig(t, "en")
	for i := range 40 {
		id := transfer.RecipientID("x" + string(rune('A'+i)))
		r.dossier.Manifest.Recipients = append(r.dossier.Manifest.Recipients, transfer.Recipient{ID: id, Party: transfer.Party{Address: string(id) + "@post.example"}})
		r.happen(t, transfer.Entry{Kind: transfer.Replied, Recipient: id, Ref: transfer.ID(id)})
	}
	r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
	if len(r.mails) != 1 || !strings.Contains(r.mails[0].Text, "and 30 more") {
		t.Errorf("%v", r.mails)
	}
}

func TestNobodyIsRemindedTooEarlyOrInVain(t *testing.T) {
	r := newRig(t, "en")
	r.happen(t, everything[1])
	if err := r.Remind(t.Context(), r.job(transfer.RemindJob, "r1"), false); transfer.CodeOf(err) != transfer.InProgress {
		t.Errorf("too early: %v", err)
	}
	r.clock = now.Add(6 * 24 * time.Hour)
	for name, e := range map[string]transfer.Entry{"opened": {Kind: transfer.Opened, Recipient: "r1"}, "withdrawn": {Kind: transfer.WithdrawnBy, Recipient: "r1"}} {
		was := *r.dossier
		r.happen(t, e)
		_ = r.Remind(t.Context(), r.job(transfer.RemindJob, "r1"), false)
		if len(r.mails) != 0 {
			t.Errorf("%s, and reminded", name)
		}
		*r.dossier = was
		r.dossier.State, _ = transfer.Replay(&r.dossier.Manifest, nil)
		r.happen(t, everything[1])
	}
	_ = r.Remind(t.Context(), r.job(transfer.RemindJob, "r2"), false)
	if len(r.mails) != 0 {
		t.Error("reminded of what she was never told")
	}
}

// At a link without a code nobody can tell who pressed the button: nothing is said
// of who has not.
func TestWhereNothingTellsWhoHasOpenedNobodyIsSaidNotToHave(t *testing.T) {
	r := newRig(t, "en")
	r.dossier.State.Code = transfer.AccessCode{Kind: transfer.CodeNone}
	r.dossier.Manifest.Recipients[1].SignsIn = true
	r.happen(t, everything[1])
	r.happen(t, transfer.Entry{Kind: transfer.Concluded, Effect: "notify/r2/0", Recipient: "r2", Outcome: transfer.Done})
	r.clock = now.Add(6 * 24 * time.Hour)
	unread := r.job(transfer.AlertJob, "")
	unread.Note = transfer.NoteUnread
	r.do(t, r.Alert, unread)
	if len(r.mails) != 1 || strings.Contains(r.mails[0].Text, "citizen@") || !strings.Contains(r.mails[0].Text, "Not opened yet by: other@") {
		t.Errorf("the sender is told %v", r.mails)
	}
	r.mails = nil
	r.do(t, r.Remind, r.job(transfer.RemindJob, "r1"))
	if len(r.mails) != 0 {
		t.Errorf("reminded by %s", r.mails[0].Text)
	}
	for _, job := range r.dossier.Outstanding(r.clock) {
		if job.Kind == transfer.RemindJob && job.Recipient == "r1" {
			t.Errorf("there is a job %s", job.Key())
		}
	}
	r.happen(t, transfer.Entry{Kind: transfer.Reminded, Recipient: "r1"})
	asked := r.job(transfer.RemindJob, "r1")
	asked.Note = transfer.NoteAsked
	for _, request := range []transfer.Request{"", transfer.RequestOnce} {
		r.dossier.Manifest.Options.Request = request
		r.do(t, r.Remind, asked)
	}
	for _, m := range r.mails {
		if !strings.HasPrefix(m.Subject, "Reminder: ") || strings.Contains(m.Text, "not yet opened") || !strings.Contains(m.Text, "has sent you a secure") {
			t.Errorf("asked for, the reminder is %q: %s", m.Subject, m.Text)
		}
	}
	if len(r.mails) != 2 {
		t.Errorf("%d reminders were asked for", len(r.mails))
	}
	r.dossier.Manifest.Recipients[1].SignsIn = false
	for _, job := range r.dossier.Outstanding(r.clock) {
		if job.Note == transfer.NoteUnread {
			t.Error("the sender will be told of nobody")
		}
	}
}

func TestAFailedNotificationCallsForAnAlert(t *testing.T) {
	r := newRig(t, "en")
	r.outcome = transfer.Failed
	r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
	if r.told != 1 {
		t.Error("the alert is not queued")
	}
}

// However the last notification ends, who wants it confirmed hears once to whom it
// went; a worker that ended before it asked for that mail asks again.
func TestWhoWantsItConfirmedHearsOnceThatAllHaveLeft(t *testing.T) {
	const sent = "The notification has been sent to: citizen@post.example"
	failed := transfer.Entry{Kind: transfer.Concluded, Effect: "notify/r2/0", Recipient: "r2", Outcome: transfer.Failed, Reason: transfer.MailboxMissing}
	withdrawn := transfer.Entry{Kind: transfer.WithdrawnBy, Recipient: "r2"}
	for name, tc := range map[string]struct {
		last func(*rig)
		says string
	}{
		"sent":      {func(r *rig) { r.do(t, r.Notify, r.job(transfer.NotifyJob, "r2")) }, sent + ", other@post.example"},
		"failed":    {func(r *rig) { r.happen(t, failed) }, "could not be delivered with certainty to: other@post.example"},
		"withdrawn": {func(r *rig) { r.happen(t, withdrawn) }, sent},
	} {
		r := newRig(t, "en")
		r.dossier.Manifest.Options.ConfirmUpload = true
		r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
		if jobs := r.dossier.Alerts(); len(jobs) != 0 || r.told != 0 {
			t.Errorf("%s: before the last has left there are %v", name, jobs)
		}
		tc.last(r)
		if jobs := r.dossier.Alerts(); len(jobs) != 1 || jobs[0].NotBefore.After(r.clock) {
			t.Fatalf("%s: of the confirmation there are %v", name, jobs)
		}
		told := r.told
		r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
		if r.told != told+1 {
			t.Errorf("%s: the confirmation is not asked for again", name)
		}
		r.mails = nil
		for range 2 {
			r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
		}
		if len(r.mails) != 1 || !strings.Contains(r.mails[0].Text, sent) || !strings.Contains(r.mails[0].Text, tc.says) || r.mails[0].To[0].Address != "caseworker@municipality.example" {
			t.Fatalf("%s: %d mails: %v", name, len(r.mails), r.mails)
		}
		r.happen(t, transfer.Entry{Kind: transfer.Relinked, Recipient: "r1"})
		r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
		if jobs := r.dossier.Alerts(); len(jobs) != 0 {
			t.Errorf("%s: after a new link there are %v", name, jobs)
		}
	}
	r := newRig(t, "en")
	r.dossier.Manifest.Options.ConfirmUpload, r.dossier.Manifest.Sender.Address = true, ""
	for _, recipient := range []transfer.RecipientID{"r1", "r2"} {
		r.do(t, r.Notify, r.job(transfer.NotifyJob, recipient))
	}
	r.do(t, r.Alert, r.job(transfer.AlertJob, ""))
	if len(r.mails) != 2 {
		t.Errorf("a sender without an address is told in %v", r.mails)
	}
}

func TestTheCodeOfWhoWritesFirstGoesAloneToHerAddress(t *testing.T) {
	for _, lang := range catalogue.Languages() {
		r := newRig(t, lang)
		m := &r.dossier.Manifest
		m.Options.ContactPoint, m.Recipients[0].Name = "day-care-places", "{{.}} <b>buy now</b>"
		code := accesscode.Generate(r.dossier.Key, m.ID, 0)
		var err error
		if r.dossier.State.Code, err = accesscode.New(transfer.CodeGenerated, code, r.dossier.Key, m.ID); err != nil {
			t.Fatal(err)
		}
		r.do(t, r.Notify, r.job(transfer.NotifyJob, "r1"))
		mail := r.mails[0]
		golden(t, "code."+lang, mail)
		if !strings.Contains(mail.Text, code) || strings.Contains(mail.Text+mail.HTML, "/l/") || strings.Contains(mail.Text+mail.HTML+mail.To[0].Name, "buy now") {
			t.Errorf("the mail is %s", mail.Text)
		}
	}
}
