package portal

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

// every is one address of every page, in a state that it answers.
var every = []string{"/", "/l/" + string(token), path, path + "/body", path + "/files/f1", "/nowhere", "/assets/portal.css"}

func TestEveryAnswerHasTheHeadersThatHoldABrowserBack(t *testing.T) {
	r := newRig(t)
	for _, target := range every {
		h := r.get(target).Header()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, not %q", target, name, got, want)
			}
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src 'unsafe") {
			t.Errorf("%s: the content policy is %q", target, policy)
		}
		if cache := h.Get("Cache-Control"); !strings.HasPrefix(target, "/assets/") && cache != "no-store" {
			t.Errorf("%s may be stored: %q", target, cache)
		}
	}
}

func TestCase53NothingOfALinkReachesTheLogOrAnotherSite(t *testing.T) {
	r := newRig(t)
	page := r.get("/l/" + string(token)).Body.String()
	r.post("/l/"+string(token), url.Values{"code": {"wrong"}})
	r.get("/l/" + string(token) + "x")
	if strings.Contains(r.log.String(), string(token)) || !strings.Contains(r.log.String(), "/l/:token") {
		t.Errorf("the log is %s", r.log)
	}
	if found := regexp.MustCompile(`(src|href|action)="(https?:)?//[^"]*"`).FindString(page); found != "" {
		t.Errorf("the page asks another site: %s", found)
	}
}

func TestCase49LookingAndPressingRevealAndConsumeNothing(t *testing.T) {
	r := newRig(t)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		answer := r.ask(method, "/l/"+string(token), nil, "User-Agent", "LinkScanner/1.0")
		if answer.Code != http.StatusOK {
			t.Errorf("%s answers %d", method, answer.Code)
		}
		if body := answer.Body.String(); strings.Contains(body, "Decision") || strings.Contains(body, "caseworker@") || strings.Contains(body, "citizen@") {
			t.Errorf("%s reveals the message", method)
		}
	}
	if r.opening.unlocks.Load() != 0 || len(r.sessions.opened) != 0 {
		t.Error("looking has opened the link")
	}
	if answer := r.post("/l/"+string(token), url.Values{}); answer.Code != http.StatusForbidden || len(r.sessions.opened) != 0 {
		t.Errorf("an empty form is answered with %d", answer.Code)
	}
}

func TestTheCodeOpensASeatAndLeavesTheTokenBehind(t *testing.T) {
	r := newRig(t)
	answer := r.post("/l/"+string(token), url.Values{"code": {code}})
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != path {
		t.Fatalf("%d, to %q", answer.Code, answer.Header().Get("Location"))
	}
	if len(r.sessions.opened) != 1 || r.sessions.opened[0] != here {
		t.Errorf("opened %v", r.sessions.opened)
	}
}

