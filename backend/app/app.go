// Package app is the composition root: from a Setup to a running system of two
// web origins, background workers and sweeps. The product's commands, the
// sandbox and the end-to-end tests all run this one.
//
// Invariant: everything is wired here and nowhere else; nothing serves, works
// or sweeps on a ledger that is not ours or was lost.
//
// Failure: New refuses what is unsafe, with the reason; a running system that
// is told to stop finishes what it has begun, within its grace.
package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/api"
	"senddigitally/backend/archive"
	"senddigitally/backend/asking"
	"senddigitally/backend/blob"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/checking"
	"senddigitally/backend/distributing"
	"senddigitally/backend/expiring"
	"senddigitally/backend/following"
	"senddigitally/backend/graph"
	"senddigitally/backend/identity"
	"senddigitally/backend/jobs"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
	"senddigitally/backend/mailing"
	"senddigitally/backend/notifying"
	"senddigitally/backend/opening"
	"senddigitally/backend/portal"
	"senddigitally/backend/reading"
	"senddigitally/backend/receiving"
	"senddigitally/backend/recovering"
	"senddigitally/backend/remembering"
	"senddigitally/backend/replying"
	"senddigitally/backend/scanning"
	"senddigitally/backend/sending"
	"senddigitally/backend/sms"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
	"senddigitally/backend/vault"
	"senddigitally/backend/web"
	"senddigitally/manifest"
	"senddigitally/routing"
)

// Tenant is one organisation that the system serves.
type Tenant struct {
	ID           transfer.TenantID
	Organisation transfer.Organisation
	Policy       transfer.Policy
	Routes       *routing.Current
	Graph        graph.Config
	Entra        identity.Entra
	SMS          *sms.Gateway // nil: text messages cannot be sent
}

// Setup is everything a system is made of. The caller keeps what it opened and
// closes it after the system.
type Setup struct {
	Tenants       []Tenant
	Blobs         blob.Store // parts, manifests, journals
	KeyRecords    blob.Store // the key container, apart from the blobs
	PartSize      int64      // of a file in the vault; 0 for the vault's own
	Ring          *keys.Ring
	KEK           keys.KEK // wraps the key records' epochs; nil: the ring
	Ledger        *ledger.Ledger
	Trail         access.Trail
	Scanner       *scanning.Clamd // for malware; nil: none
	PassLarge     bool            // files too large for it are given out, with a mark
	CheckAgain    time.Duration   // between two checks of what can still be fetched; 0 for one only
	AuthorityHTTP *http.Client    // for Entra's keys; nil for the default
	SignIn        string          // authority as browsers reach it, for the trial; "" for the tenant's own
	Addin         Addin
	Secure        bool     // the portal is reached by https
	Proxies       []string // trusted, addresses or CIDR
	SweepEvery    time.Duration
	CollectEvery  time.Duration // between two looks at the mailboxes that mail arrives at; 0 for never
	Notifications string        // origin under which Outlook reaches the staff handler, to tell of new mail; "" for never
	Worker        string        // unique among replicas; drawn when empty
	Clock         func() time.Time
	Log           *slog.Logger
}

// Addin is how the task pane and its manifest are served.
type Addin struct {
	Manifest manifest.Definition
	OfficeJS string   // "" is Microsoft's
	Frames   []string // origins that may frame the pane
}

// System is a wired system.
type System struct {
	Staff      http.Handler // API, task pane, manifest
	Portal     http.Handler // recipients' pages
	Recovering *recovering.Recovering
	Recording  *distributing.Recording
	Expiring   *expiring.Expiring
	sending    *sending.Sending
	runner     *jobs.Runner
	ledger     *ledger.Ledger
	sweepEvery time.Duration
	collecting collector
	log        *slog.Logger
}

// New wires a system.
func New(s Setup) (*System, error) {
	if s.Scanner == nil {
		s.Log.Warn("files are not checked for malware: no scanner is configured")
	}
	w, err := newWiring(s)
	if err != nil {
		return nil, err
	}
	bells := w.waking()
	staff, err := w.staff(bells)
	if err != nil {
		return nil, err
	}
	pages, err := w.portal()
	if err != nil {
		return nil, err
	}
	return &System{Staff: staff, Portal: pages, Recovering: w.recovering(),
		Recording: &distributing.Recording{Keys: w.container, Vault: w.vault, Gate: w.gate}, Expiring: w.expiring, sending: w.sending,
		runner: w.runner(), ledger: s.Ledger, sweepEvery: s.SweepEvery, collecting: w.collector(bells), log: s.Log}, nil
}

