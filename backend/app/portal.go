package app

import (
	"net/http"

	"senddigitally/backend/asking"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/identity"
	"senddigitally/backend/portal"
	"senddigitally/backend/replying"
)

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
