// Package archive keeps vault and ledger in step: what happened to a transfer
// or reply is journalled first, then projected into the ledger together with
// the jobs that are still outstanding.
//
// Invariant: the ledger never knows more than manifest and journal say. A crash
// between the two leaves an older projection, which the next change, the
// reconciler or a rebuild brings up to date.
//
// Failure: when the journal cannot be written nothing has happened; when only
// the ledger cannot, the error is Unavailable and a retry is safe. A caller who
// gives up after the first does not keep the second from happening.
package archive

import (
	"context"
	"slices"
	"time"

	"senddigitally/backend/transfer"
)

// Vault is the durable side: manifests, journals and key records.
type Vault interface {
	Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) error
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (*transfer.Dossier, error)
	Append(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
	Tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error)
	NoteHold(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) error
}

// Keys is the key container.
type Keys interface {
	Copy(ctx context.Context, tenant transfer.TenantID, id transfer.ID, from, to transfer.Hold) error
	Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) error
}

// Ledger is the fast side, which can be replayed.
type Ledger interface {
	Get(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.Record, error)
	Put(ctx context.Context, record transfer.Record, links map[string]transfer.RecipientID, jobs []transfer.Job) error
	FindLink(ctx context.Context, shard int, hash string) (transfer.TenantID, transfer.ID, transfer.RecipientID, error)
}

// Archive is vault and ledger as one.
type Archive struct {
	// Quarantine holds back what is accepted from now on until it was checked for
	// malware.
	Quarantine bool

	vault  Vault
	keys   Keys
	ledger Ledger
	namer  transfer.Namer
	clock  func() time.Time
}

// New makes an Archive; clock gives the backend's time in UTC.
func New(vault Vault, keys Keys, ledger Ledger, namer transfer.Namer, clock func() time.Time) *Archive {
	return &Archive{vault: vault, keys: keys, ledger: ledger, namer: namer, clock: clock}
}

// Commit accepts a transfer or reply whose key was begun in HeldOpen: after it
// nothing may be lost. Where it was committed before, see Resume.
func (a *Archive) Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) (*transfer.Dossier, error) {
	m.Quarantine = a.Quarantine && m.Checkable()
	err := a.vault.Commit(ctx, key, m)
	if err != nil && transfer.CodeOf(err) != transfer.Conflict {
		return nil, err
	}
	return a.Resume(context.WithoutCancel(ctx), m.Tenant, m.ID)
}

// Resume rolls a transfer or reply forward whose manifest is durable: a crash
// may have come before the ledger knew. It answers what was accepted.
func (a *Archive) Resume(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error) {
	d, err := a.vault.Open(ctx, tenant, id, transfer.HeldOpen)
	if transfer.CodeOf(err) == transfer.NotFound {
		return a.Open(ctx, tenant, id)
	}
	if err != nil {
		return nil, err
	}
	d.Held = transfer.HoldUntil(d.State.ExpiresAt)
	if err := a.keys.Copy(ctx, tenant, id, transfer.HeldOpen, d.Held); err != nil {
		return nil, err
	}
	if err := a.Project(ctx, d); err != nil || d.Held == transfer.HeldOpen {
		return d, err
	}
	return d, a.keys.Erase(ctx, tenant, id, transfer.HeldOpen)
}