// Start checks that the ledger is ours. A ledger that is empty is rebuilt from
// the vault, which at the first start of an installation has nothing to say.
func (s *System) Start(ctx context.Context) error {
	err := s.ledger.Check(ctx)
	if !errors.Is(err, ledger.ErrLost) {
		return err
	}
	report, err := s.Recovering.Rebuild(ctx, false, func(recovering.Report) {})
	if report == (recovering.Report{}) {
		return err
	}
	s.log.Warn("the ledger was empty and has been rebuilt from the vault", "restored", report.Restored, "tombstones", report.Tombstones, "unfinished", report.Unfinished, "failed", report.Failed)
	return err
}

// Work carries out jobs and sweeps until ctx ends, and returns when all that
// was begun has ended.
func (s *System) Work(ctx context.Context) {
	var working sync.WaitGroup
	working.Go(func() { s.runner.Run(ctx) })
	working.Go(func() { s.sweep(ctx) })
	working.Go(func() { s.collect(ctx) })
	working.Wait()
	s.sending.Wait(context.WithoutCancel(ctx))
}

func (s *System) sweep(ctx context.Context) {
	tick := time.NewTicker(s.sweepEvery)
	defer tick.Stop()
	for {
		s.reconcile(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if swept, err := s.Expiring.Sweep(ctx); err != nil {
				s.log.Warn("no sweep", "cause", err)
			} else if swept != (expiring.Swept{}) {
				s.log.Info("swept", "erased", swept.Erased, "orphans", swept.Orphans, "blobs", swept.Blobs, "keys", swept.Keys, "read", swept.Read, "failed", swept.Failed)
			}
		}
	}
}

// wiring holds what several parts of a system share.
type wiring struct {
	Setup
	tenants   map[transfer.TenantID]Tenant
	namer     transfer.Namer
	gate      *access.Gate
	team      access.Team
	vault     *vault.Vault
	reading   *reading.Reading
	container *keys.Container
	archive   *archive.Archive
	graph     *graph.Client
	mailing   *mailing.Mailing
	uploading *uploading.Uploading
	sending   *sending.Sending
	expiring  *expiring.Expiring
}

func newWiring(s Setup) (*wiring, error) {
	w := &wiring{Setup: s, tenants: map[transfer.TenantID]Tenant{}, namer: s.Ring.Namer()}
	configs := make([]graph.Config, 0, len(s.Tenants))
	for _, t := range s.Tenants {
		w.tenants[t.ID] = t
		configs = append(configs, t.Graph)
	}
	var err error
	if w.graph, err = graph.New(configs...); err != nil {
		return nil, err
	}
	w.gate = access.New(s.Trail, w.namer)
	w.team = access.Team{Members: w.graph, Namer: w.namer}
	w.container = s.Container()
	w.vault = vault.New(s.Blobs, w.container, w.namer, s.Clock)
	w.vault.PartSize = cmp.Or(s.PartSize, vault.DefaultPartSize)
	w.vault.Damaged = w.damaged
	w.reading = &reading.Reading{Vault: reader{w.vault}, Ledger: s.Ledger, Clock: s.Clock, Log: s.Log}
	w.archive = archive.New(w.vault, w.container, s.Ledger, w.namer, s.Clock)
	w.archive.Quarantine = s.Scanner != nil
	w.mailing = mailing.New(w.graph, w.archive)
	w.uploading = &uploading.Uploading{Vault: w.vault, Ledger: s.Ledger, Clock: s.Clock}
	w.sending = &sending.Sending{Drafts: w.graph, Members: w.graph, Vault: w.vault, Ledger: s.Ledger, Archive: w.archive, Wishes: s.Ledger, Gate: w.gate,
		Namer: w.namer, Policy: w.policy, Known: w.known, SignsIn: w.signsIn, Address: w.address, Clock: s.Clock, Log: s.Log}
	w.sending.Replies = w.distributing()
	w.expiring = &expiring.Expiring{Archive: w.archive, Vault: w.vault, Keys: w.container, Tenants: w.ids(), Ledger: s.Ledger, Attempts: s.Ledger,
		Gate: w.gate, Team: w.team, Namer: w.namer, Policy: w.policy, Clock: s.Clock, Log: s.Log, Skew: 10 * time.Minute, PerRun: 1000}
	return w, nil
}

