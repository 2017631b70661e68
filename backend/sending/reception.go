package sending

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/transfer"
)

// reception is one transfer being received, by the one request that won it.
type reception struct {
	*Sending
	caller   transfer.Caller
	request  Request
	record   transfer.Record
	holder   string
	policy   transfer.Policy
	key      transfer.DataKey
	received int64
	total    int64
	told     time.Time
	standing standing
	answers  []transfer.ID // replies that it answers
}

// FiledEffect is the journal's name for moving the draft to its folder.
const FiledEffect = "file-away"

// filingTime bounds moving the draft, Outlook's waits included.
const filingTime = 5 * time.Minute

func (r *reception) run(ctx context.Context) {
	d, err := r.underLease(ctx)
	if err != nil {
		r.fail(ctx, err)
		return
	}
	r.Uploads.LetGo(ctx, r.record.ID, r.holders(r.caller))
	ctx, cancel := context.WithTimeout(ctx, filingTime)
	defer cancel()
	r.answered(ctx, d)
	r.fileAway(ctx, d)
}

func (r *reception) underLease(ctx context.Context) (*transfer.Dossier, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go r.keepLease(ctx, cancel)
	go r.heed(ctx, cancel)
	d, err := r.receive(ctx)
	return d, r.explained(err)
}

// fail records why nothing was accepted. Where the manifest may be durable the
// lease lapses instead: the next request or the sweep rolls it forward.
func (r *reception) fail(ctx context.Context, cause error) {
	r.Log.Warn("transfer not accepted", "transfer", r.record.ID, "reason", transfer.CodeOf(cause), "cause", cause)
	if committed, err := r.Vault.Exists(ctx, r.caller.Tenant, r.record.ID); (err != nil || committed) && transfer.CodeOf(cause) != transfer.KeyReused {
		r.Log.Warn("what was received may be durable; it will be rolled forward", "transfer", r.record.ID, "cause", err)
		return
	}
	if err := r.Ledger.Fail(ctx, r.caller.Tenant, r.record.ID, r.holder, transfer.CodeOf(cause)); err != nil {
		r.Log.Error("failure not recorded; the lease will lapse", "transfer", r.record.ID, "cause", err)
	}
}

// keepLease renews the lease while the bytes arrive; a lease lost to another
// process ends this one's work.
func (r *reception) keepLease(ctx context.Context, cancel context.CancelFunc) {
	tick := time.NewTicker(Lease / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.Ledger.Heartbeat(ctx, r.caller.Tenant, r.record.ID, r.holder, -1, -1, Lease); transfer.CodeOf(err) == transfer.Conflict {
				cancel()
				return
			}
		}
	}
}

// receive does the work, or finds that it was done: the manifest may be durable
// although the ledger never knew.
func (r *reception) receive(ctx context.Context) (*transfer.Dossier, error) {
	var err error
	r.key, err = r.Vault.Begin(ctx, r.caller.Tenant, r.record.ID, transfer.HeldOpen)
	if transfer.CodeOf(err) == transfer.Conflict {
		return r.resume(ctx)
	}
	if err != nil {
		return nil, err
	}
	return r.readAndCommit(ctx)
}

func (r *reception) resume(ctx context.Context) (*transfer.Dossier, error) {
	d, err := r.Archive.Resume(ctx, r.caller.Tenant, r.record.ID)
	if err == nil && !slices.Equal(d.Manifest.RequestHash, r.record.RequestHash) {
		return nil, transfer.E(transfer.KeyReused, "this idempotency key was used for another request")
	}
	return d, err
}

