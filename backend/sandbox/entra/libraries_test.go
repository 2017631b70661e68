package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/coreos/go-oidc/v3/oidc"

	"senddigitally/backend/sandbox/entra"
)

func confidentialClient(t *testing.T, s *entra.Server, id string, credential confidential.Credential) confidential.Client {
	t.Helper()
	client, err := confidential.New(s.Authority(), id, credential,
		confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(s.Client()),
		confidential.WithClientCapabilities([]string{"cp1"}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func withSecret(t *testing.T, secret string) confidential.Credential {
	t.Helper()
	credential, err := confidential.NewCredFromSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func TestMSALClientCredentials(t *testing.T) {
	s := start(t, nil)
	result, err := confidentialClient(t, s, worker, withSecret(t, secret)).
		AcquireTokenByCredential(t.Context(), []string{entra.GraphResource + "/.default"})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := s.Verify(result.AccessToken, entra.GraphResource)
	if err != nil {
		t.Fatal(err)
	}
	if !claims.AppOnly() || !slices.Equal(claims.Roles, []string{"Mail.Send", "Mail.ReadWrite"}) || claims.Client != worker {
		t.Errorf("claims %+v", claims)
	}
	if _, err := s.Verify(result.AccessToken, product); err == nil {
		t.Error("a token for Graph must not pass for the product")
	}
}

func TestMSALClientCertificate(t *testing.T) {
	certificate, key := newCertificate(t)
	s := start(t, func(c *entra.Config) { c.Apps[1].Certificates = []*x509.Certificate{certificate} })
	ask := func(certificate *x509.Certificate, key *rsa.PrivateKey) error {
		credential, err := confidential.NewCredFromCert([]*x509.Certificate{certificate}, key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = confidentialClient(t, s, worker, credential).
			AcquireTokenByCredential(t.Context(), []string{"api://" + product + "/.default"})
		return err
	}
	if err := ask(certificate, key); err != nil {
		t.Fatal(err)
	}
	if err := ask(newCertificate(t)); err == nil || !strings.Contains(err.Error(), "AADSTS700027") {
		t.Errorf("a foreign certificate must be refused, got %v", err)
	}
}

func TestMSALWrongSecret(t *testing.T) {
	s := start(t, nil)
	_, err := confidentialClient(t, s, worker, withSecret(t, "wrong")).
		AcquireTokenByCredential(t.Context(), []string{entra.GraphResource + "/.default"})
	if err == nil || !strings.Contains(err.Error(), "AADSTS7000215") {
		t.Errorf("got %v", err)
	}
}

func TestMSALOnBehalfOf(t *testing.T) {
	s := start(t, nil)
	client := confidentialClient(t, s, product, withSecret(t, secret))
	scopes := []string{entra.GraphResource + "/Mail.ReadWrite"}
	user := s.UserToken(caseworker, []string{"access_as_user"})
	result, err := client.AcquireTokenOnBehalfOf(t.Context(), user, scopes)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := s.Verify(result.AccessToken, entra.GraphResource)
	if err != nil || claims.OID != oid || claims.Username != caseworker || !slices.Equal(claims.Scopes, []string{"Mail.ReadWrite"}) {
		t.Errorf("claims %+v, %v", claims, err)
	}

	refused := map[string]struct {
		assertion string
		scope     string
		want      string
	}{
		"expired":         {s.UserToken(oid, []string{"access_as_user"}, expired()), "Mail.ReadWrite", "AADSTS500133"},
		"for Graph":       {s.GraphToken(oid, []string{"Mail.ReadWrite"}), "Mail.ReadWrite", "AADSTS500133"},
		"app only":        {s.AppToken(worker, []string{"Transfer.Send"}), "Mail.ReadWrite", "AADSTS500138"},
		"foreign key":     {s.UserToken(oid, []string{"access_as_user"}, s.SignedWithForeignKey()), "Mail.ReadWrite", "AADSTS500133"},
		"not consented":   {user, "Files.Read.All", "AADSTS65001"},
		"unknown to us":   {s.UserToken("7d1c4c3e-0000-4a4a-8b8b-000000000009", []string{"access_as_user"}), "Mail.ReadWrite", "AADSTS50034"},
		"sent by the app": {s.UserToken(oid, nil), "Mail.ReadWrite", "AADSTS500138"},
	}
	for name, c := range refused {
		_, err := client.AcquireTokenOnBehalfOf(t.Context(), c.assertion, []string{entra.GraphResource + "/" + c.scope})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}

	s.Revoke(oid)
	_, err = client.AcquireTokenOnBehalfOf(t.Context(), user, scopes, confidential.WithClaims(`{"access_token":{"nbf":{"essential":true}}}`))
	if err == nil || !strings.Contains(err.Error(), "interaction_required") {
		t.Errorf("after revocation: %v", err)
	}
}

func TestOIDCVerification(t *testing.T) {
	s := start(t, nil)
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, s.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	verifier := provider.VerifierContext(ctx, &oidc.Config{ClientID: product})
	token, err := verifier.Verify(ctx, s.UserToken(caseworker, []string{"access_as_user"}))
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"oid": oid, "tid": tenant, "ver": "2.0", "azp": product, "scp": "access_as_user",
		"preferred_username": caseworker, "name": "The caseworker",
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	if roles, _ := claims["roles"].([]any); len(roles) != 1 || roles[0] != "Caseworker" {
		t.Errorf("roles %v", claims["roles"])
	}
	for name, hostile := range hostileTokens(s) {
		if _, err := verifier.Verify(ctx, hostile); err == nil {
			t.Errorf("%s: go-oidc accepted it", name)
		}
		if _, err := s.Verify(hostile, product); err == nil {
			t.Errorf("%s: the tenant accepted it", name)
		}
	}
}

// hostileTokens all have to be refused by whoever checks signature, issuer, audience
// and time.
func hostileTokens(s *entra.Server) map[string]string {
	mint := func(o ...entra.Option) string { return s.UserToken(oid, []string{"access_as_user"}, o...) }
	return map[string]string{
		"unsigned":        mint(entra.Unsigned()),
		"HS256":           mint(s.SignedWithPublicKey()),
		"foreign key":     mint(s.SignedWithForeignKey()),
		"foreign issuer":  mint(entra.WithClaim("iss", "https://login.evil.example/v2.0")),
		"other audience":  mint(entra.WithClaim("aud", worker)),
		"Graph audience":  s.GraphToken(oid, []string{"Mail.ReadWrite"}),
		"expired":         mint(expired()),
		"not yet valid":   mint(entra.WithLifetime(time.Hour, time.Hour)),
		"without a claim": mint(entra.WithClaim("exp", nil)),
	}
}

func TestTokensOfAnotherTenantAreRefused(t *testing.T) {
	s := start(t, nil)
	if _, err := s.Verify(s.UserToken(oid, []string{"access_as_user"}, entra.WithClaim("tid", "other")), product); err == nil {
		t.Error("accepted")
	}
}

func newCertificate(t *testing.T) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}
