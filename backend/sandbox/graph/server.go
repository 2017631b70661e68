package graph

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/mail"
)

// Config wires a Server.
type Config struct {
	Store  *mail.Store
	Tokens Verifier
	Tenant string // directory id, as it appears in upload URLs
	// Base is the address under which clients reach this server, without "/v1.0"
	// and trailing slash; UploadBase that of Uploads. Empty means the request's host.
	Base       string
	UploadBase string
	// Grants are the application permissions on single mailboxes (Microsoft Learn,
	// "Role Based Access Control for Applications in Exchange Online"). They add to the
	// tenant-wide permissions in a token's roles.
	Grants []Grant
	// Notify delivers change notifications; http.DefaultClient when nil.
	Notify *http.Client
}

// Verifier checks a bearer token for an audience; *entra.Entra is one.
type Verifier interface {
	Verify(token, audience string) (entra.Claims, error)
}

// Grant gives an application roles on mailboxes.
type Grant struct {
	Client    string   // client id
	Roles     []string // "Mail.Read", "Mail.ReadWrite", "Mail.Send"
	Mailboxes []string // addresses
}

// Server is the sandbox's Graph. It is an http.Handler, safe for concurrent use.
type Server struct {
	cfg     Config
	store   *mail.Store
	handler http.Handler
	limits  *limiter

	mu            sync.Mutex
	uploads       map[string]*upload       // by path
	deltas        map[string][]any         // rest of a delta answer, by skip token
	subscriptions map[string]*subscription // by id
}

// New makes a Graph over a store.
func New(cfg Config) *Server {
	cfg.Notify = cmp.Or(cfg.Notify, http.DefaultClient)
	s := &Server{
		cfg: cfg, store: cfg.Store, limits: newLimiter(cfg.Store),
		uploads: map[string]*upload{}, deltas: map[string][]any{}, subscriptions: map[string]*subscription{},
	}
	s.handler = s.routes()
	cfg.Store.Subscribe(s.changed)
	return s
}

// ServeHTTP serves Graph under /v1.0/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Traffic answers what has happened to requests for a mailbox so far, all applications
// together.
func (s *Server) Traffic(mailbox string) Traffic { return s.limits.traffic(mailbox) }

// SetGrants replaces the application permissions on single mailboxes.
func (s *Server) SetGrants(grants ...Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Grants = grants
}

// granted tells whether an application holds one of the roles on a mailbox.
func (s *Server) granted(client, mailbox string, roles []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.cfg.Grants, func(g Grant) bool {
		return g.Client == client && containsFold(g.Mailboxes, mailbox) && overlap(g.Roles, roles)
	})
}

// routes registers everything below both /me and /users/{user}.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, owner := range []string{"/v1.0/me", "/v1.0/users/{user}"} {
		on := func(method, path string, needs need, handle func(*call) error) {
			mux.HandleFunc(method+" "+owner+path, s.serve(needs, handle))
		}
		on("GET", "", profile, (*call).getUser)
		s.messageRoutes(on)
		s.folderRoutes(on)
		s.attachmentRoutes(on)
	}
	mux.HandleFunc("POST /v1.0/subscriptions", s.open((*call).subscribe))
	mux.HandleFunc("GET /v1.0/subscriptions", s.open((*call).listSubscriptions))
	mux.HandleFunc("GET /v1.0/subscriptions/{subscription}", s.open((*call).getSubscription))
	mux.HandleFunc("PATCH /v1.0/subscriptions/{subscription}", s.open((*call).renewSubscription))
	mux.HandleFunc("DELETE /v1.0/subscriptions/{subscription}", s.open((*call).unsubscribe))
	mux.HandleFunc("/", s.open(func(c *call) error {
		return mail.Refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment, or the method is not allowed.")
	}))
	return mux
}

type router func(method, path string, needs need, handle func(*call) error)

func (s *Server) messageRoutes(on router) {
	for _, folder := range []string{"", "/mailFolders/{folder}"} {
		on("GET", folder+"/messages", read, (*call).listMessages)
		on("POST", folder+"/messages", write, (*call).createMessage)
		on("GET", folder+"/messages/{message}", read, (*call).getMessage)
		on("PATCH", folder+"/messages/{message}", write, (*call).updateMessage)
		on("DELETE", folder+"/messages/{message}", write, (*call).deleteMessage)
	}
	on("GET", "/messages/{message}/$value", read, (*call).getMIME)
	on("POST", "/messages/{message}/send", send, (*call).sendMessage)
	on("POST", "/messages/{message}/move", write, (*call).moveMessage)
	on("POST", "/messages/{message}/copy", write, (*call).copyMessage)
}

func (s *Server) folderRoutes(on router) {
	on("GET", "/mailFolders", read, (*call).listFolders)
	on("POST", "/mailFolders", write, (*call).createFolder)
	on("GET", "/mailFolders/{folder}", read, (*call).getFolder)
	on("GET", "/mailFolders/{folder}/childFolders", read, (*call).listFolders)
	on("POST", "/mailFolders/{folder}/childFolders", write, (*call).createFolder)
	on("GET", "/mailFolders/{folder}/messages/delta", read, (*call).delta)
	on("GET", "/mailFolders/{folder}/messages/delta()", read, (*call).delta)
}

func (s *Server) attachmentRoutes(on router) {
	on("GET", "/messages/{message}/attachments", read, (*call).listAttachments)
	on("POST", "/messages/{message}/attachments", write, (*call).addAttachment)
	on("POST", "/messages/{message}/attachments/createUploadSession", write, (*call).createUploadSession)
	on("GET", "/messages/{message}/attachments/{attachment}", read, (*call).getAttachment)
	on("DELETE", "/messages/{message}/attachments/{attachment}", write, (*call).removeAttachment)
	on("GET", "/messages/{message}/attachments/{attachment}/$value", read, (*call).getContent)
}

func containsFold(list []string, wanted string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, wanted) })
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
