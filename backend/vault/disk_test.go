package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/blob/file"
	"senddigitally/backend/keys"
	"senddigitally/backend/transfer"
)

// On real directories, and with nothing in memory between writing and reading.
func TestADirectoryIsAllThatARestartNeeds(t *testing.T) {
	dir, ring := t.TempDir(), newRing(t)
	restart := func() *world {
		w := &world{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), namer: ring.Namer()}
		w.keys = keys.NewContainer(openStore(t, filepath.Join(dir, "keys"), ring), ring)
		w.Vault = New(openStore(t, filepath.Join(dir, "vault"), ring), w.keys, w.namer, func() time.Time { return w.now })
		w.PartSize = segmentSize
		return w
	}
	content := blobtest.Fill(3*segmentSize+1, 1)
	sent := restart().send("a", content)
	w := restart()
	d := w.open(sent.Manifest.ID)
	if got, err := w.readAll(d, d.Manifest.Files[0]); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	w.erase(d, transfer.Expired)
	w = restart()
	if n, err := w.RemoveBytes(t.Context(), tenant, d.Manifest.ID); n != 5 || err != nil {
		t.Errorf("%d blobs went, %v; want 4 parts and the manifest", n, err)
	}
	_, err := w.Open(t.Context(), tenant, d.Manifest.ID, d.Held)
	wantCode(t, err, transfer.Expired)
}

func openStore(t *testing.T, dir string, ring *keys.Ring) *file.Store {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := file.Open(dir, ring.Installation()+" "+filepath.Base(dir), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
