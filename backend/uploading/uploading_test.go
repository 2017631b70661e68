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

var limits = uploading.Limits{Bytes: 100, FileBytes: 60, Files: 2}

type rig struct {
	*archivetest.Rig
	up *uploading.Uploading
	id transfer.ID
}

func newRig(t *testing.T) rig {
	r := archivetest.New(t)
	return rig{r, &uploading.Uploading{Vault: r.Vault, Ledger: r.Ledger, Holds: r.Ledger, Clock: r.Clock}, r.Namer.TransferID(archivetest.Tenant, "caseworker", "key")}
}

func (r rig) put(file transfer.FileID, name, content string) (transfer.File, error) {
	return r.up.Put(r.T.Context(), archivetest.Tenant, r.id, transfer.File{ID: file, Name: name, Size: int64(len(content))}, strings.NewReader(content), limits)
}

func (r rig) list() string {
	r.T.Helper()
	files, err := r.up.Arriving(r.T.Context(), archivetest.Tenant, r.id)
	r.Code(err, "")
	var names []string
	for _, a := range files {
		names = append(names, string(a.File.ID)+"="+a.File.Name)
	}
	return strings.Join(names, " ")
}

func TestAFileOfTheSameIDIsReplacedAndOneCanBeRemoved(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"first.pdf", "../second.pdf"} {
		if _, err := r.put("u1", name, "content"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.put("u2", "other.pdf", "content"); err != nil || r.list() != "u1=second.pdf u2=other.pdf" {
		t.Errorf("%s: %v", r.list(), err)
	}
	r.Code(r.up.Abandon(t.Context(), archivetest.Tenant, r.id, "u1", nil), "")
	if r.list() != "u2=other.pdf" {
		t.Errorf("after the removal there is %s", r.list())
	}
}

func TestLimitsHoldOverAllFiles(t *testing.T) {
	r := newRig(t)
	_, err := r.put("u1", "a", strings.Repeat("x", 61))
	r.Code(err, transfer.TooLarge)
	_, err = r.put("u1", "a", strings.Repeat("x", 60))
	r.Code(err, "")
	_, err = r.put("u2", "b", strings.Repeat("x", 41))
	r.Code(err, transfer.TooLarge)
	_, err = r.put("u1", "a", strings.Repeat("x", 50)) // instead of the first
	r.Code(err, "")
	_, err = r.put("u2", "b", strings.Repeat("x", 50))
	r.Code(err, "")
	_, err = r.put("u3", "c", "")
	r.Code(err, transfer.TooMany)
}

// Two at once may be together more than is allowed; after them nothing fits.
func TestWhatIsOverTheLimitTakesNoMore(t *testing.T) {
	r := newRig(t)
	r.up.Vault = &meanwhile{r.Vault, func() {
		_, err := r.put("u2", "b", strings.Repeat("x", 60))
		r.Code(err, "")
	}}
	_, err := r.put("u1", "a", strings.Repeat("x", 60))
	r.Code(err, "")
	limits := uploading.Limits{Bytes: 100, FileBytes: 60, Files: 3}
	_, err = r.up.Put(t.Context(), archivetest.Tenant, r.id, transfer.File{ID: "u3", Name: "c", Size: 1000}, strings.NewReader(strings.Repeat("x", 1000)), limits)
	r.Code(err, transfer.TooLarge)
}

// meanwhile lets something happen before a file is written, once.
type meanwhile struct {
	*vault.Vault
	happens func()
}

func (m *meanwhile) WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error) {
	if happens := m.happens; happens != nil {
		m.happens = nil
		happens()
	}
	return m.Vault.WriteFile(ctx, tenant, id, key, meta, r, limit, progress)
}

func TestAnInterruptedUploadIsNotListedAndLeavesNoBytes(t *testing.T) {
	r := newRig(t)
	broken := io.MultiReader(strings.NewReader("the beginning"), failing{})
	if _, err := r.up.Put(t.Context(), archivetest.Tenant, r.id, transfer.File{ID: "u1", Name: "a", Size: 100}, broken, limits); !errors.Is(err, errBroken) {
		t.Errorf("the upload ends with %v", err)
	}
	if blobs, _ := r.Stored(r.id); blobs != 0 || r.list() != "" {
		t.Errorf("%d blobs, %q", blobs, r.list())
	}
}

var errBroken = errors.New("the connection is gone")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func TestNothingIsAddedOnceTheManifestIsThere(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("key")
	r.id = d.Manifest.ID
	ledger := &asked{Ledger: r.up.Ledger}
	r.up.Ledger = ledger
	_, err := r.put("u1", "late.pdf", "content")
	if r.Code(err, transfer.Conflict); ledger.times != 0 {
		t.Error("the ledger is told of what was sent as if it began")
	}
	r.Code(r.up.Abandon(t.Context(), archivetest.Tenant, r.id, "f1", nil), transfer.Conflict)
}

func TestTheSweepFindsWhatWasNeverSent(t *testing.T) {
	r := newRig(t)
	if _, err := r.put("u1", "a.pdf", "content"); err != nil {
		t.Fatal(err)
	}
	r.Pass(12 * time.Hour)
	if _, err := r.put("u2", "b.pdf", "content"); err != nil {
		t.Fatal(err)
	}
	latest := r.Clock()
	r.Pass(25 * time.Hour)
	due, err := r.Ledger.Due(t.Context(), r.Clock(), 10)
	if err != nil || len(due) != 1 || due[0].ID != r.id || due[0].Phase != transfer.Receiving || due[0].AcceptedAt.Before(latest) {
		t.Errorf("due are %+v: %v", due, err)
	}
}

func TestWhoSendsMayClaimAtOnceWhatWasUploaded(t *testing.T) {
	r := newRig(t)
	if _, err := r.put("u1", "a.pdf", "content"); err != nil {
		t.Fatal(err)
	}
	record := transfer.Record{Tenant: archivetest.Tenant, ID: r.id, Kind: transfer.KindTransfer, RequestHash: []byte("a request"), AcceptedAt: r.Clock(), Held: transfer.HeldOpen}
	if _, began, err := r.Ledger.Begin(t.Context(), record, time.Minute, "sender"); !began || err != nil {
		t.Errorf("the sender has to wait: %v", err)
	}
	_, err := r.put("u2", "b.pdf", "content") // while it is received
	r.Code(err, "")
}
