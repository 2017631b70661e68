package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

// byCode is a link that a one-time code opens, which this browser has asked for
// or not.
func byCode(t *testing.T, kind transfer.CodeKind, begun bool) *rig {
	r := newRig(t)
	r.opening.face.Code, r.opening.face.Way = kind, "•••• 78"
	if kind == transfer.CodeMail {
		r.opening.face.Way = r.opening.face.To
	}
	if begun {
		r.opening.face.Step = opening.Step{Until: now.Add(10 * time.Minute), Again: now.Add(time.Minute)}
	}
	return r
}

func TestACodeIsSentWhenItIsAskedFor(t *testing.T) {
	r := byCode(t, transfer.CodeSMS, false)
	page := r.get("/l/" + string(token))
	if len(r.opening.browsers) != 0 || !strings.Contains(page.Body.String(), `action="/l/`+string(token)+`/code"`) || strings.Contains(page.Body.String(), `name="code"`) {
		t.Errorf("looking has sent %d codes: %s", len(r.opening.browsers), page.Body)
	}
	cookie := page.Result().Cookies()[0]
	if cookie.Name != browserCookie || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %+v", cookie)
	}
	for range 2 { // a button pressed twice
		answer := r.post("/l/"+string(token)+"/code", nil, "Cookie", cookie.Name+"="+cookie.Value)
		if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/l/"+string(token)+"#code" {
			t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
		}
	}
	if len(r.opening.browsers) != 2 || r.opening.browsers[0] != cookie.Value || r.opening.browsers[1] != cookie.Value {
		t.Errorf("the codes are for %v", r.opening.browsers)
	}
}

func TestTheFieldOfAOneTimeCodeCanBeFilledInByTheTelephone(t *testing.T) {
	page := byCode(t, transfer.CodeSMS, true).get("/l/" + string(token)).Body.String()
	for _, want := range []string{`autocomplete="one-time-code"`, `inputmode="numeric"`, "•••• 78", "10:40", `action="/l/` + string(token) + `/code"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestWhoCannotBeSentACodeIsToldAtTheLink(t *testing.T) {
	for code, status := range map[transfer.Code]int{transfer.RateLimited: 429, transfer.LockedOut: 429, transfer.Unavailable: 503, transfer.PhoneMissing: 400} {
		r := byCode(t, transfer.CodeSMS, false)
		r.opening.unsent = transfer.E(code, "no")
		answer := r.post("/l/"+string(token)+"/code", nil)
		if answer.Code != status || !strings.Contains(answer.Body.String(), "The code could not be sent") {
			t.Errorf("%s: %d", code, answer.Code)
		}
	}
	r := byCode(t, transfer.CodeSMS, false)
	r.limits.refuse = "send/"
	if answer := r.post("/l/"+string(token)+"/code", nil); answer.Code != http.StatusTooManyRequests || len(r.opening.browsers) != 0 {
		t.Errorf("%d, %d codes sent", answer.Code, len(r.opening.browsers))
	}
	if answer := byCode(t, transfer.CodeSMS, false).post("/l/"+string(token)+"/code", nil, "Sec-Fetch-Site", "cross-site"); answer.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", answer.Code)
	}
}

// Others may have used up the link's codes.
func TestWhoIsKeptOutCanAskForANewLink(t *testing.T) {
	for _, tc := range []struct {
		code  transfer.Code
		begun bool
		want  bool
	}{{transfer.RateLimited, false, true}, {transfer.LockedOut, false, true}, {transfer.RateLimited, true, false}, {transfer.Unavailable, false, false}} {
		r := byCode(t, transfer.CodeSMS, tc.begun)
		r.opening.unsent = transfer.E(tc.code, "no")
		page := r.post("/l/"+string(token)+"/code", nil).Body.String()
		if got := strings.Contains(page, `action="/l/`+string(token)+`/ask"`); got != tc.want {
			t.Errorf("%s, a code just sent %v: asking is offered %v", tc.code, tc.begun, got)
		}
	}
}

// Each time from a fresh browser, for two days.
func TestOneNetworkLeavesCodesOfALinkToOthers(t *testing.T) {
	r, world := limited(t)
	r.opening.face.Code = transfer.CodeSMS
	from := func(address string) int {
		return r.post("/l/"+string(token)+"/code", nil, "X-Forwarded-For", address).Code
	}
	for i := range 2 * 24 * 10 {
		from(fmt.Sprintf("2001:db8:1:2%02x::7", i%256))
		world.Pass(6 * time.Minute)
	}
	if got := len(r.opening.browsers); got < 2*share[1].limit || got > 3*share[1].limit {
		t.Errorf("one network had %d codes sent in two days", got)
	}
	for range share[0].limit {
		if got := from("198.51.100.7"); got != http.StatusSeeOther {
			t.Errorf("the recipient's code is answered with %d", got)
		}
	}
	if got := from("198.51.100.7"); got != http.StatusTooManyRequests {
		t.Errorf("above the share: %d", got)
	}
	r.opening.face.Step.Again = now.Add(time.Minute)
	if got := from("203.0.113.7"); got != http.StatusSeeOther {
		t.Errorf("%d", got)
	}
	r.opening.face.Step.Again = time.Time{}
	for range share[0].limit {
		if got := from("203.0.113.7"); got != http.StatusSeeOther {
			t.Errorf("a button pressed twice counted twice: %d", got)
		}
	}
}

func TestWhoSignsInElsewhereIsLedThere(t *testing.T) {
	r := byCode(t, "sign-in", false)
	r.opening.step = opening.Step{Elsewhere: "https://sign-in.example/begin"}
	if answer := r.post("/l/"+string(token)+"/code", url.Values{}); answer.Header().Get("Location") != "https://sign-in.example/begin" {
		t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
}
