package replying

import (
	"context"
	"io"

	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// Announce begins a file of a reply to come that arrives in pieces.
func (r *Replying) Announce(ctx context.Context, s Submission, meta transfer.File, length int64) (transfer.Arriving, error) {
	w, err := r.write(ctx, s)
	if err != nil {
		return transfer.Arriving{}, err
	}
	return r.Uploads.Announce(ctx, w.tenant(), w.id, meta, length, r.limits(w))
}

// Append takes the next piece of a file, which must begin where it ends so far.
func (r *Replying) Append(ctx context.Context, s Submission, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	w, err := r.goOn(ctx, s)
	if err != nil {
		return transfer.Arriving{}, err
	}
	return r.Uploads.Append(ctx, w.tenant(), w.id, file, at, content)
}

// Arriving lists all files of a reply to come, whole or on their way.
func (r *Replying) Arriving(ctx context.Context, s Submission) ([]transfer.Arriving, error) {
	w, err := r.goOn(ctx, s)
	if err != nil {
		return nil, err
	}
	return r.Uploads.Arriving(ctx, w.tenant(), w.id)
}

// goOn is write for what has begun: its files are kept, and held, for longer.
func (r *Replying) goOn(ctx context.Context, s Submission) (written, error) {
	w, err := r.write(ctx, s)
	if err == nil {
		err = r.Uploads.HoldOn(ctx, w.id, r.holders(w))
	}
	return w, err
}

func (r *Replying) limits(w written) uploading.Limits {
	policy := r.Policy(w.tenant())
	return uploading.Limits{Bytes: policy.MaxReplyBytes, FileBytes: policy.MaxFileBytes, Files: policy.MaxReplyFiles, Holders: r.holders(w)}
}

// whole refuses to send while a file is still on its way, or when the files are
// more than is allowed, however they came.
func (r *Replying) whole(ctx context.Context, w written) error {
	all, err := r.Uploads.Arriving(ctx, w.tenant(), w.id)
	if err != nil {
		return err
	}
	limits, total := r.limits(w), int64(0)
	for _, a := range all {
		if !a.Whole() {
			return transfer.E(transfer.InProgress, "a file has not arrived whole; let it finish, or remove it").With("file", a.File.Name)
		}
		total += a.Length
	}
	switch {
	case total > limits.Bytes:
		return transfer.E(transfer.TooLarge, "the files are together larger than allowed")
	case len(all) > limits.Files:
		return transfer.E(transfer.TooMany, "too many files")
	}
	return nil
}
