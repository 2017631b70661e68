// Package asking passes on a recipient's wish for a new link: to the team that
// replies go to, as a small reply of our own, and to the sender as an alert.
//
// Invariant: whoever asks learns nothing, not even whether anybody will answer,
// and the wish gives no access. One link asks once a day, however often the
// button is pressed. What is asked has the guarantees of a reply: it lies in
// exactly one function mailbox or on the manual list.
//
// Failure: an unknown link is NotFound, like one that never was; without an
// answer the wish was not recorded and can be made again.
package asking

import (
	"context"
	"io"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

// Vault takes the wish's text.
type Vault interface {
	WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error)
}

// Uploads makes the key of what is to come.
type Uploads interface {
	Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.DataKey, error)
}

// Archive finds what is left, accepts and journals.
type Archive interface {
	Trace(ctx context.Context, token transfer.LinkToken) (transfer.Trace, error)
	Remains(ctx context.Context, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) (transfer.Trace, error)
	Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) (*transfer.Dossier, error)
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
	DateTime(at time.Time, zone *time.Location) string
}

// Asking is the use case.
type Asking struct {
	Vault        Vault
	Uploads      Uploads
	Archive      Archive
	Gate         Gate
	Namer        transfer.Namer
	Organisation func(transfer.TenantID) transfer.Organisation
	Language     func(transfer.TenantID) string // that the organisation's teams read
	Words        func(language string) Words
	Clock        func() time.Time
}

// MaxContact is the longest word of how to be reached, in bytes.
const MaxContact = 500

// ByLink asks for a new link in place of one that was known. contact is what
// the recipient wrote about how to reach her; visitor is a pseudonym.
func (a *Asking) ByLink(ctx context.Context, token transfer.LinkToken, contact, visitor string) error {
	trace, err := a.Archive.Trace(ctx, token)
	if err != nil {
		return err
	}
	return a.ask(ctx, access.Visitor(visitor), trace, contact)
}

// BySeat asks on behalf of a session that had opened the link before it ended.
func (a *Asking) BySeat(ctx context.Context, at opening.Seat, contact string) error {
	trace, err := a.Archive.Remains(ctx, at.Tenant, at.ID, at.Recipient)
	if err != nil {
		return err
	}
	return a.ask(ctx, access.Recipient(at.Tenant, at.ID, at.Recipient), trace, contact)
}

func (a *Asking) ask(ctx context.Context, actor access.Actor, t transfer.Trace, contact string) error {
	on := access.Resource{Tenant: t.Tenant, ID: t.ID, Recipient: t.Recipient}
	if t.Dossier != nil {
		on.Owner = t.Dossier.Manifest.Owner
	}
	if err := a.Gate.Check(ctx, actor, access.AskAgain, on); err != nil {
		return err
	}
	if len(contact) > MaxContact {
		return transfer.E(transfer.TooLarge, "the text is too long")
	}
	first, err := a.passOn(ctx, t, strings.TrimSpace(contact))
	if err != nil || t.Dossier == nil || !first {
		return err
	}
	return a.Archive.Tell(ctx, t.Dossier, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Asked, Recipient: t.Recipient}, nil
	})
}

// passOn makes the wish a reply; first is false when it was made today already.
func (a *Asking) passOn(ctx context.Context, t transfer.Trace, contact string) (first bool, err error) {
	today := a.Clock().UTC().Format(time.DateOnly)
	id := a.Namer.ReplyID(t.Tenant, t.ID, t.Recipient, "ask/"+today)
	key, err := a.Uploads.Begin(ctx, t.Tenant, id)
	if transfer.CodeOf(err) == transfer.Conflict {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m := a.manifest(t, id)
	text := a.text(t, m, contact)
	body, err := a.Vault.WriteFile(ctx, m.Tenant, m.ID, key, transfer.File{ID: "body", Name: "message", Type: "text/plain"}, strings.NewReader(text), int64(len(text)), nil)
	if err != nil {
		return false, err
	}
	m.Body = &body
	_, err = a.Archive.Commit(ctx, key, m)
	return true, err
}

func (a *Asking) manifest(t transfer.Trace, id transfer.ID) transfer.Manifest {
	language := a.Language(t.Tenant)
	m := transfer.Manifest{Version: transfer.FormatVersion, Kind: transfer.KindReply, Tenant: t.Tenant, ID: id, AcceptedAt: a.Clock(),
		RequestHash: []byte(a.Namer.Hash("request", string(id))), Subject: a.Words(language).Text("ask.subject", nil),
		Options: transfer.Options{Language: language},
		Origin:  &transfer.Origin{Channel: transfer.ChannelAsk, Transfer: t.ID, Recipient: t.Recipient}}
	if t.Dossier == nil {
		m.Origin.ReplyMailbox, m.Origin.ReplyTopic = t.Stone.ReplyMailbox, t.Stone.ReplyTopic
		return m
	}
	was := t.Dossier.Manifest
	recipient, _ := was.Recipient(t.Recipient)
	m.Sender, m.Subject = recipient.Party, m.Subject+": "+was.Subject
	m.Owner = a.Namer.Owner(t.Tenant, recipient.Address)
	m.Origin.ReplyMailbox, m.Origin.ReplyTopic, m.Origin.CaseID = was.Options.ReplyMailbox, was.Options.ReplyTopic, was.Options.CaseID
	effect := transfer.NotifyEffect(t.Recipient, 0)
	m.Origin.References = []string{a.Organisation(t.Tenant).MessageID(a.Namer, t.Tenant, t.ID, effect)}
	return m
}

// text says what is wanted, in the team's language. After an erasure nobody
// knows any more who wrote to whom: the hour of sending finds the copy in the
// sender's folder.
func (a *Asking) text(t transfer.Trace, m transfer.Manifest, contact string) string {
	words, org := a.Words(m.Options.Language), a.Organisation(t.Tenant)
	sent := words.DateTime(t.AcceptedAt(), org.Zone)
	var lines []string
	switch {
	case t.Dossier == nil:
		lines = append(lines, words.Text("ask.erased", map[string]any{"sent": sent}))
	default:
		lines = append(lines, words.Text("ask.expired", map[string]any{"sent": sent, "sender": t.Dossier.Manifest.Sender.Address}))
	}
	if contact != "" {
		lines = append(lines, "", words.Text("ask.contact", nil), contact)
	}
	return strings.Join(append(lines, "", words.Text("ask.unproven", nil)), "\n")
}
