package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"senddigitally/backend/app"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/sandbox/phone"
	"senddigitally/backend/transfer"
)

const telephone = "+4512345678"

var eightDigits = regexp.MustCompile(`\b[0-9]{8}\b`)

// texted is a letter whose code comes by text message.
func texted(subject, text, to string) object {
	return object{"message": object{"subject": subject, "text": text, "recipients": []object{{"address": to, "phone": "12 34 56 78"}}},
		"options": object{"language": "en", "code": "sms", "replyMailbox": "citizen-service"}}
}

// asks presses the button that has a code sent.
func (c citizen) asks(link string) answer {
	c.w.t.Helper()
	address, _, _ := strings.Cut(link, "?")
	return c.w.exchange(c.http, c.w.request("POST", address+"/code", strings.NewReader(""), asForm))
}

// codes are those that came to a mailbox, newest first.
func (w *world) codes(mailbox string) (codes []string) {
	w.t.Helper()
	for _, m := range w.inbox(mailbox, "") {
		if code := eightDigits.FindString(m.Body); code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

func TestACodeByTextMessageOpensALink(t *testing.T) {
	const subject = "Decision about the application"
	w := newWorld(t)
	s := w.send(texted(subject, "the text", outlook.Citizen))
	link := w.link(outlook.Citizen, 0)
	c := w.citizen()
	if page := c.get(link); page.status != http.StatusOK || strings.Contains(page.body, telephone) || strings.Contains(page.body, `name="code"`) || len(w.codes(phone.Address(telephone))) > 0 {
		t.Errorf("before a code was asked for the page shows, with %d: %s", page.status, page.body)
	}
	if page := c.asks(link); page.status != http.StatusOK || !strings.Contains(page.body, `name="code"`) || !strings.Contains(page.body, "•••• 78") {
		t.Errorf("after asking, the page shows, with %d: %s", page.status, page.body)
	}
	codes := w.codes(phone.Address(telephone))
	if len(codes) != 1 {
		t.Fatalf("the telephone has the codes %v", codes)
	}
	if page := w.citizen().open(link, codes[0]); page.status != http.StatusForbidden || strings.Contains(page.body, subject) {
		t.Errorf("in another browser the code is answered with %d", page.status)
	}
	if page := c.open(link, codes[0]); page.status != http.StatusOK || !strings.Contains(page.body, subject) {
		t.Errorf("the code is answered with %d: %s", page.status, page.body)
	}
	if got := w.transfer(s.ID); got.Recipients[0].State != "opened" || got.CodeKind != "sms" || got.Code != "" {
		t.Errorf("the sender sees %+v", got)
	}
}

// Whoever asks again and again from one network, from a fresh browser each time.
func TestCase52_WhoHasOnlyTheLinkLeavesCodesToTheRecipient(t *testing.T) {
	w := newWorld(t, idle)
	link := w.notified(w.send(texted("Decision", "the text", outlook.Citizen)), outlook.Citizen)
	const proxy = "203.0.113.7"
	setup := w.Setup
	setup.Proxies = []string{proxy}
	system, err := app.New(setup)
	must(t, err)
	asks := func(visitor string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/l/"+linkForm.FindStringSubmatch(link)[1]+"/code", nil)
		r.RemoteAddr = proxy + ":1"
		r.Header.Set("X-Forwarded-For", visitor)
		answer := httptest.NewRecorder()
		system.Portal.ServeHTTP(answer, r)
		return answer
	}
	for range 9 {
		asks("198.51.100.7")
	}
	if sent := w.codes(phone.Address(telephone)); len(sent) != 3 {
		t.Errorf("one network had %d codes sent", len(sent))
	}
	if answer := asks("192.0.2.7"); answer.Code != http.StatusSeeOther || len(w.codes(phone.Address(telephone))) != 4 {
		t.Errorf("the recipient's code is answered with %d", answer.Code)
	}
	if answer := asks("198.51.100.7"); answer.Code != http.StatusTooManyRequests || !strings.Contains(answer.Body.String(), "Ask for a new link") {
		t.Errorf("whoever is kept out is answered %d: %s", answer.Code, answer.Body)
	}
}

func TestCase49_AScannerThatHasCodesSentIsHarmless(t *testing.T) {
	w := newWorld(t, idle)
	s := w.send(texted("Decision", "the text", outlook.Citizen))
	link := w.notified(s, outlook.Citizen)
	c := w.citizen()
	c.asks(link)
	mine := w.codes(phone.Address(telephone))
	before := w.files("vault")
	for range 10 {
		w.citizen().asks(link)
	}
	if sent := w.codes(phone.Address(telephone)); len(mine) != 1 || len(sent) > 5 {
		t.Errorf("the telephone got %d codes, then %d", len(mine), len(sent))
	}
	if now := w.files("vault"); len(now) != len(before) || w.transfer(s.ID).Recipients[0].State != "notified" {
		t.Error("asking for codes was journalled")
	}
	if page := c.open(link, mine[0]); page.status != http.StatusOK {
		t.Errorf("after all that the code is answered with %d", page.status)
	}
}

func TestACodeByMailIsForWhoAcceptsThatItIsNoSecondChannel(t *testing.T) {
	request := letter("Decision", "the text", outlook.Citizen)
	request["options"] = object{"language": "en", "code": "mail"}
	strict := newWorld(t)
	if a := strict.api("POST", "/api/v1/transfers", request, idempotent(submission())); a.status != http.StatusBadRequest {
		t.Errorf("the strict policy answers %d: %s", a.status, a.body)
	}
	w := newWorld(t, func(o *sandbox.Options) {
		o.Policy = func(p *transfer.Policy) { p.Codes = append(p.Codes, transfer.CodeMail) }
	})
	w.send(request)
	link := w.link(outlook.Citizen, 0)
	c := w.citizen()
	c.asks(link)
	w.until("the code arrives", func() bool { return len(w.codes(outlook.Citizen)) == 1 })
	if page := c.open(link, w.codes(outlook.Citizen)[0]); page.status != http.StatusOK || !strings.Contains(page.body, "the text") {
		t.Errorf("the code is answered with %d: %s", page.status, page.body)
	}
}
