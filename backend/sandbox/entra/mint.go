package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Option changes a minted token, mostly for the worse.
type Option func(*minting)

// minting is a token in the making.
type minting struct {
	claims claimSet
	sign   func(claimSet) string
}

// UserToken mints a person's access token for the product (the first application), as
// nested app authentication would bring it. The person is named by object id or
// address; an unknown one gets a token all the same, with the name as object id.
func (e *Entra) UserToken(who string, scopes []string, options ...Option) string {
	u, known := e.user(who)
	if !known {
		u = User{OID: who, Name: who, Address: who}
	}
	product := e.cfg.Apps[0].ID
	return e.mint(e.userClaims(product, product, u, scopes), options)
}

// AppToken mints an application's own token for the product, with application roles and
// without scopes.
func (e *Entra) AppToken(client string, roles []string, options ...Option) string {
	return e.mint(e.appClaims(client, e.cfg.Apps[0].ID, roles), options)
}

// GraphToken mints a person's access token for Graph.
func (e *Entra) GraphToken(who string, scopes []string, options ...Option) string {
	u, _ := e.user(who)
	return e.mint(e.userClaims(e.cfg.Apps[0].ID, GraphResource, u, scopes), options)
}

// GraphAppToken mints an application's token for Graph with application permissions.
func (e *Entra) GraphAppToken(client string, roles []string, options ...Option) string {
	return e.mint(e.appClaims(client, GraphResource, roles), options)
}

func (e *Entra) mint(claims claimSet, options []Option) string {
	m := &minting{claims, e.sign}
	for _, change := range options {
		change(m)
	}
	return m.sign(m.claims)
}

// WithClaim sets a claim, or removes it for nil: a wrong "iss", "aud" or "tid".
func WithClaim(name string, value any) Option {
	return func(m *minting) {
		m.claims[name] = value
		if value == nil {
			delete(m.claims, name)
		}
	}
}

// WithLifetime lets the token end that long after its beginning, which is shifted by
// begin from now: WithLifetime(-2*time.Hour, time.Hour) is an expired token.
func WithLifetime(begin, life time.Duration) Option {
	return func(m *minting) {
		start := m.claims["iat"].(int64) + int64(begin.Seconds())
		m.claims["iat"], m.claims["nbf"] = start, start
		m.claims["exp"] = start + int64(life.Seconds())
	}
}

// Unsigned makes it a token with "alg": "none" (RFC 8725 section 2.1).
func Unsigned() Option {
	return func(m *minting) {
		m.sign = func(c claimSet) string {
			body, _ := json.Marshal(c)
			encode := base64.RawURLEncoding.EncodeToString
			return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(body) + "."
		}
	}
}

// SignedWithPublicKey makes it an HS256 token whose secret is the tenant's public key,
// the confusion of algorithms (RFC 8725 section 2.1).
func (e *Entra) SignedWithPublicKey() Option {
	der, err := x509.MarshalPKIXPublicKey(&e.key.PublicKey)
	if err != nil {
		panic(err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return func(m *minting) {
		m.sign = func(c claimSet) string {
			return signWith(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, e.keyID, c)
		}
	}
}

// SignedWithForeignKey signs with another key under the tenant's key id.
func (e *Entra) SignedWithForeignKey() Option {
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return func(m *minting) {
		m.sign = func(c claimSet) string {
			return signWith(jose.SigningKey{Algorithm: jose.RS256, Key: foreign}, e.keyID, c)
		}
	}
}
