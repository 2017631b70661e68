package outlook

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/manifest"
)

const product = "22222222-2222-4222-8222-222222222222"

func newTenant(t *testing.T) *entra.Entra {
	tenant, err := entra.New(entra.Config{
		Tenant: "33333333-3333-4333-8333-333333333333",
		Apps:   []entra.App{{ID: product, Name: "Send Digitally", Scopes: []string{"access_as_user"}}},
		Users:  []entra.User{{OID: "44444444-4444-4444-8444-444444444444", Name: "Caseworker", Address: Caseworker}},
	}, "https://login.example")
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// tokensOf lets a tenant sign in whoever owns the Outlook, for the product only.
func tokensOf(tenant *entra.Entra) Tokens {
	return func(_ context.Context, user, clientID string, scopes []string) (Token, error) {
		if clientID != product || !slices.Contains(scopes, "api://"+product+"/access_as_user") {
			return Token{}, errors.New("not for the product")
		}
		access := tenant.UserToken(user, []string{"access_as_user"})
		who, err := tenant.Verify(access, product)
		return Token{access, access, 3600, tenant.Tenant(), who.OID, "login.example"}, err
	}
}

func TestTheBrokerHandsOutTheUsersToken(t *testing.T) {
	tenant := newTenant(t)
	b := newBench(t, func(c *Config) { c.Tokens = tokensOf(tenant) })
	got := b.must("POST", "/sim/token", map[string]any{"user": Caseworker, "clientId": product, "scope": "api://" + product + "/access_as_user openid profile"})
	claims, err := tenant.Verify(text(got, "token.access_token"), product)
	if err != nil {
		t.Fatal(err)
	}
	if claims.Username != Caseworker || claims.AppOnly() || claims.Scopes[0] != "access_as_user" || len(claims.Scopes) != 1 {
		t.Errorf("claims: %+v", claims)
	}
	if text(got, "account.homeAccountId") != claims.OID+"."+tenant.Tenant() || text(got, "account.environment") != "login.example" || text(got, "account.username") != Caseworker {
		t.Errorf("account: %v", at(got, "account"))
	}
	if status, problem := b.call("POST", "/sim/token", map[string]any{"user": Caseworker, "clientId": "another", "scope": "api://another/x"}); status != 400 || text(problem, "code") != "PERSISTENT_ERROR" {
		t.Errorf("another application: %d %v", status, problem)
	}
}

func TestTheRibbonComesFromTheManifestInTheDisplayLanguage(t *testing.T) {
	document, err := manifest.XML(manifest.Definition{AppID: addinID, Version: "1.0", Provider: "Municipality", Base: "https://addin.example"})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(c *Config) { c.Manifest = document })
	state := b.must("GET", "/sim/state", nil)
	if text(state, "addin.id") != addinID || text(state, "addin.name") != "Send Digitally" || at(state, "addin.shared") != true {
		t.Errorf("add-in: %v", at(state, "addin"))
	}
	for i, want := range []string{"compose", "read", "phone"} {
		button := at(state, "addin.buttons."+string(rune('0'+i)))
		if text(button, "surface") != want || !strings.HasPrefix(text(button, "pane"), "https://addin.example/") || !strings.HasPrefix(text(button, "icon"), "https://addin.example/icons/") {
			t.Errorf("%s: %v", want, button)
		}
	}
	b.must("PUT", "/sim/settings", map[string]any{"view": map[string]any{"language": "de-DE"}})
	state = b.must("GET", "/sim/state", nil)
	if text(state, "addin.name") != "Digital senden" || text(state, "addin.buttons.0.label") != "Digital senden" {
		t.Errorf("in German: %v", at(state, "addin"))
	}
	if _, err := New(Config{Mail: b.store, Manifest: []byte("<OfficeApp>")}); err == nil {
		t.Error("a broken manifest was taken")
	}
}
