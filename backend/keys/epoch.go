package keys

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"io/fs"
	"strings"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// An epoch is named by the KEK that was the primary when it began. Its key lies
// under "tenant/epoch/<epoch>.<kek>", once for each KEK that wraps it: one,
// except while a rewrap is under way.
type epoch struct{ tenant, name string }

const maxRecord = 64 << 10 // bytes of a blob in the container

func (e epoch) folder() string         { return e.tenant + "/epoch/" }
func (e epoch) blob(kek string) string { return e.folder() + e.name + "." + kek }

// epochKey returns the key of an epoch, from memory after the first time.
func (c *Container) epochKey(ctx context.Context, e epoch) ([]byte, error) {
	c.mu.Lock()
	key, known := c.epochs[e]
	c.mu.Unlock()
	if known {
		return key, nil
	}
	key, err := c.loadEpoch(ctx, e)
	if err == nil {
		c.remember(e, key)
	}
	return key, err
}

func (c *Container) remember(e epoch, key []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epochs[e] = key
}

// loadEpoch tries what is stored of an epoch until one wrapping opens.
func (c *Container) loadEpoch(ctx context.Context, e epoch) ([]byte, error) {
	var failed error = fs.ErrNotExist
	for name, err := range c.blobs.List(ctx, e.blob(""), "") {
		if err != nil {
			return nil, unavailable(err)
		}
		key, err := c.unwrapEpoch(ctx, e, strings.TrimPrefix(name, e.blob("")))
		if err == nil {
			return key, nil
		}
		failed = err
	}
	return nil, failed
}

func (c *Container) unwrapEpoch(ctx context.Context, e epoch, kek string) ([]byte, error) {
	wrapped, err := c.read(ctx, e.blob(kek))
	if err != nil {
		return nil, err
	}
	key, err := c.kek.Unwrap(ctx, e.tenant, e.name, Wrapped{KEK: kek, Bytes: wrapped})
	if err == nil && len(key) != secretSize {
		err = transfer.E(transfer.Integrity, "an epoch key has the wrong length")
	}
	return key, err
}

// current returns the epoch that new records go under, and begins it where it
// has not begun.
func (c *Container) current(ctx context.Context, tenant string) (epoch, []byte, error) {
	e := epoch{tenant, c.kek.Primary(tenant)}
	key, err := c.epochKey(ctx, e)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = c.begin(ctx, e)
	}
	return e, key, err
}

func (c *Container) begin(ctx context.Context, e epoch) ([]byte, error) {
	err := c.wrapEpoch(ctx, e, random(secretSize))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return c.epochKey(ctx, e) // what is stored counts, whoever stored it
}

func (c *Container) wrapEpoch(ctx context.Context, e epoch, key []byte) error {
	w, err := c.kek.Wrap(ctx, e.tenant, e.name, key)
	if err != nil {
		return err
	}
	if !validKEKID(w.KEK) {
		return transfer.E(transfer.Internal, "a key-encryption key has an id that cannot be stored")
	}
	_, err = c.blobs.Put(ctx, e.blob(w.KEK), bytes.NewReader(w.Bytes))
	return unavailable(err)
}

// Rewrap brings every epoch key of a tenant under the primary KEK, after which
// the older ones can leave the keyring. It may be killed anywhere and run
// again, also by two at once: what is done is passed over. progress, which may
// be nil, hears how many epochs are done.
func (c *Container) Rewrap(ctx context.Context, tenant transfer.TenantID, progress func(done int)) error {
	done := 0
	for e, err := range c.wrappings(ctx, string(tenant)) {
		if err == nil && e.kek != c.kek.Primary(e.tenant) {
			err = c.rewrap(ctx, e)
		}
		if err != nil {
			return err
		}
		if done++; progress != nil {
			progress(done)
		}
	}
	return nil
}

// rewrap deletes the older wrapping only when the newer one is seen to hold the
// same key.
func (c *Container) rewrap(ctx context.Context, old wrapping) error {
	key, err := c.unwrapEpoch(ctx, old.epoch, old.kek)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another run was quicker
	}
	if err != nil {
		return err
	}
	if err := c.wrapEpoch(ctx, old.epoch, key); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	stored, err := c.unwrapEpoch(ctx, old.epoch, c.kek.Primary(old.tenant))
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(stored, key) != 1 {
		return transfer.E(transfer.Integrity, "two wrappings of an epoch key hold different keys")
	}
	return unavailable(c.blobs.Delete(ctx, old.blob(old.kek)))
}

// Verify unwraps every epoch key of a tenant: it fails with Unavailable when
// the keyring lacks a KEK that is needed and with Integrity when one is wrong.
func (c *Container) Verify(ctx context.Context, tenant transfer.TenantID) error {
	for w, err := range c.wrappings(ctx, string(tenant)) {
		if err == nil {
			_, err = c.unwrapEpoch(ctx, w.epoch, w.kek)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// wrapping is one stored wrapping of an epoch key.
type wrapping struct {
	epoch
	kek string
}

func (c *Container) wrappings(ctx context.Context, tenant string) func(func(wrapping, error) bool) {
	return func(yield func(wrapping, error) bool) {
		if err := checkTenant(tenant); err != nil {
			yield(wrapping{}, err)
			return
		}
		folder := epoch{tenant: tenant}.folder()
		for blobName, err := range c.blobs.List(ctx, folder, "") {
			name, kek, _ := strings.Cut(strings.TrimPrefix(blobName, folder), ".")
			if !yield(wrapping{epoch{tenant, name}, kek}, unavailable(err)) || err != nil {
				return
			}
		}
	}
}

func (c *Container) read(ctx context.Context, name string) ([]byte, error) {
	r, err := c.blobs.ReadRange(ctx, name, 0, maxRecord)
	if err != nil {
		return nil, unavailable(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	return content, unavailable(err)
}

// unavailable gives the store's faults their code and lets through what has a
// meaning of its own.
func unavailable(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) || transfer.CodeOf(err) != transfer.Internal {
		return err
	}
	return transfer.Wrap(transfer.Unavailable, "the key container does not work", err)
}

func checkTenant(tenant string) error {
	if strings.Contains(tenant, "/") {
		return transfer.E(transfer.Invalid, "not the id of a tenant")
	}
	return blob.CheckName(tenant)
}
