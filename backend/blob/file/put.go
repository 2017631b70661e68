package file

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"sync"

	"senddigitally/backend/blob"
)

const (
	copyBuffer = 256 << 10
	linkTries  = 8 // against a folder that is removed just before each link
)

var buffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// Put implements blob.Store. A reader that is an io.WriterTo is asked to write
// itself, which saves a copy.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := blob.CheckName(name); err != nil {
		return 0, err
	}
	temp := temporaryName()
	n, err := s.write(ctx, temp, r)
	if err == nil {
		err = s.publish(temp, name)
	}
	_ = s.files.Remove(temp) // a second name of the blob by now, or waste
	if err != nil {
		return 0, fault(err)
	}
	return n, nil
}

// write puts the bytes into a synced temporary file.
func (s *Store) write(ctx context.Context, temp string, r io.Reader) (int64, error) {
	f, err := s.files.Create(temp)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("the folder for temporary files is gone; restart to make it again")
	}
	if err != nil {
		return 0, err
	}
	n, err := fill(ctx, f, r)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return n, err
}

func fill(ctx context.Context, f handle, r io.Reader) (int64, error) {
	buffer := buffers.Get().(*[copyBuffer]byte)
	defer buffers.Put(buffer)
	return io.CopyBuffer(cancellable{ctx, f}, r, buffer[:])
}

// cancellable stops a copy between two writes.
type cancellable struct {
	ctx  context.Context
	file handle
}

func (c cancellable) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.file.Write(p)
}

// publish gives a synced file its name, durably.
func (s *Store) publish(temp, name string) error {
	folder := parent(name)
	err := s.link(temp, name)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// A name that another call has just linked is not ours to report as taken
	// before it is durable, so the folder is synced in either case.
	if synced := s.files.SyncDir(folder); synced != nil {
		if err == nil {
			_ = s.files.Remove(name)
		}
		return synced
	}
	return err
}

// link links into a folder that is there and durably named.
func (s *Store) link(temp, name string) error {
	s.shape.RLock()
	defer s.shape.RUnlock()
	var err error
	for range linkTries {
		if err = s.makeFolder(parent(name)); err != nil {
			return err
		}
		err = s.files.Link(temp, name)
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.folders.forget(parent(name)) // another process removed it
	}
	return err
}

// makeFolder makes a folder and those above it, and syncs the folder above each
// unless this process has done so before: one that is found may have been made
// a moment ago by a call that has not come to its sync yet.
func (s *Store) makeFolder(name string) error {
	if name == "." || s.folders.has(name) {
		return nil
	}
	above := parent(name)
	if err := s.makeFolder(above); err != nil {
		return err
	}
	err := s.files.Mkdir(name)
	if errors.Is(err, fs.ErrNotExist) {
		s.folders.forget(above)
		return nil // the link will miss it and come back
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.files.SyncDir(above); errors.Is(err, fs.ErrNotExist) {
		s.folders.forget(above)
		return nil
	} else if err != nil {
		return err
	}
	s.folders.add(name)
	return nil
}

// Delete implements blob.Store. A folder that becomes empty goes as well.
func (s *Store) Delete(_ context.Context, name string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	info, err := s.files.Stat(name)
	if err == nil && info.Mode().IsRegular() {
		err = s.files.Remove(name)
	}
	if err := ignoreAbsent(err); err != nil {
		return err
	}
	// An absent blob may be one whose deletion has not been synced: a call that
	// failed there comes again.
	if err := s.syncAbove(name); err != nil {
		return fault(err)
	}
	s.prune(parent(name))
	return nil
}

// syncAbove syncs the folder of a name or, where another call has just removed
// it as empty, the one that it was removed from: what it held comes back with it.
func (s *Store) syncAbove(name string) error {
	folder := parent(name)
	err := s.files.SyncDir(folder)
	if errors.Is(absent(err), fs.ErrNotExist) && folder != "." {
		return s.syncAbove(folder)
	}
	return err
}

func ignoreAbsent(err error) error {
	if errors.Is(absent(err), fs.ErrNotExist) {
		return nil
	}
	return fault(err)
}

func (s *Store) prune(folder string) {
	if folder == "." {
		return
	}
	s.shape.Lock()
	defer s.shape.Unlock()
	if s.files.Remove(folder) == nil {
		s.folders.forget(folder)
	}
}

func temporaryName() string {
	var random [16]byte
	_, _ = rand.Read(random[:])
	return temporaryFolder + "/" + hex.EncodeToString(random[:])
}