// damaged puts bytes that do not authenticate into the audit log.
func (w *wiring) damaged(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID) {
	w.Log.Error("stored bytes do not authenticate", "reason", transfer.Integrity, "tenant", tenant, "transfer", id, "file", file)
	if err := w.gate.Damaged(ctx, access.Resource{Tenant: tenant, ID: id, File: file}); err != nil {
		w.Log.Error("the damage is not in the audit log", "transfer", id, "cause", err)
	}
}

func (w *wiring) ids() []transfer.TenantID {
	ids := make([]transfer.TenantID, 0, len(w.Tenants))
	for _, t := range w.Tenants {
		ids = append(ids, t.ID)
	}
	return ids
}

func (w *wiring) policy(t transfer.TenantID) transfer.Policy { return w.tenants[t].Policy }
func (w *wiring) organisation(t transfer.TenantID) transfer.Organisation {
	return w.tenants[t].Organisation
}
func (w *wiring) routes(t transfer.TenantID) *routing.Set { return w.tenants[t].Routes.State().Set }

// language is what the organisation's own people read.
func (w *wiring) language(t transfer.TenantID) string { return w.routes(t).Language() }

// known says whether a reply mailbox, and the topic if one is given, are in the
// routing file.
func (w *wiring) known(t transfer.TenantID, mailbox, topic string) bool {
	set := w.routes(t)
	if _, ok := set.Mailbox(mailbox); !ok {
		return false
	}
	if topic == "" {
		return true
	}
	found, ok := set.Topic(topic)
	return ok && found.Mailbox == mailbox
}

// address is where a reply mailbox is; "" when the routing file has none such.
func (w *wiring) address(t transfer.TenantID, mailbox string) string {
	found, _ := w.routes(t).Mailbox(mailbox)
	return found.Address
}

// signsIn says whether an address is own staff's, who then read after signing in.
// Nobody signs in as a mailbox of the product's own or of the routing file.
func (w *wiring) signsIn(t transfer.TenantID, address string) bool {
	tenant := w.tenants[t]
	if !tenant.Policy.StaffSignsIn || !tenant.Organisation.Own(address) {
		return false
	}
	mailboxes := append([]string{tenant.Organisation.Intake}, tenant.Graph.ServiceMailboxes...)
	for _, m := range w.routes(t).Mailboxes() {
		mailboxes = append(mailboxes, m.Address)
	}
	return !slices.ContainsFunc(mailboxes, func(m string) bool { return strings.EqualFold(m, address) })
}

func (w *wiring) recovering() *recovering.Recovering {
	return &recovering.Recovering{Vault: w.vault, Keys: w.container, Archive: w.archive, Ledger: w.Ledger, Gate: w.gate,
		Actor: access.System("rebuild"), Tenants: w.ids(), Clock: w.Clock, Log: w.Log}
}

func (w *wiring) distributing() *distributing.Distributing {
	return &distributing.Distributing{Archive: w.archive, Vault: w.reading, Mailing: w.mailing, Classifier: w.graph, Members: w.graph, Addresses: w.graph, Figures: figures{w.Ledger, w.Log}, Ledger: w.Ledger,
		Gate: w.gate, Namer: w.namer, Routes: w.routes, Organisation: w.organisation, Policy: w.policy,
		Words: func(l string) distributing.Words { return catalogue.For(l) }, Clock: w.Clock}
}

func (w *wiring) notifying() *notifying.Notifying {
	return &notifying.Notifying{Archive: w.archive, Mailing: w.mailing, Outbox: w.graph, Gate: w.gate, Namer: w.namer, Organisation: w.organisation,
		Language: w.language, Words: func(l string) notifying.Words { return catalogue.For(l) }, Clock: w.Clock}
}

func (w *wiring) checking() *checking.Checking {
	c := checking.Checking{Archive: w.archive, Vault: reader{w.vault}, Gate: w.gate, Figures: figures{w.Ledger, w.Log}, PassLarge: w.PassLarge, Again: w.CheckAgain, Clock: w.Clock, Log: w.Log}
	if w.Scanner != nil {
		c.Scanner = w.Scanner
	}
	return checking.New(c)
}

func (w *wiring) opening() *opening.Opening {
	return &opening.Opening{Archive: w.archive, Vault: w.reading, Attempts: w.Ledger, Gate: w.gate, Verify: accesscode.Verify, Provers: w.provers(),
		Namer: w.namer, Policy: w.policy, Clock: w.Clock, Log: w.Log}
}

