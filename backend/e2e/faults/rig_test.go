// Package faults_test runs the real server binary against a real redis-server
// and the sandbox's Entra, Graph and mailboxes, kills and starves them, and
// checks after every case what must always hold (invariants_test.go). A test of
// a numbered case is named after it.
//
// Invariant: the server is a process of its own, built with the tag "faults",
// and is used from outside only. The seed of what is random is printed, and
// -seed repeats it.
//
// Failure: what a machine cannot do is skipped with "not run" and why. Where a
// case of the catalogue is held elsewhere says catalogue_test.go.
package faults_test

import (
	"bytes"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"senddigitally/backend/keys"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/ledger/trial"
	"senddigitally/backend/sandbox"
	"senddigitally/routing/file"
)

var (
	full      = flag.Bool("full", false, "run every case at its full length")
	seed      = flag.Uint64("seed", 0, "seed of what is random; drawn when 0")
	soak      = flag.Duration("soak", 0, "how long the soak lasts; none when 0")
	transfers = flag.Int("transfers", 300, "how many transfers are rebuilt")
	binary    string
)

// patience bounds every wait; leases is longer than every lease that a killed
// process leaves behind.
const (
	patience = 2 * time.Minute // also on a machine that does much else
	leases   = 65 * time.Second
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	fmt.Printf("seed %d\n", *seed)
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "senddigitally")
	build := exec.Command("go", "build", "-tags", "nomsgpack faults", "-o", binary, "senddigitally/backend/cmd/senddigitally")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("the server cannot be built: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// rig is one installation with the world around it.
type rig struct {
	t             *testing.T
	dir           string
	world         *sandbox.Sandbox // its Entra, Graph and mail; its own product is idle
	redis         *trial.Server
	toRedis       *toxiproxy.Proxy
	toGraph       *toxiproxy.Proxy
	staff, portal string
	instead       string // where the API is asked while its own server is restarted
	environ       []string
	ahead         time.Duration // of the server's clock
	wrap          []string      // command that the server is started by
	server        *process
	random        *rand.Rand
	letters       []*letter
	mu            sync.Mutex
}

func newRig(t *testing.T, redisSettings ...string) *rig {
	t.Helper()
	dir, err := os.MkdirTemp("", "rig")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r := &rig{t: t, dir: dir, random: rand.New(rand.NewPCG(*seed, 1))}
	worldDir, err := os.MkdirTemp("", "world")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(worldDir) })
	r.world, err = sandbox.Start(t.Context(), sandbox.Options{Dir: worldDir, Idle: true})
	must(t, err)
	t.Cleanup(func() { _ = r.world.Close() })
	port := freePort(t)
	r.redis = redistest.Start(t, append([]string{"--port", port, "--bind", "127.0.0.1"}, redisSettings...)...)
	proxies := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	r.toRedis = proxy(t, proxies, "redis", "127.0.0.1:"+port)
	graph := r.world.Setup.Tenants[0].Graph
	r.toGraph = proxy(t, proxies, "graph", strings.TrimSuffix(strings.TrimPrefix(graph.Endpoint, "http://"), "/v1.0"))
	r.install()
	t.Cleanup(func() {
		if r.server != nil {
			r.server.kill()
		}
		if t.Failed() {
			t.Logf("seed %d\n%s", *seed, r.tail())
		}
	})
	return r
}

func proxy(t *testing.T, all *toxiproxy.ApiServer, name, upstream string) *toxiproxy.Proxy {
	t.Helper()
	p := toxiproxy.NewProxy(all, name, "127.0.0.1:0", upstream)
	must(t, p.Start())
	t.Cleanup(p.Stop)
	return p
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// install writes what a server is configured by.
func (r *rig) install() {
	for _, folder := range []string{"blobs", "keys", "audit"} {
		must(r.t, os.Mkdir(filepath.Join(r.dir, folder), 0o700))
	}
	must(r.t, keys.Init(r.at("keyring.json")))
	must(r.t, os.WriteFile(r.at("routing.yaml"), file.Sample, 0o600))
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.world.Entra.Certificate().Raw})
	must(r.t, os.WriteFile(r.at("authority.pem"), authority, 0o600))
	graph, entra := r.world.Setup.Tenants[0].Graph, r.world.Setup.Tenants[0].Entra
	staff, portal := freePort(r.t), freePort(r.t)
	r.staff, r.portal = "http://localhost:"+staff, "http://localhost:"+portal
	settings := map[string]string{"MODE": "trial", "LISTEN_STAFF": "127.0.0.1:" + staff, "LISTEN_PORTAL": "127.0.0.1:" + portal,
		"LISTEN_METRICS": "127.0.0.1:" + freePort(r.t), "ORIGINS_STAFF": r.staff, "ORIGINS_PORTAL": r.portal,
		"REDIS_URL": "redis://" + r.toRedis.Listen, "STORAGE_BLOBS": "file://" + r.at("blobs"), "STORAGE_KEYS": "file://" + r.at("keys"),
		"STORAGE_KEYRING": r.at("keyring.json"), "AUDIT_DIRECTORY": r.at("audit"), "WORK_SWEEP_EVERY": "1s", "WORK_SHUTDOWN_GRACE": "5s",
		"ADDIN_ID": sandbox.AddinID, "ADDIN_PROVIDER": "Municipality", "LOG_LEVEL": "info",
		"TENANTS_0_ID": string(sandbox.TenantID), "TENANTS_0_NAME": "Municipality", "TENANTS_0_MAIL_DOMAIN": "municipality.example",
		"TENANTS_0_ROUTING_FILE": r.at("routing.yaml"), "TENANTS_0_ENTRA_TENANT_ID": graph.EntraTenant, "TENANTS_0_ENTRA_CLIENT_ID": graph.ClientID,
		"TENANTS_0_ENTRA_SECRET": graph.Secret, "TENANTS_0_ENTRA_AUTHORITY": strings.TrimSuffix(entra.Authority, "/"+graph.EntraTenant),
		"TENANTS_0_GRAPH_BASE_URL": "http://" + r.toGraph.Listen + "/v1.0", "TENANTS_0_GRAPH_UPLOAD_HOSTS": "127.0.0.1",
		"TENANTS_0_POLICY_QUOTAS_NETWORK_MESSAGES": "0", "TENANTS_0_POLICY_QUOTAS_MAILBOX_MESSAGES": "0", // all come from here
		"TENANTS_0_MAILBOXES_SERVICE": strings.Join(graph.ServiceMailboxes, ","), "TENANTS_0_MAILBOXES_INTAKE": r.world.Setup.Tenants[0].Organisation.Intake}
	for name, value := range settings {
		r.environ = append(r.environ, "SENDDIGITALLY_"+name+"="+value)
	}
	r.environ = append(r.environ, "SSL_CERT_FILE="+r.at("authority.pem"), "PATH="+os.Getenv("PATH"), "SENDDIGITALLYFAULT_LEASE=5s", "GOTRACEBACK=all")
}

