// Package collecting takes in the mail that arrives at the intake mailbox and at
// the service mailboxes: plain replies of recipients, reports about mail that we
// sent, and staff's ordinary answers to delivered replies.
//
// Invariant: the inbox is the queue. A mail leaves it for a folder only after
// what it holds is durable, under an id that the mail itself determines: so
// nothing is lost, and nothing is taken in twice, whoever collects.
//
// Failure: a mail that cannot be taken in stays in the inbox and is tried again,
// later each time; the others pass it by.
package collecting

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/eml"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Mailboxes reads the mailboxes that mail arrives at.
type Mailboxes interface {
	// Delta lists an inbox; the token of an answer goes on with it.
	Delta(ctx context.Context, tenant transfer.TenantID, mailbox, token string) (ids []string, next string, err error)
	MIME(ctx context.Context, tenant transfer.TenantID, mailbox, id string) (io.ReadCloser, error)
	MoveTo(ctx context.Context, tenant transfer.TenantID, mailbox, id, folder string) (string, error)
}

// Vault takes text and files.
type Vault interface {
	Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (transfer.DataKey, error)
	Tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error)
	WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error)
}

// Archive accepts, opens and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Resume(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) (*transfer.Dossier, error)
	Change(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
	Schedule(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Ledger lends one mail to one collector.
type Ledger interface {
	Begin(ctx context.Context, r transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error)
	Fail(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, reason transfer.Code) error
}

// Returns takes back deliveries that came back.
type Returns interface {
	Bounced(ctx context.Context, tenant transfer.TenantID, id transfer.ID, messageID string, addresses []string, reason transfer.Code) error
}

// Deliveries are the mails that replies were delivered as, in HTML.
type Deliveries interface {
	Delivered(ctx context.Context, reply *transfer.Dossier) (string, error)
}

// Once sends one mail once.
type Once interface {
	Once(ctx context.Context, d *transfer.Dossier, e mailing.Effect) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
}

// Collecting is the use case.
type Collecting struct {
	Mailboxes    Mailboxes
	Vault        Vault
	Archive      Archive
	Ledger       Ledger
	Returns      Returns
	Deliveries   Deliveries
	Mailing      Once
	Gate         Gate
	Namer        transfer.Namer
	Routes       func(transfer.TenantID) *routing.Set
	Organisation func(transfer.TenantID) transfer.Organisation
	Policy       func(transfer.TenantID) transfer.Policy
	Words        func(language string) Words
	Clock        func() time.Time
	Log          *slog.Logger

	mu      sync.Mutex
	resting map[string]rest // mails that failed, by mailbox and id
}

type rest struct {
	until time.Time
	tries int
}

// The folders that mails lie in once they have been taken in.
const (
	Distributed = "Distributed"       // became a reply or a transfer
	Automatic   = "Automatic replies" // reports and machines' answers about our own mail
	Refused     = "Refused"           // staff's answers that were not sent on
)

// Collect takes in what lies in a mailbox's inbox and answers how much that was.
// It always lists the whole inbox: what was taken in has left it, and what
// failed must be met again.
func (x *Collecting) Collect(ctx context.Context, tenant transfer.TenantID, mailbox string) (taken int, err error) {
	met := map[string]bool{}
	for token := ""; ; {
		ids, next, err := x.Mailboxes.Delta(ctx, tenant, mailbox, token)
		if err != nil {
			return taken, err
		}
		for _, id := range ids {
			if met[id] || !x.due(mailbox, id) {
				continue
			}
			met[id] = true
			err := x.take(ctx, tenant, mailbox, id)
			x.note(mailbox, id, err)
			if err == nil {
				taken++
			}
		}
		if len(ids) == 0 || next == "" || next == token || ctx.Err() != nil {
			return taken, ctx.Err()
		}
		token = next
	}
}

func (x *Collecting) due(mailbox, id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return !x.Clock().Before(x.resting[mailbox+id].until)
}

// note lets a mail that failed rest: a second, doubling up to an hour.
func (x *Collecting) note(mailbox, id string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil {
		delete(x.resting, mailbox+id)
		return
	}
	if x.resting == nil {
		x.resting = map[string]rest{}
	}
	tries := x.resting[mailbox+id].tries + 1
	x.resting[mailbox+id] = rest{x.Clock().Add(min(time.Second<<min(tries, 12), time.Hour)), tries}
	x.Log.Warn("a mail was not taken in", "tries", tries, "code", transfer.CodeOf(err), "cause", err)
}

// letter is one mail being taken in. rest is what of a long one was not read.
type letter struct {
	eml.Mail
	tenant  transfer.TenantID
	raw     []byte
	rest    io.Reader
	answers *transfer.Origin // of the reply that staff answer
}

// original is the whole mail as it came.
func (l *letter) original() io.Reader { return io.MultiReader(bytes.NewReader(l.raw), l.rest) }

func (x *Collecting) take(ctx context.Context, tenant transfer.TenantID, mailbox, id string) error {
	content, err := x.Mailboxes.MIME(ctx, tenant, mailbox, id)
	if transfer.CodeOf(err) == transfer.DraftNotFound {
		return nil // another collector was here
	}
	if err != nil {
		return err
	}
	defer content.Close()
	raw, err := io.ReadAll(io.LimitReader(content, eml.MaxBytes+1))
	if err != nil {
		return err
	}
	l := &letter{Mail: eml.Read(raw[:min(len(raw), eml.MaxBytes)], len(raw) > eml.MaxBytes), tenant: tenant, raw: raw, rest: content}
	folder, err := x.place(ctx, l)
	if err != nil {
		return err
	}
	_, err = x.Mailboxes.MoveTo(ctx, tenant, mailbox, id, folder)
	if transfer.CodeOf(err) == transfer.DraftNotFound {
		return nil
	}
	return err
}

// place makes a mail's content durable and answers the folder that it then
// belongs in.
func (x *Collecting) place(ctx context.Context, l *letter) (folder string, err error) {
	if l.Kind == eml.Bounce {
		if known, err := x.report(ctx, l); known || err != nil {
			return Automatic, err
		}
	}
	if own, err := x.ourOwn(ctx, l); own || err != nil {
		return Automatic, err
	}
	about, err := x.match(ctx, l)
	if err != nil {
		return "", err
	}
	switch {
	case about.dossier != nil && (l.Kind == eml.AutoReply || l.Kind == eml.Receipt):
		return Automatic, nil
	case about.staff() && l.Internal && (l.Machine || l.Automatic && !about.answered()):
		return Automatic, nil
	case about.staff() && l.Internal && about.answered():
		return x.answer(ctx, l, about.dossier)
	}
	return Distributed, x.accept(ctx, l, about)
}
