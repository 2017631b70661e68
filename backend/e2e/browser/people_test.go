package browser

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

// caseworker is her Outlook with our pane.
type caseworker struct{ *tab }

func (w *world) caseworker() caseworker {
	w.Helper()
	return caseworker{w.window(1280)}
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

// inPane runs a step in the pane's frame, and again from the frame on when that was
// replaced meanwhile. It begins when the pane is drawn: asking for the accessibility
// tree of a frame that is being loaded can hang Chromium 156's renderer.
func (c caseworker) inPane(what string, step func(within ...chromedp.QueryOption) chromedp.Action[chromedp.Void], find chromedp.QueryOption) {
	c.Helper()
	const attempt = patience / 5
	c.do(what, func(ctx context.Context, _ *chromedp.Target) (none chromedp.Void, err error) {
		for {
			frames, err := chromedp.Run(ctx, chromedp.Nodes(chromedp.CSS(id("pane-frame"))))
			if err != nil {
				return none, err
			}
			within := chromedp.FromNode(frames[0])
			short, cancel := context.WithTimeout(ctx, attempt)
			err = chromedp.Do(short, chromedp.WaitVisible(chromedp.CSS("main"), within, unhurried), step(within, find, unhurried))
			cancel()
			if err == nil || ctx.Err() != nil {
				return none, err
			}
		}
	})
}

func waitVisible(o ...chromedp.QueryOption) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(""), o...)
}

func waitReady(o ...chromedp.QueryOption) chromedp.Action[chromedp.Void] {
	return chromedp.WaitReady(chromedp.CSS(""), o...)
}

func press(o ...chromedp.QueryOption) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(""), append(o, chromedp.NodeVisible)...)
}

// pressTwice presses the same place twice as fast as it goes, whatever lies there
// the second time.
func pressTwice(o ...chromedp.QueryOption) chromedp.Action[chromedp.Void] {
	return chromedp.QueryAfter(chromedp.CSS(""), func(ctx context.Context, t *chromedp.Target, nodes []*chromedp.Node) (none chromedp.Void, err error) {
		at, err := cdp.Call(ctx, t, dom.GetContentQuads, dom.GetContentQuadsParams{NodeID: nodes[0].NodeID})
		if err != nil {
			return none, err
		}
		q := at.Quads[0]
		x, y := (q[0]+q[4])/2, (q[1]+q[5])/2
		return none, chromedp.Do(ctx, chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	}, append(o, chromedp.NodeVisible)...)
}

func enter(text string) func(...chromedp.QueryOption) chromedp.Action[chromedp.Void] {
	return func(o ...chromedp.QueryOption) chromedp.Action[chromedp.Void] {
		return chromedp.SendKeys(chromedp.CSS(""), text, append(o, chromedp.NodeVisible)...)
	}
}

// finds waits for an element of the pane that is seen.
func (c caseworker) finds(role, name string) {
	c.Helper()
	c.inPane("find "+role+" "+name, waitVisible, named(role, name))
}

// reads waits for words in the pane.
func (c caseworker) reads(words string) {
	c.Helper()
	c.inPane("read "+words, waitReady, named("StaticText", words))
}

func (c caseworker) presses(role, name string) {
	c.Helper()
	c.inPane("press "+name, press, named(role, name))
}

// choosesReply picks where replies go.
func (c caseworker) choosesReply(search, entry string) {
	c.Helper()
	c.inPane("search "+search, enter(search), named("combobox", "Replies go to"))
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
	return citizen{w.window(1280)}
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
