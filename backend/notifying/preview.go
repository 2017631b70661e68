package notifying

import (
	"context"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Sample is what a notification will be made of, before there is a transfer.
type Sample struct {
	Options transfer.Options
	Expiry  time.Duration // from now
	Files   []string      // names
}

// Preview is the notification as a recipient will read it, written by the real
// templates; its link leads nowhere.
func (n *Notifying) Preview(ctx context.Context, caller transfer.Caller, s Sample) (transfer.Mail, error) {
	if err := n.Gate.Check(ctx, access.Staff(caller), access.ReadSettings, access.Resource{Tenant: caller.Tenant}); err != nil {
		return transfer.Mail{}, err
	}
	d := &transfer.Dossier{
		Manifest: transfer.Manifest{Tenant: caller.Tenant, ID: n.Namer.TransferID(caller.Tenant, caller.Subject, "preview"),
			Sender: transfer.Party{Name: caller.Name, Address: caller.Address}, Options: s.Options},
		State: transfer.State{ExpiresAt: n.Clock().Add(s.Expiry), Code: s.Options.Code},
	}
	for _, name := range s.Files {
		d.Manifest.Files = append(d.Manifest.Files, transfer.File{Name: name})
	}
	org := n.Organisation(caller.Tenant)
	page := n.page(d, transfer.Recipient{}, org, "mail")
	page.Link = org.Portal + "/l/…"
	text, html, err := render(page)
	if err != nil {
		return transfer.Mail{}, transfer.Wrap(transfer.Internal, "the notification cannot be written", err)
	}
	return transfer.Mail{FromName: org.Name + " – " + caller.Name, Subject: page.Subject, Text: text, HTML: html}, nil
}
