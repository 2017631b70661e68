package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"senddigitally/backend/transfer"
)

const (
	tid    = "11111111-1111-1111-1111-111111111111"
	client = "22222222-2222-2222-2222-222222222222"
	oid    = "33333333-3333-3333-3333-333333333333"
	graph  = "00000003-0000-0000-c000-000000000000"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// directory is a local Entra with one key: discovery and keys, no more.
type directory struct {
	*httptest.Server
	key      *rsa.PrivateKey
	keyID    atomic.Value
	keysAt   atomic.Value // where discovery says that the keys lie
	down     atomic.Bool
	fetched  atomic.Int64 // how often the keys were asked for
	now      atomic.Value
	verifier *Verifier
}

func newDirectory(t *testing.T) *directory {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{key: key}
	d.keyID.Store("k1")
	d.now.Store(start)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+tid+"/v2.0/.well-known/openid-configuration", d.metadata)
	mux.HandleFunc("GET /keys", d.keys)
	d.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(d.Close)
	d.keysAt.Store(d.URL + "/keys")
	d.verifier = New(Config{
		Tenants:    map[transfer.TenantID]Entra{"aalborg": {TenantID: tid, ClientID: client, Authority: d.URL + "/" + tid}},
		HTTPClient: d.Client(), Clock: func() time.Time { return d.now.Load().(time.Time) },
	})
	return d
}

func (d *directory) issuer() string { return d.URL + "/" + tid + "/v2.0" }

func (d *directory) metadata(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]any{"issuer": d.issuer(), "jwks_uri": d.keysAt.Load()})
}

func (d *directory) keys(w http.ResponseWriter, _ *http.Request) {
	d.fetched.Add(1)
	_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key: d.key.Public(), KeyID: d.keyID.Load().(string), Algorithm: "RS256", Use: "sig"}}})
}

func (d *directory) later(by time.Duration) { d.now.Store(d.now.Load().(time.Time).Add(by)) }

// user is the claims of a caseworker's token for the product.
func (d *directory) user() map[string]any {
	return map[string]any{
		"aud": client, "iss": d.issuer(), "tid": tid, "oid": oid, "sub": "pairwise", "ver": "2.0", "azp": client,
		"scp": "profile access_as_user", "name": "The Caseworker", "preferred_username": "caseworker@municipality.example",
		"roles": []string{"Caseworker", "Application", "Emperor"},
		"iat":   start.Unix(), "nbf": start.Unix(), "exp": start.Add(time.Hour).Unix(),
	}
}

// app is the claims of a document system's own token.
func (d *directory) app() map[string]any {
	c := d.user()
	for _, absent := range []string{"scp", "name", "preferred_username"} {
		delete(c, absent)
	}
	c["sub"], c["azp"], c["roles"] = oid, "44444444-4444-4444-4444-444444444444", []string{"Application", "Caseworker"}
	return c
}

// with changes claims; nil removes one.
func with(claims map[string]any, changes map[string]any) map[string]any {
	claims = maps.Clone(claims)
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func (d *directory) sign(t *testing.T, claims map[string]any) string {
	return signed(t, jose.RS256, d.key, "k1", claims)
}

func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, keyID string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key},
		(&jose.SignerOptions{}).WithHeader("kid", keyID).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(claims)
	token, err := signer.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := token.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// unsigned is a token with "alg": "none", or whatever the header says.
func unsigned(header string, claims map[string]any) string {
	body, _ := json.Marshal(claims)
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(body) + "."
}

func publicPEM(t *testing.T, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
