package entra_test

import (
	"net/url"
	"testing"

	"senddigitally/backend/sandbox/entra"
)

func TestTokenEndpointRefuses(t *testing.T) {
	s := start(t, nil)
	form := func(pairs ...string) url.Values {
		f := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	user := s.UserToken(oid, []string{"access_as_user"})
	cases := map[string]struct {
		form   url.Values
		number float64
	}{
		"unknown application":   {form("client_id", "x"), 700016},
		"no grant type":         {form("client_id", worker, "client_secret", secret), 70003},
		"app without proof":     {form("client_id", worker, "grant_type", "client_credentials", "scope", entra.GraphResource+"/.default"), 7000218},
		"app with single scope": {form("client_id", worker, "client_secret", secret, "grant_type", "client_credentials", "scope", entra.GraphResource+"/Mail.Send"), 1002012},
		"unknown resource":      {form("client_id", worker, "client_secret", secret, "grant_type", "client_credentials", "scope", "api://unknown/.default"), 500011},
		"two resources":         {form("client_id", product, "client_secret", secret, "grant_type", jwtBearer, "requested_token_use", "on_behalf_of", "assertion", user, "scope", entra.GraphResource+"/User.Read api://"+product+"/access_as_user"), 28000},
		"on behalf, no proof":   {form("client_id", product, "grant_type", jwtBearer, "requested_token_use", "on_behalf_of", "assertion", user), 7000218},
		"on behalf, not said":   {form("client_id", product, "client_secret", secret, "grant_type", jwtBearer, "assertion", user), 900144},
		"on behalf of another":  {form("client_id", worker, "client_secret", secret, "grant_type", jwtBearer, "requested_token_use", "on_behalf_of", "assertion", user), 500133},
		"empty assertion":       {form("client_id", worker, "client_assertion", "", "client_assertion_type", "x"), 700027},
		"made-up code":          {codeForm("x"), 70008},
		"made-up refresh":       {form("client_id", product, "grant_type", "refresh_token", "refresh_token", "x"), 70000},
	}
	for name, c := range cases {
		body := redeem(t, s, c.form)
		numbers, _ := body["error_codes"].([]any)
		if len(numbers) != 1 || numbers[0] != c.number || body["access_token"] != nil {
			t.Errorf("%s: %v, want AADSTS%v", name, body, c.number)
		}
	}
}

func TestCodeIsBoundToItsRedirect(t *testing.T) {
	s := start(t, nil)
	form := codeForm(newCode(t, s))
	form.Set("redirect_uri", "http://localhost:8401/other")
	if body := redeem(t, s, form); body["error"] != "invalid_grant" {
		t.Errorf("got %v", body)
	}
}
