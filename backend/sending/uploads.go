package sending

import (
	"context"
	"io"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// Uploads takes files ahead of the transfer.
type Uploads interface {
	Put(ctx context.Context, tenant transfer.TenantID, id transfer.ID, meta transfer.File, content io.Reader, limits uploading.Limits) (transfer.File, error)
	Announce(ctx context.Context, tenant transfer.TenantID, id transfer.ID, meta transfer.File, length int64, limits uploading.Limits) (transfer.Arriving, error)
	Append(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error)
	Arriving(ctx context.Context, tenant transfer.TenantID, id transfer.ID) ([]transfer.Arriving, error)
	Abandon(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, by []uploading.Holder) error
	HoldOn(ctx context.Context, id transfer.ID, by []uploading.Holder) error
	LetGo(ctx context.Context, id transfer.ID, by []uploading.Holder)
}

// Upload takes one file for the transfer to come under an idempotency key.
// meta.Size is what it may have at most.
func (s *Sending) Upload(ctx context.Context, caller transfer.Caller, key string, meta transfer.File, content io.Reader) (transfer.File, error) {
	id, err := s.ahead(ctx, caller, key, meta.ID)
	if err != nil {
		return transfer.File{}, err
	}
	return s.Uploads.Put(ctx, caller.Tenant, id, meta, content, s.limits(caller))
}

// Announce begins a file that arrives in pieces.
func (s *Sending) Announce(ctx context.Context, caller transfer.Caller, key string, meta transfer.File, length int64) (transfer.Arriving, error) {
	id, err := s.ahead(ctx, caller, key, "")
	if err != nil {
		return transfer.Arriving{}, err
	}
	return s.Uploads.Announce(ctx, caller.Tenant, id, meta, length, s.limits(caller))
}

// Append takes the next piece of a file, which must begin where it ends so far.
func (s *Sending) Append(ctx context.Context, caller transfer.Caller, key string, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	id, err := s.ahead(ctx, caller, key, file)
	if err == nil {
		err = s.Uploads.HoldOn(ctx, id, s.holders(caller))
	}
	if err != nil {
		return transfer.Arriving{}, err
	}
	return s.Uploads.Append(ctx, caller.Tenant, id, file, at, content)
}

// Arriving lists all files of the transfer to come, whole or on their way.
func (s *Sending) Arriving(ctx context.Context, caller transfer.Caller, key string) ([]transfer.Arriving, error) {
	id, err := s.ahead(ctx, caller, key, "")
	if err != nil {
		return nil, err
	}
	return s.Uploads.Arriving(ctx, caller.Tenant, id)
}

// Remove forgets an uploaded file.
func (s *Sending) Remove(ctx context.Context, caller transfer.Caller, key string, file transfer.FileID) error {
	id, err := s.ahead(ctx, caller, key, file)
	if err != nil {
		return err
	}
	return s.Uploads.Abandon(ctx, caller.Tenant, id, file, s.holders(caller))
}

// ahead is the id of the transfer to come, when the caller may upload for it.
func (s *Sending) ahead(ctx context.Context, caller transfer.Caller, key string, file transfer.FileID) (transfer.ID, error) {
	id := s.Namer.TransferID(caller.Tenant, caller.Subject, key)
	on := access.Resource{Tenant: caller.Tenant, ID: id, Owner: s.Namer.Owner(caller.Tenant, caller.Subject), File: file}
	return id, s.Gate.Check(ctx, access.Staff(caller), access.Upload, on)
}

func (s *Sending) limits(caller transfer.Caller) uploading.Limits {
	policy := s.Policy(caller.Tenant)
	return uploading.Limits{Bytes: policy.MaxTransferBytes, FileBytes: policy.MaxFileBytes, Files: policy.MaxFiles, Holders: s.holders(caller)}
}

func (s *Sending) holders(caller transfer.Caller) []uploading.Holder {
	return []uploading.Holder{uploading.HolderOf(s.Namer, caller.Tenant, "caller", caller.Subject, s.Policy(caller.Tenant).Quotas.Caller)}
}
