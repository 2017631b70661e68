package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	tokenLife   = time.Hour
	codeLife    = 5 * time.Minute
	refreshLife = 24 * time.Hour
)

// token is the token endpoint (Microsoft Learn, "OAuth 2.0 authorization code flow",
// "On-Behalf-Of flow", "client credentials flow").
func (e *Entra) token(w http.ResponseWriter, r *http.Request) {
	e.allowOrigin(w, r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		e.fail(w, invalidRequest(900144, "The request body is not a form."))
		return
	}
	response, f := e.exchange(r.PostForm)
	if f != nil {
		e.fail(w, f)
		return
	}
	answer(w, http.StatusOK, response)
}

func (e *Entra) exchange(form url.Values) (map[string]any, *failure) {
	app, authenticated, f := e.authenticateClient(form)
	if f != nil {
		return nil, f
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return e.redeemCode(app, authenticated, form)
	case "refresh_token":
		return e.redeemRefresh(app, form)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		if !authenticated {
			return nil, invalidClient(7000218, "The request body must contain 'client_assertion' or 'client_secret'.")
		}
		return e.onBehalfOf(app, form)
	case "client_credentials":
		if !authenticated {
			return nil, invalidClient(7000218, "The request body must contain 'client_assertion' or 'client_secret'.")
		}
		return e.clientCredentials(app, form)
	}
	return nil, &failure{http.StatusBadRequest, "unsupported_grant_type", 70003, "The grant type is not supported.", ""}
}

// redeemCode holds to PKCE (RFC 7636), which public clients have to use.
func (e *Entra) redeemCode(app App, authenticated bool, form url.Values) (map[string]any, *failure) {
	g, found := e.take(e.codes, form.Get("code"))
	switch {
	case !found || g.client != app.ID:
		return nil, invalidGrant(70008, "The provided authorization code is invalid, used or expired.")
	case g.redirect != form.Get("redirect_uri"):
		return nil, invalidGrant(500112, "The redirect URI does not match the one of the authorization request.")
	case g.challenge == "" && !authenticated:
		return nil, invalidClient(7000218, "A public client has to use a code challenge.")
	case g.challenge != "" && challengeOf(form.Get("code_verifier")) != g.challenge:
		return nil, invalidGrant(501481, "The Code_Verifier does not match the code_challenge.")
	}
	return e.grantUser(app, g, form)
}

func (e *Entra) redeemRefresh(app App, form url.Values) (map[string]any, *failure) {
	g, found := e.take(e.refresh, form.Get("refresh_token"))
	if !found || g.client != app.ID {
		return nil, invalidGrant(70000, "The provided refresh token is invalid or expired.")
	}
	if e.revokedSince(g.user, g.expires.Add(-refreshLife)) {
		return nil, invalidGrant(50173, "The provided grant has expired due to it being revoked.")
	}
	if scope := form.Get("scope"); scope != "" {
		g.scopes = strings.Fields(scope)
	}
	return e.grantUser(app, g, form)
}

// onBehalfOf exchanges a user's token for the app into one for Graph.
func (e *Entra) onBehalfOf(app App, form url.Values) (map[string]any, *failure) {
	if form.Get("requested_token_use") != "on_behalf_of" {
		return nil, invalidRequest(900144, "The request body must contain 'requested_token_use'.")
	}
	claims, err := e.Verify(form.Get("assertion"), app.ID)
	if err != nil {
		return nil, invalidGrant(500133, "Assertion is not within its valid time range, or its signature or audience is wrong.")
	}
	if claims.AppOnly() {
		return nil, invalidGrant(500138, "An app-only token cannot be used on behalf of a user.")
	}
	if e.revokedSince(claims.OID, claims.Issued) {
		return nil, &failure{http.StatusBadRequest, "interaction_required", 50173, "The session was revoked; sign in again.", "basic_action"}
	}
	return e.grantUser(app, grant{client: app.ID, user: claims.OID, scopes: strings.Fields(form.Get("scope"))}, form)
}

// grantUser answers the tokens for a person; which ones follows from the scopes.
func (e *Entra) grantUser(app App, g grant, form url.Values) (map[string]any, *failure) {
	u, known := e.user(g.user)
	if !known {
		return nil, invalidGrant(50034, "The user account does not exist in the directory.")
	}
	if e.Disabled(u.OID) {
		return nil, invalidGrant(50057, "The user account is disabled.")
	}
	access, granted, f := e.userAccess(app, u, g.scopes)
	if f != nil {
		return nil, f
	}
	response := e.bearer(access, granted)
	if slices.Contains(g.scopes, "openid") {
		response["id_token"] = e.sign(e.idClaims(app, u, g.nonce))
	}
	if slices.Contains(g.scopes, "offline_access") {
		response["refresh_token"] = e.keep(e.refresh, grant{client: app.ID, user: u.OID, scopes: g.scopes, expires: e.now().Add(refreshLife)})
	}
	if form.Get("client_info") == "1" {
		info, _ := json.Marshal(map[string]string{"uid": u.OID, "utid": e.cfg.Tenant})
		response["client_info"] = base64.RawURLEncoding.EncodeToString(info)
	}
	return response, nil
}

// clientCredentials answers an app-only token; scope has to be one resource's .default.
func (e *Entra) clientCredentials(app App, form url.Values) (map[string]any, *failure) {
	resource, scope, f := e.resourceOf(strings.Fields(form.Get("scope")))
	if f != nil {
		return nil, f
	}
	if !slices.Equal(scope, []string{".default"}) {
		return nil, invalidRequest(1002012, "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.")
	}
	roles := app.GraphRoles
	if resource != GraphResource {
		roles = app.Roles
	}
	return e.bearer(e.sign(e.appClaims(app.ID, resource, roles)), nil), nil
}

func (e *Entra) bearer(access string, granted []string) map[string]any {
	response := map[string]any{
		"token_type":     "Bearer",
		"access_token":   access,
		"expires_in":     int(tokenLife.Seconds()),
		"ext_expires_in": int(tokenLife.Seconds()),
	}
	if granted != nil {
		response["scope"] = strings.Join(granted, " ")
	}
	return response
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// preflight and allowOrigin let single-page applications redeem their codes from the
// origins of their redirect URIs.
func (e *Entra) preflight(w http.ResponseWriter, r *http.Request) {
	e.allowOrigin(w, r)
	w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	w.WriteHeader(http.StatusNoContent)
}

func (e *Entra) allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	for _, app := range e.cfg.Apps {
		for _, redirect := range app.Redirects {
			if u, err := url.Parse(redirect); err == nil && u.Scheme+"://"+u.Host == origin {
				w.Header().Set("Access-Control-Allow-Origin", origin)
				w.Header().Add("Vary", "Origin")
			}
		}
	}
}