func TestAWrongCodeSaysHowManyTriesAreLeft(t *testing.T) {
	r := newRig(t)
	answer := r.post("/l/"+string(token), url.Values{"code": {"wrong"}})
	if answer.Code != http.StatusForbidden || !strings.Contains(answer.Body.String(), "4 tries left") {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
	r.opening.failure = nil
	locked := newRig(t)
	locked.opening.failure = nil
	locked.opening.face.Code = transfer.CodePassword
	lock := transfer.E(transfer.LockedOut, "too many wrong codes").With("until", "2026-03-27T10:00:00Z")
	locked.Handler = newRig(t, func(c *Config) { c.Opening = lockedOpening{locked.opening, lock} })
	answer = locked.post("/l/"+string(token), url.Values{"code": {"wrong"}})
	if answer.Code != http.StatusTooManyRequests || !strings.Contains(answer.Body.String(), "11:00") {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
}

func TestCase54ASeatOfAnotherIsNotThere(t *testing.T) {
	r := newRig(t)
	for _, foreign := range []string{"/m/" + string(id) + "/r2", "/m/0b" + strings.Repeat("2", 32) + "/r1"} {
		for _, tail := range []string{"", "/body", "/files/f1", "/replies/ABCDEFGHIJKLMNOP"} {
			answer := r.get(foreign + tail)
			if answer.Code != http.StatusForbidden || strings.Contains(answer.Body.String(), "Decision") {
				t.Errorf("%s is answered with %d", foreign+tail, answer.Code)
			}
		}
	}
}

func TestCase58AnotherSitesFormIsRefused(t *testing.T) {
	r := newRig(t)
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		for _, target := range []string{"/l/" + string(token), path + "/replies", "/logout"} {
			if answer := r.post(target, url.Values{"code": {code}}, headers...); answer.Code != http.StatusForbidden {
				t.Errorf("%s with %v is answered with %d", target, headers, answer.Code)
			}
		}
	}
	if r.opening.unlocks.Load() != 0 || len(r.replying.sent) != 0 || r.sessions.ended {
		t.Error("another site's form has had an effect")
	}
}

// A redirect that the router makes by itself would have none of the headers, be
// kept by browsers for good, and say the token once more.
func TestAnAddressWithASlashTooManyIsAnAnswerLikeAnyOther(t *testing.T) {
	for _, address := range []string{"/l/" + string(token) + "/", "/en/contact/", path + "/"} {
		answer := newRig(t).get(address)
		h := answer.Header()
		if answer.Code != http.StatusNotFound || h.Get("Location") != "" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s answers %d with %v", address, answer.Code, h)
		}
	}
}

func TestCase59NobodyMayFrameAPage(t *testing.T) {
	r := newRig(t)
	for _, target := range []string{"/", "/l/" + string(token), path} {
		if policy := r.get(target).Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %q", target, policy)
		}
	}
	if policy := r.get(path + "/body").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'self'") || !strings.HasPrefix(policy, "sandbox") {
		t.Errorf("the body's policy is %q", policy)
	}
}

func TestTheLanguageIsTheLinksThenTheReaders(t *testing.T) {
	r := newRig(t)
	r.opening.face.Language = "nl"
	lang := func(a *httptest.ResponseRecorder) string {
		return regexp.MustCompile(`<html lang="([a-z]+)"`).FindStringSubmatch(a.Body.String())[1]
	}
	if got := lang(r.get("/l/"+string(token), "Accept-Language", "sv")); got != "nl" {
		t.Errorf("the sender's choice is nl, the page %s", got)
	}
	switched := r.get("/l/"+string(token)+"?lang=de", "Accept-Language", "sv")
	if got := lang(switched); got != "de" {
		t.Errorf("asked for de, the page is %s", got)
	}
	cookie := switched.Result().Cookies()[0]
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %+v", cookie)
	}
	if got := lang(r.get("/l/"+string(token), "Cookie", cookie.Name+"="+cookie.Value)); got != "de" {
		t.Errorf("remembered de, the page is %s", got)
	}
	if got := lang(r.get("/", "Accept-Language", "fr,nn;q=0.8,en;q=0.5")); got != "nb" {
		t.Errorf("a reader of Nynorsk gets %s", got)
	}
}

func TestEveryLanguageLinkLeadsToAPage(t *testing.T) {
	r := newRig(t)
	r.replying.failure, r.opening.unsent = transfer.E(transfer.Empty, "nothing to send"), transfer.E(transfer.RateLimited, "too soon")
	pages := map[string]*httptest.ResponseRecorder{
		"link":         r.get("/l/" + string(token)),
		"wrong code":   r.post("/l/"+string(token), url.Values{"code": {"wrong"}}),
		"no code":      r.post("/l/"+string(token)+"/code", nil),
		"message":      r.get(path),
		"failed reply": r.send("", nil),
		"left":         r.post("/logout", url.Values{}),
		"home":         r.get("/"),
		"nowhere":      r.get("/nowhere"),
	}
	switches := regexp.MustCompile(`href="([^"]*\?lang=[a-z]+)"`)
	for name, page := range pages {
		found := switches.FindAllStringSubmatch(page.Body.String(), -1)
		if len(found) != len(catalogue.Languages())-1 {
			t.Errorf("%s offers %d languages", name, len(found))
		}
		for _, link := range found {
			if answer := r.get(link[1]); answer.Code != http.StatusOK {
				t.Errorf("%s: %s answers %d", name, link[1], answer.Code)
			}
		}
	}
}

