package outlook

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	productaddin "senddigitally/addin"
	"senddigitally/backend/sandbox/mail"
)

// eventPage serves the product's own send event.
func (s *stage) eventPage() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(productaddin.Files))
	mux.HandleFunc("GET /onsend.html", func(w http.ResponseWriter, _ *http.Request) {
		text, err := productaddin.EventPage(productaddin.Page{OfficeJS: s.outlook + "/office.js"})
		if err != nil {
			s.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(text)
	})
	return mux
}

// sent counts the citizen's mail.
func (s *stage) sent() int {
	s.Helper()
	found, err := s.store.Messages(Citizen, mail.Inbox, func(*mail.Message) bool { return true })
	if err != nil {
		s.Fatal(err)
	}
	return len(found)
}

func TestAnOrdinaryMailWithAnAttachmentForAnOutsiderIsStopped(t *testing.T) {
	s := &stage{T: t}
	s.open(testTokens, s.eventPage())
	b := s.browser(1280, 800)
	b.written(Caseworker)
	b.click("compose-send")
	b.sees(`[data-testid="alert"]`)
	b.picture("alert-1280-light")
	text := ask(b, "read", chromedp.Evaluate[string](`document.querySelector('[data-testid=alert-text]').textContent`))
	if !strings.Contains(text, "attachment for somebody outside") {
		t.Errorf("the alert says %q", text)
	}
	b.misses(`[data-testid="alert-anyway"]`)
	b.click("alert-open")
	b.sees(`[data-testid="pane-frame"]`)
	if n := s.sent(); n != 0 {
		t.Errorf("%d mails left", n)
	}
}

func TestThePolicyLetsThePersonDecide(t *testing.T) {
	s := &stage{T: t}
	s.open(testTokens, s.eventPage())
	b := s.browser(1280, 800)
	b.open(Caseworker)
	b.do("keep the policy", chromedp.Evaluate[chromedp.Void](`fetch('/sim/roaming', {method: 'PUT', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({user: '`+Caseworker+`', values: {'sd.alerts': {mode: 'prompt', own: []}}})}).then(() => undefined)`, chromedp.EvalAwaitPromise))
	b.written(Caseworker)
	b.click("compose-send", "alert-stop")
	b.sees(`[data-testid="compose"]`)
	if n := s.sent(); n != 0 {
		t.Fatalf("%d mails left", n)
	}
	b.click("compose-send", "alert-anyway")
	b.misses(`[data-testid="compose"]`)
	s.eventually("it is sent", func() bool { return s.sent() == 1 })
}

func TestWithoutAnAnswerNothingIsSentAndOlderOutlooksDoNotAsk(t *testing.T) {
	s := &stage{T: t}
	s.open(testTokens, http.NotFoundHandler())
	b := s.browser(1280, 800)
	b.written(Caseworker)
	b.click("compose-send")
	b.sees(`[data-testid="alert"]`)
	b.click("alert-stop")
	if n := s.sent(); n != 0 {
		t.Fatalf("%d mails left", n)
	}
	s.settings(map[string]any{"view": map[string]any{"mailboxSet": "1.11"}})
	b.do("see the setting", chromedp.Reload())
	b.written(Caseworker)
	b.click("compose-send")
	s.eventually("it is sent", func() bool { return s.sent() == 1 })
}
