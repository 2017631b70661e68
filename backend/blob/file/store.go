package file

import (
	"context"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// Store is a blob.Store in a directory.
type Store struct {
	files files
	clock func() time.Time

	// shape is held for writing while an empty folder is removed and for
	// reading from finding a folder to linking into it.
	shape   sync.RWMutex
	folders known
}

// Open opens a directory that belongs to owner, a name such as the
// installation's id and the purpose. An empty directory is taken into
// possession; one that is foreign, or that cannot be written, is refused.
func Open(dir, owner string, clock func() time.Time) (*Store, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s, err := open(within(root), owner, clock)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func open(f files, owner string, clock func() time.Time) (*Store, error) {
	s := &Store{files: f, clock: clock}
	if err := s.possess(owner); err != nil {
		return nil, err
	}
	return s, s.sweep()
}

// ReadRange implements blob.Store. The stream goes straight to the file.
func (s *Store) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := blob.CheckName(name); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, transfer.E(transfer.Invalid, "a range starts at 0 or later")
	}
	f, err := s.files.Open(name)
	if err != nil {
		return nil, absent(err)
	}
	if err := readable(f, offset); err != nil {
		f.Close()
		return nil, err
	}
	return &section{ctx: ctx, file: f, left: length}, nil
}

func readable(f handle, offset int64) error {
	info, err := f.Stat()
	if err != nil {
		return fault(err)
	}
	if !info.Mode().IsRegular() {
		return fs.ErrNotExist
	}
	if offset > 0 {
		_, err = f.Seek(offset, io.SeekStart)
	}
	return fault(err)
}

// section reads a part of a file; a negative left is the rest of it.
type section struct {
	ctx  context.Context
	file handle
	left int64
}

func (s *section) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if s.left == 0 {
		return 0, io.EOF
	}
	if s.left > 0 && int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.file.Read(p)
	if s.left > 0 {
		s.left -= int64(n)
	}
	return n, err
}

func (s *section) Close() error { return s.file.Close() }

// Size implements blob.Store.
func (s *Store) Size(_ context.Context, name string) (int64, error) {
	if err := blob.CheckName(name); err != nil {
		return 0, err
	}
	info, err := s.files.Stat(name)
	if err != nil {
		return 0, absent(err)
	}
	if !info.Mode().IsRegular() {
		return 0, fs.ErrNotExist
	}
	return info.Size(), nil
}
