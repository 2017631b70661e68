package browser

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/sandbox/phone"
	domain "senddigitally/backend/transfer"
)

// writes sends a message without files over the application interface.
func (w *world) writes(key, text, recipient, options string) (t transfer) {
	w.Helper()
	w.ask("POST", "/api/v1/transfers", `{"message":{"subject":"Papers for your application","text":"`+text+`","recipients":[`+recipient+`]},"options":`+options+`}`,
		http.Header{"Idempotency-Key": {"key-of-" + w.Name() + key}}, &t)
	w.eventually("the transfer is live", func() bool {
		w.ask("GET", "/api/v1/transfers/"+t.ID, "", nil, &t)
		return t.State == "live"
	})
	return t
}

// TestARequestIsAnsweredOnce goes from the mail to a link that is spent.
func TestARequestIsAnsweredOnce(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t)
	asked := w.writes("", "Please send us your income statement.", `{"address":"citizen@post.example"}`,
		`{"language":"da","code":"generated","request":"once","replyMailbox":"citizen-service"}`)
	c := w.citizen()
	c.visits(w.link(outlook.Citizen) + "?lang=da")
	c.everyLook("da", "request-link", source)
	c.enters(asked.Code)
	c.everyLook("da", "request", source)
	c.typed("#text", answer)
	c.do("choose", chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{decisionFile(t)}))
	w.eventually("the file is uploaded", func() bool { return strings.Contains(c.text("#uploads"), "Overført") })
	c.follows("#reply-form button[type=submit]")
	c.sees("#receipt-number")
	c.follows("main p[data-over] a")
	if left := c.text("body"); !strings.Contains(left, "Du har sendt det, du blev bedt om") || !strings.Contains(left, "The statement of income is enclosed.") {
		t.Errorf("the spent link shows %s", left)
	}
	c.everyLook("da", "request-spent", source)
	w.eventually("it lies in the mailbox, once", func() bool {
		found, _ := w.Mail.Messages(outlook.CitizenService, "", func(m *mail.Message) bool { return strings.Contains(m.Body, "The statement of income is enclosed.") })
		return len(found) == 1 && len(found[0].Attachments) == 1
	})
	c.stayed(w.PortalURL)
}

var eightDigits = regexp.MustCompile(`\b[0-9]{8}\b`)

// TestOneTimeCodes opens links with codes that come by text message and by mail.
func TestOneTimeCodes(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t, func(o *sandbox.Options) {
		o.Policy = func(p *domain.Policy) { p.Codes = append(p.Codes, domain.CodeMail) }
	})
	for kind, arrives := range map[string]string{"sms": phone.Address("+4512345678"), "mail": "mail@post.example"} {
		address := kind + "@post.example"
		w.writes(kind, "The text", `{"address":"`+address+`","phone":"12 34 56 78"}`, `{"language":"de","code":"`+kind+`"}`)
		c := w.citizen()
		c.visits(w.link(address) + "?lang=de")
		c.everyLook("de", "code-"+kind, source)
		c.follows("main form button")
		c.everyLook("de", "code-"+kind+"-sent", source)
		if script[string](c.tab, "document.querySelector('#code').autocomplete") != "one-time-code" {
			t.Error("the browser is not told what the code is")
		}
		c.enters("00000000")
		c.everyLook("de", "code-"+kind+"-wrong", source)
		if at := script[string](c.tab, "document.activeElement.id"); at != "code" {
			t.Errorf("after a wrong code the focus is on %q", at)
		}
		var code string
		w.eventually("the code arrives", func() bool {
			found, _ := w.Mail.Messages(arrives, mail.Inbox, func(m *mail.Message) bool { return eightDigits.MatchString(m.Body) && !strings.Contains(m.Body, "/l/") })
			if len(found) > 0 {
				code = eightDigits.FindString(found[0].Body)
			}
			return code != ""
		})
		c.do("paste", chromedp.Evaluate[chromedp.Void](`document.querySelector('#code').focus(), document.execCommand('insertText', false, ' `+code[:4]+" "+code[4:]+` '), void 0`))
		c.follows("main button[type=submit]")
		if shown := c.text("body"); !strings.Contains(shown, "The text") {
			t.Errorf("the code by %s opens %s", kind, shown)
		}
		c.stayed(w.PortalURL)
	}
}

// sessionOver is longer than a session lives without a request.
const sessionOver = 31 * time.Minute

// TestWhatWasWrittenSurvivesTheSession lets a session end while somebody writes,
// with and without the script.
func TestWhatWasWrittenSurvivesTheSession(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t)
	sent, link := w.sent(`{"language":"en","code":"generated","replyMailbox":"technical"}`)
	for _, scripts := range []bool{true, false} {
		c := w.citizen()
		if !scripts {
			c.scriptless()
		}
		c.visits(link)
		c.enters(sent.Code)
		c.typed("#text", answer)
		w.clock.forward(sessionOver)
		if status := c.follows("#reply-form button[type=submit]"); status != http.StatusForbidden {
			t.Errorf("after the session the reply is answered with %d", status)
		}
		c.showsUnsent()
		if !scripts {
			c.whole("unsent")
			continue
		}
		c.everyLook("en", "unsent", source)
		c.visits(script[string](c.tab, "location.href.replace(/\\/replies$/, '')"))
		c.showsUnsent() // what the tab has kept
		c.visits(link)
		c.enters(sent.Code)
		if text := script[string](c.tab, "document.querySelector('#text').value"); text != answer {
			t.Errorf("the text is %q", text)
		}
	}
}

func (c citizen) showsUnsent() {
	c.Helper()
	c.sees("#unsent")
	if text := ask(c.tab, "unsent", chromedp.Value(chromedp.CSS("#unsent"))); text != answer {
		c.Errorf("of what was written there is %q", text)
	}
}
