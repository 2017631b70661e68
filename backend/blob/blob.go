// Package blob is the port to wherever encrypted bytes lie: a directory or an
// object store. It is five operations wide, so that every driver can keep its
// promises, and it knows nothing about what the bytes mean.
//
// Invariant: a name is written once. What Put has acknowledged is complete and
// survives a loss of power; what it has not acknowledged leaves nothing that a
// reader can see. What Delete has acknowledged stays deleted.
//
// Failure: fs.ErrExist and fs.ErrNotExist mean what they say; no room is a
// transfer.Error with code StorageFull, a refused name one with code Invalid;
// everything else is a fault of the driver, worth a retry.
package blob

import (
	"context"
	"io"
	"iter"
)

// Store holds immutable blobs by name. All methods may be called concurrently,
// also from several processes on one store.
type Store interface {
	// Put stores what r yields under a name that is free, and returns the bytes
	// stored. It returns after they are durable. A name that is taken gives
	// fs.ErrExist, and that too only once the other blob is durable. An error of
	// r is returned as it is, and nothing is left behind.
	Put(ctx context.Context, name string, r io.Reader) (int64, error)

	// ReadRange reads length bytes from offset on, or to the end when length is
	// negative. A range that reaches past the end is cut short, one that begins
	// there is empty. An absent blob gives fs.ErrNotExist. The context ends the
	// whole stream, not only the call.
	ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)

	// Size returns the length of a blob in bytes, or fs.ErrNotExist.
	Size(ctx context.Context, name string) (int64, error)

	// List yields, in the order of their bytes, the names that start with prefix
	// and sort after after. Blobs that come or go meanwhile may be missed or
	// shown; all others are shown once. An error ends the sequence.
	List(ctx context.Context, prefix, after string) iter.Seq2[string, error]

	// Delete removes a blob for good. An absent one is no error.
	Delete(ctx context.Context, name string) error
}
