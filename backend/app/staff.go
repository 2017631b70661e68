package app

import (
	"net/http"

	"senddigitally/backend/api"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/following"
	"senddigitally/backend/identity"
	"senddigitally/backend/remembering"
	"senddigitally/backend/web"
)

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
		Sending: w.sending, Expiring: w.expiring, Distributing: w.distributing(), Previewing: w.notifying(), Remembering: choices, Gate: w.gate,
		Following: &following.Following{Archive: w.archive, Ledger: w.Ledger, Files: reader{w.vault}, Sums: w.sums, Gate: w.gate, Team: w.team, Replies: w.distributing(), Namer: w.namer, Policy: w.policy, SignsIn: w.signsIn, Organisation: w.organisation,
			Words: func(l string) following.Words { return catalogue.For(l) }, Clock: w.Clock},
		Policy: w.policy, Organisation: w.organisation, Routes: w.routes, Clock: w.Clock, Log: w.Log,
	}, nil
}
