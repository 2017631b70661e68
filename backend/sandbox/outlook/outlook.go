package outlook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"

	"senddigitally/backend/sandbox/mail"
)

// Token is what the broker hands to an add-in for a signed-in user.
type Token struct {
	AccessToken string
	IDToken     string
	ExpiresIn   int    // seconds
	TenantID    string // tid
	ObjectID    string // oid of the user
	Environment string // host of the authority, such as login.microsoftonline.com
}

// Tokens mints an access and an id token for the user with that address, for the
// client and the scopes that the add-in asked for.
type Tokens func(ctx context.Context, user, clientID string, scopes []string) (Token, error)

// Config is what the simulated Outlook needs. AddinOrigin is the only origin whose
// frames it talks to; it is "scheme://host[:port]" without a path.
type Config struct {
	Mail         *mail.Store
	Tokens       Tokens // nil: nested app authentication is answered with an error
	Manifest     []byte // the add-in-only XML manifest; empty: no add-in is installed
	AddinOrigin  string
	PortalOrigin string // shown in the guide only
	Authority    string // where windows of the add-in's sign in, shown in the settings only
}

// server is the running simulation: the mail store and what belongs to the windows.
type server struct {
	Config
	addins  map[string]addin // by language; none without a manifest
	watch   *watch
	saving  sync.Mutex // one change of a draft at a time
	mu      sync.Mutex
	view    View
	roaming map[string]map[string]any // by user and add-in
}

// New answers the handler of the simulated Outlook's origin. It fails when the manifest
// cannot be read. Its event streams end when the request's context does; a server
// that is to stop gracefully gives its connections a context that it cancels.
func New(c Config) (http.Handler, error) {
	if c.Mail == nil {
		return nil, errors.New("outlook: no mail store")
	}
	addins, err := readManifest(c.Manifest)
	if err != nil {
		return nil, err
	}
	s := &server{
		Config:  c,
		addins:  addins,
		watch:   newWatch(),
		view:    DefaultView(),
		roaming: map[string]map[string]any{},
	}
	c.Mail.Subscribe(func(change mail.Change) { s.watch.mark(change.Mailbox) })
	return onlyLoopback(s.headers(http.NewCrossOriginProtection().Handler(s.routes()))), nil
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"GET /sim/state":                       s.state,
		"PUT /sim/settings":                    s.saveSettings,
		"PUT /sim/roaming":                     s.saveRoaming,
		"POST /sim/token":                      s.token,
		"GET /sim/mailboxes/{mailbox}/folders": s.folders,
		"GET /sim/mailboxes/{mailbox}/folders/{folder}/messages":      s.messages,
		"GET /sim/mailboxes/{mailbox}/messages/{id}":                  s.message,
		"PATCH /sim/mailboxes/{mailbox}/messages/{id}":                s.change,
		"DELETE /sim/mailboxes/{mailbox}/messages/{id}":               s.remove,
		"POST /sim/mailboxes/{mailbox}/messages/{id}/{answer}":        s.answer,
		"POST /sim/mailboxes/{mailbox}/drafts":                        s.saveDraft,
		"PUT /sim/mailboxes/{mailbox}/drafts/{id}":                    s.saveDraft,
		"DELETE /sim/mailboxes/{mailbox}/drafts/{id}":                 s.discard,
		"POST /sim/mailboxes/{mailbox}/drafts/{id}/send":              s.send,
		"POST /sim/mailboxes/{mailbox}/drafts/{id}/attachments":       s.attach,
		"DELETE /sim/mailboxes/{mailbox}/drafts/{id}/attachments/{a}": s.detach,
	} {
		mux.Handle(pattern, answerJSON(handle))
	}
	mux.HandleFunc("GET /sim/events", s.events)
	mux.HandleFunc("GET /sim/mailboxes/{mailbox}/messages/{id}/body", s.body)
	mux.HandleFunc("GET /sim/mailboxes/{mailbox}/messages/{id}/attachments/{a}", s.download)
	mux.HandleFunc("GET /office.js", serveOfficeJS)
	mux.Handle("GET /", servePages())
	return mux
}

// headers keeps the page to its own scripts and to the add-in's frame.
func (s *server) headers(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'self'",
		"img-src 'self' data: blob: " + s.AddinOrigin,
		"frame-src 'self' " + s.AddinOrigin,
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "object-src 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// onlyLoopback refuses requests by another name than the machine's own, so that a
// page elsewhere cannot reach the mailboxes by pointing its own name here.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "The simulated Outlook answers on this machine only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
