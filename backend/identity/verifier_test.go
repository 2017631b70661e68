package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"senddigitally/backend/transfer"
)

func TestACaseworkerIsKnown(t *testing.T) {
	d := newDirectory(t)
	token := d.sign(t, d.user())
	for _, scheme := range []string{"Bearer ", "bearer "} {
		got, err := d.verifier.Caller(t.Context(), scheme+token)
		if err != nil {
			t.Fatal(err)
		}
		want := transfer.Caller{Tenant: "aalborg", Subject: oid, Name: "The Caseworker", Address: "caseworker@municipality.example",
			Roles: []transfer.Role{transfer.Caseworker}, Assertion: transfer.Assertion(token)}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("caller %+v", got)
		}
	}
}

func TestAnApplicationIsKnown(t *testing.T) {
	d := newDirectory(t)
	for name, claims := range map[string]map[string]any{
		"by subject": d.app(),
		"by idtyp":   with(d.app(), map[string]any{"idtyp": "app", "sub": "pairwise"}),
	} {
		got, err := d.verifier.Application(t.Context(), "Bearer "+d.sign(t, claims))
		if err != nil || got.Subject != oid || !reflect.DeepEqual(got.Roles, []transfer.Role{transfer.Application}) || got.Assertion != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	_, err := d.verifier.Application(t.Context(), "Bearer "+d.sign(t, with(d.app(), map[string]any{"roles": nil})))
	if transfer.CodeOf(err) != transfer.Forbidden {
		t.Errorf("an application without the role: %v", err)
	}
}

// Case 56: forged, foreign and expired tokens are nobody's.
func TestCase56BadTokens(t *testing.T) {
	d := newDirectory(t)
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pem := publicPEM(t, d.key)
	good := d.sign(t, d.user())
	part := strings.Split(good, ".")
	for name, token := range map[string]string{
		"none":                  unsigned(`{"alg":"none","typ":"JWT"}`, d.user()),
		"None":                  unsigned(`{"alg":"None"}`, d.user()),
		"RS256 without one":     unsigned(`{"alg":"RS256","kid":"k1"}`, d.user()),
		"HS256 with public key": signed(t, jose.HS256, pem, "k1", d.user()),
		"PS256":                 signed(t, jose.PS256, d.key, "k1", d.user()),
		"RS512":                 signed(t, jose.RS512, d.key, "k1", d.user()),
		"another key, same id":  signed(t, jose.RS256, foreign, "k1", d.user()),
		"another key":           signed(t, jose.RS256, foreign, "k2", d.user()),
		"another payload":       part[0] + "." + strings.Split(unsigned("{}", with(d.user(), map[string]any{"oid": "x"})), ".")[1] + "." + part[2],
		"wrong issuer":          d.sign(t, with(d.user(), map[string]any{"iss": "https://login.microsoftonline.com/" + tid + "/v2.0"})),
		"v1 issuer":             d.sign(t, with(d.user(), map[string]any{"iss": "https://sts.windows.net/" + tid + "/", "ver": "1.0"})),
		"wrong audience":        d.sign(t, with(d.user(), map[string]any{"aud": oid})),
		"two audiences":         d.sign(t, with(d.user(), map[string]any{"aud": []string{client, graph}})),
		"wrong directory":       d.sign(t, with(d.user(), map[string]any{"tid": oid})),
		"no directory":          d.sign(t, with(d.user(), map[string]any{"tid": nil})),
		"no object id":          d.sign(t, with(d.user(), map[string]any{"oid": nil})),
		"v1":                    d.sign(t, with(d.user(), map[string]any{"ver": "1.0"})),
		"expired":               d.sign(t, with(d.user(), map[string]any{"exp": start.Add(-Skew).Unix()})),
		"no expiry":             d.sign(t, with(d.user(), map[string]any{"exp": nil})),
		"not yet valid":         d.sign(t, with(d.user(), map[string]any{"nbf": start.Add(Skew + time.Second).Unix()})),
		"no beginning":          d.sign(t, with(d.user(), map[string]any{"nbf": nil})),
		"other scope":           d.sign(t, with(d.user(), map[string]any{"scp": "access_as_user2 profile"})),
		"app-only":              d.sign(t, d.app()),
		"app-only with scope":   d.sign(t, with(d.user(), map[string]any{"idtyp": "app"})),
		"ID token":              d.sign(t, with(d.user(), map[string]any{"scp": nil, "azp": nil})),
		"ID token with nonce":   d.sign(t, with(d.user(), map[string]any{"nonce": "n", "azp": nil})),
		"not a token":           "abc",
		"empty parts":           "..",
		"empty":                 "",
		"two":                   good + ", " + good,
	} {
		_, err := d.verifier.Caller(t.Context(), "Bearer "+token)
		if transfer.CodeOf(err) != transfer.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
		if len(token) > 20 && err != nil && strings.Contains(err.Error(), token[:20]) {
			t.Errorf("%s: the token is in the error %v", name, err)
		}
	}
	for _, header := range []string{"", "Bearer", "Basic " + good, good, "Bearer  " + good, "Bearer " + strings.Repeat("a", maxHeader)} {
		if _, err := d.verifier.Caller(t.Context(), header); transfer.CodeOf(err) != transfer.Unauthenticated {
			t.Errorf("header %.20q: %v", header, err)
		}
	}
}

func TestUserTokensAreNoApplications(t *testing.T) {
	d := newDirectory(t)
	role := []string{"Application"}
	for name, claims := range map[string]map[string]any{
		"delegated":               with(d.user(), map[string]any{"roles": role}),
		"delegated, same subject": with(d.user(), map[string]any{"roles": role, "sub": oid}),
		"ID token":                with(d.user(), map[string]any{"roles": role, "scp": nil, "azp": nil}),
		"ID token, same subject":  with(d.user(), map[string]any{"roles": role, "scp": nil, "azp": nil, "sub": oid}),
		"ID token, with azp":      with(d.user(), map[string]any{"roles": role, "scp": nil, "nonce": "n", "sub": oid}),
		"user without scopes":     with(d.user(), map[string]any{"roles": role, "scp": nil}),
		"idtyp user":              with(d.app(), map[string]any{"idtyp": "user"}),
	} {
		if _, err := d.verifier.Application(t.Context(), "Bearer "+d.sign(t, claims)); transfer.CodeOf(err) != transfer.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Case 57: a token for Graph, and an assertion that was meant for Entra or has
// had its time, open nothing here.
func TestCase57GraphTokensAndReplayedAssertions(t *testing.T) {
	d := newDirectory(t)
	good := d.sign(t, d.user())
	assertion := map[string]any{"aud": d.URL + "/" + tid + "/oauth2/v2.0/token", "iss": client, "sub": client,
		"nbf": start.Unix(), "exp": start.Add(time.Hour).Unix()}
	for name, token := range map[string]string{
		"Graph by id":              d.sign(t, with(d.user(), map[string]any{"aud": graph})),
		"Graph by address":         d.sign(t, with(d.user(), map[string]any{"aud": "https://graph.microsoft.com"})),
		"our own client assertion": d.sign(t, assertion),
		"an exchanged token":       d.sign(t, with(d.user(), map[string]any{"aud": graph, "scp": "Mail.ReadWrite access_as_user"})),
	} {
		for _, check := range []func() error{
			func() error { _, err := d.verifier.Caller(t.Context(), "Bearer "+token); return err },
			func() error { _, err := d.verifier.Application(t.Context(), "Bearer "+token); return err },
		} {
			if err := check(); transfer.CodeOf(err) != transfer.Unauthenticated {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+good); err != nil {
		t.Fatal(err)
	}
	d.later(time.Hour + Skew)
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+good); transfer.CodeOf(err) != transfer.Unauthenticated {
		t.Errorf("replayed after its time: %v", err)
	}
}

func TestClocksMayDifferALittle(t *testing.T) {
	d := newDirectory(t)
	token := d.sign(t, d.user())
	for _, by := range []time.Duration{-Skew, time.Hour + Skew - time.Second} {
		d.now.Store(start.Add(by))
		if _, err := d.verifier.Caller(t.Context(), "Bearer "+token); err != nil {
			t.Errorf("%v: %v", by, err)
		}
	}
}

func TestNewKeysAreFetched(t *testing.T) {
	d := newDirectory(t)
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+d.sign(t, d.user())); err != nil {
		t.Fatal(err)
	}
	d.keyID.Store("k2")
	d.later(interval)
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+signed(t, jose.RS256, d.key, "k2", d.user())); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
}

func TestForgedTokensDoNotMakeUsAsk(t *testing.T) {
	d := newDirectory(t)
	foreign, _ := rsa.GenerateKey(rand.Reader, 2048)
	forged := signed(t, jose.RS256, foreign, "unknown", d.user())
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() { _, _ = d.verifier.Caller(t.Context(), "Bearer "+forged) })
	}
	group.Wait()
	if n := d.fetched.Load(); n != 1 {
		t.Errorf("the keys were asked for %d times", n)
	}
}

