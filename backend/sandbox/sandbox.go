// Package sandbox runs the whole product on one machine against a local Entra,
// a local Graph and a simulated Outlook: for the trial, the demo and the
// end-to-end tests.
//
// Invariant: the product in it is the real one (package app), with the
// unmodified Graph SDK and MSAL; only the world around it is simulated. It
// listens on loopback and touches nothing else.
//
// Failure: what cannot start is said, and everything started before is stopped.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"senddigitally/addin"
	"senddigitally/backend/access/trail"
	"senddigitally/backend/app"
	blobfile "senddigitally/backend/blob/file"
	"senddigitally/backend/graph"
	"senddigitally/backend/identity"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/trial"
	"senddigitally/backend/sandbox/entra"
	sandboxgraph "senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/sandbox/phone"
	"senddigitally/backend/scanning"
	"senddigitally/backend/sms"
	"senddigitally/backend/transfer"
	"senddigitally/manifest"
	"senddigitally/routing"
	"senddigitally/routing/file"
)

// The sandbox's tenant and application, and the add-in's id in its manifest.
const (
	TenantID = transfer.TenantID("municipality")
	entraID  = "0b6f3f58-7d2c-4b57-9a54-2f0f4f6f7a10"
	ClientID = "4f2d9c36-58f1-4d0e-8f0b-7a3c1d5e9b21"
	AddinID  = "6d7a52c4-1b0e-4c6f-a1f3-90b2c8d4e7f5"
	secret   = "sandbox"
)

// Options choose where a sandbox listens and keeps its data.
type Options struct {
	Dir                  string // data; a temporary folder, removed by Close, when empty
	Outlook, Staff, Page string // listen addresses; a free loopback port when empty
	Clock                func() time.Time
	Log                  *slog.Logger
	Policy               func(*transfer.Policy) // changes the strict policy
	Routing              []byte                 // routing file; the sample when nil
	SweepEvery           time.Duration
	CollectEvery         time.Duration   // between two looks at the intake mailbox; 0 for never
	Distributors         []string        // addresses of staff who distribute, beside the caseworker
	Redis                string          // URL; a Redis of its own when empty
	Scanner              *scanning.Clamd // for malware; nil: files are not checked
	CheckAgain           time.Duration   // between two checks of the same files; 0 for one only
	PartSize             int64           // of files in the vault; 0 for the vault's own
	Idle                 bool            // no workers and no sweeps: a test runs them itself
}

// Sandbox is a running sandbox.
type Sandbox struct {
	OutlookURL, StaffURL, PortalURL string
	Mail                            *mail.Store
	Entra                           *entra.Server
	Graph                           *sandboxgraph.Server
	System                          *app.System
	Setup                           app.Setup
	RedisURL                        string
	RedisKind                       trial.Kind
	Dir                             string

	graphURL  string
	phoneURL  string
	signInURL string
	closers   []func() error
	servers   [2]*http.Server // of the staff and the page origin
	stopWork  func()
}

// Start starts everything; Close stops it.
func Start(ctx context.Context, o Options) (_ *Sandbox, err error) {
	o = o.withDefaults()
	s := &Sandbox{Dir: o.Dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.folder(); err != nil {
		return nil, err
	}
	origins, err := s.listen(o)
	if err != nil {
		return nil, err
	}
	if err := s.world(o); err != nil {
		return nil, err
	}
	if err := s.product(ctx, o); err != nil {
		return nil, err
	}
	return s, s.open(ctx, o, origins)
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Now().UTC() }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Policy == nil {
		o.Policy = func(*transfer.Policy) {}
	}
	if o.Routing == nil {
		o.Routing = file.Sample
	}
	if o.SweepEvery == 0 {
		o.SweepEvery = 10 * time.Second
	}
	return o
}

func (s *Sandbox) later(close func() error) { s.closers = append(s.closers, close) }

// Close stops everything, the last started first.
func (s *Sandbox) Close() error {
	var all error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, s.closers[i]())
	}
	s.closers = nil
	return all
}

