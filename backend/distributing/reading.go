package distributing

import (
	"context"
	"io"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Read opens a delivered reply for a member of the mailbox that it lies in, as
// Outlook says at this moment, on her behalf. For everybody else there is no
// such reply.
func (x *Distributing) Read(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, routing.Decision, error) {
	d, decision, err := x.members(ctx, caller, access.ReadReply, id)
	if err != nil || !d.State.Seen.IsZero() {
		return d, decision, err
	}
	return d, decision, x.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Seen.IsZero() {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Seen, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// members opens a reply that a member of its mailbox asks for.
func (x *Distributing) members(ctx context.Context, caller transfer.Caller, action access.Action, id transfer.ID) (*transfer.Dossier, routing.Decision, error) {
	d, decision, err := x.delivered(ctx, caller.Tenant, id)
	on := access.Resource{Tenant: caller.Tenant, ID: id}
	if err == nil {
		var failed error
		if on, failed = x.team().Mailbox(ctx, caller, decision.Address); failed != nil {
			return nil, decision, failed
		}
		on.ID = id
	}
	if denied := x.Gate.Check(ctx, access.Staff(caller), action, on); denied != nil {
		return nil, decision, denied
	}
	return d, decision, err
}

func (x *Distributing) delivered(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, routing.Decision, error) {
	d, err := x.Archive.Open(ctx, tenant, id)
	if err != nil {
		return nil, routing.Decision{}, err
	}
	decision, err := Decision(d)
	if err == nil && (d.Manifest.Kind != transfer.KindReply || d.State.Delivered.IsZero()) {
		err = transfer.E(transfer.NotFound, "no such reply")
	}
	return d, decision, err
}

// Text is the replier's own words.
func (x *Distributing) Text(ctx context.Context, d *transfer.Dossier) (string, error) {
	return x.text(ctx, d)
}

// Fetch opens a file of a delivered reply for a member of the mailbox. done
// tells that she has all of it: when every file was fetched, the clock of a
// reply starts that was delivered as a link.
func (x *Distributing) Fetch(ctx context.Context, caller transfer.Caller, id transfer.ID, file transfer.FileID) (f transfer.File, content io.ReadSeekCloser, done func(context.Context) error, err error) {
	d, _, err := x.Read(ctx, caller, id)
	if err != nil {
		return f, nil, nil, err
	}
	f, known := d.Manifest.File(file)
	if !known {
		return f, nil, nil, transfer.E(transfer.NotFound, "no such file")
	}
	content, err = x.Vault.ReadFile(ctx, d, f)
	return f, content, func(ctx context.Context) error { return x.fetched(context.WithoutCancel(ctx), d, f) }, err
}

// fetched journals that a file was fetched for the first time, and whether it
// was the last.
func (x *Distributing) fetched(ctx context.Context, d *transfer.Dossier, f transfer.File) error {
	if !d.State.Fetching() {
		return nil
	}
	err := x.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Recipients[transfer.StaffRecipient].Downloaded[f.ID] > 0 {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Downloaded, Recipient: transfer.StaffRecipient, File: f.ID}, nil
	})
	if err != nil || !all(d) {
		return err
	}
	until := x.Clock().Add(x.Policy(d.Manifest.Tenant).ReplyRetention)
	return x.Archive.Reschedule(ctx, d, until, func(s transfer.State) (transfer.Entry, error) {
		if !s.Fetching() {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Seen, Until: until}, nil
	})
}

func all(d *transfer.Dossier) bool {
	for _, f := range d.Manifest.Files {
		if d.State.Recipients[transfer.StaffRecipient].Downloaded[f.ID] == 0 {
			return false
		}
	}
	return true
}

// Escalate carries out one EscalateJob: files that nobody has fetched in time
// bring the reply back onto the manual list.
func (x *Distributing) Escalate(ctx context.Context, job transfer.Job, _ bool) error {
	d, err := x.open(ctx, job, access.Deliver)
	if err != nil {
		return err
	}
	if !d.State.Fetching() || x.Clock().Before(d.State.Delivered.Add(transfer.FetchTime)) {
		return nil
	}
	return x.takeBack(ctx, d, transfer.Entry{Kind: transfer.Returned, Reason: transfer.NotFetched, Manual: true})
}

// HandBack puts a delivered reply on the manual list: a member of the mailbox
// says that it is not theirs, and why.
func (x *Distributing) HandBack(ctx context.Context, caller transfer.Caller, id transfer.ID, why string) error {
	d, decision, err := x.members(ctx, caller, access.HandBack, id)
	if err != nil {
		return err
	}
	err = x.takeBack(ctx, d, transfer.Entry{Kind: transfer.Returned, Reason: transfer.NotOurs, Mailbox: decision.Mailbox,
		Rule: By(decision), Manual: true, Text: why, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)})
	if err == nil {
		x.Figures.HandedBack(caller.Tenant, decision.Mailbox, By(decision))
	}
	return err
}
