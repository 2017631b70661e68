package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/blob/file"
	"senddigitally/backend/keys"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

const confidential = "The confidential decision about the citizen."

// backup copies folders of the data directory, as an operator would.
func (w *world) backup(folders ...string) (dir string) {
	w.t.Helper()
	must(w.t, w.redis.Do(w.t.Context(), "BGREWRITEAOF").Err())
	w.until("the AOF is rewritten", func() bool {
		return strings.Contains(w.redis.Info(w.t.Context(), "persistence").Val(), "aof_rewrite_in_progress:0")
	})
	dir = w.t.TempDir()
	for _, folder := range folders {
		must(w.t, os.MkdirAll(filepath.Join(dir, folder), 0o700))
		for _, path := range w.files(folder) {
			inside, err := filepath.Rel(w.Dir, path)
			must(w.t, err)
			content, err := os.ReadFile(path)
			must(w.t, err)
			must(w.t, os.MkdirAll(filepath.Dir(filepath.Join(dir, inside)), 0o700))
			must(w.t, os.WriteFile(filepath.Join(dir, inside), content, 0o600))
		}
	}
	return dir
}

// readable opens a transfer from copies of the vault and of the key container,
// with the keyring, and returns its text.
func (w *world) readable(vaultDir, keysDir string, id transfer.ID) (string, error) {
	w.t.Helper()
	blobs, err := file.Open(filepath.Join(vaultDir, "vault"), w.Setup.Ring.Installation(), w.now)
	must(w.t, err)
	records, err := file.Open(filepath.Join(keysDir, "keys"), w.Setup.Ring.Installation(), w.now)
	must(w.t, err)
	container := keys.NewContainer(records, w.Setup.Ring)
	v := vault.New(blobs, container, w.Setup.Ring.Namer(), w.now)
	for ref, err := range container.All(w.t.Context(), "municipality") {
		must(w.t, err)
		if ref.ID != id {
			continue
		}
		d, err := v.Open(w.t.Context(), "municipality", id, ref.Hold)
		if err != nil {
			return "", err
		}
		r := v.ReadFile(w.t.Context(), d, *d.Manifest.Body)
		defer r.Close()
		var text bytes.Buffer
		_, err = text.ReadFrom(r)
		return text.String(), err
	}
	return "", transfer.E(transfer.NotFound, "no key is held for this")
}

// nowhere checks that a text is in no file of a copy.
func (w *world) nowhere(dir string, texts ...string) {
	w.t.Helper()
	must(w.t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(content, []byte(text)) {
				w.t.Errorf("%s shows %q", path, text)
			}
		}
		return err
	}))
}

// After an erasure no copy of vault, AOF and audit log can be read with all that
// is left; only a copy of the key container from before can, which is why the
// guide keeps those short.
func TestErasureReachesIntoEveryCopyButThatOfTheKeys(t *testing.T) {
	w := newWorld(t)
	letter := w.accepted(w.send(letter("The secret subject", confidential, outlook.Citizen)).ID)
	w.until("the recipient is notified", func() bool { return w.transfer(letter.ID).Recipients[0].State == "notified" })
	link := w.link(outlook.Citizen, 0)
	old := w.backup("vault", "keys", "redis", "audit")
	if text, err := w.readable(old, old, letter.ID); err != nil || !strings.Contains(text, confidential) {
		t.Fatalf("before the erasure the copies read %q, %v: this test proves nothing", text, err)
	}
	w.change(letter.ID, "withdraw", object{"erase": true})
	now := w.backup("vault", "keys", "redis", "audit")

	if text, err := w.readable(old, now, letter.ID); transfer.CodeOf(err) != transfer.NotFound || text != "" {
		t.Errorf("the old copy of the vault, with the keys that are left: %q, %v", text, err)
	}
	if text, err := w.readable(now, now, letter.ID); err == nil {
		t.Errorf("after the erasure: %q", text)
	}
	if _, err := w.readable(old, old, letter.ID); err != nil {
		t.Errorf("an old copy of the keys opens an old copy of the vault, until it is gone: %v", err)
	}
	token := link[strings.LastIndex(link, "/")+1:]
	for _, copied := range []string{filepath.Join(old, "vault"), filepath.Join(old, "redis"), filepath.Join(old, "audit"), now} {
		w.nowhere(copied, confidential, "The secret subject", outlook.Citizen, token, letter.Code)
	}
	if a := w.citizen().get(link); a.status != 410 {
		t.Errorf("the link answers %d", a.status)
	}
}

// A withdrawal closes access at once and can be undone within its window; after
// it, the sweep erases.
func TestAWithdrawalCanBeUndoneWithinItsWindow(t *testing.T) {
	w := newWorld(t)
	w.System.Expiring.Skew = 1000 * time.Hour // the test's clock runs ahead of Redis's
	letter := w.accepted(w.send(letter("Decision", confidential, outlook.Citizen)).ID)
	link := w.link(outlook.Citizen, 0)
	w.change(letter.ID, "withdraw", object{})
	if a := w.citizen().get(link); a.status != 410 {
		t.Errorf("withdrawn, the link answers %d", a.status)
	}
	if _, held := w.storedBlobs(letter.ID); len(held) == 0 {
		t.Fatal("the key went before the window was over")
	}
	w.change(letter.ID, "restore", object{})
	if a := w.citizen().get(link); a.status != 200 {
		t.Errorf("restored, the link answers %d", a.status)
	}
	w.change(letter.ID, "withdraw", object{})
	w.pass(25 * time.Hour)
	if a := w.api("POST", "/api/v1/transfers/"+string(letter.ID)+"/restore", object{}, nil); a.status < 400 {
		t.Errorf("restored after the window: %d", a.status)
	}
	_, err := w.System.Expiring.Sweep(t.Context())
	must(t, err)
	if blobs, held := w.storedBlobs(letter.ID); len(blobs)+len(held) > 0 {
		t.Errorf("after the window there are still %v %v", blobs, held)
	}
}

// An extension moves the key record to its new day; the old day's sweep takes
// nothing.
func TestAnExtensionKeepsTheKey(t *testing.T) {
	w := newWorld(t)
	w.System.Expiring.Skew = 1000 * time.Hour
	letter := w.accepted(w.send(letter("Decision", confidential, outlook.Citizen)).ID)
	link := w.link(outlook.Citizen, 0)
	w.change(letter.ID, "extend", object{"expiresAt": w.now().Add(20 * 24 * time.Hour).Format(time.RFC3339)})
	w.pass(10 * 24 * time.Hour)
	sweep := func() {
		_, err := w.System.Expiring.Sweep(t.Context())
		must(t, err)
	}
	sweep()
	if _, held := w.storedBlobs(letter.ID); len(held) != 1 {
		t.Errorf("after the first expiry the key records are %v", held)
	}
	if a := w.citizen().get(link); a.status != 200 {
		t.Errorf("extended, the link answers %d", a.status)
	}
	w.pass(11 * 24 * time.Hour)
	sweep()
	if blobs, held := w.storedBlobs(letter.ID); len(blobs)+len(held) > 0 {
		t.Errorf("after the second expiry there are still %v %v", blobs, held)
	}
}
