package vault

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/keys"
	"senddigitally/backend/transfer"
)

const tenant transfer.TenantID = "municipality"

// world is a vault over stores in memory, with a clock that the test moves.
type world struct {
	*Vault
	t     testing.TB
	blobs *blobtest.Memory
	held  *blobtest.Memory // the key container's store
	keys  *keys.Container
	namer transfer.Namer
	now   time.Time
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		blobs: blobtest.NewMemory(), held: blobtest.NewMemory()}
	ring := newRing(t)
	w.namer = ring.Namer()
	w.keys = keys.NewContainer(w.held, ring)
	w.Vault = New(w.blobs, w.keys, w.namer, func() time.Time { return w.now })
	return w
}

func newRing(t testing.TB) *keys.Ring {
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := keys.Init(path); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func (w *world) id(key string) transfer.ID { return w.namer.TransferID(tenant, "caseworker", key) }

func (w *world) begin(id transfer.ID) transfer.DataKey {
	w.t.Helper()
	key, err := w.Begin(w.t.Context(), tenant, id, transfer.HeldOpen)
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

func (w *world) write(id transfer.ID, key transfer.DataKey, name transfer.FileID, content []byte) transfer.File {
	w.t.Helper()
	f, err := w.WriteFile(w.t.Context(), tenant, id, key, transfer.File{ID: name, Name: string(name)}, bytes.NewReader(content), -1, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// send commits a transfer with one file and opens it.
func (w *world) send(name string, content []byte) *transfer.Dossier {
	w.t.Helper()
	id := w.id(name)
	key := w.begin(id)
	m := w.manifestOf(id, w.write(id, key, "f1", content))
	if err := w.Commit(w.t.Context(), key, m); err != nil {
		w.t.Fatal(err)
	}
	return w.open(id)
}

func (w *world) manifestOf(id transfer.ID, files ...transfer.File) transfer.Manifest {
	return transfer.Manifest{Kind: transfer.KindTransfer, Tenant: tenant, ID: id, Subject: "about the case",
		AcceptedAt: w.now, ExpiresAt: w.now.Add(7 * 24 * time.Hour), Files: files,
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Address: "citizen@inbox.example"}, Field: "to"}}}
}

func (w *world) open(id transfer.ID) *transfer.Dossier {
	w.t.Helper()
	d, err := w.Open(w.t.Context(), tenant, id, transfer.HeldOpen)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) readAll(d *transfer.Dossier, f transfer.File) ([]byte, error) {
	r := w.ReadFile(w.t.Context(), d, f)
	defer r.Close()
	got, err := io.ReadAll(r)
	w.sameInWholeSegments(d, f, got, err)
	return got, err
}

// sameInWholeSegments reads with room for a segment each time, so that the bytes
// are decrypted where the caller wants them.
func (w *world) sameInWholeSegments(d *transfer.Dossier, f transfer.File, want []byte, failure error) {
	w.t.Helper()
	r := w.ReadFile(w.t.Context(), d, f)
	defer r.Close()
	var got bytes.Buffer
	p := make([]byte, segmentSize)
	_, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{r}, p)
	if !bytes.Equal(got.Bytes(), want) || transfer.CodeOf(err) != transfer.CodeOf(failure) {
		w.t.Errorf("in whole segments: %d bytes and %v, otherwise %d and %v", got.Len(), err, len(want), failure)
	}
	if n, again := r.Read(p); n != 0 || (err != nil && again != err) {
		w.t.Errorf("after %v: %d bytes, %v", err, n, again)
	}
}

func wantCode(t testing.TB, err error, code transfer.Code) {
	t.Helper()
	if transfer.CodeOf(err) != code {
		t.Errorf("got error %v, want code %q", err, code)
	}
}

func TestAFileComesBackByteForByte(t *testing.T) {
	w := newWorld(t)
	w.PartSize = 2 * segmentSize
	for i, size := range []int{0, 1, segmentSize - 1, segmentSize, segmentSize + 1, 2 * segmentSize, 5*segmentSize + 17} {
		content := blobtest.Fill(size, uint64(i))
		d := w.send(string(rune('a'+i)), content)
		got, err := w.readAll(d, d.Manifest.Files[0])
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
		}
		if f := d.Manifest.Files[0]; f.Size != int64(size) || len(f.Parts) != (size+2*segmentSize-1)/(2*segmentSize) {
			t.Errorf("%d bytes are recorded as %d bytes in %d parts", size, f.Size, len(f.Parts))
		}
	}
}
