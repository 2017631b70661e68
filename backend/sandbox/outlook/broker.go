package outlook

import (
	"net/http"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

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
