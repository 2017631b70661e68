package entra

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

func (e *Entra) routes() http.Handler {
	tenant := "/" + e.cfg.Tenant
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+tenant+"/v2.0/.well-known/openid-configuration", e.discovery)
	mux.HandleFunc("GET "+tenant+"/discovery/v2.0/keys", e.keys)
	mux.HandleFunc("GET "+tenant+"/oauth2/v2.0/authorize", e.authorize)
	mux.HandleFunc("POST "+tenant+"/oauth2/v2.0/token", e.token)
	mux.HandleFunc("OPTIONS "+tenant+"/oauth2/v2.0/token", e.preflight)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		e.fail(w, &failure{http.StatusBadRequest, "invalid_request", 90002, "Tenant or endpoint not found.", ""})
	})
	return mux
}

// discovery answers the tenant's metadata (OpenID Connect Discovery 1.0 section 3,
// with the endpoints of Microsoft Learn, "OpenID Connect on the Microsoft identity
// platform"). Pages of every origin may read it, as Entra's.
func (e *Entra) discovery(w http.ResponseWriter, r *http.Request) {
	authority := e.Authority()
	w.Header().Set("Access-Control-Allow-Origin", "*")
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                e.Issuer(),
		"authorization_endpoint":                e.browserBase() + "/" + e.cfg.Tenant + "/oauth2/v2.0/authorize",
		"token_endpoint":                        authority + "/oauth2/v2.0/token",
		"jwks_uri":                              authority + "/discovery/v2.0/keys",
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query", "fragment"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt"},
	})
}

func (e *Entra) keys(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key: &e.key.PublicKey, KeyID: e.keyID, Algorithm: "RS256", Use: "sig",
	}}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func thumbprint(key *rsa.PublicKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(key))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
