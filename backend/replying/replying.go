// Package replying accepts a reply through a link: files, then text and "Send";
// vault → manifest → receipt.
//
// Invariant: a receipt is given only after the reply's manifest is durable, and
// one submission gives one reply however often it is sent. A reply has its own
// key and no clock until its delivery is confirmed.
//
// Failure: without a receipt nothing was accepted, and what was uploaded still
// waits under the same submission.
package replying

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// Vault takes text and files.
type Vault interface {
	WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error)
	Staged(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.File, error)
}

// Uploads takes files ahead of the reply.
type Uploads interface {
	Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.DataKey, error)
	Put(ctx context.Context, tenant transfer.TenantID, id transfer.ID, meta transfer.File, content io.Reader, limits uploading.Limits) (transfer.File, error)
	Announce(ctx context.Context, tenant transfer.TenantID, id transfer.ID, meta transfer.File, length int64, limits uploading.Limits) (transfer.Arriving, error)
	Append(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error)
	Arriving(ctx context.Context, tenant transfer.TenantID, id transfer.ID) ([]transfer.Arriving, error)
	Abandon(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, by []uploading.Holder) error
	HoldOn(ctx context.Context, id transfer.ID, by []uploading.Holder) error
	LetGo(ctx context.Context, id transfer.ID, by []uploading.Holder)
}

// Archive accepts and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Resume(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) (*transfer.Dossier, error)
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Replying is the use case.
type Replying struct {
	Vault        Vault
	Uploads      Uploads
	Archive      Archive
	Gate         Gate
	Namer        transfer.Namer
	Organisation func(transfer.TenantID) transfer.Organisation
	Policy       func(transfer.TenantID) transfer.Policy
	Counts       Counts
	Clock        func() time.Time
}

// Submission is one reply being written; the page draws its id, at random.
// Visitor is a pseudonym of the network that it comes from.
type Submission struct {
	Seat    opening.Seat
	ID      string
	Visitor string
}

// Receipt is what the replier keeps.
type Receipt struct {
	Number     string // short, to quote on the telephone
	AcceptedAt time.Time
	Files      []transfer.File
	Standings  transfer.Standings // in the check for malware
}

// Upload takes one file of a reply to come. meta.Size is what it may have at
// most.
func (r *Replying) Upload(ctx context.Context, s Submission, meta transfer.File, content io.Reader) (transfer.File, error) {
	w, err := r.write(ctx, s)
	if err != nil {
		return transfer.File{}, err
	}
	return r.Uploads.Put(ctx, w.tenant(), w.id, meta, content, r.limits(w))
}

// Remove forgets an uploaded file.
func (r *Replying) Remove(ctx context.Context, s Submission, file transfer.FileID) error {
	w, err := r.write(ctx, s)
	if err != nil {
		return err
	}
	return r.Uploads.Abandon(ctx, w.tenant(), w.id, file, r.holders(w))
}

// Submit accepts the reply with the files named; nil files means all that were
// uploaded. Sending the same submission again answers the same receipt, and
// KeyReused when it is not the same any more.
func (r *Replying) Submit(ctx context.Context, s Submission, text string, files []transfer.FileID) (Receipt, error) {
	w, err := r.write(ctx, s)
	if err != nil {
		return Receipt{}, err
	}
	text = strings.TrimSpace(text)
	reply, err := r.accept(ctx, w, text, files)
	if err != nil {
		return Receipt{}, err
	}
	r.Uploads.LetGo(ctx, w.id, r.holders(w))
	replied := func(state transfer.State) (transfer.Entry, error) {
		return state.Replied(s.Seat.Recipient, reply.Manifest.ID), nil
	}
	if err := r.Archive.Tell(ctx, w.parent, replied); err != nil {
		return Receipt{}, err
	}
	if !slices.Equal(reply.Manifest.RequestHash, r.hash(text, reply.Manifest.Files)) {
		return Receipt{}, transfer.E(transfer.KeyReused, "another reply was sent from this page before")
	}
	return r.receipt(reply), nil
}

// accept answers the reply that stands under the id: this one, or the one that
// came before it, if only by a moment.
func (r *Replying) accept(ctx context.Context, w written, text string, files []transfer.FileID) (*transfer.Dossier, error) {
	reply, err := r.commit(ctx, w, text, files)
	if transfer.CodeOf(err) == transfer.Conflict {
		return r.Archive.Resume(ctx, w.tenant(), w.id)
	}
	return reply, err
}

func (r *Replying) commit(ctx context.Context, w written, text string, files []transfer.FileID) (*transfer.Dossier, error) {
	key, err := r.Uploads.Begin(ctx, w.tenant(), w.id)
	if err != nil {
		return nil, err
	}
	if err := r.whole(ctx, w); err != nil {
		return nil, err
	}
	chosen, err := r.chosen(ctx, w, key, files)
	if err != nil {
		return nil, err
	}
	if text == "" && len(chosen) == 0 {
		return nil, transfer.E(transfer.Empty, "write something or add a file")
	}
	if err := r.maySend(ctx, w); err != nil {
		return nil, err
	}
	m := r.manifest(w, text, chosen)
	body, err := r.Vault.WriteFile(ctx, m.Tenant, m.ID, key, transfer.File{ID: "body", Name: "message", Type: "text/plain"},
		strings.NewReader(text), r.Policy(m.Tenant).MaxBodyBytes, nil)
	if err != nil {
		return nil, err
	}
	m.Body = &body
	return r.Archive.Commit(ctx, key, m)
}