func (s *Sandbox) folder() error {
	if s.Dir == "" {
		dir, err := os.MkdirTemp("", "senddigitally-")
		if err != nil {
			return err
		}
		s.Dir = dir
		s.later(func() error { return os.RemoveAll(dir) })
	}
	for _, part := range []string{"vault", "keys", "audit", "redis"} {
		if err := os.MkdirAll(filepath.Join(s.Dir, part), 0o700); err != nil {
			return err
		}
	}
	return nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// world starts Entra, the mail store and Graph.
func (s *Sandbox) world(o Options) error {
	s.Mail = mail.New(o.Clock, mail.Defaults())
	if err := outlook.Seed(s.Mail); err != nil {
		return err
	}
	users, err := s.directory(o)
	if err != nil {
		return err
	}
	signIn, err := net.Listen("tcp", "127.0.0.1:0") // browsers do not know Entra's certificate
	if err != nil {
		return err
	}
	s.signInURL = "http://" + signIn.Addr().String()
	users.Browser, users.Apps[0].Redirects = s.signInURL, []string{s.StaffURL + app.SignInCallback, s.StaffURL + "/addin/" + addin.SignInFile}
	tenant, err := entra.New(users, "https://127.0.0.1")
	if err != nil {
		return err
	}
	if s.Entra, err = entra.Listen(tenant, "127.0.0.1:0"); err != nil {
		return err
	}
	s.later(s.Entra.Close)
	s.serve(signIn, s.Entra)
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	uploads, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, api.Close())
	}
	s.Graph = sandboxgraph.New(sandboxgraph.Config{Store: s.Mail, Tokens: s.Entra, Tenant: entraID,
		Base: "http://" + api.Addr().String(), UploadBase: "http://" + uploads.Addr().String(), Grants: grants()})
	s.graphURL = "http://" + api.Addr().String()
	texts, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, api.Close(), uploads.Close())
	}
	s.phoneURL = "http://" + texts.Addr().String()
	s.serve(texts, phone.Gateway(s.Mail))
	s.serve(api, s.Graph)
	s.serve(uploads, s.Graph.Uploads())
	return nil
}

func (s *Sandbox) directory(o Options) (entra.Config, error) {
	config := entra.Config{Tenant: entraID, Clock: o.Clock,
		Apps: []entra.App{{ID: ClientID, Name: "Send Digitally", Secret: secret, Scopes: []string{"access_as_user"},
			GraphScopes: []string{"Mail.ReadWrite", "Mail.ReadWrite.Shared", "User.Read"}}}}
	for _, who := range []entra.User{{Address: outlook.Caseworker, Roles: []string{"Caseworker", "Distributor"}}, {Address: outlook.Colleague, Roles: []string{"Caseworker"}}} {
		box, err := s.Mail.Mailbox(who.Address)
		if err != nil {
			return config, err
		}
		if slices.Contains(o.Distributors, who.Address) {
			who.Roles = append(who.Roles, "Distributor")
		}
		who.OID, who.Name = box.ID, box.Name
		config.Users = append(config.Users, who)
	}
	return config, nil
}

// grants are what Exchange's RBAC for Applications allows the product: to send
// from the service mailboxes, and to classify in the function mailboxes.
func grants() []sandboxgraph.Grant {
	return []sandboxgraph.Grant{
		{Client: ClientID, Roles: []string{"Mail.ReadWrite", "Mail.Send"}, Mailboxes: []string{outlook.Service1, outlook.Service2}},
		{Client: ClientID, Roles: []string{"Mail.ReadWrite"}, Mailboxes: []string{outlook.Children, outlook.CitizenService, outlook.Technical, outlook.Intake}},
	}
}

// serve serves a listener until Close.
func (s *Sandbox) serve(l net.Listener, h http.Handler) *http.Server {
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go server.Serve(l)
	s.later(func() error {
		cancel()
		grace, end := context.WithTimeout(context.Background(), 5*time.Second)
		defer end()
		if err := server.Shutdown(grace); err != nil {
			return server.Close()
		}
		return nil
	})
	return server
}

// product opens what the system stands on and wires it.
func (s *Sandbox) product(ctx context.Context, o Options) error {
	ring, err := s.keyring()
	if err != nil {
		return err
	}
	blobs, err := blobfile.Open(filepath.Join(s.Dir, "vault"), ring.Installation(), o.Clock)
	if err != nil {
		return err
	}
	records, err := blobfile.Open(filepath.Join(s.Dir, "keys"), ring.Installation(), o.Clock)
	if err != nil {
		return err
	}
	log, err := trail.Open(filepath.Join(s.Dir, "audit"), ring.Derive("audit"), o.Clock)
	if err != nil {
		return err
	}
	s.later(log.Close)
	book, err := s.ledger(ctx, o, ring)
	if err != nil {
		return err
	}
	tenant, err := s.tenant(o)
	if err != nil {
		return err
	}
	s.Setup = app.Setup{Tenants: []app.Tenant{tenant}, Blobs: blobs, KeyRecords: records, Ring: ring, Ledger: book, Trail: log, Scanner: o.Scanner, CheckAgain: o.CheckAgain,
		AuthorityHTTP: s.Entra.Client(), SignIn: s.signInURL + "/" + entraID, SweepEvery: o.SweepEvery, CollectEvery: o.CollectEvery, Notifications: s.StaffURL, PartSize: o.PartSize, Clock: o.Clock, Log: o.Log,
		Addin: app.Addin{OfficeJS: s.OutlookURL + "/office.js", Frames: []string{s.OutlookURL}, Manifest: manifest.Definition{
			AppID: AddinID, Version: "1.0.0.0", Base: s.StaffURL + "/addin", Provider: "Municipality"}}}
	s.System, err = app.New(s.Setup)
	return err
}

