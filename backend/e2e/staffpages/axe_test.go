package staffpages

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox/outlook"
)

// axe answers the source of axe-core from the add-in's development packages.
// Every page, wide and 320 px narrow, keeps to WCAG 2.2 AA as far as axe sees
// it, in every language.
func TestStaffsPagesAreAccessible(t *testing.T) {
	script := chromium.Axe(t)
	w := start(t, manualByDefault)
	w.mails(outlook.Intake, "Where does this belong?")
	w.mails("intake+day-care-places@municipality.example", "When can my child start?")
	page := w.signIn("/distribute")
	w.until("the mail is on the desk", func() bool { _, page = w.get(w.StaffURL + "/distribute"); return strings.Contains(page, "A question") })
	w.until("the other is delivered", func() bool { return w.inMailbox(outlook.Children, "When can") != nil })
	look := regexp.MustCompile(`/distribute/[0-9a-v]{34}`).FindString(page)
	reply := regexp.MustCompile(`/replies/[0-9a-v]{34}`).FindString(w.inMailbox(outlook.Children, "When can").Body)
	ctx := chromium.Open(t)
	chromium.Run(t, ctx, chromedp.Navigate(w.StaffURL+"/distribute"))
	chromium.Run(t, ctx, chromedp.Click(chromedp.CSS(`a[href*="login_hint=caseworker"]`)))
	chromium.Run(t, ctx, chromedp.WaitVisible(chromedp.CSS("table")))
	check := func(state string) {
		t.Helper()
		chromium.Run(t, ctx, chromedp.Evaluate[chromedp.Void](script+";void 0"))
		faults := chromium.Run(t, ctx, chromedp.Evaluate[[]string](`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
			.then(({ violations }) => violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' '))))`, chromedp.EvalAwaitPromise))
		if len(faults) > 0 {
			t.Errorf("%s:\n%s", state, strings.Join(faults, "\n"))
		}
	}
	for _, width := range []int64{1280, 320} {
		chromium.Run(t, ctx, chromedp.EmulateViewport(width, 800))
		for _, language := range []string{"en", "da", "nb", "sv", "de", "nl"} {
			for _, path := range []string{"/distribute", look, reply, "/replies/unknown"} {
				chromium.Run(t, ctx, chromedp.Navigate(w.StaffURL+path+"?lang="+language))
				check(path[:8] + " " + language)
			}
		}
	}
	chromium.Run(t, ctx, chromedp.Navigate(w.StaffURL+look))
	chromium.Run(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('#to').value = 'technical/roads'; document.querySelector('[formaction]').click(); void 0`))
	chromium.Run(t, ctx, chromedp.WaitVisible(chromedp.CSS("#rule")))
	check("proposal")
	chromium.Run(t, ctx, chromedp.Navigate(w.StaffURL+"/distribute?q=nothing+like+this"))
	check("empty desk")
}
