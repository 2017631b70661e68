package doctor_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/app/doctor"
	"senddigitally/backend/blob/file"
	"senddigitally/backend/config"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/scanning/scantest"
	"senddigitally/backend/transfer"
	routing "senddigitally/routing/file"
)

const secret = "a secret of the test"

// installation is one that is fit, on this machine.
type installation struct {
	t       *testing.T
	dir     string
	environ map[string]string
	clock   func() time.Time
}

func newInstallation(t *testing.T, redisSettings ...string) *installation {
	t.Helper()
	dir := t.TempDir()
	i := &installation{t: t, dir: dir, clock: time.Now}
	for _, folder := range []string{"blobs", "keys", "audit"} {
		i.must(os.Mkdir(filepath.Join(dir, folder), 0o700))
	}
	i.must(keys.Init(filepath.Join(dir, "keyring.json")))
	i.must(os.WriteFile(filepath.Join(dir, "routing.yaml"), routing.Sample, 0o600))
	i.must(os.WriteFile(filepath.Join(dir, "entra.pem"), []byte("x"), 0o400))
	world := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/graph/") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(world.Close)
	i.environ = map[string]string{"MODE": "trial", "STORAGE_KEYRING": dir + "/keyring.json", "REDIS_URL": redistest.Start(t, redisSettings...).URL,
		"STORAGE_BLOBS": "file://" + dir + "/blobs", "STORAGE_KEYS": "file://" + dir + "/keys", "AUDIT_DIRECTORY": dir + "/audit",
		"TENANTS_0_ENTRA_AUTHORITY": world.URL, "TENANTS_0_GRAPH_BASE_URL": world.URL + "/graph/v1.0"}
	return i
}

