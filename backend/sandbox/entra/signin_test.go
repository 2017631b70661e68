package entra_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/entra"
)

const verifierText = "a-code-verifier-of-at-least-forty-three-characters"

func authorizeURL(s *entra.Server, change map[string]string) string {
	sum := sha256.Sum256([]byte(verifierText))
	q := url.Values{
		"client_id": {product}, "redirect_uri": {redirect}, "response_type": {"code"},
		"scope": {"openid offline_access api://" + product + "/access_as_user"}, "state": {"s1"}, "nonce": {"n1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
		"login_hint": {caseworker},
	}
	for name, value := range change {
		q.Set(name, value)
	}
	return s.Authority() + "/oauth2/v2.0/authorize?" + q.Encode()
}

func signInTo(t *testing.T, s *entra.Server, change map[string]string) *http.Response {
	t.Helper()
	response, err := stay(s).Get(authorizeURL(s, change))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// redeem posts to the token endpoint and answers the JSON.
func redeem(t *testing.T, s *entra.Server, form url.Values) map[string]any {
	t.Helper()
	response, err := s.Client().PostForm(s.Authority()+"/oauth2/v2.0/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

func codeForm(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {product}, "redirect_uri": {redirect},
		"code": {code}, "code_verifier": {verifierText},
	}
}

func newCode(t *testing.T, s *entra.Server) string {
	t.Helper()
	location, err := signInTo(t, s, nil).Location()
	if err != nil {
		t.Fatal(err)
	}
	if location.Query().Get("state") != "s1" {
		t.Error("the state was not returned")
	}
	return location.Query().Get("code")
}

func TestCodeWithPKCEAndRefresh(t *testing.T) {
	s := start(t, nil)
	code := newCode(t, s)
	first := redeem(t, s, codeForm(code))
	access, _ := first["access_token"].(string)
	if claims, err := s.Verify(access, product); err != nil || claims.OID != oid {
		t.Fatalf("%v, %v", first, err)
	}
	if id, _ := first["id_token"].(string); id == "" {
		t.Error("openid asks for an id token")
	}
	if again := redeem(t, s, codeForm(code)); again["error"] != "invalid_grant" {
		t.Error("a code works once")
	}
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {product}, "refresh_token": {first["refresh_token"].(string)}}
	second := redeem(t, s, refresh)
	if second["access_token"] == nil {
		t.Fatalf("refresh: %v", second)
	}
	s.Revoke(oid)
	refresh.Set("refresh_token", second["refresh_token"].(string))
	if after := redeem(t, s, refresh); after["error"] != "invalid_grant" {
		t.Errorf("after revocation: %v", after)
	}
}

func TestWrongVerifierIsRefused(t *testing.T) {
	s := start(t, nil)
	form := codeForm(newCode(t, s))
	form.Set("code_verifier", "another")
	if body := redeem(t, s, form); body["error"] != "invalid_grant" {
		t.Errorf("got %v", body)
	}
}

func TestUnregisteredRedirectGetsNothing(t *testing.T) {
	s := start(t, nil)
	response := signInTo(t, s, map[string]string{"redirect_uri": "https://evil.example/"})
	if response.StatusCode != http.StatusBadRequest || response.Header.Get("Location") != "" {
		t.Errorf("%s, to %q", response.Status, response.Header.Get("Location"))
	}
}

func TestSignInPageListsEverybody(t *testing.T) {
	s := start(t, nil)
	response := signInTo(t, s, map[string]string{"login_hint": ""})
	page, _ := io.ReadAll(response.Body)
	for _, want := range []string{caseworker, "distributor@municipality.example", "Distributor"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	silent, err := signInTo(t, s, map[string]string{"login_hint": "", "prompt": "none"}).Location()
	if err != nil || silent.Query().Get("error") != "login_required" {
		t.Errorf("silent sign-in without a hint: %v, %v", silent, err)
	}
	fragment := signInTo(t, s, map[string]string{"response_mode": "fragment"}).Header.Get("Location")
	if !strings.HasPrefix(fragment, redirect+"#code=") {
		t.Errorf("fragment answer goes to %s", fragment)
	}
}

func TestChangedRolesShowInTheNextToken(t *testing.T) {
	s := start(t, nil)
	before := s.UserToken(oid, []string{"access_as_user"})
	s.Assign(oid)
	after, err := s.Verify(s.UserToken(oid, []string{"access_as_user"}), product)
	if err != nil || len(after.Roles) != 0 {
		t.Errorf("roles %v, %v", after.Roles, err)
	}
	if old, _ := s.Verify(before, product); len(old.Roles) != 1 {
		t.Error("an issued token keeps its roles")
	}
}

func TestOriginsOfRedirectsMayRedeemInTheBrowser(t *testing.T) {
	s := start(t, nil)
	for origin, want := range map[string]string{"http://localhost:8401": "http://localhost:8401", "https://evil.example": ""} {
		request, _ := http.NewRequest(http.MethodOptions, s.Authority()+"/oauth2/v2.0/token", nil)
		request.Header.Set("Origin", origin)
		response, err := s.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s is allowed as %q", origin, got)
		}
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	e, err := entra.New(entra.Config{Tenant: tenant, Apps: []entra.App{{ID: product}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := entra.Listen(e, "0.0.0.0:0"); err == nil {
		s.Close()
		t.Error("it listens to the world")
	}
}
