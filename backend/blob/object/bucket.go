package object

import (
	"context"
	"errors"
	"io"
	"iter"
)

// ErrRange is a driver's answer to a range that begins at the end of a blob or
// behind it.
var ErrRange = errors.New("the range begins behind the end")

// Bucket is one service's way of holding blobs by key. fs.ErrExist and
// fs.ErrNotExist mean what they say.
type Bucket interface {
	// Put stores content under a free key, in one request that is not repeated.
	Put(ctx context.Context, key string, content []byte) error
	// Begin starts a blob that comes in chunks.
	Begin(ctx context.Context, key string) (Upload, error)
	// Read reads length bytes from offset on, to the end when length is negative.
	Read(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Size returns the length of a blob.
	Size(ctx context.Context, key string) (int64, error)
	// Keys yields the keys that start with prefix and sort after after, in order.
	Keys(ctx context.Context, prefix, after string) iter.Seq2[string, error]
	// Delete removes a key; an absent one is no error.
	Delete(ctx context.Context, key string) error
}

// Upload is a blob that comes in chunks, all but the last of ChunkSize bytes.
type Upload interface {
	// Chunk stores the chunk with a number, from 1 on.
	Chunk(ctx context.Context, number int, content []byte) error
	// Commit makes a blob of the chunks where the key is still free.
	Commit(ctx context.Context) error
	// Abort withdraws the chunks.
	Abort(ctx context.Context) error
}
