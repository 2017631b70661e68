package browser

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox"
	domain "senddigitally/backend/transfer"
)

// axe answers the source of axe-core from the add-in's development packages.
// TestEveryPageIsAccessible looks at each of the portal's pages in two languages,
// both colour schemes and two widths.
func TestEveryPageIsAccessible(t *testing.T) {
	source := chromium.Axe(t)
	w := begin(t, func(o *sandbox.Options) { o.Policy = func(p *domain.Policy) { p.CodeAttempts = 50 } })
	sent, link := w.sent(`{"language":"da","code":"generated"}`)
	for _, language := range []string{"da", "en"} {
		c := w.citizen()
		c.visits(w.PortalURL + "/?lang=" + language)
		look := func(name string) { c.Helper(); c.everyLook(language, name, source) }
		look("home")
		c.visits(link)
		look("link")
		c.enters("wrong")
		look("wrong-code")
		c.enters(sent.Code)
		look("message")
		failed := func() bool {
			return script[bool](c.tab, `(line => line.querySelector('[role=status]').textContent === line.dataset.failed)(document.querySelector('details.sum'))`)
		}
		c.line(-1, true)
		c.click("details.sum summary")
		w.eventually("the failure is said", failed)
		look("no-checksum")
		c.line(-1, false)
		c.click("details.sum summary")
		// A page that answers in its place, as a login page of a network does, is no checksum.
		sum := script[string](c.tab, `(line => { const link = line.querySelector('a'), href = link.href; link.href = location.href; line.querySelector('[role=status]').textContent = ''; return href })(document.querySelector('details.sum'))`)
		c.click("details.sum summary")
		w.eventually("a page is no checksum", failed)
		script[string](c.tab, `document.querySelector('details.sum a').href = `+strconv.Quote(sum))
		c.click("details.sum summary")
		c.click("details.sum summary")
		c.sees("details.sum code")
		look("checksum")
		c.typed("#text", answer)
		c.do("choose", chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{decisionFile(t)}))
		c.sees("#uploads .state:not(:empty)")
		look("upload")
		c.do("uploaded", chromedp.WaitEnabled(chromedp.CSS("#reply-form button[type=submit]")))
		c.follows("#reply-form button[type=submit]")
		look("receipt")
		c.visits(w.PortalURL + "/l/unknown")
		look("problem")
		c.stayed(w.PortalURL)
	}
	w.clock.forward(8 * 24 * time.Hour)
	for _, language := range []string{"da", "en"} {
		c := w.citizen()
		c.visits(link + "?lang=" + language)
		c.everyLook(language, "expired", source)
		c.stayed(w.PortalURL)
	}
}

// everyLook runs axe-core on the page as it is, in each scheme and width.
func (c citizen) everyLook(language, page, source string) {
	c.Helper()
	c.do("axe", chromedp.Evaluate[chromedp.Void](source+";void 0"))
	if got := script[string](c.tab, "document.documentElement.lang"); got != language {
		c.Errorf("%s is in %q, not %q", page, got, language)
	}
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1280, 320} {
			c.look(dark, width)
			name := fmt.Sprintf("%s-%s-%s-%d", page, language, map[bool]string{false: "light", true: "dark"}[dark], width)
			c.accessible(name)
			c.whole(name)
		}
	}
	c.look(false, 1280)
}

func (c citizen) accessible(name string) {
	c.Helper()
	faults := script[[]string](c.tab, `axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
		.then(({ violations }) => violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' ' + (n.any[0]?.message ?? ''))))`)
	if len(faults) > 0 {
		c.Errorf("%s:\n%s", name, strings.Join(faults, "\n"))
	}
	if wide := script[int64](c.tab, "document.documentElement.scrollWidth"); wide > c.width {
		c.Errorf("%s is %d px wide", name, wide)
	}
	small := script[[]string](c.tab, `[...document.querySelectorAll('a, button, input, summary, textarea')].filter((e) => {
		const { width, height } = e.getBoundingClientRect();
		return e.checkVisibility() && !e.matches('.ds-skip-link') && (width < 24 || height < 24);
	}).map((e) => e.outerHTML.slice(0, 80))`)
	if len(small) > 0 {
		c.Errorf("%s has targets below 24 px (WCAG 2.2, 2.5.8): %q", name, small)
	}
}
