package keys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newRingFile(t testing.TB) string {
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := Init(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t testing.TB, path string) *Ring {
	t.Helper()
	ring, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestAKeyringComesBack(t *testing.T) {
	path := newRingFile(t)
	one, two := load(t, path), load(t, path)
	if one.Installation() == "" || one.Installation() != two.Installation() {
		t.Errorf("installations %q and %q", one.Installation(), two.Installation())
	}
	if !bytes.Equal(one.Derive("audit"), two.Derive("audit")) || bytes.Equal(one.Derive("audit"), one.Derive("session")) {
		t.Error("a derived key must depend on the label and on nothing that changes")
	}
	if one.Namer().TransferID("t", "c", "k") != two.Namer().TransferID("t", "c", "k") {
		t.Error("two names for one thing")
	}
	other := load(t, newRingFile(t))
	if other.Installation() == one.Installation() || bytes.Equal(other.Derive("audit"), one.Derive("audit")) {
		t.Error("two keyrings share secrets")
	}
}

func TestInitNeverReplacesAKeyring(t *testing.T) {
	path := newRingFile(t)
	before, _ := os.ReadFile(path)
	if err := Init(path); err == nil {
		t.Error("a second Init succeeded")
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the keyring was changed")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("files are left over: %v", left)
	}
}

func TestOnlyAPrivateFileIsLoaded(t *testing.T) {
	path := newRingFile(t)
	for mode := fs.FileMode(0); mode <= 0o777; mode++ {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if private := mode == 0o400 || mode == 0o600; private && err != nil || !private && err == nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := Load(filepath.Dir(path)); err == nil {
		t.Error("a directory was loaded")
	}
}

func TestRotateAddsAPrimaryAndKeepsTheRest(t *testing.T) {
	path := newRingFile(t)
	before := load(t, path)
	if err := Rotate(path); err != nil {
		t.Fatal(err)
	}
	after := load(t, path)
	if info, _ := os.Stat(path); info.Mode() != ringMode {
		t.Errorf("mode %v", info.Mode())
	}
	old, now := before.KEKs(), after.KEKs()
	if len(now) != 2 || now[1].ID != old[0].ID || now[0].ID == old[0].ID || !now[0].Primary || now[1].Primary {
		t.Errorf("before %v, after %v", old, now)
	}
	if after.Installation() != before.Installation() || !bytes.Equal(after.Derive("x"), before.Derive("x")) {
		t.Error("the installation changed")
	}
}

func TestADamagedKeyringIsRefusedWithoutQuotingIt(t *testing.T) {
	content, err := os.ReadFile(newRingFile(t))
	if err != nil {
		t.Fatal(err)
	}
	var good ringFile
	if err := json.Unmarshal(content, &good); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(*ringFile){
		"newer version":    func(f *ringFile) { f.Version = 2 },
		"no installation":  func(f *ringFile) { f.Installation = "" },
		"a path":           func(f *ringFile) { f.Installation = "../x" },
		"short root":       func(f *ringFile) { f.Root = f.Root[:31] },
		"no KEK":           func(f *ringFile) { f.KEKs = nil },
		"short secret":     func(f *ringFile) { f.KEKs[0].Secret = f.KEKs[0].Secret[:16] },
		"a repeated KEK":   func(f *ringFile) { f.KEKs = append(f.KEKs, f.KEKs[0]) },
		"a KEK id to fear": func(f *ringFile) { f.KEKs[0].ID = "../../x" },
	} {
		bad := good
		bad.KEKs = append([]ringKEK(nil), good.KEKs...)
		damage(&bad)
		content, _ := json.Marshal(bad)
		if _, err := parseRing(content); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, text := range []string{"", "{", "null", "[]", string(content) + "{}", `{"secret":"s3cr3t"}`} {
		if _, err := parseRing([]byte(text)); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestAKeyringPrintsNothing(t *testing.T) {
	ring := load(t, newRingFile(t))
	for _, printed := range []string{fmt.Sprint(ring), fmt.Sprintf("%v %+v %#v %s", ring, *ring, *ring, ring)} {
		if strings.Contains(printed, ring.Installation()) || !strings.Contains(printed, "[keyring]") {
			t.Errorf("printed %q", printed)
		}
	}
}

func FuzzKeyring(f *testing.F) {
	content, err := os.ReadFile(newRingFile(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte(`{"version":1,"keks":[{}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		ring, err := parseRing(content)
		if err != nil {
			return
		}
		if ring.Installation() == "" || len(ring.KEKs()) == 0 || len(ring.Derive("x")) != secretSize {
			t.Error("an incomplete keyring was accepted")
		}
		w, err := ring.Wrap(t.Context(), "t", "e", []byte("key"))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ring.Unwrap(t.Context(), "t", "e", w); err != nil || string(back) != "key" {
			t.Errorf("%q, %v", back, err)
		}
	})
}
