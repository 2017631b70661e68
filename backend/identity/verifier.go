package identity

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Entra is where one tenant's tokens come from.
type Entra struct {
	TenantID  string // the directory's GUID, the tokens' "tid"
	ClientID  string // the product's application, the tokens' "aud"
	Authority string // "https://login.microsoftonline.com/<tid>"; "" for that
}

// Config is what a Verifier needs.
type Config struct {
	Tenants    map[transfer.TenantID]Entra
	HTTPClient *http.Client     // for discovery and keys; nil for one with a time limit
	Clock      func() time.Time // UTC
}

const publicCloud = "https://login.microsoftonline.com/"

// Skew is how far the clocks of Entra and of this machine may differ.
const Skew = time.Minute

// maxHeader bounds an Authorization header, in bytes. Entra's tokens with many
// claims stay below 8 KiB.
const maxHeader = 16 << 10

// Verifier validates access tokens. It is safe for concurrent use.
type Verifier struct {
	issuers map[audience]*issuer
	clock   func() time.Time
}

// audience tells the tenants apart: two may share one directory.
type audience struct{ tid, client string }

// New makes a Verifier. Nothing is fetched before the first token comes.
func New(config Config) *Verifier {
	v := &Verifier{issuers: map[audience]*issuer{}, clock: config.Clock}
	client := config.HTTPClient
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	for tenant, entra := range config.Tenants {
		authority := entra.Authority
		if authority == "" {
			authority = publicCloud + entra.TenantID
		}
		to := audience{entra.TenantID, entra.ClientID}
		v.issuers[to] = newIssuer(tenant, strings.TrimSuffix(authority, "/")+"/v2.0", to, client, config.Clock)
	}
	return v
}

// accessAsUser is the delegated permission that the pane asks for.
const accessAsUser = "access_as_user"

// Caller is the member of staff whose delegated token the Authorization header
// carries. An application's own token is not a member of staff.
func (v *Verifier) Caller(ctx context.Context, authorization string) (transfer.Caller, error) {
	token, claims, tenant, err := v.verify(ctx, authorization)
	if err != nil {
		return transfer.Caller{}, err
	}
	if !claims.delegated() {
		return transfer.Caller{}, refused(errors.New("the token is not a delegated access token for " + accessAsUser))
	}
	return transfer.Caller{Tenant: tenant, Subject: claims.OID, Name: claims.Name, Address: claims.Username,
		Roles: claims.staffRoles(), Assertion: transfer.Assertion(token)}, nil
}

// Application is the document system whose own token the Authorization header
// carries. Forbidden says that the tenant has not given it the role.
func (v *Verifier) Application(ctx context.Context, authorization string) (transfer.Caller, error) {
	_, claims, tenant, err := v.verify(ctx, authorization)
	if err != nil {
		return transfer.Caller{}, err
	}
	if !claims.application() {
		return transfer.Caller{}, refused(errors.New("the token is not an application's own access token"))
	}
	if !claims.hasRole(transfer.Application) {
		return transfer.Caller{}, transfer.E(transfer.Forbidden, "the application has not been given the role "+string(transfer.Application))
	}
	return transfer.Caller{Tenant: tenant, Subject: claims.OID, Name: claims.Client, Roles: []transfer.Role{transfer.Application}}, nil
}

func (v *Verifier) verify(ctx context.Context, authorization string) (string, claims, transfer.TenantID, error) {
	token, err := bearer(authorization)
	if err != nil {
		return "", claims{}, "", refused(err)
	}
	from, known := v.issuers[peek(token)]
	if !known {
		return "", claims{}, "", refused(errors.New("the token is for another directory or audience"))
	}
	c, err := from.verify(ctx, token)
	if errors.Is(err, errKeys) {
		return "", claims{}, "", transfer.Wrap(transfer.Unavailable, "sign-in cannot be checked at the moment", err)
	}
	if err == nil {
		err = c.check(from.audience, v.clock())
	}
	if err != nil {
		return "", claims{}, "", refused(err)
	}
	return token, c, from.tenant, nil
}

// bearer takes the token out of the header (RFC 6750, section 2.1).
func bearer(header string) (string, error) {
	if len(header) > maxHeader {
		return "", errors.New("the Authorization header is too long")
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " ,\t") {
		return "", errors.New("the Authorization header has no bearer token")
	}
	return token, nil
}

func refused(cause error) error {
	return transfer.Wrap(transfer.Unauthenticated, "please sign in", cause)
}
