package collecting

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/eml"
	"senddigitally/backend/transfer"
)

// lease is how long one collector has one mail; writing it takes seconds.
const lease = 5 * time.Minute

// maxOriginal bounds a mail: what Exchange Online lets pass at most (Microsoft
// Learn, "Exchange Online limits").
const maxOriginal = 150 << 20

func (x *Collecting) check(ctx context.Context, tenant transfer.TenantID, id transfer.ID, owner string) error {
	return x.Gate.Check(ctx, access.System("collect"), access.Collect, access.Resource{Tenant: tenant, ID: id, Owner: owner})
}

// accept makes a reply of a mail, and notes it at the transfer that it answers.
func (x *Collecting) accept(ctx context.Context, l *letter, about thread) error {
	x.cut(l)
	m := x.reply(l, about)
	if err := x.check(ctx, m.Tenant, m.ID, m.Owner); err != nil {
		return err
	}
	d, err := x.commit(ctx, l, m, true)
	if err != nil || about.dossier == nil || about.staff() || m.Origin.Recipient == "" {
		return err
	}
	return x.Archive.Schedule(ctx, about.dossier, func(s transfer.State) (transfer.Entry, error) {
		return s.Replied(m.Origin.Recipient, d.Manifest.ID), nil
	})
}

// reply is the manifest of a mail, but for its text and files.
func (x *Collecting) reply(l *letter, about thread) transfer.Manifest {
	origin := &transfer.Origin{Channel: "mail", Unencrypted: true, References: append(l.References, l.MessageID),
		SenderKind: x.senderKind(l)}
	origin.ContactPoint, origin.RecipientNumber = x.Routes(l.tenant).AddressedTo(l.To)
	for _, note := range l.Notes {
		origin.Notes = append(origin.Notes, string(note))
	}
	origin.ReplyTo = l.ReplyTo
	language := cmp.Or(x.placed(l, about, origin), l.Language)
	return transfer.Manifest{Version: transfer.FormatVersion, Kind: transfer.KindReply, Tenant: l.tenant, ID: x.id(l),
		AcceptedAt: x.Clock(), Sender: l.From, Owner: x.Namer.Owner(l.tenant, l.From.Address), Subject: l.Subject,
		Options: transfer.Options{Language: language}, Origin: origin}
}

// placed notes what a mail answers and where answers to that go, and returns that one's
// language. A mail from another address than the recipient's belongs to the transfer,
// but not to her part of it, which she reads as her own.
func (x *Collecting) placed(l *letter, about thread, origin *transfer.Origin) (language string) {
	switch {
	case about.stone != nil:
		origin.ReplyMailbox, origin.ReplyTopic = about.stone.ReplyMailbox, about.stone.ReplyTopic
		origin.Notes = append(origin.Notes, string(erased(about)))
	case about.staff() && !l.Internal: // she answers what we sent about her reply
		before := about.dossier.Manifest
		origin.Transfer, origin.ReplyMailbox, origin.ReplyTopic, origin.CaseID = before.Origin.Transfer, before.Origin.ReplyMailbox, before.Origin.ReplyTopic, before.Origin.CaseID
		if strings.EqualFold(before.Sender.Address, l.From.Address) {
			origin.Recipient = before.Origin.Recipient
		} else {
			origin.Notes = append(origin.Notes, string(eml.OtherSender))
		}
		return before.Options.Language
	case about.dossier != nil && !about.staff():
		parent := about.dossier.Manifest
		origin.Transfer, origin.ReplyMailbox, origin.ReplyTopic, origin.CaseID = parent.ID, parent.Options.ReplyMailbox, parent.Options.ReplyTopic, parent.Options.CaseID
		if r, known := parent.Recipient(about.recipient); known && !strings.EqualFold(r.Address, l.From.Address) {
			origin.Notes = append(origin.Notes, string(eml.OtherSender))
		} else {
			origin.Recipient = about.recipient
		}
		return parent.Options.Language
	}
	return ""
}

// erased is the note on a mail about what has been erased.
func erased(about thread) eml.Note {
	if about.stone.Kind == transfer.KindReply {
		return eml.NotSentOn
	}
	return eml.Erased
}