func (i *installation) must(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

func (i *installation) examine() doctor.Report {
	i.t.Helper()
	path := filepath.Join(i.dir, "config.yaml")
	text := strings.ReplaceAll(string(config.Sample()), "/etc/senddigitally", i.dir)
	i.must(os.WriteFile(path, []byte(text), 0o600))
	var environ []string
	for name, value := range i.environ {
		environ = append(environ, "SENDDIGITALLY_"+name+"="+value)
	}
	d := &doctor.Doctor{HTTP: http.DefaultClient, Clock: i.clock, Patience: 3 * time.Second}
	return d.Examine(i.t.Context(), path, environ)
}

// want expects one finding in a state whose sentences have words in them.
func (i *installation) want(check string, state doctor.State, words ...string) {
	i.t.Helper()
	report := i.examine()
	at := slices.IndexFunc(report.Findings, func(f doctor.Finding) bool { return f.Check == check })
	if at < 0 {
		i.t.Fatalf("no finding about %s in %+v", check, report.Findings)
	}
	f := report.Findings[at]
	if f.State != state || f.State != doctor.Fit && f.Mend == "" || report.Healthy != (state != doctor.Broken) {
		i.t.Errorf("%+v, healthy %v", f, report.Healthy)
	}
	for _, word := range words {
		if !strings.Contains(f.Says+" "+f.Mend, word) {
			i.t.Errorf("%+v says nothing of %q", f, word)
		}
	}
}

func (i *installation) ledger(owner string) *ledger.Ledger {
	i.t.Helper()
	l, err := ledger.Open(i.t.Context(), ledger.Options{URL: i.environ["REDIS_URL"], Installation: owner})
	i.must(err)
	i.t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestAFitInstallation(t *testing.T) {
	i := newInstallation(t)
	ring, err := keys.Load(filepath.Join(i.dir, "keyring.json"))
	i.must(err)
	i.must(i.ledger(ring.Installation()).Rebuilt(t.Context()))
	report := i.examine()
	for _, f := range report.Findings {
		if f.State != doctor.Fit && !strings.HasSuffix(f.Check, ".room") {
			t.Errorf("%+v", f)
		}
	}
	if !report.Healthy || len(report.Findings) < 10 {
		t.Errorf("%+v", report)
	}
	for _, dir := range []string{"blobs", "keys", "audit"} {
		if left, _ := os.ReadDir(filepath.Join(i.dir, dir)); len(left) > 0 {
			t.Errorf("looking left %v in %s", left, dir)
		}
	}
	var text, machine bytes.Buffer
	i.must(report.Text(&text))
	i.must(report.JSON(&machine))
	var again doctor.Report
	i.must(json.Unmarshal(machine.Bytes(), &again))
	if !strings.Contains(text.String(), "is fit.") || !slices.Equal(again.Findings, report.Findings) {
		t.Errorf("%s\n%s", text.String(), machine.String())
	}
}

func TestWhatIsWrongIsSaidWithItsCure(t *testing.T) {
	t.Run("configuration", func(t *testing.T) {
		i := newInstallation(t)
		i.environ["LISTEN_STAFF"] = "0.0.0.0:1"
		i.want("configuration: listen.staff", doctor.Broken, "127.0.0.1")
	})
	t.Run("a proxy that is not named", func(t *testing.T) {
		i := newInstallation(t)
		i.environ["MODE"], i.environ["TRUSTED_PROXIES"] = "production", "10.0.0.5"
		i.want("configuration: trusted_proxies", doctor.Broken, "127.0.0.1", "X-Forwarded-For")
	})
	t.Run("damaged keyring", func(t *testing.T) {
		i := newInstallation(t)
		path := filepath.Join(i.dir, "keyring.json")
		i.must(os.Remove(path))
		i.must(os.WriteFile(path, []byte("{}"), 0o400))
		i.want("storage.keyring", doctor.Broken, "safe")
	})
	t.Run("keyring from before a rotation", func(t *testing.T) {
		i := newInstallation(t)
		path := filepath.Join(i.dir, "keyring.json")
		older, err := os.ReadFile(path)
		i.must(err)
		i.must(keys.Rotate(path))
		ring, err := keys.Load(path)
		i.must(err)
		i.must(i.ledger(ring.Installation()).Rebuilt(t.Context()))
		store, err := file.Open(filepath.Join(i.dir, "keys"), ring.Installation(), time.Now)
		i.must(err)
		id := ring.Namer().TransferID("municipality", "caseworker", "key")
		_, err = keys.NewContainer(store, ring).Create(t.Context(), "municipality", id, transfer.HeldOpen)
		i.must(err)
		i.want("storage.keys.epochs", doctor.Fit, "are there")
		i.must(os.Remove(path))
		i.must(os.WriteFile(path, older, 0o400))
		i.want("storage.keys.epochs", doctor.Broken, "rotation")
	})
	t.Run("foreign vault", func(t *testing.T) {
		i := newInstallation(t)
		_, err := file.Open(filepath.Join(i.dir, "blobs"), "another", time.Now)
		i.must(err)
		i.want("storage.blobs", doctor.Broken, "another installation")
	})
	t.Run("vault with other content", func(t *testing.T) {
		i := newInstallation(t)
		i.must(os.WriteFile(filepath.Join(i.dir, "blobs", "letter.txt"), nil, 0o600))
		i.want("storage.blobs", doctor.Broken, "no marker")
	})
	t.Run("no key container", func(t *testing.T) {
		i := newInstallation(t)
		i.must(os.Remove(filepath.Join(i.dir, "keys")))
		i.want("storage.keys", doctor.Broken, "make the place")
	})
	t.Run("no audit directory", func(t *testing.T) {
		i := newInstallation(t)
		i.must(os.Remove(filepath.Join(i.dir, "audit")))
		i.want("audit.directory", doctor.Broken, "make the directory")
	})
	t.Run("audit directory that cannot be written", func(t *testing.T) {
		i := newInstallation(t)
		i.must(os.Chmod(filepath.Join(i.dir, "audit"), 0o500))
		if os.Geteuid() == 0 { // whom only the kernel's own directories keep from it
			i.environ["AUDIT_DIRECTORY"] = closed(t)
		}
		i.want("audit.directory", doctor.Broken, "cannot be written")
	})
	t.Run("routing file", func(t *testing.T) {
		i := newInstallation(t)
		i.must(os.WriteFile(filepath.Join(i.dir, "routing.yaml"), []byte("rules: 7"), 0o600))
		i.want("municipality.routing_file", doctor.Broken, "routing check")
	})
	t.Run("Entra answers something else", func(t *testing.T) {
		i := newInstallation(t)
		i.environ["TENANTS_0_ENTRA_AUTHORITY"] += "/graph"
		i.want("municipality.entra", doctor.Broken, "401", "tenant_id")
	})
	t.Run("Graph is not there", func(t *testing.T) {
		i := newInstallation(t)
		i.environ["TENANTS_0_GRAPH_BASE_URL"] = "http://127.0.0.1:1/v1.0"
		i.want("municipality.graph", doctor.Broken, "refused", "https")
	})
}

// closed is a directory in which nobody can write.
func closed(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{"/sys", "/proc/sys"} {
		if syscall.Access(dir, 2) != nil {
			return dir
		}
	}
	t.Skip("every directory here can be written")
	return ""
}

func TestWhatIsWrongWithRedisIsSaid(t *testing.T) {
	t.Run("not there", func(t *testing.T) {
		i := newInstallation(t)
		i.environ["REDIS_URL"] = "redis://127.0.0.1:1"
		i.want("redis", doctor.Broken, "start Redis")
	})
	t.Run("asks for a password", func(t *testing.T) {
		i := newInstallation(t, "--requirepass", secret)
		i.want("redis", doctor.Broken, "redis.password")
		i.environ["REDIS_PASSWORD"] = "guessed"
		i.want("redis", doctor.Broken, "users.acl")
	})
	t.Run("forgets", func(t *testing.T) {
		i := newInstallation(t, "--appendonly", "no")
		i.want("redis.persistence", doctor.Broken, "appendonly", "redis.conf")
	})
	t.Run("evicts", func(t *testing.T) {
		i := newInstallation(t, "--maxmemory-policy", "allkeys-lru")
		i.want("redis.persistence", doctor.Broken, "noeviction")
	})
	t.Run("empty", func(t *testing.T) {
		newInstallation(t).want("redis.ledger", doctor.Warning, "rebuild")
	})
	t.Run("another installation's", func(t *testing.T) {
		i := newInstallation(t)
		i.must(i.ledger("another").Rebuilt(t.Context()))
		i.want("redis.ledger", doctor.Broken, "another installation", "never rebuild")
	})
	t.Run("clocks", func(t *testing.T) {
		i := newInstallation(t)
		i.clock = func() time.Time { return time.Now().Add(time.Minute) }
		i.want("clock", doctor.Warning, "chrony")
		i.clock = func() time.Time { return time.Now().Add(-time.Hour) }
		i.want("clock", doctor.Broken, "nothing is erased")
	})
}

// No finding shows what it should not.
func TestNoFindingShowsASecret(t *testing.T) {
	i := newInstallation(t)
	i.environ["REDIS_URL"], i.environ["REDIS_PASSWORD"] = "redis://127.0.0.1:1", secret
	i.environ["STORAGE_BLOBS"] = "s3://bucket?endpoint=http://127.0.0.1:1"
	i.environ["STORAGE_S3_ACCESS_KEY"], i.environ["STORAGE_S3_SECRET_KEY"] = "id", secret
	var text bytes.Buffer
	i.must(i.examine().JSON(&text))
	if strings.Contains(text.String(), secret) || !strings.Contains(text.String(), "storage.blobs") {
		t.Errorf("%s", text.String())
	}
}

func TestWhetherFilesAreCheckedForMalwareIsSaid(t *testing.T) {
	i := newInstallation(t)
	ring, err := keys.Load(filepath.Join(i.dir, "keyring.json"))
	i.must(err)
	i.must(i.ledger(ring.Installation()).Rebuilt(t.Context()))
	i.want("scanning.clamd", doctor.Fit, "not checked")
	i.environ["SCANNING_CLAMD"] = scantest.Clamd{}.Listen(t)
	i.want("scanning.clamd", doctor.Fit, "ClamAV 1.4.3")
	i.want("scanning.clamd.signatures", doctor.Warning, "freshclam")
	i.environ["SCANNING_CLAMD"] = "127.0.0.1:1"
	i.want("scanning.clamd", doctor.Broken, "clamav-daemon")
}
