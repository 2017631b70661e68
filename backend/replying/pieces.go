package replying

import (
	"context"
	"io"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// Announce begins a file of a reply to come that arrives in pieces.
func (r *Replying) Announce(ctx context.Context, s Submission, meta transfer.File, length int64) (transfer.Arriving, error) {
	if _, err := r.parent(ctx, s, access.Reply); err != nil {
		return transfer.Arriving{}, err
	}
	return r.Uploads.Announce(ctx, s.Seat.Tenant, r.id(s), meta, length, r.limits(s))
}

// Append takes the next piece of a file, which must begin where it ends so far.
func (r *Replying) Append(ctx context.Context, s Submission, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	if _, err := r.parent(ctx, s, access.Reply); err != nil {
		return transfer.Arriving{}, err
	}
	return r.Uploads.Append(ctx, s.Seat.Tenant, r.id(s), file, at, content)
}

// Arriving lists all files of a reply to come, whole or on their way.
func (r *Replying) Arriving(ctx context.Context, s Submission) ([]transfer.Arriving, error) {
	if _, err := r.parent(ctx, s, access.Reply); err != nil {
		return nil, err
	}
	return r.Uploads.Arriving(ctx, s.Seat.Tenant, r.id(s))
}

func (r *Replying) limits(s Submission) uploading.Limits {
	policy := r.Policy(s.Seat.Tenant)
	return uploading.Limits{Bytes: policy.MaxReplyBytes, FileBytes: policy.MaxFileBytes, Files: policy.MaxReplyFiles}
}

// whole refuses to send while a file is still on its way, or when the files are
// more than is allowed, however they came.
func (r *Replying) whole(ctx context.Context, s Submission) error {
	all, err := r.Uploads.Arriving(ctx, s.Seat.Tenant, r.id(s))
	if err != nil {
		return err
	}
	limits, total := r.limits(s), int64(0)
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
