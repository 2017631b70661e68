package notifying

import (
	"strings"
	"testing"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

func TestACaseworkerHearsWhatIsHersAndNothingOfIt(t *testing.T) {
	for _, language := range catalogue.Languages() {
		r := newRig(t, language)
		r.dossier.Manifest.Kind, r.dossier.Manifest.Origin = transfer.KindReply, &transfer.Origin{}
		job := r.job(transfer.AssignJob, "")
		if err := r.Assigned(t.Context(), job, false); err != nil || len(r.mails) != 0 {
			t.Fatalf("nobody has it, and %d mails were sent: %v", len(r.mails), err)
		}
		r.happen(t, transfer.Entry{Kind: transfer.Decided, Decision: []byte(`{"mailbox":"children","address":"children@municipality.example"}`)})
		r.happen(t, transfer.Entry{Kind: transfer.Concluded, Effect: transfer.DeliverEffect(1), Outcome: transfer.Done})
		r.happen(t, transfer.Entry{Kind: transfer.Assigned, Party: &transfer.Party{Address: "worker@municipality.example"}})
		if err := r.Assigned(t.Context(), job, false); err != nil || len(r.mails) != 1 {
			t.Fatalf("%d mails: %v", len(r.mails), err)
		}
		m := r.mails[0]
		if m.To[0].Address != "worker@municipality.example" || !strings.Contains(m.Text, "/replies/"+string(r.dossier.Manifest.ID)) || !strings.Contains(m.Text, "children@") {
			t.Errorf("%s: %+v", language, m)
		}
		for _, secret := range []string{"Decision", "caseworker@", "assigned."} {
			if strings.Contains(m.Subject+m.Text+m.HTML, secret) {
				t.Errorf("%s: the mail has %q: %s", language, secret, m.Text)
			}
		}
	}
}