// What a stranger writes into an address is not led to.
func TestAnUnknownPageLeadsToTheFirst(t *testing.T) {
	r := newRig(t)
	for _, address := range []string{"/nowhere", "//evil.example/", "///evil.example", "/%2fevil.example/", "/%5cevil.example/"} {
		page := r.get(address)
		if page.Code != http.StatusNotFound || !strings.Contains(page.Body.String(), `href="/?lang=da"`) || strings.Contains(page.Body.String(), "evil") {
			t.Errorf("%s answers %d: %s", address, page.Code, page.Body)
		}
	}
}

func TestCase80AHandlerThatPanicsAnswersAndTheProcessLives(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Policy = func(transfer.TenantID) transfer.Policy { panic("bug") } })
	answer := r.get(path)
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "bug") {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
	if answer := r.get("/"); answer.Code != http.StatusOK {
		t.Errorf("after it: %d", answer.Code)
	}
}

func TestWhoAsksTooOftenWaits(t *testing.T) {
	r := newRig(t)
	r.limits.refuse = "code/"
	answer := r.post("/l/"+string(token), url.Values{"code": {code}})
	if answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") == "" || r.opening.unlocks.Load() != 0 {
		t.Errorf("%d, Retry-After %q", answer.Code, answer.Header().Get("Retry-After"))
	}
	for _, key := range r.limits.keys {
		if strings.Contains(key, "192.0.2.1") {
			t.Errorf("the key %q has an address", key)
		}
	}
}

func TestANetworkIsAnAddressOrTheFirstBitsOfOne(t *testing.T) {
	for _, tc := range []struct {
		address string
		bits    int
		want    string
	}{{"192.0.2.7", 64, "192.0.2.7"}, {"192.0.2.7", 56, "192.0.2.7"}, {"2001:db8:1:234:3:4:5:6", 64, "2001:db8:1:234::/64"},
		{"2001:db8:1:234:3:4:5:6", 56, "2001:db8:1:200::/56"}, {"::ffff:192.0.2.7", 64, "192.0.2.7"}, {"nonsense", 64, "nonsense"}} {
		if got := network(tc.address, tc.bits); got != tc.want {
			t.Errorf("%s counts as %s, not %s", tc.address, got, tc.want)
		}
	}
}

// The proxy in front has one address; who comes through it has another.
func TestVisitorsAreToldApartBehindAProxy(t *testing.T) {
	for _, tc := range []struct {
		proxies []string
		want    int
	}{{[]string{"192.0.2.1"}, 2}, {nil, 1}} {
		r := newRig(t, func(c *Config) { c.Proxies = tc.proxies })
		visitors := map[string]bool{}
		for _, from := range []string{"198.51.100.7", "198.51.100.8"} {
			r.get("/l/"+string(token), "X-Forwarded-For", from)
			visitors[r.limits.keys[len(r.limits.keys)-1]] = true
		}
		if len(visitors) != tc.want {
			t.Errorf("through %v came %d visitors, not %d", tc.proxies, len(visitors), tc.want)
		}
	}
}

func TestErrorsAreProblemsForTheScript(t *testing.T) {
	r := newRig(t)
	r.sessions.seats = nil
	answer := r.get(path, "Accept", "application/json")
	if answer.Code != http.StatusForbidden || answer.Header().Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(answer.Body.String(), `"code":"code_required"`) {
		t.Errorf("%d %s: %s", answer.Code, answer.Header().Get("Content-Type"), answer.Body)
	}
	if got := answer.Header().Get("X-Content-Type-Options"); got != "nosniff" {
		t.Error("a problem lacks the headers of a page")
	}
}

func TestStorageThatFailsIsNoPage(t *testing.T) {
	r := newRig(t)
	r.sessions.failure = errors.New("connection refused by 10.0.0.7")
	answer := r.get(path)
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "10.0.0.7") {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
	if _, err := io.ReadAll(answer.Body); err != nil {
		t.Error(err)
	}
}
