package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/access/trail"
	"senddigitally/backend/config"
	"senddigitally/backend/graph"
	"senddigitally/backend/identity"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
	"senddigitally/backend/scanning"
	"senddigitally/backend/transfer"
	"senddigitally/manifest"
	"senddigitally/routing/file"
)

// Opened is a Setup from a configuration, with what must be closed after the
// system and the routing files to watch.
type Opened struct {
	Setup
	watchers []*file.Watcher
	closers  []io.Closer
}

// Open opens everything that a configuration names. It fails with the reason
// when a keyring, directory, ledger or routing file is missing, unsafe or not
// this installation's.
func Open(ctx context.Context, c config.Config, log *slog.Logger) (_ *Opened, err error) {
	o := &Opened{Setup: Setup{SweepEvery: time.Duration(c.Work.SweepEvery), CollectEvery: collectEvery, Notifications: c.Origins.Notifications, Secure: true, Proxies: c.Proxies, Log: log,
		Clock: faultyClock(func() time.Time { return time.Now().UTC() }), Addin: Addin{Manifest: Definition(c), OfficeJS: c.Addin.OfficeJS}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Close())
		}
	}()
	if o.Ring, err = keys.Load(c.Storage.Keyring); err != nil {
		return nil, err
	}
	if err := o.storage(ctx, c); err != nil {
		return nil, err
	}
	for _, t := range c.Tenants {
		tenant, err := o.tenant(c, t)
		if err != nil {
			return nil, fmt.Errorf("tenant %s: %w", t.ID, err)
		}
		o.Tenants = append(o.Tenants, tenant)
	}
	return o, o.verifyKeys(ctx)
}

// Allow authorises and audits an operator's command, for every tenant.
func (o *Opened) Allow(ctx context.Context, command string, action access.Action) error {
	gate := access.New(o.Trail, o.Ring.Namer())
	for _, t := range o.Tenants {
		if err := gate.Check(ctx, access.Operator(command), action, access.Resource{Tenant: t.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Close closes what Open opened, the last first.
func (o *Opened) Close() error {
	var all error
	for i := len(o.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, o.closers[i].Close())
	}
	return all
}

// Watch reloads the routing files when they change, until ctx ends; a signal on
// now reloads them at once.
func (o *Opened) Watch(ctx context.Context, now <-chan struct{}) {
	for _, w := range o.watchers {
		w.Now = now
		go w.Run(ctx)
	}
}

func (o *Opened) storage(ctx context.Context, c config.Config) error {
	var err error
	if o.Blobs, err = o.blobs(ctx, c.Storage, c.Storage.Blobs); err != nil {
		return fmt.Errorf("storage.blobs: %w", err)
	}
	if o.KeyRecords, err = o.blobs(ctx, c.Storage, c.Storage.Keys); err != nil {
		return fmt.Errorf("storage.keys: %w", err)
	}
	o.Blobs, o.KeyRecords = faultyStore("blobs", o.Blobs), faultyStore("keys", o.KeyRecords)
	if o.KEK, err = o.kek(ctx, c.Storage); err != nil {
		return fmt.Errorf("storage.kek: %w", err)
	}
	audit, err := trail.Open(c.Audit.Directory, o.Ring.Derive("audit"), o.Clock)
	if err != nil {
		return fmt.Errorf("audit.directory: %w", err)
	}
	o.Trail = audit
	o.closers = append(o.closers, audit)
	if c.Scanning.Clamd != "" {
		o.Scanner = scanning.New(c.Scanning.Clamd)
		o.Scanner.Largest = int64(c.Scanning.Largest)
		o.PassLarge, o.CheckAgain = c.Scanning.Large == "pass", time.Duration(c.Scanning.Again)
	}
	if o.Ledger, err = o.ledger(ctx, c.Redis); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	o.closers = append(o.closers, o.Ledger)
	return nil
}

func (o *Opened) ledger(ctx context.Context, r config.Redis) (*ledger.Ledger, error) {
	authorities, err := Authorities(r.Authority)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return ledger.Open(ctx, ledger.Options{URL: r.Connection(), Authorities: authorities, Installation: o.Ring.Installation(),
		Clock: o.Clock, JobLease: faultyLease(), TrustPersistence: r.TrustPersistence})
}

// Authorities reads a file of certificates; nil, the system's, without a path.
func Authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New("the file holds no certificate")
	}
	return pool, nil
}

func (o *Opened) tenant(c config.Config, t config.Tenant) (Tenant, error) {
	routes, err := file.Open(t.RoutingFile, o.Clock())
	if err != nil {
		return Tenant{}, err
	}
	o.watchers = append(o.watchers, &file.Watcher{Path: t.RoutingFile, Current: routes, Every: 10 * time.Second, Clock: o.Clock, Report: o.reloaded(t.ID)})
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return Tenant{}, err
	}
	var certificate []byte
	if t.Entra.Certificate != "" {
		if certificate, err = os.ReadFile(t.Entra.Certificate); err != nil {
			return Tenant{}, err
		}
	}
	theme, err := t.Theme.Domain()
	if err != nil {
		return Tenant{}, err
	}
	gateway, err := gatewayOf(t.SMS)
	if err != nil {
		return Tenant{}, err
	}
	return Tenant{ID: t.ID, SMS: gateway, Policy: c.Policy(t.ID), Routes: routes,
		Organisation: transfer.Organisation{Name: t.Name, Portal: c.Origins.Portal, Staff: c.Origins.Staff, Intake: t.Mailboxes.Intake,
			MailDomain: t.MailDomain, Zone: zone, Theme: theme, Accessibility: t.Accessibility},
		Entra: identity.Entra{TenantID: t.Entra.TenantID, ClientID: t.Entra.ClientID, Authority: t.Entra.Directory()},
		Graph: graph.Config{Tenant: t.ID, EntraTenant: t.Entra.TenantID, ClientID: t.Entra.ClientID, Certificate: certificate,
			Secret: t.Entra.Secret.Reveal(), Authority: t.Entra.Authority, Endpoint: t.Graph.BaseURL, UploadHosts: t.Graph.UploadHosts,
			ServiceMailboxes: t.Mailboxes.Service, AddIn: c.Addin.ID, Sandbox: c.Mode == config.Trial, Clock: o.Clock, Logger: o.Log},
	}, nil
}

func (o *Opened) reloaded(t transfer.TenantID) func(error) {
	return func(err error) {
		if err != nil {
			o.Log.Error("the routing file was not reloaded; the rules before it stay in force", "tenant", t, "cause", err)
			return
		}
		o.Log.Info("routing file in force", "tenant", t)
	}
}

// verifyKeys refuses a keyring that lacks what the stored keys are wrapped with.
func (o *Opened) verifyKeys(ctx context.Context) error {
	container := o.Container()
	for _, t := range o.Tenants {
		if err := container.Verify(ctx, t.ID); err != nil {
			return fmt.Errorf("storage.keyring: %w", err)
		}
	}
	return nil
}

// Definition is the add-in's manifest as a configuration defines it.
func Definition(c config.Config) manifest.Definition {
	d := manifest.Definition{AppID: c.Addin.ID, Version: c.Addin.Version, Base: c.Origins.Staff + "/addin", Provider: c.Addin.Provider,
		Support: c.Addin.Support, Texts: manifest.StandardTexts()}
	for i, text := range d.Texts {
		if name := c.Addin.Names[text.Locale]; name != "" {
			d.Texts[i].Name = name
		}
	}
	return d
}
