package gallery

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"senddigitally/backend/e2e/chromium"
)

// focusable are the elements that a keyboard reaches, in the order of the page.
const focusable = `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
	.filter((e) => e.matches('.ds-skip-link') || e.checkVisibility()).map((e) => e.outerHTML)`

// TestEverythingIsReachedByKeyboardInOrderAndSeen goes through pages by Tab alone.
func TestEverythingIsReachedByKeyboardInOrderAndSeen(t *testing.T) {
	server, ctx := serve(t), chromium.Open(t)
	for _, name := range []string{"portal/en/link", "portal/en/link-expired", "portal/en/contact-wrong", "portal/en/contacts", "portal/en/message", "staff/en/desk", "staff/en/look"} {
		chromium.Run(t, ctx, chromedp.Navigate(server.URL+"/golden/"+name))
		want := chromium.Run(t, ctx, chromedp.Evaluate[[]string](focusable))
		for i, element := range want {
			chromium.Run(t, ctx, chromedp.KeyEvent(kb.Tab))
			if got := chromium.Run(t, ctx, chromedp.Evaluate[string]("document.activeElement.outerHTML")); got != element {
				t.Errorf("%s: Tab %d reaches %s, not %s", name, i+1, got, element)
				break
			}
			if !chromium.Run(t, ctx, chromedp.Evaluate[bool]("(() => { const s = getComputedStyle(document.activeElement); return document.activeElement.matches('.ds-skip-link') || s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()")) {
				t.Errorf("%s: the focus on %s is not seen", name, element)
			}
		}
	}
}

func TestTheMessagesFrameIsAsHighAsTheMessage(t *testing.T) {
	server, ctx := serve(t), chromium.Open(t)
	chromium.Run(t, ctx, chromedp.Navigate(server.URL+"/golden/portal/en/message-with-html"))
	for _, width := range []int64{1280, 320} {
		look(t, ctx, false, width, 800)
		chromium.Run(t, ctx, chromedp.Poll[bool](`(() => {
			const frame = document.querySelector('iframe.body'), page = frame.contentDocument?.documentElement;
			return page && page.offsetHeight > 300 && Math.abs(frame.offsetHeight - page.offsetHeight) < 6 && page.scrollHeight <= frame.offsetHeight;
		})()`, chromedp.WithPollingTimeout(15*time.Second)))
	}
}

func TestPrintingLeavesOutWhatIsForTheScreen(t *testing.T) {
	server, ctx := serve(t), chromium.Open(t)
	chromium.Run(t, ctx, chromedp.Navigate(server.URL+"/golden/portal/en/text"))
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	shown := chromium.Run(t, ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if !strings.Contains(shown, "please find the decision enclosed") || strings.Contains(shown, "Print this page") || strings.Contains(shown, "Deutsch") {
		t.Errorf("on paper: %s", shown)
	}
}

// TestASessionThatEndsSaysSoAndIsKeptOnRequest opens the message with a session
// of a few seconds.
func TestASessionThatEndsSaysSoAndIsKeptOnRequest(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, "backend/portal/testdata/pages/en/message.html"))
	if err != nil {
		t.Fatal(err)
	}
	kept := make(chan struct{}, 10)
	pages := serve(t).Config.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/message" {
			pages.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodHead {
			kept <- struct{}{}
		}
		_, _ = w.Write([]byte(strings.Replace(string(content), `data-life="1800"`, `data-life="6"`, 1)))
	}))
	t.Cleanup(server.Close)
	ctx := chromium.Open(t)
	chromium.Run(t, ctx, chromedp.Navigate(server.URL+"/message"))
	chromium.Run(t, ctx, chromedp.Poll[bool](`(() => {
		const stay = document.querySelector('#ending:not([hidden]) button');
		stay?.click();
		return Boolean(stay);
	})()`, chromedp.WithPollingTimeout(20*time.Second)))
	<-kept
	chromium.Run(t, ctx, chromedp.Poll[bool](`document.querySelector('#ending p').textContent.includes('has been closed')`, chromedp.WithPollingTimeout(20*time.Second)))
}
