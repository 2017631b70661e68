package access

import (
	"context"

	"senddigitally/backend/transfer"
)

// Members says who may read a mailbox.
type Members interface {
	MemberOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox string) (bool, error)
}

// Team shares a transfer with the members of the mailbox that it belongs to:
// somebody must be able to withdraw it while its sender is ill.
type Team struct {
	Members Members
	Namer   transfer.Namer
}

// Resource is a transfer as its caller stands to it. Outlook is asked on her
// behalf, now, and only about what is not her own. A dossier that is not there is
// nobody's; where it could not be looked up, which opening says, nothing is known
// of whose it is, and she hears that instead of NotFound.
func (t Team) Resource(ctx context.Context, caller transfer.Caller, id transfer.ID, d *transfer.Dossier, opening error) (Resource, error) {
	on := Resource{Tenant: caller.Tenant, ID: id}
	if transfer.CodeOf(opening) == transfer.Unavailable {
		return on, opening
	}
	if d == nil {
		return on, nil
	}
	on.Owner = d.Manifest.Owner
	if on.Owner == t.Namer.Owner(caller.Tenant, caller.Subject) {
		return on, nil
	}
	shared, err := t.Mailbox(ctx, caller, d.Manifest.Mailbox)
	if transfer.CodeOf(err) == transfer.SignInAgain {
		return on, nil // whom Entra does not let us ask for learns nothing, not even that there is such an id
	}
	on.Mailbox = shared.Mailbox
	return on, err
}

// Mailbox is what belongs to a mailbox, as its caller stands to it.
func (t Team) Mailbox(ctx context.Context, caller transfer.Caller, address string) (Resource, error) {
	on := Resource{Tenant: caller.Tenant}
	if address == "" || caller.Has(transfer.Application) { // a document system reads no mailbox
		return on, nil
	}
	member, err := t.Members.MemberOf(ctx, caller.Tenant, caller, address)
	if member {
		on.Mailbox = t.Namer.Mailbox(caller.Tenant, address)
	}
	return on, err
}