func (w *wiring) receiving() *receiving.Receiving {
	return &receiving.Receiving{Archive: w.archive, Addresses: w.graph, Ledger: w.Ledger, Gate: w.gate, Namer: w.namer, Clock: w.Clock}
}

func (w *wiring) runner() *jobs.Runner {
	notify := w.notifying()
	worker := w.Worker
	if worker == "" {
		worker = rand.Text()
	}
	return &jobs.Runner{Queue: w.Ledger, Wait: mailing.Wait, Worker: worker, Width: 8, Renewal: w.Ledger.JobLease / 3,
		Clock: w.Clock, Log: w.Log, Handlers: map[transfer.JobKind]jobs.Handler{
			transfer.AlertJob:    notify.Alert,
			transfer.AssignJob:   notify.Assigned,
			transfer.RemindJob:   notify.Remind,
			transfer.ReceiptJob:  notify.Receipt,
			transfer.NotifyJob:   notify.Notify,
			transfer.DeliverJob:  w.distributing().Deliver,
			transfer.ClassifyJob: w.distributing().Classify,
			transfer.EscalateJob: w.distributing().Escalate,
			transfer.CheckJob:    w.checking().Check,
		}}
}

func (w *wiring) staff(bells api.Waking) (http.Handler, error) {
	engine, err := web.Engine(w.Proxies, w.Secure, w.Log)
	if err != nil {
		return nil, err
	}
	engine.GET("/healthz", w.alive)
	engine.GET("/readyz", w.ready)
	if err := w.serveAddin(engine); err != nil {
		return nil, err
	}
	sessions, err := identity.NewStaffJar(w.Ledger, w.Ring.Derive("staff sessions"), w.Clock)
	if err != nil {
		return nil, err
	}
	calls, err := w.api(sessions)
	if err != nil {
		return nil, err
	}
	calls.Register(engine)
	api.Notifications{Waking: bells}.Register(engine)
	w.pages(engine, sessions)
	return engine, nil
}

func (w *wiring) api(sessions api.Sessions) (*api.API, error) {
	choices, err := remembering.New(w.Ledger, w.gate, w.namer, w.Ring.Derive("settings"), w.policy, w.known)
	if err != nil {
		return nil, err
	}
	return &api.API{
		Identity: w.identity(), Sessions: sessions, Receiving: w.receiving(), Opening: w.opening(),
		Sending: w.sending, Uploading: w.uploading, Expiring: w.expiring, Distributing: w.distributing(), Previewing: w.notifying(), Remembering: choices, Gate: w.gate, Holds: limits{w.Ledger}, Namer: w.namer,
		Following: &following.Following{Archive: w.archive, Ledger: w.Ledger, Gate: w.gate, Team: w.team, Replies: w.distributing(), Namer: w.namer, Policy: w.policy, SignsIn: w.signsIn, Organisation: w.organisation,
			Words: func(l string) following.Words { return catalogue.For(l) }, Clock: w.Clock},
		Policy: w.policy, Organisation: w.organisation, Routes: w.routes, Clock: w.Clock, Log: w.Log,
	}, nil
}

func (w *wiring) portal() (http.Handler, error) {
	reply := &replying.Replying{Vault: w.vault, Uploads: w.uploading, Archive: w.archive, Gate: w.gate, Namer: w.namer,
		Organisation: w.organisation, Policy: w.policy, Counts: limits{w.Ledger}, Clock: w.Clock}
	jar, err := identity.NewJar(w.Ledger, w.Ring.Derive("sessions"), w.Clock)
	if err != nil {
		return nil, err
	}
	ask := &asking.Asking{Vault: w.vault, Uploads: w.uploading, Archive: w.archive, Gate: w.gate, Namer: w.namer, Organisation: w.organisation, Language: w.language,
		Words: func(l string) asking.Words { return catalogue.For(l) }, Clock: w.Clock}
	return portal.New(portal.Config{Opening: w.opening(), Replying: reply, Asking: ask, Contacting: w.contacting(), Routes: w.routes, Home: w.Tenants[0].ID, Sessions: jar, Organisation: w.organisation, Policy: w.policy,
		Namer: w.namer, Limits: limits{w.Ledger}, Checks: w.Scanner != nil, Secure: w.Secure, Proxies: w.Proxies, Service: w.service(), Clock: w.Clock, Log: w.Log})
}

// service is who speaks on a page that belongs to no tenant yet.
func (w *wiring) service() transfer.Organisation {
	if len(w.Tenants) == 1 {
		return w.Tenants[0].Organisation
	}
	return transfer.Organisation{Name: "Send Digitally"}
}
