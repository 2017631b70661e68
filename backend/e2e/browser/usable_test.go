package browser

import (
	"flag"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

var panes = flag.Int("panes", 1, "how often the pane is opened to measure it; from 7 on its limit holds")

// usable is the most that the pane may take from its navigation to its Send
// button, signed in, with the server warm.
const usable = time.Second

// whenUsable notes in the pane's own time when the button can be pressed.
const whenUsable = `if (location.pathname.endsWith('/taskpane.html')) {
	const look = new MutationObserver(() => {
		if (!document.querySelector('footer button:not(:disabled)')) return;
		look.disconnect();
		requestAnimationFrame(() => setTimeout(() => { window.usable = performance.now(); }));
	});
	look.observe(document, { childList: true, subtree: true, attributes: true });
}`

func TestThePaneIsSoonUsable(t *testing.T) {
	w := begin(t)
	c := w.caseworker()
	command(c.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: whenUsable})
	c.writes(outlook.Citizen, subject, "Dear citizen", decisionFile(t))
	c.opensPane() // the server is warm
	for _, kept := range []bool{false, true} {
		command(c.tab, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: !kept})
		var took []time.Duration
		for range *panes {
			took = append(took, c.reopened())
		}
		slices.Sort(took)
		median := took[len(took)/2]
		t.Logf("first usable pane, files in the browser's cache: %-5v  median %v of %v (must %v)", kept, median, took, usable)
		if *panes >= 7 && median > usable {
			t.Errorf("the pane takes %v", median)
		}
	}
}

// reopened closes the pane, opens it again, and answers how long that took.
func (c caseworker) reopened() time.Duration {
	c.Helper()
	c.click(id("pane-close"))
	c.click(id("addin-Send.Button"))
	frame := ask(c.tab, "pane", chromedp.Nodes(chromedp.CSS(id("pane-frame"))))[0]
	var ms float64
	c.eventually("the pane is usable", func() bool {
		got, err := chromedp.Run(c.ctx, chromedp.Poll[float64](`window.usable`, chromedp.WithPollingInFrame(frame)))
		ms = got
		return err == nil && got > 0
	})
	return time.Duration(ms * float64(time.Millisecond)).Round(time.Millisecond)
}
