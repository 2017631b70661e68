package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Config is one tenant's access to Microsoft Graph.
type Config struct {
	Tenant      transfer.TenantID
	EntraTenant string // directory (tenant) id, a GUID
	ClientID    string // application (client) id, a GUID
	Certificate []byte // PEM with certificate and private key
	Secret      string // client secret, for trials; Certificate goes first
	Authority   string // "https://login.microsoftonline.com"
	Endpoint    string // "https://graph.microsoft.com/v1.0"

	// UploadHosts are the bare host names to which an upload session may point;
	// empty means DefaultUploadHosts.
	UploadHosts []string
	// ServiceMailboxes are the addresses from which the product sends.
	ServiceMailboxes []string
	// AddIn is the add-in's id in the manifest. Outlook keeps an add-in's custom
	// properties in a MAPI property named after it; the draft's nonce is read there.
	AddIn string
	// Sandbox allows plain HTTP on the loopback interface and an authority that
	// Microsoft does not know.
	Sandbox bool

	// HTTP is for Graph and uploads; only its transport is used, redirects are never
	// followed. AuthorityHTTP is for Entra. http.DefaultClient when nil.
	HTTP          *http.Client
	AuthorityHTTP *http.Client
	Clock         func() time.Time
	// Sleep waits, or returns the context's error; a timer when nil.
	Sleep  func(context.Context, time.Duration) error
	Logger *slog.Logger
}

// DefaultUploadHosts are the hosts of upload URLs in Microsoft's documentation
// (Microsoft Learn, "Attach large files to Outlook messages or events").
var DefaultUploadHosts = []string{"outlook.office.com", "outlook.office365.com"}

// Client reaches Outlook for the tenants that it was made with.
type Client struct{ tenants map[transfer.TenantID]*tenant }

// New makes a Client for these tenants. It touches no network, and fails with the
// reason when a value is missing or unsafe.
func New(configs ...Config) (*Client, error) {
	c := &Client{tenants: map[transfer.TenantID]*tenant{}}
	for _, config := range configs {
		if _, twice := c.tenants[config.Tenant]; twice {
			return nil, fmt.Errorf("graph: tenant %q is configured twice", config.Tenant)
		}
		t, err := newTenant(config)
		if err != nil {
			return nil, fmt.Errorf("graph: tenant %q: %w", config.Tenant, err)
		}
		c.tenants[config.Tenant] = t
	}
	return c, nil
}

// tenant is one organisation's Graph: its application identity, its mailboxes'
// gates and its shared connections.
type tenant struct {
	config   Config
	endpoint *url.URL
	app      *identity
	gates    *gates
}

func newTenant(config Config) (*tenant, error) {
	config = config.withDefaults()
	endpoint, err := config.check()
	if err != nil {
		return nil, err
	}
	app, err := newIdentity(config)
	if err != nil {
		return nil, err
	}
	return &tenant{config: config, endpoint: endpoint, app: app,
		gates: newGates(config.Clock, config.Sleep)}, nil
}

func (c Config) withDefaults() Config {
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	if c.AuthorityHTTP == nil {
		c.AuthorityHTTP = http.DefaultClient
	}
	if c.Clock == nil {
		c.Clock = func() time.Time { return time.Now().UTC() }
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if len(c.UploadHosts) == 0 {
		c.UploadHosts = DefaultUploadHosts
	}
	return c
}

func (c Config) check() (*url.URL, error) {
	if c.Tenant == "" || c.EntraTenant == "" || c.ClientID == "" {
		return nil, errors.New("tenant, directory id and client id are all needed")
	}
	if bad := slices.IndexFunc(c.UploadHosts, func(h string) bool { return strings.ContainsAny(h, ":/") }); bad >= 0 {
		return nil, fmt.Errorf("upload host %q must be a bare host name", c.UploadHosts[bad])
	}
	if _, err := mailboxes(c.ServiceMailboxes); err != nil {
		return nil, err
	}
	endpoint, err := url.Parse(strings.TrimSuffix(c.Endpoint, "/"))
	if err != nil || endpoint.Host == "" {
		return nil, errors.New("the Graph endpoint is not a URL")
	}
	if !c.permits(endpoint) {
		return nil, errors.New("the Graph endpoint must be https")
	}
	return endpoint, nil
}

// permits reports whether a URL's scheme is safe: https, or plain HTTP to the
// loopback interface in the sandbox.
func (c Config) permits(u *url.URL) bool {
	return u.Scheme == "https" || c.Sandbox && u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool { return host == "127.0.0.1" || host == "::1" || host == "localhost" }

func mailboxes(addresses []string) ([]string, error) {
	for _, address := range addresses {
		if !addressForm.MatchString(address) {
			return nil, errors.New("a service mailbox is not an address")
		}
	}
	return addresses, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
