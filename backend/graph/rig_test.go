package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/transfer"
)

const (
	directory  = "0b1f7c9e-6a3d-4f58-9c2e-3d7a1e5b8f01"
	clientID   = "5d2c8a11-7e4b-4b6f-8d90-1a2b3c4d5e6f"
	caseworker = "9f8e7d6c-5b4a-4938-a716-253443526170"
	service    = "service1@municipality.example"
	org        = transfer.TenantID("org")
)

// rig is a client before a Graph of the test's own and the local Entra, with a clock
// that only sleeping moves.
type rig struct {
	*Client
	entra *entra.Server
	graph *httptest.Server
	time  *clock
	// exchanges counts requests for a token.
	exchanges atomic.Int32
}

// clock is a time that passes when somebody sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

func (c *clock) pauses() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

// shared is a directory that no test changes; making one costs an RSA key.
var shared = sync.OnceValues(func() (*entra.Server, error) { return listen() })

func newRig(t *testing.T, graph http.Handler) *rig {
	t.Helper()
	directory, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return newRigWith(t, directory, graph)
}

func newRigWith(t *testing.T, directory *entra.Server, graph http.Handler) *rig {
	t.Helper()
	server := httptest.NewServer(graph)
	t.Cleanup(server.Close)
	r := &rig{entra: directory, graph: server, time: &clock{now: time.Now().UTC()}}
	client, err := New(r.config(server.URL + "/v1.0"))
	if err != nil {
		t.Fatal(err)
	}
	r.Client = client
	return r
}

func (r *rig) config(endpoint string) Config {
	u, _ := url.Parse(r.entra.Authority())
	return Config{
		Tenant: org, EntraTenant: directory, ClientID: clientID, Secret: "trial secret",
		Authority: u.Scheme + "://" + u.Host, Endpoint: endpoint, Sandbox: true,
		UploadHosts: []string{"127.0.0.1"}, ServiceMailboxes: []string{service, "service2@municipality.example"},
		AddIn:         "7c1b3c53-3c0d-4b38-8f0a-6b1a1f1f7a10",
		AuthorityHTTP: r.counted(r.entra.Client()), Clock: r.time.Now, Sleep: r.time.Sleep,
	}
}

func (r *rig) counted(client *http.Client) *http.Client {
	base := client.Transport
	client.Transport = transport(func(q *http.Request) (*http.Response, error) {
		if q.Method == http.MethodPost {
			r.exchanges.Add(1)
		}
		return base.RoundTrip(q)
	})
	return client
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// newEntra is a directory of the test's own.
func newEntra(t *testing.T) *entra.Server {
	t.Helper()
	server, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

func listen() (*entra.Server, error) {
	tenant, err := entra.New(entra.Config{
		Tenant: directory,
		Apps: []entra.App{{
			ID: clientID, Name: "Send Digitally", Secret: "trial secret", Scopes: []string{"access_as_user"},
			GraphScopes: []string{"Mail.ReadWrite", "Mail.ReadWrite.Shared"}, GraphRoles: []string{"Mail.ReadWrite", "Mail.Send"},
		}},
		Users: []entra.User{{OID: caseworker, Name: "Caseworker", Address: "caseworker@municipality.example"}},
	}, "https://entra.example")
	if err != nil {
		return nil, err
	}
	return entra.Listen(tenant, "127.0.0.1:0")
}

// caller is the caseworker with a fresh token of the pane.
func (r *rig) caller() transfer.Caller {
	token := r.entra.UserToken(caseworker, []string{"access_as_user"})
	return transfer.Caller{Tenant: org, Subject: caseworker, Assertion: transfer.Assertion(token)}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]any{"error": map[string]string{"code": code, "message": "about somebody@municipality.example"}})
}

func wantCode(t *testing.T, err error, want transfer.Code) *transfer.Error {
	t.Helper()
	if transfer.CodeOf(err) != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	known, _ := err.(*transfer.Error)
	return known
}
