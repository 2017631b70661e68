package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
)

const (
	tenant     = "7d1c4c3e-1111-4a4a-8b8b-000000000001"
	product    = "7d1c4c3e-2222-4a4a-8b8b-000000000002"
	caseID     = "7d1c4c3e-3333-4a4a-8b8b-000000000003"
	caseworker = "caseworker@municipality.example"
	building   = "building@municipality.example"
	service    = "digital@municipality.example"
	private    = "director@municipality.example"
	citizen    = "citizen@home.example"
)

// directory is shared by the tests, since its key takes a while to make.
var directory = sync.OnceValue(func() *entra.Entra {
	e, err := entra.New(entra.Config{
		Tenant: tenant,
		Apps:   []entra.App{{ID: product}},
		Users:  []entra.User{{OID: caseID, Name: "The caseworker", Address: caseworker}},
	}, "https://login.invalid")
	if err != nil {
		panic(err)
	}
	return e
})

// rig is a Graph over a store whose clock the test turns.
type rig struct {
	t       *testing.T
	store   *mail.Store
	server  *graph.Server
	address string
	uploads string
	checks  *schema

	mu  sync.Mutex
	now time.Time
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, now: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC), checks: loadSchema(t)}
	r.store = mail.New(r.clock, mail.Defaults())
	for _, m := range []mail.Mailbox{
		{ID: caseID, Address: caseworker, Name: "The caseworker", Kind: mail.User},
		{Address: building, Name: "Building permits", Kind: mail.Shared, Members: []string{caseworker}},
		{Address: service, Name: "The municipality", Kind: mail.Shared},
		{Address: private, Name: "The director", Kind: mail.User},
	} {
		r.add(m)
	}
	var front *httptest.Server
	uploads := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.server.Uploads().ServeHTTP(w, q) }))
	front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.server.ServeHTTP(w, q) }))
	t.Cleanup(front.Close)
	t.Cleanup(uploads.Close)
	r.address, r.uploads = front.URL, uploads.URL
	r.server = graph.New(graph.Config{
		Store: r.store, Tokens: directory(), Tenant: tenant, Base: front.URL, UploadBase: uploads.URL,
		Grants: []graph.Grant{{Client: product, Roles: []string{"Mail.ReadWrite", "Mail.Send"}, Mailboxes: []string{service}}},
	})
	return r
}

func (r *rig) add(m mail.Mailbox) {
	r.t.Helper()
	if _, err := r.store.AddMailbox(m); err != nil {
		r.t.Fatal(err)
	}
}

// allow grants the application everything on one more mailbox.
func (r *rig) allow(mailbox string) {
	r.server.SetGrants(graph.Grant{Client: product, Roles: []string{"Mail.ReadWrite", "Mail.Send"}, Mailboxes: []string{service, mailbox}})
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rig) set(change func(*mail.Settings)) { r.store.Configure(change) }

// asCaseworker is a delegated token, asService an application's.
func asCaseworker() string {
	return directory().GraphToken(caseID, []string{"User.Read", "Mail.ReadWrite", "Mail.Send", "Mail.ReadWrite.Shared", "Mail.Send.Shared"})
}

func asService() string { return directory().GraphAppToken(product, nil) }

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	text   []byte
	body   map[string]any
}

func (a answer) string(path ...string) string {
	a.t.Helper()
	var value any = a.body
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	text, _ := value.(string)
	return text
}

func (a answer) list() []map[string]any {
	var all []map[string]any
	values, _ := a.body["value"].([]any)
	for _, v := range values {
		all = append(all, v.(map[string]any))
	}
	return all
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got %d, want %d: %.300s", a.status, status, a.text)
	}
	return a
}

func (a answer) refused(status int, code string) answer {
	a.t.Helper()
	if a.want(status); a.string("error", "code") != code {
		a.t.Fatalf("got %q, want %q", a.string("error", "code"), code)
	}
	if a.string("error", "innerError", "request-id") == "" || a.header.Get("request-id") == "" {
		a.t.Error("an error carries a request id")
	}
	return a
}

// ask sends a request with headers "Name: value"; a body that is no reader goes as JSON.
func (r *rig) ask(token, method, path string, body any, headers ...string) answer {
	r.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case io.Reader:
		reader = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	if !strings.HasPrefix(path, "http") {
		path = r.address + "/v1.0" + path
	}
	request, err := http.NewRequest(method, path, reader)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	return r.do(request)
}

func (r *rig) do(request *http.Request) answer {
	r.t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := answer{t: r.t, status: response.StatusCode, header: response.Header, text: text}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &a.body); err != nil {
			r.t.Fatalf("%s: %v", request.URL, err)
		}
		r.checks.check(r.t, request.URL.Path, a)
	}
	return a
}

type object = map[string]any

func to(addresses ...string) []any {
	var list []any
	for _, a := range addresses {
		list = append(list, object{"emailAddress": object{"address": a}})
	}
	return list
}

// draft creates one and answers its id.
func (r *rig) draft(token, mailbox string, message object) string {
	r.t.Helper()
	return r.ask(token, "POST", mailbox+"/messages", message).want(201).string("id")
}

const immutable = `Prefer: IdType="ImmutableId"`

func where(filter string) string { return "?$filter=" + url.QueryEscape(filter) }
