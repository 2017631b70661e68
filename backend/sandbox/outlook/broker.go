package outlook

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/mail"
)

// EntraTokens lets the sandbox's Entra sign in whoever owns the Outlook. The id token is
// the access token itself: both are for the product, and msal-browser only reads who
// it is about.
func EntraTokens(tenant *entra.Entra) Tokens {
	return func(_ context.Context, user, clientID string, scopes []string) (Token, error) {
		access := tenant.UserToken(user, names(scopes))
		who, err := tenant.Verify(access, clientID)
		if err != nil {
			return Token{}, err // for another application than the product
		}
		authority, err := url.Parse(tenant.Authority())
		if err != nil {
			return Token{}, err
		}
		return Token{access, access, int(tokenLife.Seconds()), tenant.Tenant(), who.OID, authority.Host}, nil
	}
}

// tokenLife is how long a client may keep a token; the sandbox's Entra lets it live an
// hour.
const tokenLife = 55 * time.Minute

// names takes the resource off scopes: "api://<id>/access_as_user" is "access_as_user".
func names(scopes []string) (bare []string) {
	for _, scope := range scopes {
		if at := strings.LastIndex(scope, "/"); at >= 0 {
			bare = append(bare, scope[at+1:])
		}
	}
	return bare
}

// token answers the bridge of nested app authentication in the words of msal-browser's
// bridge protocol (AzureAD/microsoft-authentication-library-for-js, lib/msal-browser,
// src/naa: TokenResponse, AccountInfo).
func (s *server) token(r *http.Request) (any, error) {
	var form struct{ User, ClientID, Scope string }
	if err := read(r, &form); err != nil {
		return nil, err
	}
	user, err := s.Mail.Mailbox(form.User)
	if err != nil {
		return nil, err
	}
	if s.Tokens == nil {
		return nil, mail.Refuse(http.StatusNotImplemented, "NESTED_APP_AUTH_UNAVAILABLE", "This Outlook has no broker.")
	}
	t, err := s.Tokens(r.Context(), user.Address, form.ClientID, strings.Fields(form.Scope))
	if err != nil {
		return nil, mail.Refuse(http.StatusBadRequest, "PERSISTENT_ERROR", "The sandbox's Entra refused the token.")
	}
	return map[string]any{
		"token": map[string]any{
			"access_token": t.AccessToken,
			"id_token":     t.IDToken,
			"expires_in":   t.ExpiresIn,
			"scope":        form.Scope,
			"token_type":   "Bearer",
		},
		"account": map[string]any{
			"homeAccountId":  t.ObjectID + "." + t.TenantID,
			"localAccountId": t.ObjectID,
			"tenantId":       t.TenantID,
			"environment":    t.Environment,
			"username":       user.Address,
			"name":           user.Name,
		},
	}, nil
}
