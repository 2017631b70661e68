package notifying

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

const tenant = transfer.TenantID("municipality")

var (
	now    = time.Date(2026, 3, 27, 9, 30, 0, 0, time.UTC)
	namer  = transfer.NewNamer(make([]byte, 32))
	update = flag.Bool("update", false, "write the golden mails anew")
)

// rig is the use case around one dossier; what it would send is kept.
type rig struct {
	*Notifying
	dossier *transfer.Dossier
	sent    []mailing.Effect
	mails   []transfer.Mail
	outcome transfer.Outcome
	denied  error
	clock   time.Time
	told    int
}

func newRig(t *testing.T, language string) *rig {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{dossier: dossier(t, language), clock: now, outcome: transfer.Done}
	r.Notifying = &Notifying{Archive: r, Mailing: r, Gate: r, Namer: namer, Clock: func() time.Time { return r.clock },
		Language: func(transfer.TenantID) string { return language },
		Words:    func(l string) Words { return catalogue.For(l) },
		Organisation: func(transfer.TenantID) transfer.Organisation {
			return transfer.Organisation{Name: "Municipality", Portal: "https://post.municipality.example", Intake: "intake@municipality.example",
				MailDomain: "municipality.example", Zone: zone}
		}}
	return r
}

func dossier(t *testing.T, language string) *transfer.Dossier {
	t.Helper()
	key, err := transfer.DataKeyFrom(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	m := transfer.Manifest{Version: 1, Kind: transfer.KindTransfer, Tenant: tenant, ID: namer.TransferID(tenant, "caseworker", "key"),
		AcceptedAt: now.Add(-time.Hour), ExpiresAt: now.Add(7 * 24 * time.Hour), Subject: "Decision about your child",
		Sender: transfer.Party{Name: "The caseworker", Address: "caseworker@municipality.example", Phone: "+45 12 34 56 78"},
		Files:  []transfer.File{{ID: "f1", Name: "Decision.pdf", Size: 1000}},
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Name: "Citizen", Address: "citizen@post.example"}, Field: "to"},
			{ID: "r2", Party: transfer.Party{Address: "other@post.example"}, Field: "bcc"}},
		Options: transfer.Options{Language: language, Code: transfer.AccessCode{Kind: transfer.CodeGenerated}}}
	state, err := transfer.Replay(&m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &transfer.Dossier{Manifest: m, State: state, Key: key}
}

// happen adds a journal entry to the rig's dossier.
func (r *rig) happen(t *testing.T, e transfer.Entry) {
	t.Helper()
	e.Version, e.Seq = 1, r.dossier.State.Seq+1
	if e.At.IsZero() {
		e.At = r.clock
	}
	if err := r.dossier.State.Apply(&r.dossier.Manifest, e); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) Open(context.Context, transfer.TenantID, transfer.ID) (*transfer.Dossier, error) {
	return r.dossier, nil
}

func (r *rig) Tell(context.Context, *transfer.Dossier, func(transfer.State) (transfer.Entry, error)) error {
	r.told++
	return nil
}

func (r *rig) Check(context.Context, access.Actor, access.Action, access.Resource) error {
	return r.denied
}

func (r *rig) Once(_ context.Context, d *transfer.Dossier, e mailing.Effect) error {
	mail, err := e.Compose()
	if err != nil {
		return err
	}
	r.sent, r.mails = append(r.sent, e), append(r.mails, mail)
	return d.State.Apply(&d.Manifest, transfer.Entry{Version: 1, Seq: d.State.Seq + 1, At: r.clock, Kind: transfer.Concluded,
		Effect: e.Name, Recipient: e.Recipient, Outcome: r.outcome, Reason: transfer.MailboxMissing})
}

func (r *rig) job(kind transfer.JobKind, recipient transfer.RecipientID) transfer.Job {
	return transfer.Job{Version: 1, Kind: kind, Tenant: tenant, ID: r.dossier.Manifest.ID, Recipient: recipient}
}

func (r *rig) do(t *testing.T, handle func(context.Context, transfer.Job, bool) error, job transfer.Job) {
	t.Helper()
	if err := handle(t.Context(), job, false); err != nil {
		t.Fatal(err)
	}
}

// golden compares a mail with the one that was looked at.
func golden(t *testing.T, name string, m transfer.Mail) {
	t.Helper()
	head := "From: " + m.FromName + "\nTo: " + m.To[0].Address + "\nSubject: " + m.Subject + "\n\n"
	for ending, got := range map[string]string{".txt": head + m.Text, ".html": m.HTML} {
		file := filepath.Join("testdata", name+ending)
		if *update {
			_ = os.MkdirAll(filepath.Dir(file), 0o755)
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != got {
			t.Errorf("%s is not what was looked at; if it is right, run with -update\n%s", file, got)
		}
	}
}
