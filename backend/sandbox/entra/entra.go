// Package entra is the sandbox's Microsoft Entra ID: one tenant with its users and
// applications, OpenID discovery, signing keys, sign-in page and token endpoint.
//
// It signs real RS256 tokens, so that the product's own checks and the unmodified MSAL
// and OpenID libraries run against it; it keeps no passwords, since everyone who
// reaches it may sign in as anyone. It must therefore never listen on anything but
// loopback.
//
// Invariant: a token that Verify accepts was signed by this tenant and is in its
// lifetime. On failure the token endpoint answers Entra's error shape (OAuth error,
// AADSTS number), never a token.
package entra

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// GraphResource is the audience of tokens for Microsoft Graph.
const GraphResource = "https://graph.microsoft.com"

// Config describes the tenant.
type Config struct {
	Tenant string           // GUID
	Clock  func() time.Time // UTC; time.Now when nil
	Apps   []App            // the first one is the product: UserToken's tokens are for it
	Users  []User
	// Browser is the address under which browsers reach this handler, when it differs
	// from the TLS address that MSAL uses; without trailing slash.
	Browser string
}

// App is a registered application with what was consented to.
type App struct {
	ID           string // client id, a GUID
	Name         string
	Secret       string              // empty: no secret is accepted
	Certificates []*x509.Certificate // accepted for client assertions
	Redirects    []string            // exact redirect URIs
	GraphScopes  []string            // delegated permissions on Graph, such as "Mail.ReadWrite"
	GraphRoles   []string            // application permissions on Graph
	Scopes       []string            // scopes that it offers itself, such as "access_as_user"
	Roles        []string            // application roles it holds on the product's own API
}

// User is a person of the tenant.
type User struct {
	OID     string // object id, a GUID
	Name    string
	Address string   // user principal name
	Roles   []string // application roles in the product: Caseworker, Distributor, Administrator
}

// Entra is the tenant. It is an http.Handler, safe for concurrent use.
type Entra struct {
	cfg     Config
	key     *rsa.PrivateKey
	keyID   string
	handler http.Handler

	mu       sync.Mutex
	base     string // scheme and host of issuer and endpoints
	codes    map[string]grant
	refresh  map[string]grant
	revoked  map[string]time.Time // by object id
	assigned map[string][]string  // roles changed after the start, by object id
	disabled map[string]bool      // by object id
}

// grant is what a code or a refresh token stands for.
type grant struct {
	client    string
	user      string // object id
	scopes    []string
	redirect  string
	challenge string
	nonce     string
	expires   time.Time
}

// New makes a tenant with a signing key of its own. Its issuer lies under base
// ("https://host:port"), which Listen sets to where it really listens.
func New(cfg Config, base string) (*Entra, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	e := &Entra{
		cfg: cfg, key: key, keyID: thumbprint(&key.PublicKey), base: base,
		codes: map[string]grant{}, refresh: map[string]grant{},
		revoked: map[string]time.Time{}, assigned: map[string][]string{}, disabled: map[string]bool{},
	}
	e.handler = e.routes()
	return e, nil
}

// ServeHTTP serves the tenant's endpoints.
func (e *Entra) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.handler.ServeHTTP(w, r) }

// Authority is the address that MSAL is given.
func (e *Entra) Authority() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.base + "/" + e.cfg.Tenant
}

// Issuer is the issuer of v2 tokens.
func (e *Entra) Issuer() string { return e.Authority() + "/v2.0" }

// Tenant is the tenant's id.
func (e *Entra) Tenant() string { return e.cfg.Tenant }

// Users answers the people who can sign in, with the roles they have now.
func (e *Entra) Users() []User {
	users := slices.Clone(e.cfg.Users)
	for i := range users {
		users[i].Roles = e.rolesOf(users[i])
	}
	return users
}

// Assign replaces a person's application roles; tokens issued earlier keep theirs.
func (e *Entra) Assign(oid string, roles ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.assigned[oid] = roles
}

// Revoke ends a person's sessions: refresh tokens and user tokens issued until now buy
// nothing more (Microsoft Learn, "Revoke user access in Microsoft Entra ID").
func (e *Entra) Revoke(oid string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.revoked[oid] = e.now()
}

// Disable ends, or ends the end of, a person's account: no token is had for it.
func (e *Entra) Disable(oid string, disabled bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.disabled[oid] = disabled
}

// Disabled tells whether an account is.
func (e *Entra) Disabled(oid string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.disabled[oid]
}

func (e *Entra) now() time.Time { return e.cfg.Clock().UTC() }

func (e *Entra) rolesOf(u User) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if roles, changed := e.assigned[u.OID]; changed {
		return slices.Clone(roles)
	}
	return slices.Clone(u.Roles)
}

func (e *Entra) revokedSince(oid string, issued time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	at, revoked := e.revoked[oid]
	return revoked && !issued.After(at)
}

// user finds by object id or address.
func (e *Entra) user(who string) (User, bool) {
	at := slices.IndexFunc(e.cfg.Users, func(u User) bool {
		return u.OID == who || who != "" && strings.EqualFold(u.Address, who)
	})
	if at < 0 {
		return User{}, false
	}
	u := e.cfg.Users[at]
	u.Roles = e.rolesOf(u)
	return u, true
}

func (e *Entra) app(id string) (App, bool) {
	at := slices.IndexFunc(e.cfg.Apps, func(a App) bool { return a.ID == id })
	if at < 0 {
		return App{}, false
	}
	return e.cfg.Apps[at], true
}

// keep stores a grant under a fresh random name.
func (e *Entra) keep(grants map[string]grant, g grant) string {
	b := make([]byte, 32)
	rand.Read(b)
	name := hex.EncodeToString(b)
	e.mu.Lock()
	defer e.mu.Unlock()
	grants[name] = g
	return name
}

// take removes a grant, so that it is used once.
func (e *Entra) take(grants map[string]grant, name string) (grant, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g, found := grants[name]
	delete(grants, name)
	return g, found && e.now().Before(g.expires)
}

// browserBase is where browsers are sent.
func (e *Entra) browserBase() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return cmp.Or(e.cfg.Browser, e.base)
}
