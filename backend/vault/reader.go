package vault

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sort"

	"senddigitally/backend/transfer"
)

// ReadFile reads a file of an opened transfer. Nothing is read before the first
// Read; the caller closes the reader.
func (v *Vault) ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) *Reader {
	r := &Reader{vault: v, ctx: ctx, key: d.Key, file: f}
	var err error
	if r.place, err = at(d.Manifest.Tenant, d.Manifest.ID); err == nil {
		err = r.layOut()
	}
	if err != nil {
		r.current = &opened{err: r.heard(err)}
	}
	return r
}

func (r *Reader) heard(err error) error {
	return r.vault.heard(r.ctx, r.place.tenant, r.place.id, r.file.ID, err)
}

// layOut finds where each part starts.
func (r *Reader) layOut() error {
	for _, part := range r.file.Parts {
		if part.Length <= 0 || part.Length > r.file.Size-r.size {
			return integrity("the record of a file contradicts itself", nil)
		}
		r.starts = append(r.starts, r.size)
		r.size += part.Length
	}
	if r.size != r.file.Size {
		return integrity("the record of a file contradicts itself", nil)
	}
	return nil
}

// Reader reads a file from the vault: an io.ReadSeekCloser for http.ServeContent
// and an io.WriterTo for whole copies. It checks the segments that it reads and
// no others. Bytes that do not authenticate are never given out: Read fails with
// Integrity, and goes on failing. It serves one goroutine.
type Reader struct {
	vault  *Vault
	ctx    context.Context
	place  place
	key    transfer.DataKey
	file   transfer.File
	starts []int64 // of the parts
	size   int64

	position int64
	current  *opened // the segment last read, nil before the first
	source   source
}

// opened is a decrypted segment, or why there is none.
type opened struct {
	start  int64
	bytes  []byte
	err    error
	buffer *segment
}

func (o *opened) covers(position int64) bool {
	return o != nil && o.err == nil && o.start <= position && position < o.end()
}

func (o *opened) end() int64 { return o.start + int64(len(o.bytes)) }

func (o *opened) release() {
	if o != nil && o.buffer != nil {
		segmentPool.Put(o.buffer)
		o.buffer, o.bytes = nil, nil
	}
}

var errClosed = errors.New("the reader is closed")

// Size is the length of the file in bytes.
func (r *Reader) Size() int64 { return r.size }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if at, fits := r.fits(p); fits {
		return r.decryptInto(p, at)
	}
	b, err := r.next()
	if err != nil {
		return 0, err
	}
	n := copy(p, b)
	r.position += int64(n)
	return n, nil
}

// fits reports whether the next bytes are a whole segment that p has room for.
func (r *Reader) fits(p []byte) (at spot, fits bool) {
	if r.failed() || r.position >= r.size || r.current.covers(r.position) {
		return at, false
	}
	at = r.spot(r.position)
	length := min(segmentSize, r.file.Parts[at.part].Length-at.number*segmentSize)
	return at, at.start == r.position && int64(len(p)) >= length
}

// decryptInto saves a copy. What does not authenticate is wiped from p by the
// cipher.
func (r *Reader) decryptInto(p []byte, at spot) (int, error) {
	r.current.release()
	r.current = nil
	b, err := r.source.open(r, at.part, at.number, p[:0])
	if err != nil {
		r.current = &opened{err: r.explain(err)}
		return 0, r.heard(r.current.err)
	}
	r.position += int64(len(b))
	return len(b), nil
}

func (r *Reader) failed() bool { return r.current != nil && r.current.err != nil }

// WriteTo implements io.WriterTo, a segment at a time.
func (r *Reader) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		b, err := r.next()
		if err == io.EOF {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		n, err := w.Write(b)
		written += int64(n)
		r.position += int64(n)
		if err != nil {
			return written, err
		}
	}
}

// Seek implements io.Seeker. It reads nothing.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.position
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, transfer.E(transfer.Invalid, "a position is 0 or later")
	}
	r.position = offset
	return offset, nil
}

// Close ends what is being read.
func (r *Reader) Close() error {
	r.current.release()
	r.current = &opened{err: errClosed}
	r.source.close()
	return nil
}

// next returns the decrypted bytes at the position, at least one.
func (r *Reader) next() ([]byte, error) {
	if r.failed() {
		return nil, r.current.err
	}
	if r.position >= r.size {
		return nil, io.EOF
	}
	if !r.current.covers(r.position) {
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
	return r.current.bytes[r.position-r.current.start:], nil
}

// advance makes the segment at the position the current one.
func (r *Reader) advance() error {
	r.current.release()
	r.current = r.load(r.position)
	if r.current.err != nil {
		return r.heard(r.current.err)
	}
	return nil
}

// spot is where a segment lies: its part, its number there, and where it starts
// in the file.
type spot struct {
	part   int
	number int64
	start  int64
}

func (r *Reader) spot(position int64) spot {
	i := sort.Search(len(r.starts), func(i int) bool { return r.starts[i] > position }) - 1
	number := (position - r.starts[i]) / segmentSize
	return spot{i, number, r.starts[i] + number*segmentSize}
}

// load decrypts the segment that holds a position.
func (r *Reader) load(position int64) *opened {
	at := r.spot(position)
	o := &opened{start: at.start, buffer: segmentPool.Get().(*segment)}
	o.bytes, o.err = r.source.open(r, at.part, at.number, o.buffer.bytes[:0])
	if o.err != nil {
		o.release()
		o.start, o.err = position, r.explain(o.err)
	}
	return o
}

// explain says what a failure to read means.
func (r *Reader) explain(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if gone := r.vault.gone(r.ctx, r.place); transfer.CodeOf(gone) != transfer.NotFound {
			return gone
		}
		return integrity("bytes of a stored file are missing", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return integrity("a stored file was cut short", err)
	}
	return unavailable(err)
}
