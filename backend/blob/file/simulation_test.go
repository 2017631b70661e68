package file

import (
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// simulated is a file system in memory that knows what a loss of power leaves:
// what was written and not synced is gone, and what was named, linked or
// removed in a folder and the folder not synced is undone.
type simulated struct {
	mu   sync.Mutex
	top  *node
	hook func(op, name string) error // before each operation; errDeaf makes a sync do nothing
}

// node is a file or folder, as it is and as the disk has it.
type node struct {
	folder        bool
	data, synced  []byte
	names, stored map[string]*node
	modified      time.Time
}

type deaf struct{ error }

func newSimulated() *simulated {
	return &simulated{top: newFolder(), hook: func(string, string) error { return nil }}
}

func newFolder() *node {
	return &node{folder: true, names: map[string]*node{}, stored: map[string]*node{}}
}

// crash returns what a disk may hold after the power was lost now. Of everything
// that was not synced, survives decides each time whether it reached the disk.
func (s *simulated) crash(survives func() bool) *simulated {
	s.mu.Lock()
	defer s.mu.Unlock()
	after := newSimulated()
	after.top = s.top.crash(survives, map[*node]*node{})
	return after
}

func (n *node) crash(survives func() bool, seen map[*node]*node) *node {
	if copied := seen[n]; copied != nil {
		return copied
	}
	if !n.folder {
		content := n.synced
		if survives() {
			content = n.data
		}
		seen[n] = &node{data: content, synced: content, modified: n.modified}
		return seen[n]
	}
	copied := newFolder()
	seen[n] = copied
	all := maps.Clone(n.names)
	maps.Copy(all, n.stored)
	for name := range all {
		child := n.stored[name]
		if now := n.names[name]; now != child && survives() {
			child = now
		}
		if child != nil {
			copied.names[name] = child.crash(survives, seen)
		}
	}
	copied.stored = maps.Clone(copied.names)
	return copied
}

// find returns the folder that holds a name, and what is under the name.
func (s *simulated) find(name string) (folder, found *node, base string, err error) {
	if name == "." {
		return nil, s.top, "", nil
	}
	folder = s.top
	elements := strings.Split(name, "/")
	for _, element := range elements[:len(elements)-1] {
		next := folder.names[element]
		if next == nil {
			return nil, nil, "", fs.ErrNotExist
		}
		if !next.folder {
			return nil, nil, "", syscall.ENOTDIR
		}
		folder = next
	}
	base = path.Base(name)
	return folder, folder.names[base], base, nil
}

// enter runs the hook and then an operation under the lock.
func (s *simulated) enter(op, name string, act func(folder, found *node, base string) error) error {
	hooked := s.hook(op, name)
	if _, skip := hooked.(deaf); hooked != nil && !skip {
		return hooked
	} else if skip {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	folder, found, base, err := s.find(name)
	if err != nil {
		return err
	}
	return act(folder, found, base)
}

func (s *simulated) add(op, name string, n *node) error {
	return s.enter(op, name, func(folder, found *node, base string) error {
		if found != nil {
			return fs.ErrExist
		}
		folder.names[base] = n
		return nil
	})
}

func (s *simulated) Create(name string) (handle, error) {
	n := &node{modified: time.Now()}
	return &simulatedFile{s: s, node: n, name: name}, s.add("create", name, n)
}

func (s *simulated) Mkdir(name string) error { return s.add("mkdir", name, newFolder()) }

func (s *simulated) Open(name string) (handle, error) {
	f := &simulatedFile{s: s, name: name}
	return f, s.enter("open", name, func(_, found *node, _ string) error {
		if f.node = found; found == nil {
			return fs.ErrNotExist
		}
		return nil
	})
}

func (s *simulated) Link(from, to string) error {
	var n *node
	err := s.enter("read link", from, func(_, found *node, _ string) error {
		if n = found; found == nil {
			return fs.ErrNotExist
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.add("link", to, n)
}

func (s *simulated) Remove(name string) error {
	return s.enter("remove", name, func(folder, found *node, base string) error {
		if found == nil {
			return fs.ErrNotExist
		}
		if len(found.names) > 0 {
			return syscall.ENOTEMPTY
		}
		delete(folder.names, base)
		return nil
	})
}

func (s *simulated) SyncDir(name string) error {
	return s.enter("sync folder", name, func(_, found *node, _ string) error {
		if found == nil {
			return fs.ErrNotExist
		}
		found.stored = maps.Clone(found.names)
		return nil
	})
}

func (s *simulated) Stat(name string) (info fs.FileInfo, err error) {
	return info, s.enter("stat", name, func(_, found *node, base string) error {
		if found == nil {
			return fs.ErrNotExist
		}
		info = simulatedInfo{base, found, int64(len(found.data))}
		return nil
	})
}

func (s *simulated) ReadDir(name string) (entries []fs.DirEntry, err error) {
	return entries, s.enter("read folder", name, func(_, found *node, _ string) error {
		if found == nil {
			return fs.ErrNotExist
		}
		if !found.folder {
			return syscall.ENOTDIR
		}
		for base, n := range found.names {
			entries = append(entries, fs.FileInfoToDirEntry(simulatedInfo{base, n, int64(len(n.data))}))
		}
		return nil
	})
}

type simulatedFile struct {
	s      *simulated
	node   *node
	name   string
	offset int64
}

func (f *simulatedFile) Write(p []byte) (int, error) {
	if err := f.s.hook("write", f.name); err != nil {
		return 0, err
	}
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	f.node.data = slices.Concat(f.node.data, p)
	return len(p), nil
}

func (f *simulatedFile) Sync() error {
	if err := f.s.hook("sync file", f.name); err != nil {
		if _, skip := err.(deaf); skip {
			return nil
		}
		return err
	}
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	f.node.synced = f.node.data
	return nil
}

func (f *simulatedFile) Read(p []byte) (int, error) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.offset >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[f.offset:])
	f.offset += int64(n)
	return n, nil
}

func (f *simulatedFile) Seek(offset int64, _ int) (int64, error) {
	f.offset = offset
	return offset, nil
}

func (f *simulatedFile) Close() error { return nil }

func (f *simulatedFile) Stat() (fs.FileInfo, error) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	return simulatedInfo{path.Base(f.name), f.node, int64(len(f.node.data))}, nil
}

type simulatedInfo struct {
	base string
	node *node
	size int64
}

func (i simulatedInfo) Name() string       { return i.base }
func (i simulatedInfo) Size() int64        { return i.size }
func (i simulatedInfo) ModTime() time.Time { return i.node.modified }
func (i simulatedInfo) IsDir() bool        { return i.node.folder }
func (i simulatedInfo) Sys() any           { return nil }
func (i simulatedInfo) Mode() fs.FileMode {
	if i.node.folder {
		return fs.ModeDir | folderPermissions
	}
	return filePermissions
}
