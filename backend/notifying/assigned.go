package notifying

import (
	"context"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Assigned carries out one AssignJob: a caseworker hears that a reply is hers to
// deal with, and where it lies; nothing of what is in it.
func (n *Notifying) Assigned(ctx context.Context, job transfer.Job, last bool) error {
	d, err := n.begin(ctx, job, access.Alert)
	if err != nil {
		return err
	}
	assignment := d.State.Assignment
	if assignment.To.Address == "" || d.State.Delivered.IsZero() {
		return nil
	}
	return n.Mailing.Once(ctx, d, n.effect(d, transfer.AssignEffect(assignment.N), last, func() (transfer.Mail, error) {
		m := d.Manifest
		language, org := n.Language(m.Tenant), n.Organisation(m.Tenant)
		words := n.Words(language)
		say := func(key string) string {
			return words.Text("assigned."+key, map[string]any{"mailbox": d.LiesIn(), "received": words.DateTime(m.AcceptedAt, org.Zone)})
		}
		return n.letter(m, assignment.To, letter{Language: language, Organisation: org.Name, Subject: say("subject"), Lead: say("lead"),
			Lines: []string{say("received"), org.Staff + "/replies/" + string(m.ID)}, Foot: say("foot")})
	}))
}
