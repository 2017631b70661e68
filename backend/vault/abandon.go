package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"senddigitally/backend/transfer"
)

// A mark takes the manifest's name while an upload that never committed is being
// erased: "SDA", a version byte, and the time in Unix milliseconds. One that is
// older than abandonedFor was left by a process that was killed; whoever goes on
// puts a mark of its own first, under the time of the one before, which only one
// can. Nobody erases later than erasingFor after its own mark: what was begun
// since under the same id is not its to take.
const (
	abandonedMagic = "SDA\x01"
	abandonedSize  = int64(len(abandonedMagic) + 8)
	abandonedFor   = 15 * time.Minute
	erasingFor     = 10 * time.Minute
	takenPrefix    = "taken."
)

func takenName(before time.Time) string {
	return fmt.Sprintf("%s%013d", takenPrefix, before.UnixMilli())
}

// marked is what lies under the manifest's name and, for marks, the newest one's
// time.
func (v *Vault) marked(ctx context.Context, p place) (s standing, last time.Time, err error) {
	size, err := v.blobs.Size(ctx, p.folder()+manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nothing, last, nil
	}
	if err != nil || size != abandonedSize {
		return committed, last, unavailable(err)
	}
	last, is, err := v.mark(ctx, p, manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nothing, last, nil
	}
	if err != nil || !is {
		return committed, last, err
	}
	for {
		next, is, err := v.mark(ctx, p, takenName(last))
		if errors.Is(err, fs.ErrNotExist) || err == nil && !is {
			break
		}
		if err != nil {
			return committed, last, err
		}
		last = next
	}
	if v.clock().Sub(last) > abandonedFor {
		return abandonedStale, last, nil
	}
	return abandoned, last, nil
}

func (v *Vault) mark(ctx context.Context, p place, name string) (at time.Time, is bool, err error) {
	content, err := v.read(ctx, p.folder()+name, abandonedSize)
	if err != nil || !bytes.HasPrefix(content, []byte(abandonedMagic)) || int64(len(content)) != abandonedSize {
		return at, false, err
	}
	return headTime(content), true, nil
}

func headTime(head []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(head[len(recordMagic):]))).UTC()
}

// EraseUncommitted deletes the key and the bytes of an upload that was never
// committed. Conflict when it has been, Integrity when it has been and the
// manifest is missing, InProgress while another call is at it. It can be repeated
// after a crash.
func (v *Vault) EraseUncommitted(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	if err := v.neverCommitted(ctx, p); err != nil {
		return err
	}
	now := v.clock()
	_, err = v.blobs.Put(ctx, p.folder()+manifestName, bytes.NewReader(head(abandonedMagic, now)))
	if errors.Is(err, fs.ErrExist) {
		return v.resumeErasure(ctx, p, hold)
	}
	if err != nil {
		return unavailable(err)
	}
	return v.eraseAbandoned(ctx, p, hold, now)
}

// neverCommitted fails for what has a journal, which comes after the manifest.
func (v *Vault) neverCommitted(ctx context.Context, p place) error {
	if _, err := v.blobs.Size(ctx, p.folder()+journalName(1)); err != nil {
		return absent(err)
	}
	s, err := v.standing(ctx, p)
	switch {
	case err != nil:
		return err
	case s == committed:
		return alreadyCommitted()
	}
	return v.heard(ctx, p.tenant, p.id, "", integrity("a manifest is missing beside its journal", nil))
}

// resumeErasure goes on where a process was killed.
func (v *Vault) resumeErasure(ctx context.Context, p place, hold transfer.Hold) error {
	s, last, err := v.marked(ctx, p)
	switch {
	case err != nil:
		return err
	case s == committed:
		return alreadyCommitted()
	case s != abandonedStale:
		return beingErased()
	}
	since, err := v.takeOver(ctx, p, last)
	if err != nil {
		return err
	}
	return v.eraseAbandoned(ctx, p, hold, since)
}

// takeOver puts a mark that follows the last one. InProgress when another was
// quicker, also when that one has ended by now.
func (v *Vault) takeOver(ctx context.Context, p place, last time.Time) (since time.Time, err error) {
	since = v.clock().Truncate(time.Millisecond)
	_, err = v.blobs.Put(ctx, p.folder()+takenName(last), bytes.NewReader(head(abandonedMagic, since)))
	if errors.Is(err, fs.ErrExist) {
		return since, beingErased()
	}
	if err != nil {
		return since, unavailable(err)
	}
	s, newest, err := v.marked(ctx, p)
	if err == nil && s == abandoned && newest.Equal(since) {
		return since, nil
	}
	if failed := v.blobs.Delete(ctx, p.folder()+takenName(last)); err == nil {
		err = unavailable(failed)
	}
	if err == nil {
		err = beingErased()
	}
	return since, err
}

// eraseAbandoned ends with the marks, so that a crash leaves them for the next
// try.
func (v *Vault) eraseAbandoned(ctx context.Context, p place, hold transfer.Hold, since time.Time) error {
	if err := v.keys.Erase(ctx, p.tenant, p.id, hold); err != nil {
		return err
	}
	_, err := v.removeAll(ctx, p, since.Add(erasingFor))
	return err
}
