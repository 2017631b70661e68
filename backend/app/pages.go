package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"strings"

	"github.com/gin-gonic/gin"

	"senddigitally/addin"
	"senddigitally/backend/identity"
	"senddigitally/backend/staff"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// SignInCallback is the path on the staff origin that Entra sends browsers back
// to; it has to be registered as a redirect URI of the kind "web".
const SignInCallback = "/signin/callback"

// pages serves staff's pages. Like the task pane's, their origin serves the
// first tenant.
func (w *wiring) pages(engine *gin.Engine, sessions *identity.StaffJar) {
	first := w.Tenants[0]
	authority := cmp.Or(w.SignIn, first.Entra.Authority, "https://login.microsoftonline.com/"+first.Entra.TenantID)
	redirect := first.Organisation.Staff + SignInCallback
	verifier := w.identity()
	(&staff.Pages{
		Distributing: w.distributing(), Sessions: sessions, Organisation: w.organisation, Secure: w.Secure, Clock: w.Clock, Log: w.Log,
		Routes: func(t transfer.TenantID) routing.State { return w.tenants[t].Routes.State() },
		SignIn: identity.SignIn{Authority: strings.TrimSuffix(authority, "/"), ClientID: first.Entra.ClientID, Redirect: redirect},
		Redeem: func(ctx context.Context, code, proof string) (transfer.Caller, error) {
			token, err := w.graph.Redeem(ctx, first.ID, code, redirect, proof)
			if err != nil {
				return transfer.Caller{}, err
			}
			return verifier.Caller(ctx, "Bearer "+string(token))
		},
		Application: application,
	}).Register(engine)
}

// application is the page that staff without Outlook send and receive with.
func application(at staff.Application) (html []byte, policy string, err error) {
	nonce := rand.Text()
	html, err = addin.SendPage(addin.Session{CSRF: at.CSRF, Account: at.Account, Language: at.Language}, nonce)
	return html, addin.SendPolicy(nonce), err
}

func (w *wiring) identity() *identity.Verifier {
	tenants := map[transfer.TenantID]identity.Entra{}
	for _, t := range w.Tenants {
		tenants[t.ID] = t.Entra
	}
	return identity.New(identity.Config{Tenants: tenants, HTTPClient: w.AuthorityHTTP, Clock: w.Clock})
}
