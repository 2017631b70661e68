package object

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"senddigitally/backend/blob"
)

// ChunkSize is how many bytes go in one request: at least the 5 MiB that S3 asks
// of every chunk but the last (Amazon S3 User Guide, "multipart upload limits").
const ChunkSize = 8 << 20

// tries and pause bound the repetition of a request whose answer was lost; the
// pause doubles.
const (
	tries = 4
	pause = 50 * time.Millisecond
)

var chunks = sync.Pool{New: func() any { return new([ChunkSize]byte) }}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := blob.CheckName(name); err != nil {
		return 0, err
	}
	source := &source{ctx: ctx, r: r}
	n, err := s.put(ctx, s.prefix+name, source)
	switch {
	case err == nil:
		return n, nil
	case source.failed != nil:
		return 0, source.failed
	case ctx.Err() != nil:
		return 0, ctx.Err()
	}
	return 0, err
}

// source remembers the reader's own error and ends with the context.
type source struct {
	ctx    context.Context
	r      io.Reader
	failed error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.failed = err
	}
	return n, err
}

// fill reads a chunk; last says that nothing follows it.
func (s *source) fill(chunk *[ChunkSize]byte) (n int, last bool, err error) {
	n, err = io.ReadFull(s, chunk[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF && s.failed == nil {
		return n, true, nil
	}
	return n, false, err
}

func (s *Store) put(ctx context.Context, key string, r *source) (int64, error) {
	chunk := chunks.Get().(*[ChunkSize]byte)
	n, last, err := r.fill(chunk)
	if err != nil || last {
		defer chunks.Put(chunk)
	}
	switch {
	case err != nil:
		return 0, err
	case last:
		return int64(n), s.putWhole(ctx, key, chunk[:n])
	}
	return s.putChunks(ctx, key, chunk, r)
}

// putWhole repeats what may not have arrived. A blob that is there after a
// doubtful try and has these very bytes is ours.
func (s *Store) putWhole(ctx context.Context, key string, content []byte) error {
	wait := pause
	for try := 1; ; try++ {
		err := s.bucket.Put(ctx, key, content)
		switch {
		case errors.Is(err, fs.ErrExist) && try > 1:
			return s.same(ctx, key, content)
		case err == nil, errors.Is(err, fs.ErrExist), try == tries, ctx.Err() != nil:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			wait *= 2
		}
	}
}

func (s *Store) same(ctx context.Context, key string, content []byte) error {
	found, err := s.content(ctx, key, int64(len(content))+1)
	if err == nil && !bytes.Equal(found, content) {
		return fs.ErrExist
	}
	return err
}

// putChunks sends a chunk while the next one fills. It takes over the first.
func (s *Store) putChunks(ctx context.Context, key string, first *[ChunkSize]byte, r *source) (int64, error) {
	defer chunks.Put(first)
	upload, err := s.bucket.Begin(ctx, key)
	if err != nil {
		return 0, err
	}
	n, err := sendAll(ctx, upload, first, r)
	if err == nil {
		err = upload.Commit(ctx)
	}
	if err != nil {
		_ = upload.Abort(context.WithoutCancel(ctx))
		return 0, err
	}
	return n, nil
}

func sendAll(ctx context.Context, upload Upload, full *[ChunkSize]byte, r *source) (total int64, err error) {
	spare := chunks.Get().(*[ChunkSize]byte)
	defer chunks.Put(spare)
	size, last := ChunkSize, false
	for number := 1; ; number++ {
		sent := make(chan error, 1)
		content := full[:size]
		go func() { sent <- upload.Chunk(ctx, number, content) }()
		total += int64(size)
		ended, err := last, error(nil)
		if !ended {
			size, last, err = r.fill(spare)
		}
		if failed := <-sent; err == nil {
			err = failed
		}
		if err != nil || ended || size == 0 {
			return total, err
		}
		full, spare = spare, full
	}
}
