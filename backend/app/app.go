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
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/blob"
	"senddigitally/backend/distributing"
	"senddigitally/backend/expiring"
	"senddigitally/backend/graph"
	"senddigitally/backend/identity"
	"senddigitally/backend/jobs"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
	"senddigitally/backend/recovering"
	"senddigitally/backend/scanning"
	"senddigitally/backend/sending"
	"senddigitally/backend/sms"
	"senddigitally/backend/transfer"
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
