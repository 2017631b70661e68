package distributing

import (
	"context"
	"io"
	"slices"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Opened is a delivered reply as its reader has it before her. Member is false for
// whom a member gave this one reply to.
type Opened struct {
	*transfer.Dossier
	Decision routing.Decision
	Member   bool
}

// Read opens a delivered reply for a member of the mailbox that it lies in, as
// Outlook says at this moment, on her behalf, and for whom a member has given it
// to, as long as she has it. For everybody else there is no such reply. After its
// expiry it is Expired, whether or not it has been swept.
func (x *Distributing) Read(ctx context.Context, caller transfer.Caller, id transfer.ID) (Opened, error) {
	return x.read(ctx, caller, access.ReadReply, id, "")
}

// read opens a delivered reply for who reads it, or a file of it, and journals that it
// was seen.
func (x *Distributing) read(ctx context.Context, caller transfer.Caller, action access.Action, id transfer.ID, file transfer.FileID) (Opened, error) {
	at, err := x.opened(ctx, caller, action, id, file)
	if err != nil || !at.State.Seen.IsZero() {
		return at, err
	}
	return at, x.Archive.Change(ctx, at.Dossier, func(s transfer.State) (transfer.Entry, error) {
		if !s.Seen.IsZero() {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Seen, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// opened opens a delivered reply for who may do something with it, or with a file of
// it, and notes whether she is a member of its mailbox.
func (x *Distributing) opened(ctx context.Context, caller transfer.Caller, action access.Action, id transfer.ID, file transfer.FileID) (Opened, error) {
	d, decision, err := x.delivered(ctx, caller.Tenant, id)
	on := access.Resource{Tenant: caller.Tenant}
	if err == nil {
		var failed error
		if action, on, failed = x.standing(ctx, caller, action, d, decision); failed != nil {
			return Opened{}, failed
		}
	}
	on.ID, on.File = id, file
	if denied := x.Gate.Check(ctx, access.Staff(caller), action, on); denied != nil {
		return Opened{}, denied
	}
	if err == nil && d.State.ExpiredAt(x.Clock()) {
		err = transfer.E(transfer.Expired, "this reply has expired")
	}
	if err != nil {
		return Opened{}, err
	}
	return Opened{d, decision, on.Mailbox != ""}, nil
}

// assigned are the actions that are open to whom a reply was given to, by what a member
// of its mailbox does.
var assigned = map[access.Action]access.Action{access.ReadReply: access.ReadAssigned, access.FetchReply: access.FetchAssigned}

// standing is as what a caller comes: as a member of the mailbox or, to read, as whom
// the reply was given to.
func (x *Distributing) standing(ctx context.Context, caller transfer.Caller, action access.Action, d *transfer.Dossier, decision routing.Decision) (access.Action, access.Resource, error) {
	on, err := x.team().Mailbox(ctx, caller, decision.Address)
	hers, open := assigned[action]
	if err != nil || on.Mailbox != "" || !open {
		return action, on, err
	}
	given, err := x.given(ctx, caller, d)
	if given {
		action, on.Owner = hers, x.Namer.Owner(caller.Tenant, caller.Subject)
	}
	return action, on, err
}

// given says whether a reply was given to a caller who is no member of its mailbox:
// then it is hers. Which addresses are hers, Graph says at this moment.
func (x *Distributing) given(ctx context.Context, caller transfer.Caller, d *transfer.Dossier) (bool, error) {
	to := d.State.Assignment.To.Address
	if to == "" || caller.Has(transfer.Application) {
		return false, nil
	}
	own, err := x.Addresses.AddressesOf(ctx, caller.Tenant, caller)
	return err == nil && slices.ContainsFunc(own, func(a string) bool { return strings.EqualFold(a, to) }), err
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

// Fetch opens a file of a delivered reply for who may read it. done
// tells that she has all of it: when every file was fetched, the clock of a
// reply starts that was delivered as a link.
func (x *Distributing) Fetch(ctx context.Context, caller transfer.Caller, id transfer.ID, file transfer.FileID) (f transfer.File, content io.ReadSeekCloser, done func(context.Context) error, err error) {
	at, err := x.read(ctx, caller, access.FetchReply, id, file)
	if err != nil {
		return f, nil, nil, err
	}
	d := at.Dossier
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
	return x.start(ctx, d)
}

// start starts the clock of a reply that was delivered as a link.
func (x *Distributing) start(ctx context.Context, d *transfer.Dossier) error {
	until := x.Clock().Add(x.Policy(d.Manifest.Tenant).ReplyRetention)
	return x.Archive.Reschedule(ctx, d, until, func(s transfer.State) (transfer.Entry, error) {
		if !s.Fetching() {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Seen, Until: until}, nil
	})
}

// all reports whether all was fetched that is given out.
func all(d *transfer.Dossier) bool {
	for _, f := range d.Given() {
		if d.State.Recipients[transfer.StaffRecipient].Downloaded[f.ID] == 0 {
			return false
		}
	}
	return true
}

// Escalate carries out one EscalateJob: files that nobody has fetched in time
// bring the reply back onto the manual list. Where none is left that can be
// fetched, since the last ones are held back, its clock starts.
func (x *Distributing) Escalate(ctx context.Context, job transfer.Job, _ bool) error {
	d, err := x.open(ctx, job, access.Deliver)
	if err != nil {
		return err
	}
	if !d.State.Fetching() {
		return nil
	}
	if wait := d.State.Delivered.Add(transfer.FetchTime).Sub(x.Clock()); wait > 0 { // delivered anew since
		return mailing.Later(transfer.InProgress, "there is time to fetch it", wait)
	}
	if all(d) {
		return x.start(ctx, d)
	}
	return x.takeBack(ctx, d, transfer.Entry{Kind: transfer.Returned, Reason: transfer.NotFetched, Manual: true})
}

// HandBack puts a delivered reply on the manual list: a member of the mailbox
// says that it is not theirs, and why.
func (x *Distributing) HandBack(ctx context.Context, caller transfer.Caller, id transfer.ID, why string) error {
	at, err := x.opened(ctx, caller, access.HandBack, id, "")
	if err != nil {
		return err
	}
	err = x.takeBack(ctx, at.Dossier, transfer.Entry{Kind: transfer.Returned, Reason: transfer.NotOurs, Mailbox: at.Decision.Mailbox,
		Rule: By(at.Decision), Manual: true, Text: why, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)})
	if err == nil {
		x.Figures.HandedBack(caller.Tenant, at.Decision)
	}
	return err
}
