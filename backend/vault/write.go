package vault

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"sync"
	"sync/atomic"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// queued is how many segments may wait for the hash and for the cipher; it
// bounds the memory of one upload to 2 + queued + 1 segments.
const queued = 2

// segment is plaintext on its way to the hash and to the cipher.
type segment struct {
	bytes [segmentSize]byte
	size  int
	users atomic.Int32
}

var (
	segmentPool = sync.Pool{New: func() any { return new(segment) }}
	sealedPool  = sync.Pool{New: func() any { return new([fullSealed]byte) }}
)

func (s *segment) plaintext() []byte { return s.bytes[:s.size] }

func (s *segment) release() {
	if s.users.Add(-1) == 0 {
		segmentPool.Put(s)
	}
}

// WriteFile encrypts what r yields into parts and returns meta with size,
// SHA-256 and parts filled in, all of it durable. More than limit bytes give
// TooLarge; a negative limit is none. progress, which may be nil, hears the
// number of bytes read so far. Whatever the error, no part stays behind.
//
// Reading, hashing, encrypting and writing overlap; a few segments are in memory.
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
	u.start()
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
	sumOf  hash.Hash
	hash   chan *segment
	sum    chan []byte
}

func (v *Vault) newUpload(ctx context.Context, p place, key transfer.DataKey, file transfer.FileID) *upload {
	u := &upload{vault: v, place: p, key: key, file: file,
		hash: make(chan *segment, queued), sum: make(chan []byte, 1)}
	u.ctx, u.cancel = context.WithCancel(ctx)
	u.sumOf = sha256.New()
	return u
}

// start begins to hash what take hands over.
func (u *upload) start() { go u.hashAll() }

func (u *upload) hashAll() {
	for s := range u.hash {
		u.sumOf.Write(s.plaintext())
		s.release()
	}
	u.sum <- u.sumOf.Sum(nil)
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

// take hands a segment to the hash and to the part that is being written.
func (u *upload) take(s *segment) error {
	part, err := u.part()
	if err != nil {
		return err
	}
	s.users.Store(2)
	u.hash <- s
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
	close(u.hash)
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
	meta.Size, meta.SHA256 = u.size, <-u.sum
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