func (r *rig) at(name string) string { return filepath.Join(r.dir, name) }

// process is a server.
type process struct {
	command *exec.Cmd
	output  *bytes.Buffer
	ended   chan struct{}
	err     error
}

// command makes a process of the binary; further variables come last.
func (r *rig) command(args []string, environ ...string) *process {
	line := append(append([]string(nil), r.wrap...), append([]string{binary}, args...)...)
	p := &process{command: exec.Command(line[0], line[1:]...), output: &bytes.Buffer{}, ended: make(chan struct{})}
	p.command.Env = append(append(append([]string(nil), r.environ...), "SENDDIGITALLYFAULT_AHEAD="+r.ahead.String()), environ...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	p.command.WaitDelay = time.Second
	must(r.t, p.command.Start())
	go func() { p.err = p.command.Wait(); close(p.ended) }()
	return p
}

// start starts the server and waits until it answers, or has ended.
func (r *rig) start(environ ...string) *process {
	r.t.Helper()
	p := r.command([]string{"serve"}, environ...)
	r.mu.Lock()
	r.server = p
	r.mu.Unlock()
	r.until("the server answers", func() error {
		if p.dead() {
			return nil
		}
		return r.healthy(r.staff + "/healthz")
	})
	return p
}

func (r *rig) healthy(address string) error {
	answer, err := quick.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d %s", address, answer.StatusCode, text)
	}
	return nil
}

func (p *process) dead() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) signal(s syscall.Signal) { _ = p.command.Process.Signal(s) }

func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// end waits for a process that ends by itself.
func (p *process) end(t *testing.T, within time.Duration) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		p.kill()
		t.Errorf("it did not end within %s\n%s", within, p.output)
	}
}

// again starts a server after a kill: by then every lease of the one before has
// lapsed by the server's clock.
func (r *rig) again() {
	r.t.Helper()
	<-r.server.ended
	r.remember()
	r.mu.Lock()
	if r.ahead += leases; r.ahead > 9*time.Minute {
		r.ahead = 9 * time.Minute // more would stop the sweeps
	}
	r.mu.Unlock()
	r.start()
}

// now is the time by the server's clock.
func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.ahead)
}

// remember keeps a process's log for the invariants.
func (r *rig) remember() {
	f, err := os.OpenFile(r.at("server.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(r.t, err)
	_, _ = f.Write(r.server.output.Bytes())
	must(r.t, f.Close())
}

// tail is what the servers have warned of last.
func (r *rig) tail() string {
	if r.server != nil && r.server.dead() {
		r.remember()
	}
	text, _ := os.ReadFile(r.at("server.log"))
	var warned []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"level":"INFO"`) {
			warned = append(warned, line)
		}
	}
	return strings.Join(warned[max(0, len(warned)-30):], "")
}

// until repeats something until it succeeds.
func (r *rig) until(what string, try func() error) {
	r.t.Helper()
	if err := r.eventually(try); err != nil {
		r.t.Fatalf("within %s it did not come about that %s: %v", patience, what, err)
	}
}

// eventually asks ever more seldom, as people do, so that no limit answers it.
func (r *rig) eventually(try func() error) error {
	deadline := time.Now().Add(patience)
	for pause := 25 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		<-time.After(pause)
	}
}

var errNotYet = errors.New("not yet")

// quick is for questions; slow for content.
var (
	quick = &http.Client{Timeout: 5 * time.Second}
	slow  = &http.Client{Timeout: 30 * time.Second}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool runs a command of the binary to its end.
func (r *rig) tool(args ...string) (string, error) {
	p := r.command(args)
	p.end(r.t, patience)
	return p.output.String(), p.err
}
