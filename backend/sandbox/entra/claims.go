package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Claims are what a verified token says.
type Claims struct {
	OID      string // of the person, or of the application's service principal
	Name     string
	Username string
	Client   string // client id of the application that holds the token
	Scopes   []string
	Roles    []string
	Issued   time.Time
}

// AppOnly tells a token without a person: it has no scopes.
func (c Claims) AppOnly() bool { return len(c.Scopes) == 0 }

// errToken says nothing about the token on purpose.
var errToken = errors.New("the token is not valid for this audience")

// Verify checks a token that this tenant issued, for one audience (a client id, or
// GraphResource).
func (e *Entra) Verify(token, audience string) (Claims, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return Claims{}, errToken
	}
	var standard jwt.Claims
	var own struct {
		OID      string   `json:"oid"`
		TID      string   `json:"tid"`
		Name     string   `json:"name"`
		Username string   `json:"preferred_username"`
		UPN      string   `json:"upn"`
		AZP      string   `json:"azp"`
		AppID    string   `json:"appid"`
		Scope    string   `json:"scp"`
		Roles    []string `json:"roles"`
	}
	if err := parsed.Claims(&e.key.PublicKey, &standard, &own); err != nil {
		return Claims{}, errToken
	}
	expected := jwt.Expected{AnyAudience: jwt.Audience{audience}, Issuer: e.issuerFor(audience), Time: e.now()}
	if err := standard.ValidateWithLeeway(expected, 0); err != nil || standard.Expiry == nil || own.TID != e.cfg.Tenant {
		return Claims{}, errToken
	}
	return Claims{
		OID: own.OID, Name: own.Name, Username: own.Username + own.UPN, Client: own.AZP + own.AppID,
		Scopes: strings.Fields(own.Scope), Roles: own.Roles, Issued: standard.IssuedAt.Time(),
	}, nil
}

// issuerFor: Graph's tokens are of version 1.0, the product's own of version 2.0
// (Microsoft Learn, "Access tokens in the Microsoft identity platform": the resource
// decides the version).
func (e *Entra) issuerFor(audience string) string {
	if audience == GraphResource {
		return "https://sts.windows.net/" + e.cfg.Tenant + "/"
	}
	return e.Issuer()
}

type claimSet map[string]any

// common are the claims of every access token (Microsoft Learn, "Access token claims
// reference").
func (e *Entra) common(client, audience, oid string) claimSet {
	now := e.now()
	c := claimSet{
		"aud": audience, "iss": e.issuerFor(audience), "tid": e.cfg.Tenant, "oid": oid,
		"sub": pairwise(oid, audience),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	}
	if audience == GraphResource {
		c["ver"], c["appid"], c["appidacr"] = "1.0", client, "1"
	} else {
		c["ver"], c["azp"], c["azpacr"] = "2.0", client, "1"
	}
	return c
}

func (e *Entra) userClaims(client, audience string, u User, scopes []string) claimSet {
	c := e.common(client, audience, u.OID)
	c["name"], c["scp"] = u.Name, strings.Join(scopes, " ")
	if audience == GraphResource {
		c["upn"] = u.Address
		return c
	}
	c["preferred_username"] = u.Address
	if len(u.Roles) > 0 {
		c["roles"] = slices.Clone(u.Roles)
	}
	return c
}

func (e *Entra) appClaims(client, audience string, roles []string) claimSet {
	c := e.common(client, audience, pairwise(client, e.cfg.Tenant))
	c["idtyp"] = "app"
	if len(roles) > 0 {
		c["roles"] = roles
	}
	return c
}

func (e *Entra) idClaims(app App, u User, nonce string) claimSet {
	c := e.common(app.ID, app.ID, u.OID)
	delete(c, "azp")
	delete(c, "azpacr")
	c["name"], c["preferred_username"] = u.Name, u.Address
	if len(u.Roles) > 0 {
		c["roles"] = slices.Clone(u.Roles)
	}
	if nonce != "" {
		c["nonce"] = nonce
	}
	return c
}

// sign makes an RS256 token of the claims.
func (e *Entra) sign(c claimSet) string {
	return signWith(jose.SigningKey{Algorithm: jose.RS256, Key: e.key}, e.keyID, c)
}

// signWith panics on a key that does not fit its algorithm, which is a mistake in this
// package.
func signWith(key jose.SigningKey, keyID string, c claimSet) string {
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", keyID))
	if err != nil {
		panic(err)
	}
	token, err := jwt.Signed(signer).Claims(map[string]any(c)).Serialize()
	if err != nil {
		panic(err)
	}
	return token
}

// pairwise makes a subject that differs per audience.
func pairwise(oid, audience string) string {
	sum := sha256.Sum256([]byte(oid + "|" + audience))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
