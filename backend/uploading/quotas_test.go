package uploading_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
	"senddigitally/backend/vault"
)

// quotas are two holders of 100 bytes each.
var quotas = []uploading.Holder{{"quota/a", transfer.Quota{UnsentBytes: 100}}, {"quota/b", transfer.Quota{UnsentBytes: 100}}}

// free reports whether just so many bytes are free for every holder.
func (r rig) free(want int64) {
	r.T.Helper()
	for _, h := range quotas {
		for more, fits := range map[int64]bool{want: true, want + 1: false} {
			ok, _, err := r.Ledger.Hold(r.T.Context(), h.Key, "probe", more, h.Quota.UnsentBytes, time.Hour)
			if r.Code(err, ""); ok != fits {
				r.T.Errorf("of %s, %d bytes are free: %v", h.Key, more, ok)
			}
			if ok {
				_, _, _ = r.Ledger.Hold(r.T.Context(), h.Key, "probe", -more, h.Quota.UnsentBytes, time.Hour)
			}
		}
	}
}

func (r rig) putCounted(file transfer.FileID, size int) (transfer.File, error) {
	counted := limits
	counted.Holders = quotas
	return r.up.Put(r.T.Context(), archivetest.Tenant, r.id, transfer.File{ID: file, Name: "a", Size: int64(size)}, strings.NewReader(strings.Repeat("x", size)), counted)
}

// failingVault lets one operation of the vault fail, once.
type failingVault struct {
	*vault.Vault
	put, arrived error
}

func (f *failingVault) Put(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, replace bool) (transfer.File, error) {
	if err := f.put; err != nil {
		f.put = nil
		return transfer.File{}, err
	}
	return f.Vault.Put(ctx, tenant, id, key, meta, r, limit, replace)
}

func (f *failingVault) Arrived(ctx context.Context, tenant transfer.TenantID, id transfer.ID, a transfer.Arriving, drop bool) error {
	if err := f.arrived; err != nil {
		f.arrived = nil
		return err
	}
	return f.Vault.Arrived(ctx, tenant, id, a, drop)
}

var errDisk = errors.New("the disk is gone")

func TestAFileThatCouldNotBeStoredHoldsNothingAndReplacesNone(t *testing.T) {
	r := newRig(t)
	r.up.Vault = &failingVault{Vault: r.Vault, put: errDisk}
	file, err := r.putCounted("u1", 40)
	if !errors.Is(err, errDisk) || file.Size != 0 {
		t.Errorf("%d bytes, %v", file.Size, err)
	}
	r.free(100)
	_, err = r.putCounted("u1", 40)
	r.Code(err, "")
	r.up.Vault = &failingVault{Vault: r.Vault, put: errDisk}
	if _, err = r.putCounted("u1", 50); !errors.Is(err, errDisk) || r.list() != "u1=a" {
		t.Errorf("%v, listed %q", err, r.list())
	}
	r.free(60)
	_, err = r.putCounted("u1", 50)
	r.Code(err, "")
	r.free(50)
}

func TestWhatIsGivenUpHoldsNothingThoughItsBytesStay(t *testing.T) {
	r := newRig(t)
	_, err := r.putCounted("u1", 40)
	r.Code(err, "")
	r.free(60)
	r.up.Vault = &failingVault{Vault: r.Vault, arrived: errDisk}
	if err := r.up.Abandon(t.Context(), archivetest.Tenant, r.id, "u1", quotas); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	r.Code(r.up.Abandon(t.Context(), archivetest.Tenant, r.id, "u1", quotas), "")
	r.free(100)
}

func TestWhatIsStillOnItsWayIsGivenBackOnce(t *testing.T) {
	r := newRig(t)
	counted := limits
	counted.Holders = quotas
	_, err := r.putCounted("u1", 20)
	r.Code(err, "")
	a, err := r.up.Announce(t.Context(), archivetest.Tenant, r.id, transfer.File{Name: "b"}, 40, counted)
	r.Code(err, "")
	r.free(40)
	r.up.Vault = &failingVault{Vault: r.Vault, arrived: errDisk}
	if err := r.up.Abandon(t.Context(), archivetest.Tenant, r.id, a.File.ID, quotas); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	r.free(40) // it is still listed
	r.Code(r.up.Abandon(t.Context(), archivetest.Tenant, r.id, a.File.ID, quotas), "")
	r.free(80)
}

// deaf does not hear what is given back for one holder.
type deaf struct {
	uploading.Holds
	key string
}

func (d deaf) Hold(ctx context.Context, key, id string, more, limit int64, life time.Duration) (bool, time.Duration, error) {
	if key == d.key && more < 0 {
		return false, 0, errDisk
	}
	return d.Holds.Hold(ctx, key, id, more, limit, life)
}

func TestOneHolderWhoCannotBeGivenBackKeepsNoOtherCharged(t *testing.T) {
	r := newRig(t)
	_, err := r.putCounted("u1", 60)
	r.Code(err, "")
	for _, h := range quotas {
		r.up.Holds = deaf{r.Ledger, h.Key}
		r.up.LetGo(t.Context(), r.id, quotas)
	}
	r.free(100)
}