// written is a reply being written, under its id, at the transfer that it answers.
type written struct {
	Submission
	parent *transfer.Dossier
	id     transfer.ID
}

func (w written) tenant() transfer.TenantID { return w.Seat.Tenant }

// write opens the transfer that is answered, if it may be.
func (r *Replying) write(ctx context.Context, s Submission) (written, error) {
	if len(s.ID) < 16 || len(s.ID) > 64 {
		return written{}, transfer.E(transfer.Invalid, "the reply has no valid submission id")
	}
	d, err := r.Archive.Open(ctx, s.Seat.Tenant, s.Seat.ID)
	if err != nil {
		return written{}, err
	}
	on := access.Resource{Tenant: s.Seat.Tenant, ID: s.Seat.ID, Owner: d.Manifest.Owner, Recipient: s.Seat.Recipient}
	if err := r.Gate.Check(ctx, access.Recipient(s.Seat.Tenant, s.Seat.ID, s.Seat.Recipient), access.Reply, on); err != nil {
		return written{}, err
	}
	if d.Manifest.Options.Restricted {
		return written{}, transfer.E(transfer.NotAnswerable, "this message cannot be answered")
	}
	return written{s, d, d.ReplyID(r.Namer, s.Seat.Recipient, s.ID)}, d.State.Admits(s.Seat.Recipient, s.Seat.Opened, r.Clock())
}

func (r *Replying) chosen(ctx context.Context, w written, key transfer.DataKey, files []transfer.FileID) ([]transfer.File, error) {
	staged, err := r.Vault.Staged(ctx, w.tenant(), w.id, key)
	if err != nil || files == nil {
		return staged, err
	}
	var chosen []transfer.File
	for _, id := range files {
		at := slices.IndexFunc(staged, func(f transfer.File) bool { return f.ID == id })
		if at < 0 {
			return nil, transfer.E(transfer.NotFound, "an uploaded file is missing; upload it again")
		}
		chosen = append(chosen, staged[at])
	}
	return chosen, nil
}

func (r *Replying) manifest(w written, text string, files []transfer.File) transfer.Manifest {
	m := w.parent.Manifest
	sender, _ := m.Recipient(w.Seat.Recipient)
	org := r.Organisation(m.Tenant)
	reply := transfer.Manifest{
		Version: transfer.FormatVersion, Kind: transfer.KindReply, Tenant: m.Tenant, ID: w.id,
		RequestHash: r.hash(text, files), AcceptedAt: r.Clock(), Sender: sender.Party,
		Owner: r.Namer.Owner(m.Tenant, sender.Address), Subject: "Re: " + m.Subject, Files: files,
		Options: transfer.Options{Language: m.Options.Language},
		Origin: &transfer.Origin{Channel: transfer.ChannelLink, Transfer: m.ID, Recipient: w.Seat.Recipient,
			ReplyMailbox: m.Options.ReplyMailbox, ReplyTopic: m.Options.ReplyTopic, CaseID: m.Options.CaseID,
			References: []string{org.MessageID(r.Namer, m.Tenant, m.ID, transfer.NotifyEffect(w.Seat.Recipient, 0))}},
	}
	if point := m.Options.ContactPoint; point != "" { // she writes first: it answers nothing
		reply.Subject = m.Subject
		reply.Origin = &transfer.Origin{Channel: transfer.ChannelContact, Transfer: m.ID, Recipient: w.Seat.Recipient, ContactPoint: point}
	}
	return reply
}

func (r *Replying) hash(text string, files []transfer.File) []byte {
	type asked struct {
		ID   transfer.FileID
		Name string
		Size int64
	}
	all := make([]asked, 0, len(files))
	for _, f := range files {
		all = append(all, asked{f.ID, f.Name, f.Size})
	}
	canonical, _ := json.Marshal(all)
	return []byte(r.Namer.Hash("request", text, string(canonical)))
}

// Receipt answers the receipt of a submission that was accepted.
func (r *Replying) Receipt(ctx context.Context, s Submission) (Receipt, error) {
	w, err := r.write(ctx, s)
	if err != nil {
		return Receipt{}, err
	}
	d, err := r.Archive.Open(ctx, w.tenant(), w.id)
	if err != nil {
		return Receipt{}, err
	}
	return r.receipt(d), nil
}

func (r *Replying) receipt(d *transfer.Dossier) Receipt {
	return Receipt{Number: r.Namer.ReceiptNumber(d.Manifest.ID), AcceptedAt: d.Manifest.AcceptedAt, Files: d.Manifest.Files, Standings: d.Standings()}
}
