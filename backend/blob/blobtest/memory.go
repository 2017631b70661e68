package blobtest

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// Memory is a blob.Store for tests that write much and need no disk. Fault,
// when set, is asked before each change and each read ("put", "delete", "read")
// and its error is the answer. Its calls do not overlap.
type Memory struct {
	Fault func(op, name string) error

	mu      sync.Mutex
	blobs   map[string][]byte
	folders map[string]map[string]bool // the names below each folder, at any depth
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{blobs: map[string][]byte{}, folders: map[string]map[string]bool{}}
}

// file notes a name in each folder above it, or its removal.
func (m *Memory) file(name string, there bool) {
	for at := strings.LastIndexByte(name, '/'); at >= 0; at = strings.LastIndexByte(name[:at], '/') {
		folder := name[:at+1]
		switch {
		case !there:
			delete(m.folders[folder], name)
		case m.folders[folder] == nil:
			m.folders[folder] = map[string]bool{name: true}
		default:
			m.folders[folder][name] = true
		}
	}
}

// below lists what lies in the folder of a prefix.
func (m *Memory) below(prefix string) []string {
	folder := prefix[:strings.LastIndexByte(prefix, '/')+1]
	if folder == "" {
		return m.Names()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.folders[folder]))
}

func (m *Memory) check(op, name string) error {
	if err := blob.CheckName(name); err != nil || m.Fault == nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Fault(op, name)
}

// Put implements blob.Store.
func (m *Memory) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := m.check("put", name); err != nil {
		return 0, err
	}
	content, err := io.ReadAll(r)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.blobs[name]; taken {
		return 0, fs.ErrExist
	}
	m.blobs[name] = content
	m.file(name, true)
	return int64(len(content)), nil
}

// ReadRange implements blob.Store.
func (m *Memory) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := m.check("read", name); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, transfer.E(transfer.Invalid, "a range starts at 0 or later")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	content, found := m.blobs[name]
	if !found {
		return nil, fs.ErrNotExist
	}
	content = content[min(offset, int64(len(content))):]
	if length >= 0 {
		content = content[:min(length, int64(len(content)))]
	}
	return io.NopCloser(&stream{ctx, bytes.NewReader(content)}), nil
}

type stream struct {
	ctx context.Context
	r   io.Reader
}

func (s *stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// Size implements blob.Store.
func (m *Memory) Size(_ context.Context, name string) (int64, error) {
	if err := m.check("read", name); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	content, found := m.blobs[name]
	if !found {
		return 0, fs.ErrNotExist
	}
	return int64(len(content)), nil
}

// List implements blob.Store.
func (m *Memory) List(_ context.Context, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield("", err)
			return
		}
		for _, name := range m.below(prefix) {
			if strings.HasPrefix(name, prefix) && name > after && !yield(name, nil) {
				return
			}
		}
	}
}

// Names lists everything.
func (m *Memory) Names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.blobs))
}

// Delete implements blob.Store.
func (m *Memory) Delete(_ context.Context, name string) error {
	if err := m.check("delete", name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, name)
	m.file(name, false)
	return nil
}

// Tamper changes a stored blob behind the port's back; nil removes it.
func (m *Memory) Tamper(name string, change func([]byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if changed := change(bytes.Clone(m.blobs[name])); changed != nil {
		m.blobs[name] = changed
		m.file(name, true)
		return
	}
	delete(m.blobs, name)
	m.file(name, false)
}