func TestAnUnreachableDirectoryIsUnavailable(t *testing.T) {
	d := newDirectory(t)
	token := d.sign(t, d.user())
	d.down.Store(true)
	for range 2 {
		if _, err := d.verifier.Caller(t.Context(), "Bearer "+token); transfer.CodeOf(err) != transfer.Unavailable {
			t.Fatalf("no discovery: %v", err)
		}
	}
	d.down.Store(false)
	d.later(interval)
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+token); err != nil {
		t.Fatalf("back again: %v", err)
	}
	d.down.Store(true)
	d.later(interval)
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+token); err != nil {
		t.Errorf("known keys serve without the directory: %v", err)
	}
	other := signed(t, jose.RS256, d.key, "k2", d.user())
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+other); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("unknown key without the directory: %v", err)
	}
}

func TestKeysFromAnotherHostAreNotBelieved(t *testing.T) {
	d, attacker := newDirectory(t), newDirectory(t)
	d.keysAt.Store(attacker.URL + "/keys")
	token := signed(t, jose.RS256, attacker.key, "k1", d.user())
	if _, err := d.verifier.Caller(t.Context(), "Bearer "+token); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("error %v", err)
	}
}

func FuzzPeek(f *testing.F) {
	f.Add("a.eyJ0aWQiOiJ4IiwiYXVkIjoieSJ9.b")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if got := peek(token); (got.tid == "") != (got.client == "") {
			t.Errorf("half an audience %+v", got)
		}
	})
}
