package app

import (
	"cmp"
	"context"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/archive"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/checking"
	"senddigitally/backend/distributing"
	"senddigitally/backend/expiring"
	"senddigitally/backend/graph"
	"senddigitally/backend/keys"
	"senddigitally/backend/mailing"
	"senddigitally/backend/notifying"
	"senddigitally/backend/opening"
	"senddigitally/backend/reading"
	"senddigitally/backend/receiving"
	"senddigitally/backend/recovering"
	"senddigitally/backend/sending"
	"senddigitally/backend/summing"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
	"senddigitally/backend/vault"
)

// wiring holds what several parts of a system share.
type wiring struct {
	Setup
	tenants   map[transfer.TenantID]Tenant
	namer     transfer.Namer
	gate      *access.Gate
	team      access.Team
	vault     *vault.Vault
	reading   *reading.Reading
	sums      *summing.Sums
	container *keys.Container
	archive   *archive.Archive
	graph     *graph.Client
	mailing   *mailing.Mailing
	uploading *uploading.Uploading
	sending   *sending.Sending
	expiring  *expiring.Expiring
}

func newWiring(s Setup) (*wiring, error) {
	w := &wiring{Setup: s, sums: summing.New(), tenants: map[transfer.TenantID]Tenant{}, namer: s.Ring.Namer()}
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
	w.uploading = &uploading.Uploading{Vault: w.vault, Ledger: s.Ledger, Holds: s.Ledger, Clock: s.Clock}
	w.sending = &sending.Sending{Drafts: w.graph, Members: w.graph, Uploads: w.uploading, Vault: w.vault, Ledger: s.Ledger, Archive: w.archive, Wishes: s.Ledger, Gate: w.gate,
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
	return &opening.Opening{Archive: w.archive, Vault: w.reading, Sums: w.sums, Attempts: w.Ledger, Gate: w.gate, Verify: accesscode.Verify, Provers: w.provers(),
		Namer: w.namer, Policy: w.policy, Clock: w.Clock, Log: w.Log}
}

func (w *wiring) receiving() *receiving.Receiving {
	return &receiving.Receiving{Archive: w.archive, Addresses: w.graph, Ledger: w.Ledger, Gate: w.gate, Namer: w.namer, Clock: w.Clock}
}
