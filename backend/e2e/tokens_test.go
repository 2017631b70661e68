package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/outlook"
)

// An id of the right form that nobody has.
const nobodys = "0a0123456789abcdefghijklmnopqrstuv"

var fillIn = strings.NewReplacer("{id}", nobodys, "{key}", "0123456789abcdef", "{file}", "u1", "{recipient}", "r1")

// routes are all routes that the interface describes, as "METHOD /path".
func (w *world) routes() []string {
	w.t.Helper()
	described, err := openapi3.NewLoader().LoadFromData([]byte(w.api("GET", "/api/v1/openapi.yaml", nil, nil).body))
	must(w.t, err)
	var all []string
	for path, item := range described.Paths.Map() {
		for method := range item.Operations() {
			all = append(all, method+" "+fillIn.Replace(path))
		}
	}
	if len(all) < 12 {
		w.t.Fatalf("the interface describes %d routes only", len(all))
	}
	return all
}

// refusesToken tries a token everywhere: 401, nothing told, nothing stored.
func (w *world) refusesToken(name, token string) {
	w.t.Helper()
	for _, route := range w.routes() {
		method, path, _ := strings.Cut(route, " ")
		a := w.apiAt(w.StaffURL, token, method, path, letter("Decision", "text", outlook.Citizen), idempotent("0123456789abcdef"))
		if a.status != http.StatusUnauthorized || method != "HEAD" && a.problem() != "unauthenticated" || a.header.Get("WWW-Authenticate") != "Bearer" {
			w.t.Errorf("%s with %s answers %d %s", route, name, a.status, a.body)
		}
		if strings.Contains(a.body, "cause") || token != "" && strings.Contains(a.body, token) {
			w.t.Errorf("%s with %s tells too much: %s", route, name, a.body)
		}
	}
}

func TestCase56_ForgedAndMismatchedTokensAreRefused(t *testing.T) {
	w := newWorld(t)
	who, scopes := outlook.Caseworker, []string{"access_as_user"}
	mint := func(o ...entra.Option) string { return w.Entra.UserToken(who, scopes, o...) }
	good := mint()
	if a := w.apiAt(w.StaffURL, good, "GET", "/api/v1/settings", nil, nil); a.status != http.StatusOK {
		t.Fatalf("a good token answers %d", a.status)
	}
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"alg none":              mint(entra.Unsigned()),
		"HS256 with the key":    mint(w.Entra.SignedWithPublicKey()),
		"a foreign key":         mint(w.Entra.SignedWithForeignKey()),
		"another issuer":        mint(entra.WithClaim("iss", "https://login.microsoftonline.com/common/v2.0")),
		"another audience":      mint(entra.WithClaim("aud", "00000000-0000-0000-0000-000000000001")),
		"another tenant":        mint(entra.WithClaim("tid", "00000000-0000-0000-0000-000000000002")),
		"no expiry":             mint(entra.WithClaim("exp", nil)),
		"an expired token":      mint(entra.WithLifetime(-2*time.Hour, time.Hour)),
		"a token of tomorrow":   mint(entra.WithLifetime(24*time.Hour, time.Hour)),
		"no scope and no role":  mint(entra.WithClaim("scp", nil), entra.WithClaim("roles", nil)),
		"another scope":         w.Entra.UserToken(who, []string{"other"}),
		"no object id":          mint(entra.WithClaim("oid", nil)),
		"the signature cut off": parts[0] + "." + parts[1] + ".",
		"claims of another":     parts[0] + "." + strings.Split(mint(entra.WithClaim("name", "Other")), ".")[1] + "." + parts[2],
		"no token":              "",
		"garbage":               "garbage",
	} {
		w.refusesToken(name, token)
	}
	w.nothingStored()
}

func TestCase57_TokensForGraphAndTokensUsedBeforeAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, token := range map[string]string{
		"a person's token for Graph":     w.Entra.GraphToken(outlook.Caseworker, []string{"Mail.ReadWrite"}),
		"our own token for Graph":        w.Entra.GraphAppToken(sandbox.ClientID, []string{"Mail.Send"}),
		"a token for Graph in our name":  w.Entra.GraphToken(outlook.Caseworker, []string{"access_as_user"}),
		"an ID token":                    w.Entra.UserToken(outlook.Caseworker, nil, entra.WithClaim("scp", nil), entra.WithClaim("azp", nil)),
		"an assertion after its expiry":  w.Entra.UserToken(outlook.Caseworker, []string{"access_as_user"}, entra.WithLifetime(-time.Hour-2*time.Minute, time.Hour)),
		"a client's assertion, replayed": assertion(w),
	} {
		w.refusesToken(name, token)
	}
	w.nothingStored()
}

// assertion is what the product itself sends to Entra to prove who it is.
func assertion(w *world) string {
	return w.Entra.AppToken(sandbox.ClientID, nil, entra.WithClaim("aud", w.Entra.Authority()+"/oauth2/v2.0/token"), entra.WithClaim("iss", sandbox.ClientID))
}

// nothingStored checks that no request left anything behind.
func (w *world) nothingStored() {
	w.t.Helper()
	for _, folder := range []string{"vault", "keys"} {
		for _, name := range w.files(folder) {
			if strings.Contains(name, "/municipality/") {
				w.t.Errorf("a refused request left %s", name)
			}
		}
	}
	if n := len(w.invited(outlook.Citizen)); n != 0 {
		w.t.Errorf("a refused request sent %d mails", n)
	}
}
