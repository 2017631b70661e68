package notifying

import (
	"context"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

// line is the outbox of a mailbox that may have a backlog.
type line struct {
	busy   error
	drafts []transfer.Mail
	sent   int
	ended  int
}

func (l *line) Pick(transfer.TenantID, string) string { return "service@municipality.example" }

func (l *line) Begin(transfer.TenantID, string, string, int) (func(), error) {
	return func() { l.ended++ }, l.busy
}

func (l *line) CreateDraft(_ context.Context, _ transfer.TenantID, _ string, m transfer.Mail) (string, error) {
	l.drafts = append(l.drafts, m)
	return "draft", nil
}

func (l *line) Send(context.Context, transfer.TenantID, string, string) error {
	l.sent++
	return nil
}

// A code keeps within the mailbox's limits like any mail; where it would have to
// wait it is refused, and no draft with a code is left behind.
func TestACodeIsMailedAtOnceOrNotAtAll(t *testing.T) {
	r := newRig(t, "en")
	outbox := &line{}
	r.Outbox = outbox
	to := r.dossier.Manifest.Recipients[0]
	if err := r.MailCode(t.Context(), r.dossier, to, "123456", now); err != nil || outbox.sent != 1 || outbox.ended != 1 {
		t.Fatalf("%v; sent %d, ended %d", err, outbox.sent, outbox.ended)
	}
	if m := outbox.drafts[0]; !strings.Contains(m.Text, "123456") || len(m.To) != 1 || m.To[0].Address != to.Address {
		t.Errorf("the mail is %+v", m)
	}
	outbox.busy = transfer.E(transfer.OutlookBusy, "a backlog")
	if err := r.MailCode(t.Context(), r.dossier, to, "654321", now); transfer.CodeOf(err) != transfer.OutlookBusy || len(outbox.drafts) != 1 {
		t.Errorf("%v; %d drafts", err, len(outbox.drafts))
	}
}
