package keys

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"io/fs"
	"iter"
	"strings"
	"sync"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// Ref is where one key record lies.
type Ref = transfer.KeyRef

// Container holds the wrapped data keys, in a blob store of its own.
type Container struct {
	blobs blob.Store
	kek   KEK

	mu     sync.Mutex
	epochs map[epoch][]byte
}

// NewContainer makes a container over a blob store that holds nothing else.
func NewContainer(blobs blob.Store, kek KEK) *Container {
	return &Container{blobs: blobs, kek: kek, epochs: map[epoch][]byte{}}
}

// A record is "SDK", the version, the length and name of its epoch, and the
// sealed data key. The hold is not bound, so that a move copies.
const recordMagic = "SDK\x01"

// Create stores a fresh data key, durably, and returns it; where a record is
// already, it opens that.
func (c *Container) Create(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error) {
	if key, err := c.Open(ctx, tenant, id, hold); transfer.CodeOf(err) != transfer.NotFound {
		return key, err
	}
	e, epochKey, err := c.current(ctx, string(tenant))
	if err != nil {
		return transfer.DataKey{}, err
	}
	record := append([]byte(recordMagic), byte(len(e.name)))
	record = append(record, e.name...)
	record = append(record, seal(epochKey, transfer.NewDataKey().Secret(), "record", string(tenant), string(id))...)
	if err := c.put(ctx, recordName(tenant, id, hold), record); err != nil {
		return transfer.DataKey{}, err
	}
	return c.Open(ctx, tenant, id, hold) // what is stored counts, whoever stored it
}

// put stores a record unless one is there.
func (c *Container) put(ctx context.Context, name string, record []byte) error {
	_, err := c.blobs.Put(ctx, name, bytes.NewReader(record))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return unavailable(err)
}

// Open returns the data key, or NotFound.
func (c *Container) Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error) {
	record, err := c.record(ctx, tenant, id, hold)
	if err != nil {
		return transfer.DataKey{}, err
	}
	return c.unseal(ctx, tenant, id, record)
}

func (c *Container) record(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) ([]byte, error) {
	if err := check(tenant, id, hold); err != nil {
		return nil, err
	}
	record, err := c.read(ctx, recordName(tenant, id, hold))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, transfer.E(transfer.NotFound, "no key is held for this")
	}
	return record, err
}

func (c *Container) unseal(ctx context.Context, tenant transfer.TenantID, id transfer.ID, record []byte) (transfer.DataKey, error) {
	name, sealed, ok := splitRecord(record)
	if !ok {
		return transfer.DataKey{}, damaged(nil)
	}
	epochKey, err := c.epochKey(ctx, epoch{string(tenant), name})
	if errors.Is(err, fs.ErrNotExist) {
		return transfer.DataKey{}, damaged(err)
	}
	if err != nil {
		return transfer.DataKey{}, err
	}
	secret, err := open(epochKey, sealed, "record", string(tenant), string(id))
	if err != nil {
		return transfer.DataKey{}, damaged(err)
	}
	key, err := transfer.DataKeyFrom(secret)
	if err != nil {
		return transfer.DataKey{}, damaged(err)
	}
	return key, nil
}

func splitRecord(record []byte) (epoch string, sealed []byte, ok bool) {
	rest, ok := bytes.CutPrefix(record, []byte(recordMagic))
	if !ok || len(rest) == 0 || len(rest) < 1+int(rest[0]) {
		return "", nil, false
	}
	n := 1 + int(rest[0])
	epoch = string(rest[1:n])
	return epoch, rest[n:], validKEKID(epoch)
}

func damaged(cause error) error {
	return transfer.Wrap(transfer.Integrity, "a key record does not authenticate", cause)
}

// copy stores a record that authenticates, and makes sure that what lies there
// afterwards is the same key.
func (c *Container) copy(ctx context.Context, tenant transfer.TenantID, id transfer.ID, record []byte, to transfer.Hold) error {
	key, err := c.unseal(ctx, tenant, id, record)
	if err != nil {
		return err
	}
	if err := check(tenant, id, to); err != nil {
		return err
	}
	if err := c.put(ctx, recordName(tenant, id, to), record); err != nil {
		return err
	}
	there, err := c.Open(ctx, tenant, id, to)
	if err == nil && subtle.ConstantTimeCompare(there.Secret(), key.Secret()) != 1 {
		err = transfer.E(transfer.Integrity, "two key records of one id hold different keys")
	}
	return err
}

// Erase deletes the record: what it opened is unreadable from then on. An
// absent one is no error.
func (c *Container) Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) error {
	if err := check(tenant, id, hold); err != nil {
		return err
	}
	return unavailable(c.blobs.Delete(ctx, recordName(tenant, id, hold)))
}

// All yields where the tenant's records lie, by hold and then by id: days in
// their order, then what is held open.
func (c *Container) All(ctx context.Context, tenant transfer.TenantID) iter.Seq2[Ref, error] {
	return func(yield func(Ref, error) bool) {
		if err := checkTenant(string(tenant)); err != nil {
			yield(Ref{}, err)
			return
		}
		prefix := string(tenant) + "/"
		for name, err := range c.blobs.List(ctx, prefix, "") {
			if err != nil {
				yield(Ref{}, unavailable(err))
				return
			}
			hold, id, _ := strings.Cut(strings.TrimPrefix(name, prefix), "/")
			ref := Ref{ID: transfer.ID(id), Hold: transfer.Hold(hold)}
			if ref.ID.Valid() && validHold(ref.Hold) && !yield(ref, nil) {
				return
			}
		}
	}
}

// VerifyRecords opens every record of a tenant and returns how many it opened.
// bad hears of those that cannot be opened; an error says that not all could be
// looked at.
func (c *Container) VerifyRecords(ctx context.Context, tenant transfer.TenantID, bad func(Ref, error)) (opened int, err error) {
	for ref, err := range c.All(ctx, tenant) {
		if err != nil {
			return opened, err
		}
		switch _, err := c.Open(ctx, tenant, ref.ID, ref.Hold); transfer.CodeOf(err) {
		case "":
			opened++
		case transfer.NotFound: // erased since it was listed
		case transfer.Integrity:
			bad(ref, err)
		default:
			return opened, err
		}
	}
	return opened, nil
}

func recordName(tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) string {
	return string(tenant) + "/" + string(hold) + "/" + string(id)
}

func check(tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) error {
	if !id.Valid() || !validHold(hold) {
		return transfer.E(transfer.Invalid, "no key can be held for this")
	}
	return checkTenant(string(tenant))
}

func validHold(hold transfer.Hold) bool {
	if hold == transfer.HeldOpen {
		return true
	}
	_, err := time.Parse(time.DateOnly, string(hold))
	return err == nil
}