func (s *Sandbox) keyring() (*keys.Ring, error) {
	path := filepath.Join(s.Dir, "keyring.json")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := keys.Init(path); err != nil {
			return nil, err
		}
	}
	return keys.Load(path)
}

func (s *Sandbox) ledger(ctx context.Context, o Options, ring *keys.Ring) (*ledger.Ledger, error) {
	s.RedisURL, s.RedisKind = o.Redis, trial.Real
	if s.RedisURL == "" {
		url, stop, kind, err := trial.Trial(ctx, filepath.Join(s.Dir, "redis"))
		if err != nil {
			return nil, err
		}
		s.RedisURL, s.RedisKind = url, kind
		s.later(func() error { stop(); return nil })
	}
	book, err := ledger.Open(ctx, ledger.Options{URL: s.RedisURL, Installation: ring.Installation(), Clock: o.Clock,
		TrustPersistence: s.RedisKind == trial.Embedded})
	if err != nil {
		return nil, err
	}
	s.later(book.Close)
	return book, nil
}

func (s *Sandbox) tenant(o Options) (app.Tenant, error) {
	set, problems := file.Load("routing.yaml", o.Routing)
	if set == nil {
		return app.Tenant{}, fmt.Errorf("routing file: %v", problems)
	}
	policy := transfer.StrictPolicy()
	policy.Codes, policy.PhoneCountry = append(policy.Codes, transfer.CodeSMS, transfer.CodeNone), "+45"
	o.Policy(&policy)
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		zone = time.UTC
	}
	gateway, err := sms.New(sms.Config{URL: s.phoneURL, Method: http.MethodPost, Type: "application/json", From: "Municipality",
		Body: `{"to":"{to}","from":"{from}","text":"{text}"}`, Authorization: phone.Authorization, Timeout: 10 * time.Second})
	if err != nil {
		return app.Tenant{}, err
	}
	return app.Tenant{
		ID: TenantID, SMS: gateway, Policy: policy, Routes: routing.NewCurrent(set, o.Clock()),
		Organisation: transfer.Organisation{Name: "Municipality", Portal: s.PortalURL, Staff: s.StaffURL, Intake: outlook.Intake,
			MailDomain: "municipality.example", Zone: zone},
		Entra: identity.Entra{TenantID: entraID, ClientID: ClientID, Authority: s.Entra.Authority()},
		Graph: graph.Config{Tenant: TenantID, EntraTenant: entraID, ClientID: ClientID, Secret: secret, AddIn: AddinID, Sandbox: true,
			Authority: strings.TrimSuffix(s.Entra.Authority(), "/"+entraID), Endpoint: s.graphURL + "/v1.0", UploadHosts: []string{"127.0.0.1"},
			ServiceMailboxes: []string{outlook.Service1, outlook.Service2}, AuthorityHTTP: s.Entra.Client(), Clock: o.Clock, Logger: o.Log},
	}, nil
}

// open starts the workers and serves the three origins.
func (s *Sandbox) open(ctx context.Context, o Options, at origins) error {
	if err := s.System.Start(ctx); err != nil {
		return err
	}
	xml, err := manifest.XML(s.Setup.Addin.Manifest)
	if err != nil {
		return err
	}
	view, err := outlook.New(outlook.Config{Mail: s.Mail, Tokens: s.token, Manifest: xml, AddinOrigin: s.StaffURL, PortalOrigin: s.PortalURL, Authority: s.Entra.Authority()})
	if err != nil {
		return err
	}
	s.stopWork = func() {}
	s.later(func() error { s.stopWork(); return nil })
	if !o.Idle {
		s.work(ctx)
	}
	s.serve(at.outlook, view)
	s.servers[0] = s.serve(at.staff, s.System.Staff)
	s.servers[1] = s.serve(at.page, s.System.Portal)
	return nil
}

// token is the broker's answer to nested app authentication.
func (s *Sandbox) token(_ context.Context, user, client string, scopes []string) (outlook.Token, error) {
	if client != ClientID {
		return outlook.Token{}, errors.New("this client is not registered")
	}
	for _, u := range s.Entra.Users() {
		if strings.EqualFold(u.Address, user) && !s.Entra.Disabled(u.OID) {
			return outlook.Token{AccessToken: s.UserToken(u.OID), IDToken: s.Entra.UserToken(u.OID, nil, entra.WithClaim("scp", nil)),
				ExpiresIn: 3600, TenantID: entraID, ObjectID: u.OID, Environment: "login.microsoftonline.com"}, nil
		}
	}
	return outlook.Token{}, errors.New("this user cannot sign in")
}

// UserToken is an access token for the product, for a user by id or address.
func (s *Sandbox) UserToken(who string) string {
	return s.Entra.UserToken(who, []string{"access_as_user"})
}
