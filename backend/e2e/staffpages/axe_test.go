package staffpages

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

// axe answers the source of axe-core from the add-in's development packages.
func axe(t *testing.T) string {
	for dir, _ := os.Getwd(); dir != "/"; dir = filepath.Dir(dir) {
		if script, err := os.ReadFile(filepath.Join(dir, "addin/node_modules/axe-core/axe.min.js")); err == nil {
			return string(script)
		}
	}
	t.Skip("axe-core is not installed in addin/node_modules")
	return ""
}

// tab opens one window of Chromium, for the duration of a test.
func tab(t *testing.T) context.Context {
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.NoFirstRun)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func run[T any](t *testing.T, ctx context.Context, step chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Every page, wide and 320 px narrow, keeps to WCAG 2.2 AA as far as axe sees
// it, in every language.
func TestStaffsPagesAreAccessible(t *testing.T) {
	script := axe(t)
	w := start(t, manualByDefault)
	w.mails(outlook.Intake, "Where does this belong?")
	w.mails("intake+day-care-places@municipality.example", "When can my child start?")
	page := w.signIn("/distribute")
	w.until("the mail is on the desk", func() bool { _, page = w.get(w.StaffURL + "/distribute"); return strings.Contains(page, "A question") })
	w.until("the other is delivered", func() bool { return w.inMailbox(outlook.Children, "When can") != nil })
	look := regexp.MustCompile(`/distribute/[0-9a-v]{34}`).FindString(page)
	reply := regexp.MustCompile(`/replies/[0-9a-v]{34}`).FindString(w.inMailbox(outlook.Children, "When can").Body)
	ctx := tab(t)
	run(t, ctx, chromedp.Navigate(w.StaffURL+"/distribute"))
	run(t, ctx, chromedp.Click(chromedp.CSS(`a[href*="login_hint=caseworker"]`)))
	run(t, ctx, chromedp.WaitVisible(chromedp.CSS("table")))
	check := func(state string) {
		t.Helper()
		run(t, ctx, chromedp.Evaluate[chromedp.Void](script+";void 0"))
		faults := run(t, ctx, chromedp.Evaluate[[]string](`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
			.then(({ violations }) => violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' '))))`, chromedp.EvalAwaitPromise))
		if len(faults) > 0 {
			t.Errorf("%s:\n%s", state, strings.Join(faults, "\n"))
		}
	}
	for _, width := range []int64{1280, 320} {
		run(t, ctx, chromedp.EmulateViewport(width, 800))
		for _, language := range []string{"en", "da", "nb", "sv", "de", "nl"} {
			for _, path := range []string{"/distribute", look, reply, "/replies/unknown"} {
				run(t, ctx, chromedp.Navigate(w.StaffURL+path+"?lang="+language))
				check(path[:8] + " " + language)
			}
		}
	}
	run(t, ctx, chromedp.Navigate(w.StaffURL+look))
	run(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('#to').value = 'technical/roads'; document.querySelector('[formaction]').click(); void 0`))
	run(t, ctx, chromedp.WaitVisible(chromedp.CSS("#rule")))
	check("proposal")
	run(t, ctx, chromedp.Navigate(w.StaffURL+"/distribute?q=nothing+like+this"))
	check("empty desk")
}
