package entra

import (
	"crypto/subtle"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticateClient tells which application asks, and whether it has proven it with a
// secret or a certificate. A wrong proof is refused; none makes it a public client.
func (e *Entra) authenticateClient(form url.Values) (App, bool, *failure) {
	app, known := e.app(form.Get("client_id"))
	switch {
	case !known:
		return App{}, false, invalidClient(700016, "Application was not found in the directory.")
	case form.Has("client_secret"):
		given := form.Get("client_secret")
		if app.Secret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(app.Secret)) != 1 {
			return App{}, false, invalidClient(7000215, "Invalid client secret provided.")
		}
		return app, true, nil
	case form.Has("client_assertion"):
		if form.Get("client_assertion_type") != assertionType || !e.assertedBy(app, form.Get("client_assertion")) {
			return App{}, false, invalidClient(700027, "Client assertion failed signature validation.")
		}
		return app, true, nil
	}
	return app, false, nil
}

// assertedBy checks a client assertion signed with one of the app's certificates
// (Microsoft Learn, "Microsoft identity platform application authentication certificate
// credentials").
func (e *Entra) assertedBy(app App, assertion string) bool {
	parsed, err := jwt.ParseSigned(assertion, []jose.SignatureAlgorithm{jose.PS256, jose.RS256})
	if err != nil {
		return false
	}
	for _, certificate := range app.Certificates {
		var c jwt.Claims
		if parsed.Claims(certificate.PublicKey, &c) != nil {
			continue
		}
		if c.Issuer == app.ID && c.Subject == app.ID && e.aimedHere(c) {
			return true
		}
	}
	return false
}

func (e *Entra) aimedHere(c jwt.Claims) bool {
	token := e.Authority() + "/oauth2/v2.0/token"
	if !slices.Contains(c.Audience, token) && !slices.Contains(c.Audience, e.Issuer()) {
		return false
	}
	return c.Expiry != nil && c.ValidateWithLeeway(jwt.Expected{Time: e.now()}, 5*time.Minute) == nil
}
