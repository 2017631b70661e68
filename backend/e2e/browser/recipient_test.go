package browser

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

// TestWritingFirstAndTheWaysToKeepAreAccessible looks at the pages of who writes
// first, and of the text version, in every language.
func TestWritingFirstAndTheWaysToKeepAreAccessible(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t)
	sent, link := w.sent(`{"language":"en","code":"generated"}`)
	reader := w.citizen()
	reader.visits(link)
	reader.enters(sent.Code)
	message := script[string](reader.tab, "location.pathname")
	for _, language := range catalogue.Languages() {
		c := w.citizen()
		for _, page := range [][2]string{{"contacts", ""}, {"contacts-none", "?q=zzz"}, {"contact", "/children/day-care"}} {
			c.visits(w.PortalURL + "/" + language + "/contact" + page[1])
			c.everyLook(language, page[0], source)
		}
		c.follows("form.card button")
		c.everyLook(language, "contact-wrong", source)
		reader.visits(w.PortalURL + message + "/text?lang=" + language)
		reader.everyLook(language, "text", source)
		c.stayed(w.PortalURL)
	}
}

var mailedCode = regexp.MustCompile(`Your code: ([A-Z0-9-]+)`)

// TestSomebodyWritesFirst goes from the start page to the receipt.
func TestSomebodyWritesFirst(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t)
	c := w.citizen()
	c.visits(w.PortalURL + "/?lang=en")
	c.follows(`a[href="/en/contact"]`)
	c.typed("#q", "worried")
	c.follows(".search button")
	c.follows(`a[href="/en/contact/children/child-welfare"]`)
	c.typed("#name", "Robin Example")
	c.typed("#address", outlook.Citizen)
	c.follows("form.card button")
	c.everyLook("en", "contact-code", source)
	var code string
	w.eventually("the code is mailed", func() bool {
		found, _ := w.Mail.Messages(outlook.Citizen, mail.Inbox, func(m *mail.Message) bool { return mailedCode.MatchString(m.Body) })
		if len(found) > 0 {
			code = mailedCode.FindStringSubmatch(found[0].Body)[1]
		}
		return code != ""
	})
	c.enters(code)
	c.everyLook("en", "contact-message", source)
	c.typed("#text", answer)
	c.follows("#reply-form button[type=submit]")
	c.sees("#receipt-number")
	w.eventually("the message lies in the mailbox of its contact point", func() bool {
		found, _ := w.Mail.Messages(outlook.Children, "", func(m *mail.Message) bool { return strings.Contains(m.Body, "The statement of income is enclosed.") })
		return len(found) == 1
	})
	c.stayed(w.PortalURL)
}

// TestWhatWasWrittenAndUploadedSurvivesAReload closes the page between choosing
// a file and sending.
func TestWhatWasWrittenAndUploadedSurvivesAReload(t *testing.T) {
	w := begin(t)
	sent, link := w.sent(`{"language":"en","code":"generated","replyMailbox":"citizen-service"}`)
	c := w.citizen()
	c.visits(link)
	c.enters(sent.Code)
	c.typed("#text", answer)
	c.do("choose", chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{decisionFile(t)}))
	w.eventually("the file is uploaded", func() bool { return strings.Contains(c.text("#uploads"), "Uploaded") })
	if put, patch := len(c.asked("PUT", "/files/")), len(c.asked("PATCH", "/uploads/")); put != 0 || patch == 0 {
		t.Errorf("%d PUT and %d PATCH: the upload is not resumable", put, patch)
	}
	c.visits(script[string](c.tab, "location.href"))
	w.eventually("the file is there again", func() bool { return strings.Contains(c.text("#uploads"), "Uploaded") })
	if text := script[string](c.tab, "document.querySelector('#text').value"); text != answer {
		t.Errorf("the text is %q", text)
	}
	c.follows("#reply-form button[type=submit]")
	c.sees("#receipt-number")
	if kept := script[int](c.tab, "Object.keys(localStorage).length + Object.keys(sessionStorage).length"); kept != 0 {
		t.Errorf("the browser keeps %d things after the reply", kept)
	}
	w.eventually("the reply is delivered with its file", func() bool {
		found, _ := w.Mail.Messages(outlook.CitizenService, "", func(m *mail.Message) bool { return strings.Contains(m.Body, "The statement of income is enclosed.") })
		return len(found) == 1 && len(found[0].Attachments) == 1
	})
}

// TestANewLinkIsAskedForOnThePage presses the button of a page that is over, in
// every language.
func TestANewLinkIsAskedForOnThePage(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t)
	_, link := w.sent(`{"language":"en","code":"generated"}`)
	w.clock.forward(8 * 24 * time.Hour)
	for _, language := range catalogue.Languages() {
		c := w.citizen()
		c.visits(link + "?lang=" + language)
		c.everyLook(language, "expired", source)
		c.typed("#contact", "Please call me")
		c.follows("form button")
		c.everyLook(language, "asked", source)
	}
	w.eventually("the wish reaches somebody", func() bool {
		found, _ := w.Mail.Messages(outlook.Caseworker, "", func(m *mail.Message) bool { return strings.Contains(m.Body, "A new link is asked for by") })
		return len(found) > 0
	})
}
