package file

import (
	"io"
	"io/fs"
	"os"
	"path"
)

// files is what the driver asks of a file system. The crash simulation in the
// tests implements it, too.
type files interface {
	Create(name string) (handle, error) // new, for writing
	Open(name string) (handle, error)   // for reading
	Link(from, to string) error         // fs.ErrExist when to is there
	Remove(name string) error           // a file, or an empty folder
	Mkdir(name string) error
	SyncDir(name string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	Stat(name string) (fs.FileInfo, error)
}

// handle is an open file.
type handle interface {
	io.ReadWriteSeeker
	io.Closer
	Sync() error
	Stat() (fs.FileInfo, error)
}

const (
	filePermissions   = 0o600
	folderPermissions = 0o700
)

// rooted is the real file system below one directory.
type rooted struct{ root *os.Root }

func (r rooted) Create(name string) (handle, error) {
	f, err := r.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePermissions)
	if err != nil {
		return nil, err
	}
	return &file{File: f}, nil
}

func (r rooted) Open(name string) (handle, error) { return r.root.Open(name) }

func (r rooted) Link(from, to string) error { return r.root.Link(from, to) }

func (r rooted) Remove(name string) error { return r.root.Remove(name) }

func (r rooted) Mkdir(name string) error { return r.root.Mkdir(name, folderPermissions) }

func (r rooted) Stat(name string) (fs.FileInfo, error) { return r.root.Lstat(name) }

func (r rooted) SyncDir(name string) error {
	dir, err := r.root.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

func (r rooted) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, err := r.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.ReadDir(-1)
}

func parent(name string) string { return path.Dir(name) }
