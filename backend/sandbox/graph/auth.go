package graph

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/mail"
)

// need is what a request has to be permitted.
type need int

const (
	profile need = iota
	read
	write
	send
)

// roles are the permissions of which one suffices (Microsoft Learn, "Microsoft Graph
// permissions reference"). On another person's mailbox a delegated permission needs the
// suffix ".Shared".
func (n need) roles() []string {
	switch n {
	case read:
		return []string{"Mail.Read", "Mail.ReadWrite"}
	case write:
		return []string{"Mail.ReadWrite"}
	case send:
		return []string{"Mail.Send"}
	}
	return []string{"User.Read", "User.ReadBasic.All", "User.Read.All"}
}

// authenticate checks the bearer token and the settings that disturb every request.
func (c *call) authenticate() error {
	if err := c.disturbed(); err != nil {
		return err
	}
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return c.unauthorised("Access token is empty.", "")
	}
	who, err := c.cfg.Tokens.Verify(token, entra.GraphResource)
	if err != nil {
		return c.unauthorised("Access token validation failure.", `, error="invalid_token"`)
	}
	c.who = who
	return nil
}

// disturbed answers the settings Unavailable and RejectedTokens.
func (c *call) disturbed() error {
	var rejected, unavailable bool
	var settings mail.Settings
	c.store.Configure(func(s *mail.Settings) {
		unavailable = s.Unavailable
		if rejected = s.RejectedTokens > 0 && !unavailable; rejected {
			s.RejectedTokens--
		}
		settings = *s
	})
	switch {
	case unavailable:
		return &mail.Error{Status: http.StatusServiceUnavailable, Code: "serviceNotAvailable",
			Message: "The service is temporarily unavailable.", RetryAfter: settings.RetryAfter}
	case rejected:
		claims := base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`))
		return c.unauthorised("Continuous access evaluation resulted in challenge.", `, error="insufficient_claims", claims="`+claims+`"`)
	}
	return nil
}

func (c *call) unauthorised(message, detail string) error {
	c.w.Header().Set("WWW-Authenticate",
		`Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`+detail)
	return mail.Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", message)
}

// authorise finds the mailbox and checks that the caller may do this in it.
func (c *call) authorise(needs need) error {
	named := c.r.PathValue("user")
	if named == "" {
		if c.who.AppOnly() {
			return mail.Refuse(http.StatusBadRequest, "BadRequest", "/me request is only valid with delegated authentication flow.")
		}
		named = c.who.Username
	}
	mailbox, err := c.store.Mailbox(named)
	if err == nil && mailbox.Kind == mail.External {
		err = mail.Refuse(http.StatusNotFound, "ErrorInvalidUser", "The requested user is invalid.")
	}
	if err != nil {
		return err
	}
	c.mailbox = mailbox
	if !c.permitted(needs) || needs != profile && mail.BehaviourOf(mailbox.Address) == mail.Denied {
		return denied()
	}
	return nil
}

// permitted: an application by the roles of its token or by a grant on the mailbox; a
// person by the token's scopes, in her own mailbox or one she is a member of.
func (c *call) permitted(needs need) bool {
	roles := needs.roles()
	if c.who.AppOnly() {
		return overlap(c.who.Roles, roles) || c.granted(c.who.Client, c.mailbox.Address, roles)
	}
	if needs == profile {
		return overlap(c.who.Scopes, roles)
	}
	if c.own() {
		return overlap(c.who.Scopes, roles)
	}
	return c.mailbox.MayOpen(c.who.Username) && slices.ContainsFunc(roles, func(role string) bool {
		return slices.Contains(c.who.Scopes, role+".Shared")
	})
}

// own tells the caller's own mailbox; person and mailbox meet in the address.
func (c *call) own() bool { return strings.EqualFold(c.mailbox.Address, c.who.Username) }

func denied() *mail.Error {
	return mail.Refuse(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
