package graph

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/transfer"
)

func inbox() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, map[string]any{"id": "AAA"}) })
}

func TestATokenIsRememberedUntilTheClientIsReplaced(t *testing.T) {
	r := newRig(t, inbox())
	caller := r.caller()
	probe := func() {
		t.Helper()
		if _, err := r.MemberOf(t.Context(), org, caller, "me"); err != nil {
			t.Fatal(err)
		}
	}
	probe()
	probe()
	if n := r.exchanges.Load(); n != 1 {
		t.Errorf("%d exchanges for one assertion", n)
	}
	r.time.now = r.time.now.Add(identityLife)
	probe()
	if n := r.exchanges.Load(); n != 2 {
		t.Errorf("%d exchanges, want a new one from the new client", n)
	}
}

func TestCallersDoNotShareTokens(t *testing.T) {
	const colleague = "11111111-2222-4333-8444-555555555555"
	var who []string
	var r *rig
	r = newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		claims, err := r.entra.Verify(strings.TrimPrefix(q.Header.Get("Authorization"), "Bearer "), "https://graph.microsoft.com")
		if err != nil {
			t.Error(err)
		}
		who = append(who, claims.OID)
		answer(w, 200, map[string]any{"value": []any{}})
	}))
	_, _ = r.MemberOf(t.Context(), org, r.caller(), "team@municipality.example")
	_, _, _ = r.Find(t.Context(), org, service, "<a@b>")
	other := transfer.Caller{Tenant: org, Subject: colleague, Assertion: transfer.Assertion(r.entra.UserToken(colleague, []string{"access_as_user"}))}
	_, err := r.MemberOf(t.Context(), org, other, "team@municipality.example")
	wantCode(t, err, transfer.SignInAgain) // the directory does not know her
	if len(who) != 2 || who[0] != caseworker || who[1] == caseworker {
		t.Errorf("requests were made as %v", who)
	}
}

// Case 57: an assertion that is not ours, expired, replayed to Graph or app-only buys nothing.
func TestBadAssertionsAreRefused(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("Graph was asked") }))
	for name, token := range map[string]string{
		"none":           "",
		"Graph audience": r.entra.GraphToken(caseworker, []string{"Mail.ReadWrite"}),
		"app-only":       r.entra.AppToken(clientID, []string{"Application"}),
		"expired":        r.entra.UserToken(caseworker, []string{"access_as_user"}, entra.WithLifetime(-2*time.Hour, time.Hour)),
		"other issuer":   r.entra.UserToken(caseworker, []string{"access_as_user"}, entra.WithClaim("iss", "https://elsewhere.example")),
	} {
		caller := transfer.Caller{Tenant: org, Subject: caseworker, Assertion: transfer.Assertion(token)}
		_, err := r.Draft(t.Context(), org, caller, "me", "AAA", "")
		if known := wantCode(t, err, transfer.SignInAgain); token != "" && strings.Contains(known.Error(), token) {
			t.Errorf("%s: the token is in the error", name)
		}
	}
}

func TestARevokedSessionHandsTheChallengeOn(t *testing.T) {
	r := newRigWith(t, newEntra(t), inbox())
	caller := r.caller()
	r.entra.Revoke(caseworker)
	_, err := r.Draft(t.Context(), org, caller, "me", "AAA", "")
	known := wantCode(t, err, transfer.SignInAgain)
	if !strings.Contains(known.Error(), "AADSTS50173") {
		t.Errorf("the log does not learn why: %v", known)
	}
}

func TestACallerOfAnotherTenantIsRefused(t *testing.T) {
	r := newRig(t, inbox())
	caller := r.caller()
	caller.Tenant = "other"
	_, err := r.MemberOf(t.Context(), org, caller, "me")
	wantCode(t, err, transfer.Forbidden)
	_, err = r.MemberOf(t.Context(), "other", caller, "me")
	wantCode(t, err, transfer.Unavailable)
}

func TestARejectedIssuerStaysRejected(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("Graph was asked") }))
	config := r.config(r.graph.URL + "/v1.0")
	genuine := config.AuthorityHTTP.Transport
	config.AuthorityHTTP.Transport = transport(func(q *http.Request) (*http.Response, error) {
		response, err := genuine.RoundTrip(q)
		if err == nil && strings.HasSuffix(q.URL.Path, "openid-configuration") {
			text, _ := io.ReadAll(response.Body)
			forged := strings.Replace(string(text), `"issuer":"https://127.0.0.1`, `"issuer":"https://evil.example`, 1)
			response.Body, response.ContentLength = io.NopCloser(strings.NewReader(forged)), int64(len(forged))
		}
		return response, err
	})
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err := client.MemberOf(t.Context(), org, r.caller(), "me")
		wantCode(t, err, transfer.Unavailable)
	}
}

func TestTheDirectoryDownIsUnavailable(t *testing.T) {
	r := newRigWith(t, newEntra(t), inbox())
	caller := r.caller()
	r.entra.Close()
	_, err := r.MemberOf(t.Context(), org, caller, "me")
	wantCode(t, err, transfer.Unavailable)
}

func TestCertificateCredential(t *testing.T) {
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	certificate, keyPEM := selfSigned(t, key)
	r := &rig{time: &clock{now: time.Now().UTC()}}
	tenant, err := entra.New(entra.Config{Tenant: directory, Apps: []entra.App{{ID: clientID, Certificates: []*x509.Certificate{certificate},
		GraphRoles: []string{"Mail.ReadWrite"}}}}, "https://entra.example")
	if err != nil {
		t.Fatal(err)
	}
	if r.entra, err = entra.Listen(tenant, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer r.entra.Close()
	config := r.config("http://127.0.0.1:1/v1.0")
	config.Certificate, config.Secret = keyPEM, ""
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = client.Find(t.Context(), org, service, "<a@b>")
	wantCode(t, err, transfer.OutlookBusy) // a token was had, Graph is not there
	if r.exchanges.Load() != 1 {
		t.Errorf("%d exchanges", r.exchanges.Load())
	}
}

func selfSigned(t *testing.T, key *rsa.PrivateKey) (*x509.Certificate, []byte) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, _ := x509.ParseCertificate(der)
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(key)
	return certificate, append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
}

func TestUnsafeConfigurationIsRefused(t *testing.T) {
	good := (&rig{entra: newEntra(t), time: &clock{}}).config("http://127.0.0.1:1/v1.0")
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	elliptic, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ec, _ := x509.MarshalPKCS8PrivateKey(elliptic)
	for name, spoil := range map[string]func(*Config){
		"plain HTTP in production":   func(c *Config) { c.Sandbox = false },
		"plain HTTP beyond loopback": func(c *Config) { c.Endpoint = "http://graph.example/v1.0" },
		"no endpoint":                func(c *Config) { c.Endpoint = "" },
		"no credential":              func(c *Config) { c.Secret = "" },
		"a broken certificate":       func(c *Config) { c.Certificate = []byte("x") },
		"a key without certificate":  func(c *Config) { c.Certificate = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ec}) },
		"an upload host with a port": func(c *Config) { c.UploadHosts = []string{"outlook.office.com:443"} },
		"a service mailbox that is none": func(c *Config) {
			c.ServiceMailboxes = []string{"../x"}
		},
		"plain HTTP for sign-in": func(c *Config) { c.Authority = "http://127.0.0.1:1" },
		"no tenant":              func(c *Config) { c.EntraTenant = "" },
	} {
		bad := good
		spoil(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := New(good, good); err == nil {
		t.Error("one tenant twice was accepted")
	}
}
