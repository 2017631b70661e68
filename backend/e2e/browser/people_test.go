package browser

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

// caseworker is her Outlook with our pane.
type caseworker struct{ *tab }

func (w *world) caseworker() caseworker {
	w.Helper()
	return caseworker{w.window(1280, 800)}
}

// id finds an element of the simulated Outlook; windows behind others are hidden.
func id(testid string) string { return `[data-testid="` + testid + `"]:not([hidden] *)` }

// place opens a mailbox, as the account that owns the Outlook.
func (b *tab) place(path string) {
	b.Helper()
	b.open(b.OutlookURL + "/?guide=off#/" + path)
	b.sees("body[data-ready]")
}

// writes opens a compose window and fills it in.
func (c caseworker) writes(to, subject, body string, files ...string) {
	c.Helper()
	c.place(outlook.Caseworker)
	c.click(id("new-message"))
	c.typed(id("compose-to"), to)
	c.typed(id("compose-subject"), subject)
	c.typed(id("compose-body"), body)
	if len(files) > 0 {
		c.do("attach", chromedp.SetUploadFiles(chromedp.CSS(`[data-testid="compose-file"]`), files))
		c.sees(id("compose-attachment"))
	}
}

// opensPane presses our button and waits for the pane to be signed in.
func (c caseworker) opensPane() {
	c.Helper()
	c.click(id("addin-Send.Button"))
	c.finds("button", "Send Digitally")
}

func (c caseworker) pane() chromedp.QueryOption {
	c.Helper()
	return c.frame(id("pane-frame"))
}

// finds waits for an element of the pane that is seen.
func (c caseworker) finds(role, name string) {
	c.Helper()
	c.do("find "+role+" "+name, chromedp.WaitVisible(chromedp.CSS(""), c.pane(), named(role, name), unhurried))
}

// reads waits for words in the pane.
func (c caseworker) reads(words string) {
	c.Helper()
	c.do("read "+words, chromedp.WaitReady(chromedp.CSS(""), c.pane(), named("StaticText", words), unhurried))
}

func (c caseworker) presses(role, name string) {
	c.Helper()
	c.do("press "+name, chromedp.Click(chromedp.CSS(""), c.pane(), named(role, name), chromedp.NodeVisible, unhurried))
}

// choosesReply picks where replies go.
func (c caseworker) choosesReply(search, entry string) {
	c.Helper()
	c.do("search "+search, chromedp.SendKeys(chromedp.CSS(""), search, c.pane(), named("combobox", "Replies go to"), chromedp.NodeVisible, unhurried))
	c.presses("option", entry)
}

// code is the generated code that the summary shows.
func (c caseworker) code() string {
	c.Helper()
	return c.text("output", c.pane())
}

var unhurried = chromedp.RetryInterval(50 * time.Millisecond)

// citizen is her browser.
type citizen struct{ *tab }

func (w *world) citizen() citizen {
	w.Helper()
	return citizen{w.window(1280, 800)}
}

// enters types a code and presses the button, and waits for the page that follows.
func (c citizen) enters(code string) {
	c.Helper()
	c.typed("#code", code)
	c.follows("main button[type=submit]")
}

// follows clicks what leads to another page, and answers that page's status.
func (c citizen) follows(selector string, options ...chromedp.QueryOption) int {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	page, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), append(options, chromedp.NodeVisible)...))
	if err != nil {
		c.picture("failed")
		c.Fatalf("follow %s: %v", selector, err)
	}
	return int(page.Status)
}

// visits types an address, and answers the page's status.
func (c citizen) visits(address string) int {
	c.Helper()
	return int(ask(c.tab, "visit "+address, chromedp.NavigateResponse(address)).Status)
}

// downloads clicks a link to a file and answers what the browser saved.
func (c citizen) downloads(selector string) []byte {
	c.Helper()
	folder, yes := c.TempDir(), true
	if _, err := chromedp.CallBrowser(c.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName,
		BrowserContextID: chromedp.FromContext(c.ctx).BrowserContextID, DownloadPath: folder, EventsEnabled: &yes}); err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	progress := chromedp.BrowserEvents(ctx, browser.DownloadProgress)
	c.click(selector)
	for e, err := range progress {
		if err != nil {
			c.Fatalf("download: %v", err)
		}
		if e.State == browser.DownloadProgressStateCompleted {
			content, err := os.ReadFile(filepath.Join(folder, e.GUID))
			if err != nil {
				c.Fatal(err)
			}
			return content
		}
	}
	c.Fatalf("no download within %v", patience)
	return nil
}
