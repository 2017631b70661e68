// Package sending turns a draft in Outlook, or a message and files uploaded,
// into a transfer: draft or upload → vault → manifest.
//
// Invariant: one idempotency key makes at most one transfer, whatever happens
// to the caller, the server or the network meanwhile; the transfer exists from
// the moment that its manifest is durable, and is whole.
//
// Failure: until then nothing was accepted; the ledger says "failed" with the
// reason, and the same key may be used to send again.
package sending

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Drafts reads drafts on behalf of the caseworker, while the pane is open.
type Drafts interface {
	Draft(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID, nonce string) (transfer.Draft, error)
	OpenAttachment(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID string, a transfer.Attachment) (io.ReadCloser, error)
	FileAway(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox, draftID, folder string) (string, error)
}

// Members asks Outlook, on behalf of the caller, whether she may open a mailbox.
type Members interface {
	MemberOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox string) (bool, error)
}

// Replies opens what was delivered to a mailbox, for a member who answers it.
type Replies interface {
	Answerable(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error)
	// Delivered is the HTML of the mail that it was delivered as.
	Delivered(ctx context.Context, reply *transfer.Dossier) (string, error)
}

// Vault takes the bytes.
type Vault interface {
	Exists(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error)
	Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (transfer.DataKey, error)
	WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error)
	Staged(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.File, error)
}

// Ledger lets one of many equal requests do the work.
type Ledger interface {
	Get(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.Record, error)
	Begin(ctx context.Context, record transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error)
	Heartbeat(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, progress, total int64, lease time.Duration) error
	Fail(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, reason transfer.Code) error
}

// Archive accepts the transfer.
type Archive interface {
	Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) (*transfer.Dossier, error)
	Resume(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Change(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Lease is how long a transfer that is being received stays claimed without a
// sign of life from the process that receives it.
const Lease = 60 * time.Second

// Sending is the use case. Policy answers a tenant's policy; Known says whether
// a reply mailbox and topic are in the tenant's routing file, and Address where
// that mailbox is.
type Sending struct {
	Drafts  Drafts
	Members Members
	Replies Replies
	Uploads Uploads
	Vault   Vault
	Ledger  Ledger
	Archive Archive
	Wishes  Wishes
	Gate    Gate
	Namer   transfer.Namer
	Policy  func(transfer.TenantID) transfer.Policy
	Known   func(tenant transfer.TenantID, mailbox, topic string) bool
	Address func(tenant transfer.TenantID, mailbox string) string
	SignsIn func(tenant transfer.TenantID, address string) bool // whether she reads after signing in, without a link
	Clock   func() time.Time
	Log     *slog.Logger

	running sync.WaitGroup
}

// Send starts a transfer under an idempotency key and returns its id at once;
// reading the draft goes on while the caller follows the progress. The same key
// with the same request answers the same id, with another one KeyReused.
func (s *Sending) Send(ctx context.Context, caller transfer.Caller, key string, request Request) (transfer.ID, error) {
	id := s.Namer.TransferID(caller.Tenant, caller.Subject, key)
	owner := s.Namer.Owner(caller.Tenant, caller.Subject)
	hash, err := s.hash(request)
	if err != nil {
		return "", err
	}
	if err := s.Gate.Check(ctx, access.Staff(caller), access.Send, access.Resource{Tenant: caller.Tenant, ID: id, Owner: owner}); err != nil {
		return "", err
	}
	if before, err := s.Ledger.Get(ctx, caller.Tenant, id); err == nil && accepted(before.Phase) && slices.Equal(before.RequestHash, hash) {
		return id, over(before) // what was accepted is not judged again
	}
	if err := s.check(caller.Tenant, request); err != nil {
		return "", err
	}
	for range request.Overrides {
		if err := s.Gate.Check(ctx, access.Staff(caller), access.Override, access.Resource{Tenant: caller.Tenant, ID: id, Owner: owner}); err != nil {
			return "", err
		}
	}
	record := transfer.Record{Tenant: caller.Tenant, ID: id, Kind: transfer.KindTransfer, Phase: transfer.Receiving,
		RequestHash: hash, Owner: owner, AcceptedAt: s.Clock(), Held: transfer.HeldOpen}
	holder := rand.Text()
	if _, began, err := s.Ledger.Begin(ctx, record, Lease, holder); err != nil || !began {
		return id, err
	}
	s.forgetWish(ctx, id)
	r := &reception{Sending: s, caller: caller, request: request, record: record, holder: holder, policy: s.Policy(caller.Tenant)}
	s.running.Go(func() { r.run(context.WithoutCancel(ctx)) })
	return id, nil
}

// over is why what was accepted is there no more. The id follows from caller and
// key, so it is the caller's own, although nothing says so after the erasure.
func over(r transfer.Record) error {
	if r.Phase != transfer.Erased {
		return nil
	}
	return transfer.E(r.Reason, "what was sent under this key has been erased")
}

// accepted is false while a transfer is received: the process that received it
// may have died, and then this request goes on.
func accepted(p transfer.Phase) bool { return p != transfer.Receiving && p != transfer.Failing }

// Wait returns when every transfer that is being received has ended, or ctx.
func (s *Sending) Wait(ctx context.Context) {
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// hash is what the idempotency key stands for; keyed, since it covers a password.
func (s *Sending) hash(request Request) ([]byte, error) {
	canonical, err := json.Marshal(request)
	if err != nil {
		return nil, transfer.Wrap(transfer.Invalid, "the request cannot be read", err)
	}
	return []byte(s.Namer.Hash("request", string(canonical))), nil
}
