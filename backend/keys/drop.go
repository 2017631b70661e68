package keys

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// InUse counts, for every key-encryption key, the epoch keys of all tenants that
// it wraps. It reads the names of the whole container.
func (c *Container) InUse(ctx context.Context) (map[string]int, error) {
	used := map[string]int{}
	for name, err := range c.blobs.List(ctx, "", "") {
		if err != nil {
			return nil, unavailable(err)
		}
		_, rest, _ := strings.Cut(name, "/")
		if epoch, found := strings.CutPrefix(rest, "epoch/"); found {
			_, kek, _ := strings.Cut(epoch, ".")
			used[kek]++
		}
	}
	return used, nil
}

// Drop removes a key-encryption key from a keyring. The caller has seen that
// nothing is wrapped by it; the primary is refused. Backups of the key container
// that are older than the rotation cannot be opened afterwards.
func Drop(path, id string) error {
	ring, err := Load(path)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(ring.content.KEKs, func(k ringKEK) bool { return k.ID == id })
	switch {
	case at < 0:
		return fmt.Errorf("the keyring has no key %s", id)
	case at == 0:
		return errors.New("the primary key cannot be dropped: rotate first")
	}
	ring.content.KEKs = slices.Delete(ring.content.KEKs, at, at+1)
	return store(path, ring, os.Rename)
}
