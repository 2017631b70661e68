package vault

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/keys"
	"senddigitally/backend/transfer"
)

var writeGolden = flag.Bool("golden", false, "write testdata/v1 anew; only while the format has never been released")

const goldenDir = "testdata/v1"

// goldenWorld is the world whose stores lie in testdata, with the keyring there.
// Its secrets serve this test and nothing else.
func goldenWorld(t *testing.T) *world {
	text, err := os.ReadFile(filepath.Join(goldenDir, "keyring.json"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), namer: ring.Namer(),
		blobs: blobtest.NewMemory(), held: blobtest.NewMemory()}
	w.keys = keys.NewContainer(w.held, ring)
	w.Vault = New(w.blobs, w.keys, w.namer, func() time.Time { return w.now })
	w.PartSize = segmentSize
	return w
}

var goldenContent = blobtest.Fill(segmentSize+100, 42)

func TestWriteGolden(t *testing.T) {
	if !*writeGolden {
		t.Skip("writes only when asked to by -golden")
	}
	w := goldenWorld(t)
	d := w.send("a", goldenContent)
	for _, e := range []transfer.Entry{{Kind: transfer.Opened, Recipient: "r1"}, {Kind: transfer.Extended, Until: w.now.Add(30 * 24 * time.Hour)}} {
		if err := w.Append(t.Context(), d, always(e)); err != nil {
			t.Fatal(err)
		}
	}
	id := w.id("staged")
	key := w.begin(id)
	if err := w.Stage(t.Context(), tenant, id, key, w.write(id, key, "f1", []byte("staged"))); err != nil {
		t.Fatal(err)
	}
	id = w.id("small")
	w.put(id, w.begin(id), "f1", []byte("small"))
	w.erase(w.send("erased", nil), transfer.Withdrawn)
	for folder, store := range map[string]*blobtest.Memory{"vault": w.blobs, "keys": w.held} {
		for _, name := range store.Names() {
			path := filepath.Join(goldenDir, folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			store.Tamper(name, func(b []byte) []byte {
				if err := os.WriteFile(path, b, 0o644); err != nil {
					t.Fatal(err)
				}
				return b
			})
		}
	}
}

func loadGolden(t *testing.T, store *blobtest.Memory, folder string) {
	root := filepath.Join(goldenDir, folder)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		_, err = store.Put(t.Context(), filepath.ToSlash(name), bytes.NewReader(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Case 78: what version 1 of the formats wrote is read by every later release.
func TestDataOfVersion1IsRead(t *testing.T) {
	w := goldenWorld(t)
	loadGolden(t, w.blobs, "vault")
	loadGolden(t, w.held, "keys")
	d := w.open(w.id("a"))
	if s := d.State; s.Seq != 2 || !s.Recipients["r1"].Opened.Equal(w.now) || !s.ExpiresAt.Equal(w.now.Add(30*24*time.Hour)) {
		t.Errorf("the journal adds up to %+v", s)
	}
	if got, err := w.readAll(d, d.Manifest.Files[0]); err != nil || !bytes.Equal(got, goldenContent) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if d.Manifest.Subject != "about the case" || w.namer.LinkHash(d.Link("r1")) != "b8f54e07d31a85d98e685b5ad943fda1" {
		t.Errorf("subject %q, link %s", d.Manifest.Subject, w.namer.LinkHash(d.Link("r1")))
	}
	staged, err := w.Staged(t.Context(), tenant, w.id("staged"), w.begin(w.id("staged")))
	if err != nil || len(staged) != 1 || staged[0].Size != 6 {
		t.Errorf("staged: %v, %v", staged, err)
	}
	if small := w.onlyStaged(w.id("small"), w.begin(w.id("small"))); small.Size != 5 {
		t.Errorf("the small file is listed as %+v", small)
	}
	_, err = w.Open(t.Context(), tenant, w.id("erased"), transfer.HeldOpen)
	wantCode(t, err, transfer.Withdrawn)
}

// The storage path runs where Go allows approved algorithms alone.
func TestFIPSOnly(t *testing.T) {
	if strings.Contains(os.Getenv("GODEBUG"), "fips140=only") {
		t.Skip("this is the run with approved algorithms alone")
	}
	run := exec.Command(os.Args[0], "-test.run", "ByteForByte|Version1|Append|Erasure|Staged", "-test.v")
	run.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestDataOfVersion1IsRead") {
		t.Errorf("%v\n%s", err, out)
	}
}
