package following

import (
	"context"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Link is one recipient's link.
type Link struct {
	Recipient transfer.RecipientID
	URL       string
}

// Links are the links of the recipients who can read, for the sender to pass on
// herself; Forbidden where the policy has no such thing.
func (f *Following) Links(ctx context.Context, caller transfer.Caller, id transfer.ID) ([]Link, error) {
	d, err := f.sent(ctx, caller, access.Relink, id)
	if err != nil {
		return nil, err
	}
	if !f.Policy(caller.Tenant).SenderLinks {
		return nil, transfer.E(transfer.Forbidden, "links are mailed to their recipients only")
	}
	org, language := f.Organisation(caller.Tenant), d.Manifest.Options.Language
	var links []Link
	for _, r := range d.Manifest.Recipients {
		if !d.SignsIn(r.ID) && d.State.Readable(r.ID, f.Clock()) == nil {
			links = append(links, Link{r.ID, org.LinkURL(d.Link(r.ID), language)})
		}
	}
	return links, nil
}
