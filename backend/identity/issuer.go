package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"senddigitally/backend/transfer"
)

// errKeys says that the tenant's metadata or signing keys could not be had.
var errKeys = errors.New("the signing keys cannot be fetched")

// issuer verifies the tokens of one tenant.
type issuer struct {
	tenant   transfer.TenantID
	audience audience
	url      string
	clock    func() time.Time
	client   *http.Client

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier // nil until discovery succeeded
	tried    time.Time             // when discovery failed last
}

func newIssuer(tenant transfer.TenantID, url string, to audience, client *http.Client, clock func() time.Time) *issuer {
	thrifty := *client
	thrifty.Transport = &thrift{base: client.Transport, clock: clock}
	return &issuer{tenant: tenant, audience: to, url: url, clock: clock, client: &thrifty}
}

// verify checks algorithm, signature, issuer and audience; the times are the
// caller's to check.
func (i *issuer) verify(ctx context.Context, token string) (claims, error) {
	verifier, err := i.discovered(ctx)
	if err != nil {
		return claims{}, err
	}
	ctx, cause := withCause(ctx)
	checked, err := verifier.Verify(ctx, token)
	if err != nil {
		return claims{}, errors.Join(err, *cause)
	}
	var c claims
	return c, checked.Claims(&c)
}

// discovered reads the tenant's metadata once (OpenID Connect Discovery 1.0,
// section 4), again after a failure but not at once.
func (i *issuer) discovered(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.verifier != nil {
		return i.verifier, nil
	}
	if i.clock().Before(i.tried.Add(interval)) {
		return nil, errKeys
	}
	verifier, err := i.discover(ctx)
	if err != nil {
		i.tried = i.clock()
		return nil, fmt.Errorf("%w: %w", errKeys, err)
	}
	i.verifier = verifier
	return verifier, nil
}

func (i *issuer) discover(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), i.client)
	provider, err := oidc.NewProvider(ctx, i.url)
	if err != nil {
		return nil, err
	}
	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&metadata); err != nil {
		return nil, err
	}
	if !sameOrigin(metadata.Keys, i.url) {
		return nil, errors.New("the keys are said to lie on another host than the authority")
	}
	keys := reporting{oidc.NewRemoteKeySet(ctx, metadata.Keys)}
	return oidc.NewVerifier(i.url, keys, &oidc.Config{
		ClientID: i.audience.client, SupportedSigningAlgs: []string{oidc.RS256}, SkipExpiryCheck: true,
	}), nil
}

func sameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	two, other := url.Parse(b)
	return err == nil && other == nil && one.Scheme == two.Scheme && one.Host == two.Host
}
