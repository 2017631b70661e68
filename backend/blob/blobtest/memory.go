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

	mu    sync.Mutex
	blobs map[string][]byte
}

// NewMemory makes an empty store.
func NewMemory() *Memory { return &Memory{blobs: map[string][]byte{}} }

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
		for _, name := range m.Names() {
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
	return nil
}

// Tamper changes a stored blob behind the port's back; nil removes it.
func (m *Memory) Tamper(name string, change func([]byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if changed := change(bytes.Clone(m.blobs[name])); changed != nil {
		m.blobs[name] = changed
		return
	}
	delete(m.blobs, name)
}
