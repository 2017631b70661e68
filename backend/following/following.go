// Package following lets a sender follow her transfers, and the members of a
// mailbox those that belong to it: progress while one is received, what became
// of it at each recipient, and the code to pass on.
//
// Invariant: reading changes nothing, and shows a caller her own transfers and
// her mailboxes' only; a foreign id is NotFound, like an unknown one.
//
// Failure: without the ledger nothing is shown, and without the vault there is no
// evidence.
package following

import (
	"context"
	"io"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Archive opens.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
}

// Ledger knows where each stands.
type Ledger interface {
	Get(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.Record, error)
	Owned(ctx context.Context, tenant transfer.TenantID, owner, cursor string, limit int) (ids []transfer.ID, next string, err error)
	Mailbox(ctx context.Context, tenant transfer.TenantID, mailbox, cursor string, limit int) (ids []transfer.ID, next string, err error)
}

// Files reads what was sent, also what is held back: the evidence has its
// checksum.
type Files interface {
	ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error)
}

// Sums calculates checksums.
type Sums interface {
	Of(ctx context.Context, f transfer.File, content io.Reader) ([]byte, error)
}

// Replies opens what was delivered to a mailbox, for a member who answers it.
type Replies interface {
	Answerable(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Following is the use case.
type Following struct {
	Archive Archive
	Ledger  Ledger
	Files   Files
	Sums    Sums
	Gate    Gate
	Team    access.Team
	Replies Replies
	Namer   transfer.Namer
	Clock   func() time.Time

	Policy       func(transfer.TenantID) transfer.Policy
	SignsIn      func(tenant transfer.TenantID, address string) bool // whether she reads after signing in, without a link
	Organisation func(transfer.TenantID) transfer.Organisation
	Words        func(language string) Words
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
	DateTime(at time.Time, zone *time.Location) string
}

// View is a transfer as its sender sees it. Dossier is nil while the transfer
// is being received, has failed, or is erased, and in a list where it cannot be
// read.
type View struct {
	Record  transfer.Record
	Dossier *transfer.Dossier
}

// Transfer shows one transfer.
func (f *Following) Transfer(ctx context.Context, caller transfer.Caller, id transfer.ID) (View, error) {
	record, err := f.Ledger.Get(ctx, caller.Tenant, id)
	var view View
	if err == nil {
		view, err = f.view(ctx, record)
	}
	on, failed := f.Team.Resource(ctx, caller, id, view.Dossier, err)
	if failed != nil {
		return View{}, failed
	}
	if view.Dossier == nil {
		on.Owner = record.Owner
	}
	if denied := f.Gate.Check(ctx, access.Staff(caller), access.Read, on); denied != nil {
		return View{}, denied
	}
	return view, err
}

// Progress shows one transfer without writing an audit line for each look: the
// caller was checked when she began to watch.
func (f *Following) Progress(ctx context.Context, caller transfer.Caller, id transfer.ID) (View, error) {
	record, err := f.Ledger.Get(ctx, caller.Tenant, id)
	if err != nil {
		return View{}, err
	}
	if record.Owner != f.Namer.Owner(caller.Tenant, caller.Subject) {
		return View{}, transfer.E(transfer.NotFound, "no such transfer")
	}
	return f.view(ctx, record)
}

// sent opens a transfer for an action of its sender, or of a member of the
// mailbox that it belongs to.
func (f *Following) sent(ctx context.Context, caller transfer.Caller, action access.Action, id transfer.ID) (*transfer.Dossier, error) {
	d, err := f.Archive.Open(ctx, caller.Tenant, id)
	on, failed := f.Team.Resource(ctx, caller, id, d, err)
	if failed != nil {
		return nil, failed
	}
	if denied := f.Gate.Check(ctx, access.Staff(caller), action, on); denied != nil {
		return nil, denied
	}
	if err == nil && d.Manifest.Kind != transfer.KindTransfer {
		err = transfer.E(transfer.NotFound, "no such transfer")
	}
	return d, err
}

func (f *Following) view(ctx context.Context, record transfer.Record) (View, error) {
	switch record.Phase {
	case transfer.Receiving, transfer.Failing, transfer.Erased:
		return View{Record: record}, nil
	}
	d, err := f.Archive.Open(ctx, record.Tenant, record.ID)
	switch transfer.CodeOf(err) {
	case "":
		return View{Record: d.Project(f.Clock()), Dossier: d}, nil
	case transfer.Expired, transfer.Withdrawn:
		record.Phase = transfer.Erased
		return View{Record: record}, nil
	}
	return View{}, err
}