// cut leaves of a mail's text what a reply may have, and notes that; the original has
// it whole.
func (x *Collecting) cut(l *letter) {
	limit := x.Policy(l.tenant).MaxBodyBytes
	if int64(len(l.Text)) <= limit {
		return
	}
	l.Text = strings.ToValidUTF8(l.Text[:limit], "")
	if !slices.Contains(l.Notes, eml.TextCut) {
		l.Notes = append(l.Notes, eml.TextCut)
	}
}

// id is the same for the same mail, and another one for another mail that
// bears the same message id.
func (x *Collecting) id(l *letter) transfer.ID {
	return x.Namer.MailID(l.tenant, l.MessageID+" "+hex.EncodeToString(l.Fingerprint[:]))
}

// senderKind believes that somebody is staff only if Exchange vouches for it.
func (x *Collecting) senderKind(l *letter) string {
	_, domain, _ := strings.Cut(l.From.Address, "@")
	switch {
	case !x.Routes(l.tenant).Own(domain):
		return ""
	case l.Internal:
		return "staff"
	}
	return "unknown"
}

// commit writes text, files and, for a reply, the original, and accepts them.
// Another collector that has the same mail in hand is InProgress.
func (x *Collecting) commit(ctx context.Context, l *letter, m transfer.Manifest, original bool) (*transfer.Dossier, error) {
	m.RequestHash = l.Fingerprint[:]
	record := transfer.Record{Tenant: m.Tenant, ID: m.ID, Kind: m.Kind, Phase: transfer.Receiving, RequestHash: m.RequestHash,
		Owner: m.Owner, AcceptedAt: m.AcceptedAt, Held: transfer.HeldOpen}
	holder := rand.Text()
	before, began, err := x.Ledger.Begin(ctx, record, lease, holder)
	switch {
	case err != nil:
		return nil, err
	case !began && before.Phase == transfer.Receiving:
		return nil, transfer.E(transfer.InProgress, "another collector has this mail in hand")
	case !began:
		d, err := x.Archive.Open(ctx, m.Tenant, m.ID)
		if err != nil && transfer.UnlessGone(err) == nil {
			return &transfer.Dossier{Manifest: m}, nil // taken in, and erased since
		}
		return d, err
	}
	d, err := x.write(ctx, l, m, original)
	if err != nil {
		if failed := x.Ledger.Fail(ctx, m.Tenant, m.ID, holder, transfer.CodeOf(err)); failed != nil {
			x.Log.Warn("a mail's lease has to lapse", "transfer", m.ID, "cause", failed)
		}
	}
	return d, err
}

func (x *Collecting) write(ctx context.Context, l *letter, m transfer.Manifest, original bool) (*transfer.Dossier, error) {
	key, err := x.Vault.Begin(ctx, m.Tenant, m.ID, transfer.HeldOpen)
	if transfer.CodeOf(err) == transfer.Conflict {
		return x.Archive.Resume(ctx, m.Tenant, m.ID)
	}
	if err != nil {
		return nil, err
	}
	put := func(meta transfer.File, content io.Reader, limit int64) (transfer.File, error) {
		return x.Vault.WriteFile(ctx, m.Tenant, m.ID, key, meta, content, limit, nil)
	}
	body, err := put(transfer.File{ID: "body", Name: "message", Type: "text/plain"}, strings.NewReader(l.Text), x.Policy(m.Tenant).MaxBodyBytes)
	if err != nil {
		return nil, err
	}
	m.Body = &body
	for i, a := range l.Attachments {
		meta := transfer.File{ID: transfer.FileID(fmt.Sprintf("f%d", i+1)), Name: a.Name, Type: a.Type} // listed, even an image: the body is text and shows none
		file, err := put(meta, bytes.NewReader(a.Content), maxOriginal)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, file)
	}
	if original {
		file, err := put(transfer.File{ID: "eml", Name: "message.eml", Type: "message/rfc822"}, l.original(), maxOriginal)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, file)
	}
	if m.Kind == transfer.KindTransfer {
		if m.Options.Code, err = x.code(ctx, l, m, key); err != nil {
			return nil, err
		}
	}
	return x.Archive.Commit(ctx, key, m)
}
