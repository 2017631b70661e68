package portal

import (
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

func TestWhoSignsInElsewhereIsLedThere(t *testing.T) {
	r := byCode(t, "sign-in", false)
	r.opening.step = opening.Step{Elsewhere: "https://sign-in.example/begin"}
	if answer := r.post("/l/"+string(token)+"/code", url.Values{}); answer.Header().Get("Location") != "https://sign-in.example/begin" {
		t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
}