// Open opens a transfer or reply. Erased ones answer Expired or Withdrawn.
func (a *Archive) Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error) {
	record, err := a.ledger.Get(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	switch record.Phase {
	case transfer.Receiving, transfer.Failing:
		return nil, transfer.E(transfer.NotFound, "nothing has been accepted under this id")
	case transfer.Erased:
		return nil, transfer.E(record.Reason, "this has been erased")
	}
	d, err := a.vault.Open(ctx, tenant, id, record.Held)
	if transfer.CodeOf(err) == transfer.NotFound {
		d, err = a.openMoved(ctx, record)
	}
	if err == nil && d.State.Seq > record.Seq {
		err = a.Project(ctx, d) // a crash came between journal and ledger
	}
	return d, err
}

// openMoved opens what another expiry has moved to another hold since the
// record was read.
func (a *Archive) openMoved(ctx context.Context, old transfer.Record) (*transfer.Dossier, error) {
	record, err := a.ledger.Get(ctx, old.Tenant, old.ID)
	if err != nil {
		return nil, err
	}
	return a.vault.Open(ctx, record.Tenant, record.ID, record.Held)
}

// Change journals what decide answers and projects the new state. decide is
// called again with the newer state when another change came first; an entry
// without a kind means that there is nothing to do. No jobs are queued: what a
// change of a job's own leaves open, that job goes on with.
func (a *Archive) Change(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error {
	if err := a.vault.Append(ctx, d, decide); err != nil {
		return err
	}
	return a.put(context.WithoutCancel(ctx), d, nil)
}

// Schedule is a Change that calls for new work: the jobs that are outstanding
// after it are queued together with the record.
func (a *Archive) Schedule(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error {
	if err := a.vault.Append(ctx, d, decide); err != nil {
		return err
	}
	return a.Project(context.WithoutCancel(ctx), d)
}

// Reschedule is a Schedule that sets another expiry, or with the zero time
// stops the clock: the key record of the new hold is durable before the journal
// says so, and the old one goes last. Nothing is copied for what decide refuses at
// once; what is refused later, or cut short, leaves a record that goes with the
// erasure: to take it back here could take the one that another change relies on.
func (a *Archive) Reschedule(ctx context.Context, d *transfer.Dossier, until time.Time, decide func(transfer.State) (transfer.Entry, error)) error {
	switch e, err := decide(d.State); {
	case err != nil:
		return err
	case e.Kind == "":
		return a.Project(ctx, d)
	}
	old := d.Held
	if err := a.holdAlso(ctx, d, transfer.HoldUntil(until)); err != nil {
		return err
	}
	if err := a.vault.Append(ctx, d, decide); err != nil {
		return err
	}
	// The expiry is another one where somebody else was first.
	d.Held, ctx = transfer.HoldUntil(d.State.ExpiresAt), context.WithoutCancel(ctx)
	if err := a.Project(ctx, d); err != nil || old == d.Held {
		return err
	}
	return a.keys.Erase(ctx, d.Manifest.Tenant, d.Manifest.ID, old)
}

// holdAlso copies the key record to where the erasure will find it: the vault has
// a note of every hold that the journal may not come to name.
func (a *Archive) holdAlso(ctx context.Context, d *transfer.Dossier, hold transfer.Hold) error {
	if !slices.Contains(d.State.Holds, hold) {
		if err := a.vault.NoteHold(ctx, d.Manifest.Tenant, d.Manifest.ID, hold); err != nil {
			return err
		}
	}
	return a.keys.Copy(ctx, d.Manifest.Tenant, d.Manifest.ID, d.Held, hold)
}

// Project writes the ledger record, links and outstanding jobs of a dossier.
func (a *Archive) Project(ctx context.Context, d *transfer.Dossier) error {
	return a.put(ctx, d, d.Outstanding(a.clock()))
}

func (a *Archive) put(ctx context.Context, d *transfer.Dossier, jobs []transfer.Job) error {
	record := d.Project(a.clock())
	if d.Manifest.Mailbox != "" {
		record.Mailbox = a.namer.Mailbox(d.Manifest.Tenant, d.Manifest.Mailbox)
	}
	if address := d.LiesIn(); address != "" {
		record.Mailbox = a.namer.Inbox(d.Manifest.Tenant, address)
	}
	record.Addressees = a.addressees(d)
	return a.ledger.Put(ctx, record, a.Links(d), jobs)
}

// Links are the hashes of a dossier's current links. Who signs in has none.
func (a *Archive) Links(d *transfer.Dossier) map[string]transfer.RecipientID {
	links := make(map[string]transfer.RecipientID, len(d.Manifest.Recipients))
	for _, r := range d.Manifest.Recipients {
		if !d.SignsIn(r.ID) {
			links[a.namer.LinkHash(d.Link(r.ID))] = r.ID
		}
	}
	return links
}

// addressees are those in whose lists the message stands.
func (a *Archive) addressees(d *transfer.Dossier) map[transfer.RecipientID]string {
	all := map[transfer.RecipientID]string{}
	for _, r := range d.Manifest.Recipients {
		if d.SignsIn(r.ID) && d.State.Readable(r.ID, a.clock()) == nil {
			all[r.ID] = a.namer.Addressee(d.Manifest.Tenant, r.Address)
		}
	}
	return all
}

// Follow opens what a link leads to. A token that is not the recipient's
// current one is NotFound, like one that never was.
func (a *Archive) Follow(ctx context.Context, token transfer.LinkToken) (*transfer.Dossier, transfer.RecipientID, error) {
	if !token.Valid() {
		return nil, "", transfer.E(transfer.NotFound, "unknown link")
	}
	tenant, id, recipient, err := a.ledger.FindLink(ctx, token.Shard(), a.namer.LinkHash(token))
	if err != nil {
		return nil, "", err
	}
	d, err := a.Open(ctx, tenant, id)
	if err != nil {
		return nil, "", err
	}
	if a.namer.LinkHash(d.Link(recipient)) != a.namer.LinkHash(token) {
		return nil, "", transfer.E(transfer.NotFound, "unknown link")
	}
	return d, recipient, nil
}
