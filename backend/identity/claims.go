package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// claims are those of a v2.0 access token that decide (Microsoft Learn, "Access
// token claims reference").
type claims struct {
	TID       string   `json:"tid"`
	OID       string   `json:"oid"`
	Subject   string   `json:"sub"`
	Version   string   `json:"ver"`
	Client    string   `json:"azp"`   // who asked for the token; an ID token has none
	Nonce     string   `json:"nonce"` // an ID token's
	TokenKind string   `json:"idtyp"` // "app", where the tenant includes it
	Scopes    string   `json:"scp"`
	Roles     []string `json:"roles"`
	Name      string   `json:"name"`
	Username  string   `json:"preferred_username"`
	Expiry    float64  `json:"exp"`
	NotBefore float64  `json:"nbf"`
}

// check is what a valid signature, issuer and audience leave open.
func (c claims) check(of audience, now time.Time) error {
	switch {
	case c.TID != of.tid || c.OID == "":
		return errors.New("the token names no identity of its directory")
	case c.Version != "2.0" || c.Client == "" || c.Nonce != "":
		return errors.New("the token is not a v2.0 access token")
	case c.Expiry == 0 || !now.Add(-Skew).Before(moment(c.Expiry)):
		return errors.New("the token has expired")
	case c.NotBefore == 0 || now.Add(Skew).Before(moment(c.NotBefore)):
		return errors.New("the token is not valid yet")
	}
	return nil
}

func moment(seconds float64) time.Time { return time.Unix(int64(seconds), 0) }

func (c claims) delegated() bool {
	return c.TokenKind != "app" && slices.Contains(strings.Fields(c.Scopes), accessAsUser)
}

// application follows "Validate tokens" (Microsoft Learn): an app-only token
// says so in idtyp, and without that claim its subject is its object id.
func (c claims) application() bool {
	return c.Scopes == "" && (c.TokenKind == "app" || c.TokenKind == "" && c.Subject == c.OID)
}

func (c claims) hasRole(role transfer.Role) bool { return slices.Contains(c.Roles, string(role)) }

// staffRoles leaves out what the product does not know, and the application's
// role, which is no person's.
func (c claims) staffRoles() []transfer.Role {
	var roles []transfer.Role
	for _, role := range []transfer.Role{transfer.Caseworker, transfer.Distributor, transfer.Administrator, transfer.Auditor} {
		if c.hasRole(role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// peek reads, without believing it, which directory and audience a token claims
// to be for. Anything else is no audience that is known.
func peek(token string) audience {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return audience{}
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return audience{}
	}
	var said struct {
		TID string `json:"tid"`
		Aud string `json:"aud"` // v2.0 tokens have one audience, as text
	}
	if json.Unmarshal(body, &said) != nil || said.TID == "" || said.Aud == "" {
		return audience{}
	}
	return audience{said.TID, said.Aud}
}
