package file

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// beneath is the real file system below one directory, where the kernel looks up
// a whole name at once and sees to it that no link leads out (openat2(2), Linux
// 5.6). An os.Root opens and closes every folder on the way.
type beneath struct {
	rooted
	dir *os.File
}

// within is the file system below a directory.
func within(root *os.Root) files {
	dir, err := root.Open(".")
	if err != nil {
		return rooted{root}
	}
	b := beneath{rooted{root}, dir}
	same, err := b.folder("open", ".")
	if err != nil { // an older kernel, or a container that does not allow it
		dir.Close()
		return b.rooted
	}
	same.close()
	return b
}

// descriptor is an open file that needs no more than to be named and closed.
type descriptor int

func (d descriptor) close() { _ = unix.Close(int(d)) }

func (b beneath) look(op, name string, flags uint64, mode uint64) (d descriptor, err error) {
	how := unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Mode: mode, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS}
	err = at(op, name, func() error {
		fd, err := unix.Openat2(int(b.dir.Fd()), name, &how)
		d = descriptor(fd)
		return err
	})
	return d, err
}

// at repeats a call that was interrupted, and says where it failed.
func at(op, name string, call func() error) error {
	for {
		err := call()
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.EAGAIN) {
			return &fs.PathError{Op: op, Path: name, Err: err}
		}
	}
}

func (b beneath) open(op, name string, flags uint64, mode uint64) (*os.File, error) {
	d, err := b.look(op, name, flags, mode)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(d), filepath.Join(b.root.Name(), name)), nil
}

// folder opens a folder to name something in it.
func (b beneath) folder(op, name string) (descriptor, error) {
	return b.look(op, name, unix.O_PATH|unix.O_DIRECTORY, 0)
}

func (b beneath) Create(name string) (handle, error) {
	f, err := b.open("create", name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, filePermissions)
	if err != nil {
		return nil, err
	}
	return &file{File: f}, nil
}

func (b beneath) Open(name string) (handle, error) {
	f, err := b.open("open", name, unix.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (b beneath) Stat(name string) (fs.FileInfo, error) {
	f, err := b.open("stat", name, unix.O_PATH|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

func (b beneath) Link(from, to string) error {
	source, err := b.folder("link", path.Dir(from))
	if err != nil {
		return err
	}
	defer source.close()
	target, err := b.folder("link", path.Dir(to))
	if err != nil {
		return err
	}
	defer target.close()
	return at("link", to, func() error {
		return unix.Linkat(int(source), path.Base(from), int(target), path.Base(to), 0)
	})
}

func (b beneath) Remove(name string) error {
	folder, err := b.folder("remove", path.Dir(name))
	if err != nil {
		return err
	}
	defer folder.close()
	return at("remove", name, func() error {
		err := unix.Unlinkat(int(folder), path.Base(name), 0)
		if errors.Is(err, unix.EISDIR) {
			err = unix.Unlinkat(int(folder), path.Base(name), unix.AT_REMOVEDIR)
		}
		return err
	})
}

func (b beneath) SyncDir(name string) error {
	folder, err := b.look("sync", name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer folder.close()
	return at("sync", name, func() error { return unix.Fsync(int(folder)) })
}

func (b beneath) ReadDir(name string) ([]fs.DirEntry, error) {
	folder, err := b.open("list", name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.ReadDir(-1)
}
