package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"senddigitally/backend/transfer"
)

// graphScope asks for everything that was consented to. The audience is Graph
// whatever the local endpoint is called.
const graphScope = "https://graph.microsoft.com/.default"

// identityLife is how long one MSAL client serves. MSAL keeps an entry for every
// assertion and never evicts one; replacing the client does.
const identityLife = 30 * time.Minute

// identity is the application's identity in one tenant.
type identity struct {
	make  func() (confidential.Client, error)
	clock func() time.Time

	mu     sync.Mutex
	client confidential.Client
	until  time.Time
}

func newIdentity(c Config) (*identity, error) {
	secret, err := appCredential(c)
	if err != nil {
		return nil, err
	}
	authority, err := url.JoinPath(c.Authority, c.EntraTenant)
	if err != nil {
		return nil, errors.New("the authority is not a URL")
	}
	id := &identity{clock: c.Clock, make: func() (confidential.Client, error) {
		return confidential.New(authority, c.ClientID, secret,
			confidential.WithHTTPClient(c.AuthorityHTTP),
			confidential.WithInstanceDiscovery(!c.Sandbox),
			confidential.WithClientCapabilities([]string{"cp1"}))
	}}
	_, err = id.current()
	return id, err
}

func appCredential(c Config) (confidential.Credential, error) {
	if len(c.Certificate) == 0 {
		if c.Secret == "" {
			return confidential.Credential{}, errors.New("a certificate or a secret is needed")
		}
		return confidential.NewCredFromSecret(c.Secret)
	}
	chain, key, err := confidential.CertFromPEM(c.Certificate, "")
	if err != nil {
		return confidential.Credential{}, errors.New("the certificate cannot be read")
	}
	return confidential.NewCredFromCert(chain, key)
}

// current is the MSAL client in use, replaced when it has served its time.
func (i *identity) current() (confidential.Client, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.clock().Before(i.until) {
		return i.client, nil
	}
	client, err := i.make()
	if err == nil {
		i.client, i.until = client, i.clock().Add(identityLife)
	}
	return client, err
}

// forget drops every cached token.
func (i *identity) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.until = time.Time{}
}

// credential is what a request is made with: on behalf of a caller when there is
// an assertion, else as the application.
type credential struct {
	*identity
	assertion transfer.Assertion
	delegated bool
}

var _ azcore.TokenCredential = credential{}

// GetToken answers a token from MSAL's memory or from Entra. Claims, from a
// challenge, always bypass the memory.
func (c credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if c.delegated && c.assertion == "" {
		return azcore.AccessToken{}, signInAgain(errors.New("no assertion"))
	}
	client, err := c.current()
	if err != nil {
		return azcore.AccessToken{}, transfer.Wrap(transfer.Unavailable, "Outlook access is not set up", err)
	}
	var result confidential.AuthResult
	if c.delegated {
		result, err = client.AcquireTokenOnBehalfOf(ctx, string(c.assertion), o.Scopes, confidential.WithClaims(o.Claims))
	} else {
		result, err = client.AcquireTokenByCredential(ctx, o.Scopes, confidential.WithClaims(o.Claims))
	}
	if err != nil {
		return azcore.AccessToken{}, c.refused(ctx, err)
	}
	return azcore.AccessToken{Token: result.AccessToken, ExpiresOn: result.ExpiresOn}, nil
}

// renew answers a token that did not come from memory.
func (c credential) renew(ctx context.Context, claims string) (string, error) {
	if claims == "" {
		c.forget()
	}
	token, err := c.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{graphScope}, Claims: claims})
	return token.Token, err
}

// refused words a failed token request. When the caller has to prove more (a
// conditional access policy), the claims to ask for go along as the parameter "claims".
func (c credential) refused(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return transfer.Wrap(transfer.Unavailable, "The request was given up", ctx.Err())
	}
	answer := tokenAnswer(err)
	switch {
	case answer.status == 0:
		return transfer.Wrap(transfer.Unavailable, "The sign-in service cannot be reached", withoutURL(err))
	case answer.status == http.StatusTooManyRequests || answer.status >= 500:
		return transfer.Wrap(transfer.Unavailable, "The sign-in service is busy", answer)
	case c.delegated && (answer.Code == "invalid_grant" || answer.Code == "interaction_required"):
		problem := signInAgain(answer)
		if answer.Claims != "" {
			problem.With("claims", answer.Claims)
		}
		return problem
	}
	return transfer.Wrap(transfer.Unavailable, "Outlook access is not set up", answer)
}

func signInAgain(cause error) *transfer.Error {
	return transfer.Wrap(transfer.SignInAgain, "Please sign in again", cause)
}

// oauthError is Entra's refusal of a token (RFC 6749, 5.2). Its text may hold names,
// so only the codes are kept.
type oauthError struct {
	status int
	Code   string `json:"error"`
	Text   string `json:"error_description"`
	Claims string `json:"claims"`
}

var entraCode = regexp.MustCompile(`AADSTS\d+`)

func (e *oauthError) Error() string {
	return strings.TrimSpace("Entra answered " + plainCode(e.Code) + " " + entraCode.FindString(e.Text))
}

func tokenAnswer(err error) *oauthError {
	answer := &oauthError{}
	var call msal.CallErr
	if !errors.As(err, &call) || call.Resp == nil {
		return answer
	}
	answer.status = call.Resp.StatusCode
	if body, err := io.ReadAll(io.LimitReader(call.Resp.Body, maxErrorBody)); err == nil {
		_ = json.Unmarshal(body, answer) // without a code it counts as a refusal
	}
	return answer
}
