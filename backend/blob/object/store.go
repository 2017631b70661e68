package object

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// Store is a blob.Store below a prefix of a bucket.
type Store struct {
	bucket Bucket
	prefix string // "" or ends with "/"
}

// The marker's name is none that a blob can have.
const (
	markerName = ".senddigitally"
	markerText = "Managed by Send Digitally. It belongs to:\n"
)

// Open opens what lies below a prefix of a bucket ("" for all of it) and belongs
// to owner. An empty place is taken into possession; a foreign one is refused.
func Open(ctx context.Context, bucket Bucket, prefix, owner string) (*Store, error) {
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		if err := blob.CheckName(prefix); err != nil {
			return nil, err
		}
		prefix += "/"
	}
	s := &Store{bucket: bucket, prefix: prefix}
	return s, s.possess(ctx, markerText+owner+"\n")
}

// Look is Open for those who only look: an empty place stays empty.
func Look(ctx context.Context, bucket Bucket, prefix, owner string) error {
	s := &Store{bucket: bucket}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		s.prefix = prefix + "/"
	}
	err := s.owned(ctx, markerText+owner+"\n")
	if errors.Is(err, fs.ErrNotExist) {
		return s.empty(ctx)
	}
	return err
}

func (s *Store) possess(ctx context.Context, text string) error {
	err := s.owned(ctx, text)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.empty(ctx); err != nil {
		return err
	}
	if err := s.bucket.Put(ctx, s.prefix+markerName, []byte(text)); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the marker cannot be written: %w", err)
	}
	return s.owned(ctx, text)
}

func (s *Store) empty(ctx context.Context) error {
	for _, err := range s.bucket.Keys(ctx, s.prefix, "") {
		if err == nil {
			err = errors.New("there is content but no marker of an installation; an empty place is needed")
		}
		return err
	}
	return nil
}

func (s *Store) owned(ctx context.Context, text string) error {
	found, err := s.content(ctx, s.prefix+markerName, int64(len(text))+1)
	if err == nil && string(found) != text {
		err = errors.New("it belongs to another installation or purpose")
	}
	return err
}

func (s *Store) content(ctx context.Context, key string, limit int64) ([]byte, error) {
	r, err := s.read(ctx, key, 0, limit)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// ReadRange implements blob.Store.
func (s *Store) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := blob.CheckName(name); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, transfer.E(transfer.Invalid, "a range starts at 0 or later")
	}
	if length == 0 {
		_, err := s.bucket.Size(ctx, s.prefix+name)
		return nothing(), err
	}
	return s.read(ctx, s.prefix+name, offset, length)
}

func (s *Store) read(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	r, err := s.bucket.Read(ctx, key, offset, length)
	if errors.Is(err, ErrRange) {
		return nothing(), nil
	}
	if err != nil {
		return nil, err
	}
	return &stream{ctx, r}, nil
}

func nothing() io.ReadCloser { return io.NopCloser(bytes.NewReader(nil)) }

// stream ends with its context, also where bytes have been received already.
type stream struct {
	ctx context.Context
	io.ReadCloser
}

func (s *stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.ReadCloser.Read(p)
}

// Size implements blob.Store.
func (s *Store) Size(ctx context.Context, name string) (int64, error) {
	if err := blob.CheckName(name); err != nil {
		return 0, err
	}
	return s.bucket.Size(ctx, s.prefix+name)
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield("", err)
			return
		}
		if after != "" {
			after = s.prefix + after
		}
		for key, err := range s.bucket.Keys(ctx, s.prefix+prefix, after) {
			name := strings.TrimPrefix(key, s.prefix)
			if err == nil && name == markerName {
				continue
			}
			if !yield(name, err) || err != nil {
				return
			}
		}
	}
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	return s.bucket.Delete(ctx, s.prefix+name)
}
