package vault

import (
	"context"
	"io"
	"sync"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// segment is plaintext on its way to the cipher.
type segment struct {
	bytes [segmentSize]byte
	size  int
}

var (
	segmentPool = sync.Pool{New: func() any { return new(segment) }}
	sealedPool  = sync.Pool{New: func() any { return new([fullSealed]byte) }}
)

// WriteFile encrypts what r yields into parts and returns meta with size and
// parts filled in, all of it durable. More than limit bytes give TooLarge; a
// negative limit is none. progress, which may be nil, hears the number of bytes
// read so far. Whatever the error, no part stays behind.
//
// While one segment is encrypted and written, the next is read: three segments
// are in memory.
func (v *Vault) WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey,
	meta transfer.File, r io.Reader, limit int64, progress func(n int64)) (transfer.File, error) {
	p, err := at(tenant, id)
	if err != nil {
		return transfer.File{}, err
	}
	if !blob.ValidElement(string(meta.ID)) {
		return transfer.File{}, transfer.E(transfer.Invalid, "not the id of a file")
	}
	u := v.newUpload(ctx, p, key, meta.ID)
	err = u.readFrom(r, limit, progress)
	return u.finish(ctx, meta, err)
}

// upload is one WriteFile under way.
type upload struct {
	vault *Vault
	place place
	key   transfer.DataKey
	file  transfer.FileID

	ctx    context.Context
	cancel context.CancelFunc
	size   int64
	parts  []*partWriter
}

func (v *Vault) newUpload(ctx context.Context, p place, key transfer.DataKey, file transfer.FileID) *upload {
	u := &upload{vault: v, place: p, key: key, file: file}
	u.ctx, u.cancel = context.WithCancel(ctx)
	return u
}

func (u *upload) readFrom(r io.Reader, limit int64, progress func(int64)) error {
	for {
		s := segmentPool.Get().(*segment)
		n, err := fill(r, s.bytes[:])
		u.size += int64(n)
		if limit >= 0 && u.size > limit {
			return transfer.E(transfer.TooLarge, "the file is larger than allowed")
		}
		if s.size = n; n > 0 {
			if err := u.take(s); err != nil {
				return err
			}
			if progress != nil {
				progress(u.size)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads until b is full or r gives an error, and returns that error as it
// is: io.ReadFull would make a body that was cut short look like a short one.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// take hands a segment to the part that is being written.
func (u *upload) take(s *segment) error {
	part, err := u.part()
	if err != nil {
		return err
	}
	part.length += int64(s.size)
	select {
	case part.segments <- s:
		return nil
	case <-part.done:
		return part.failure()
	}
}

// part returns the part that takes the next segment. While a new one fills, the
// one before it may still be on its way to the disk, but none before that.
func (u *upload) part() (*partWriter, error) {
	n := len(u.parts)
	if n > 0 && u.parts[n-1].length < u.vault.PartSize {
		return u.parts[n-1], nil
	}
	if n > 0 {
		u.parts[n-1].end(nil)
	}
	if n > 1 {
		if err := u.parts[n-2].wait(); err != nil {
			return nil, err
		}
	}
	part := u.vault.newPartWriter(u)
	u.parts = append(u.parts, part)
	return part, nil
}

// finish waits until everything is durable, or removes what is there.
func (u *upload) finish(ctx context.Context, meta transfer.File, err error) (transfer.File, error) {
	defer u.cancel()
	if n := len(u.parts); n > 0 {
		u.parts[n-1].end(err)
	}
	if err != nil {
		u.cancel()
	}
	for _, part := range u.parts {
		if failed := part.wait(); err == nil {
			err = failed
		}
		meta.Parts = append(meta.Parts, transfer.Part{ID: part.id, Length: part.length})
	}
	meta.Size = u.size
	if err != nil {
		u.vault.removeParts(ctx, u.place, meta.Parts)
		return transfer.File{}, err
	}
	return meta, nil
}

// removeParts deletes parts that nothing will name. What cannot be deleted now
// goes with the orphans.
func (v *Vault) removeParts(ctx context.Context, p place, parts []transfer.Part) {
	for _, part := range parts {
		_ = v.blobs.Delete(context.WithoutCancel(ctx), p.folder()+partPrefix+part.ID)
	}
}
