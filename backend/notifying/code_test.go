package notifying

import (
	"context"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

// line is the outbox of a mailbox.
type line struct {
	busy   error // Outlook's answer to a draft
	passed int
	drafts []transfer.Mail
	sent   int
}

func (l *line) Pick(transfer.TenantID, string) string { return "service@municipality.example" }

func (l *line) Pass(_ transfer.TenantID, _ string, recipients int) error {
	l.passed += recipients
	return nil
}

func (l *line) CreateDraft(_ context.Context, _ transfer.TenantID, _ string, m transfer.Mail) (string, error) {
	l.drafts = append(l.drafts, m)
	return "draft", l.busy
}

func (l *line) Send(context.Context, transfer.TenantID, string, string) error {
	l.sent++
	return nil
}

// Who waits for a code does not stand in line behind others' mails; it counts among
// them, and what Outlook refuses is not sent later.
func TestACodeIsMailedAtOnceOrNotAtAll(t *testing.T) {
	r := newRig(t, "en")
	outbox := &line{}
	r.Outbox = outbox
	to := r.dossier.Manifest.Recipients[0]
	if err := r.MailCode(t.Context(), r.dossier, to, "123456", now); err != nil || outbox.sent != 1 || outbox.passed != 1 {
		t.Fatalf("%v; sent %d, counted %d", err, outbox.sent, outbox.passed)
	}
	if m := outbox.drafts[0]; !strings.Contains(m.Text, "123456") || len(m.To) != 1 || m.To[0].Address != to.Address {
		t.Errorf("the mail is %+v", m)
	}
	outbox.busy = transfer.E(transfer.OutlookBusy, "too many")
	if err := r.MailCode(t.Context(), r.dossier, to, "654321", now); transfer.CodeOf(err) != transfer.OutlookBusy || outbox.sent != 1 {
		t.Errorf("%v; sent %d", err, outbox.sent)
	}
}