func (r *reception) readAndCommit(ctx context.Context) (*transfer.Dossier, error) {
	draft, err := r.draft(ctx)
	if err != nil {
		return nil, err
	}
	if draft, err = r.answering(ctx, draft); err != nil {
		return nil, err
	}
	manifest, err := r.manifest(draft)
	if err != nil {
		return nil, err
	}
	uploads, err := r.uploads(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.writeBody(ctx, draft, &manifest); err != nil {
		return nil, err
	}
	if err := r.writeAttachments(ctx, draft, &manifest); err != nil {
		return nil, err
	}
	manifest.Files = append(manifest.Files, uploads...)
	if err := r.checkWhole(manifest); err != nil {
		return nil, err
	}
	if manifest.Options.Code, err = r.accessCode(); err != nil {
		return nil, err
	}
	if !r.standing.CompareAndSwap(open, committing) {
		return nil, errCalledOff
	}
	return r.Archive.Commit(ctx, r.key, manifest)
}

func (r *reception) accessCode() (transfer.AccessCode, error) {
	kind, secret := r.request.Options.Code.Kind, r.request.Options.Password
	if kind == transfer.CodeGenerated {
		secret = accesscode.Generate(r.key, r.record.ID, 0)
	}
	return accesscode.New(kind, secret, r.key, r.record.ID)
}

// uploads are the files that arrived ahead; one that is missing is named.
func (r *reception) uploads(ctx context.Context) ([]transfer.File, error) {
	if len(r.request.Uploads) == 0 {
		return nil, nil
	}
	staged, err := r.Vault.Staged(ctx, r.caller.Tenant, r.record.ID, r.key)
	if err != nil {
		return nil, err
	}
	var files []transfer.File
	for _, id := range r.request.Uploads {
		at := slices.IndexFunc(staged, func(f transfer.File) bool { return f.ID == id })
		if at < 0 {
			return nil, transfer.E(transfer.NotFound, "an uploaded file is missing; upload it again").With("file", string(id))
		}
		files = append(files, staged[at])
		r.received += staged[at].Size
	}
	return files, nil
}

func (r *reception) writeBody(ctx context.Context, draft transfer.Draft, m *transfer.Manifest) error {
	r.total = r.received + int64(len(draft.Body))
	for _, a := range draft.Attachments {
		r.total += a.Size
	}
	meta := transfer.File{ID: "body", Name: "message", Type: draft.BodyType}
	body, err := r.write(ctx, meta, strings.NewReader(draft.Body), r.policy.MaxBodyBytes)
	if err == nil {
		m.Body = &body
	}
	return err
}

func (r *reception) writeAttachments(ctx context.Context, draft transfer.Draft, m *transfer.Manifest) error {
	if len(draft.Attachments)+len(r.request.Uploads) > r.policy.MaxFiles {
		return tooManyFiles(r.policy)
	}
	for i, a := range draft.Attachments {
		file, err := r.writeAttachment(ctx, draft, a, transfer.FileID(fmt.Sprintf("f%d", i+1)))
		if err != nil {
			return err
		}
		m.Files = append(m.Files, file)
	}
	return nil
}

func (r *reception) writeAttachment(ctx context.Context, draft transfer.Draft, a transfer.Attachment, id transfer.FileID) (transfer.File, error) {
	stream, err := r.Drafts.OpenAttachment(ctx, r.caller.Tenant, r.caller, r.mailbox(), draft.ID, a)
	if err != nil {
		return transfer.File{}, err
	}
	defer stream.Close()
	var content io.Reader = stream
	meta := transfer.File{ID: id, Name: transfer.CleanName(a.Name), Type: a.Type}
	if a.Kind == transfer.ItemAttachment {
		meta, content = asItem(meta, stream)
	}
	if shown(a, draft.Body) {
		meta.ContentID = a.ContentID
	}
	file, err := r.write(ctx, meta, content, max(0, min(r.policy.MaxFileBytes, r.policy.MaxTransferBytes-r.received)))
	if file.Size > transfer.MaxInline {
		file.ContentID = ""
	}
	return file, err
}

// shown reports whether an attachment is a picture that the body shows in its
// place. Some programs mark every attachment as inline; what the body does not
// show must be in the list of files.
func shown(a transfer.Attachment, body string) bool {
	return a.Inline && a.ContentID != "" && strings.HasPrefix(a.Type, "image/") && !strings.Contains(a.Type, "svg") &&
		strings.Contains(body, "cid:"+a.ContentID)
}

func (r *reception) write(ctx context.Context, meta transfer.File, content io.Reader, limit int64) (transfer.File, error) {
	before := r.received
	file, err := r.Vault.WriteFile(ctx, r.caller.Tenant, r.record.ID, r.key, meta, content, limit, func(n int64) {
		r.received = before + n
		r.tell(ctx)
	})
	r.received = before + file.Size
	return file, err
}

// tell writes the progress to the ledger, four times a second at the most.
func (r *reception) tell(ctx context.Context) {
	now := r.Clock()
	if now.Sub(r.told) < 250*time.Millisecond {
		return
	}
	r.told = now
	if err := r.Ledger.Heartbeat(ctx, r.caller.Tenant, r.record.ID, r.holder, r.received, max(r.total, r.received), Lease); err != nil {
		r.Log.Warn("progress not recorded", "transfer", r.record.ID, "cause", err)
	}
}

func (r *reception) checkWhole(m transfer.Manifest) error {
	switch {
	case m.Size() > r.policy.MaxTransferBytes+r.policy.MaxBodyBytes:
		return transfer.E(transfer.TooLarge, "the files are together larger than allowed").With("bytes", fmt.Sprint(r.policy.MaxTransferBytes))
	case len(m.Files) == 0 && m.Body.Size == 0 && m.Options.Request == "":
		return transfer.E(transfer.Empty, "there is neither text nor a file to send")
	}
	return nil
}

// fileAway moves the draft, whole, to the organisation's folder. The transfer
// stands without it; the pane shows whether it succeeded.
func (r *reception) fileAway(ctx context.Context, d *transfer.Dossier) {
	if r.request.DraftID == "" {
		return
	}
	outcome := transfer.Entry{Kind: transfer.Concluded, Effect: FiledEffect, Outcome: transfer.Done}
	if _, err := r.Drafts.FileAway(ctx, r.caller.Tenant, r.caller, r.mailbox(), r.request.DraftID, r.policy.SentFolder); err != nil {
		r.Log.Warn("draft not filed", "transfer", r.record.ID, "cause", err)
		outcome.Outcome, outcome.Reason = transfer.Failed, transfer.CodeOf(err)
	}
	err := r.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[FiledEffect].Outcome != "" {
			return transfer.Entry{}, nil
		}
		return outcome, nil
	})
	if err != nil {
		r.Log.Warn("filing not journalled", "transfer", r.record.ID, "cause", err)
	}
}
