package staffpages

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/routing/file"
)

// browser is a person's window.
type browser struct {
	*world
	ctx    context.Context
	script string // axe
}

func (w *world) opened() *browser {
	script := chromium.Axe(w.t)
	return &browser{w, chromium.Open(w.t), script}
}

// js evaluates an expression, which may be a promise.
func js[T any](b *browser, expression string, values ...any) T {
	b.t.Helper()
	return chromium.Run(b.t, b.ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, values...), chromedp.EvalAwaitPromise))
}

// sees waits until an expression holds.
func (b *browser) sees(what, expression string, values ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	condition := fmt.Sprintf("Boolean("+expression+")", values...)
	for {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition))
		if holds {
			return
		}
		select {
		case <-ctx.Done():
			page, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + ' ' + document.body.innerText"))
			b.t.Fatalf("never: %s (%v); the page: %s", what, err, page)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (b *browser) shows(text string) {
	b.t.Helper()
	b.sees(text, "document.body.innerText.includes(%q)", text)
}

// press clicks the button or link of a name.
func (b *browser) press(name string) {
	b.t.Helper()
	find := fmt.Sprintf("[...document.querySelectorAll('main button, header button, a')].find((e) => e.checkVisibility() && (e.getAttribute('aria-label') ?? e.innerText).trim() === %q)", name)
	b.sees("a button "+name, "%s", find)
	js[chromedp.Void](b, "%s.click(), void 0", find)
}

// types writes into the field of a label.
func (b *browser) types(label, text string) {
	b.t.Helper()
	find := fmt.Sprintf("[...document.querySelectorAll('label')].find((l) => l.checkVisibility() && l.innerText.replace('*', '').trim() === %q)?.control", label)
	b.sees("a field "+label, "%s", find)
	js[chromedp.Void](b, "%s.focus(), document.execCommand('insertText', false, %q), void 0", find, text)
}

func (b *browser) goes(address string) {
	b.t.Helper()
	chromium.Run(b.t, b.ctx, chromedp.Navigate(address))
}

// finds opens a page again and again until an expression holds there.
func (b *browser) finds(what, address, expression string) {
	b.t.Helper()
	b.until(what, func() bool { b.goes(address); return js[bool](b, "%s", expression) })
}

// signsIn opens a page and chooses whom to be.
func (b *browser) signsIn(address, who string) {
	b.t.Helper()
	b.goes(address)
	b.sees("the sign-in", "document.querySelector('a[href*=\"login_hint=%s\"]')", who)
	js[chromedp.Void](b, "document.querySelector('a[href*=\"login_hint=%s\"]').click(), void 0", who)
}

// drops lets files of random bytes fall onto the page and answers their SHA-256.
func (b *browser) drops(sizes map[string]int) map[string]string {
	b.t.Helper()
	sums := map[string]string{}
	for name, size := range sizes {
		sums[name] = js[string](b, `(async () => {
			const bytes = new Uint8Array(%d);
			for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
			const held = new DataTransfer();
			held.items.add(new File([bytes], %q));
			const zone = document.querySelector('[data-testid=drop]');
			for (const kind of ['dragover', 'drop']) zone.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
			return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join('');
		})()`, size, name)
	}
	return sums
}

// sends presses Send and waits until it has happened.
func (b *browser) sends() {
	b.t.Helper()
	js[chromedp.Void](b, `[...document.querySelectorAll('main button')].find((e) => e.checkVisibility() && e.innerText.trim() === 'Send Digitally').click(), void 0`)
	b.shows("Sent encrypted")
}

// fetched is the SHA-256 of what a link gives.
func (b *browser) fetched(name string) string {
	b.t.Helper()
	return js[string](b, `(async () => {
		const link = [...document.querySelectorAll('a[download]')].find((a) => a.download === %q);
		const answer = await fetch(link.href);
		const sum = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
		return answer.headers.get('Content-Disposition').split(';')[0] + ' ' + [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, '0')).join('');
	})()`, name)
}

// accessible holds the page against WCAG 2.2 AA as far as axe sees it, wide and
// 320 px narrow, light and dark. With SHOTS set to a folder it leaves pictures, in
// high contrast too.
func (b *browser) accessible(state string) {
	b.t.Helper()
	t := b.t
	for _, width := range []int64{1280, 320} {
		for _, scheme := range []string{"light", "dark"} {
			chromium.Run(t, b.ctx, chromedp.EmulateViewport(width, 900))
			if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
				t.Fatal(err)
			}
			b.sees(scheme, "['', %q].includes(document.documentElement.style.colorScheme)", scheme)
			js[chromedp.Void](b, "%s;void 0", b.script)
			faults := js[[]string](b, `axe.run({ exclude: [['iframe']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
				.then(({ violations }) => violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' '))))`)
			if wide := js[int](b, "document.documentElement.scrollWidth"); wide > int(width) {
				faults = append(faults, fmt.Sprintf("%d px wide", wide))
			}
			if len(faults) > 0 {
				t.Errorf("%s, %d px, %s:\n%s", state, width, scheme, strings.Join(faults, "\n"))
			}
			if folder := os.Getenv("SHOTS"); folder != "" {
				picture := chromium.Run(t, b.ctx, chromedp.CaptureScreenshot())
				_ = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", state, width, scheme)), picture, 0o644)
				if scheme == "dark" {
					b.contrasted(filepath.Join(folder, fmt.Sprintf("%s-%d-contrast.png", state, width)))
				}
			}
		}
	}
	chromium.Run(t, b.ctx, chromedp.EmulateViewport(1280, 900))
}

// contrasted draws the page in the colours that the system forces.
func (b *browser) contrasted(path string) {
	b.t.Helper()
	t := b.t
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: "dark"}, {Name: "forced-colors", Value: "active"}}}); err != nil {
		t.Fatal(err)
	}
	_ = os.WriteFile(path, chromium.Run(t, b.ctx, chromedp.CaptureScreenshot()), 0o644)
}

var (
	notice   = regexp.MustCompile(`/received/([0-9a-v]{34})\?lang=da`)
	pageLink = regexp.MustCompile(`/l/[0-9a-f]{2}`)
)

// O1 to O9 and J7: staff without Outlook send to a citizen and to a colleague,
// who signs in, reads, downloads and deletes.
func TestStaffWithoutOutlookSendAndReceive(t *testing.T) {
	w := start(t, string(file.Sample))
	b := w.opened()
	b.signsIn(w.StaffURL+"/send?lang=en", "caseworker")
	b.shows("Confidential message")
	b.accessible("empty")
	b.types("Add recipients", "Citizen <citizen@post.example>; colleague@municipality.example; nobody")
	b.press("Check and add")
	b.shows("Not added, because they are no e-mail addresses: nobody")
	b.shows("2 recipients")
	b.types("Subject", "The plans for the school")
	b.types("Confidential message", "Dear both,\n<b>these</b> are the plans.")
	sums := b.drops(map[string]int{"plans.bin": 9 << 20, "notes.bin": 100})
	b.shows("2 files")
	b.accessible("written")
	js[chromedp.Void](b, `(new MutationObserver(() => { const bar = document.querySelector('main [role=progressbar]'); if (bar) window.progressed = true; })
		.observe(document.body, { subtree: true, childList: true, attributes: true }), void 0)`)
	b.sends()
	if !js[bool](b, "window.progressed === true") {
		t.Error("no progress was shown")
	}
	b.shows("Access code to pass on") // the citizen needs it
	b.shows("Reads after signing in")
	b.accessible("sent")

	w.until("the citizen has her link", func() bool { return w.inMailbox(outlook.Citizen, "/l/") != nil })
	w.until("the colleague has her notice", func() bool { return w.inMailbox(outlook.Colleague, "/received/") != nil })
	mail := w.inMailbox(outlook.Colleague, "/received/").Body
	if pageLink.MatchString(mail) || !strings.Contains(mail, "logge ind med din arbejdskonto") {
		t.Errorf("the notice is %s", mail)
	}
	id := notice.FindStringSubmatch(mail)[1]
	foreign := js[int](b, "fetch('/api/v1/received/%s').then((a) => a.status)", id)
	b.goes(w.StaffURL + "/received/" + id + "?lang=en")
	b.shows("There is no such message for you.")
	if foreign != http.StatusNotFound {
		t.Errorf("who is no recipient gets %d", foreign)
	}
	b.press("Sign out")
	b.shows("You are signed out")

	colleague, err := w.Mail.Mailbox(outlook.Colleague)
	if err != nil {
		t.Fatal(err)
	}
	b.signsIn(w.StaffURL+"/received/"+id+"?lang=en", "colleague")
	b.press("Reply")
	b.shows("Reply to Caseworker")
	b.types("Confidential message", "They are fine.")
	b.accessible("reply")
	b.sends()
	b.shows("The recipients read it after signing in.")
	w.until("the caseworker has her notice", func() bool { return w.inMailbox(outlook.Caseworker, "/received/") != nil })
	b.press("Sign out")
	b.shows("You are signed out")
	w.Entra.Assign(colleague.ID) // no role is needed to receive
	b.signsIn(w.StaffURL+"/received/"+id+"?lang=en", "colleague")
	b.shows("The plans for the school")
	b.shows("From Caseworker")
	b.accessible("message")
	for name, sum := range sums {
		if got := b.fetched(name); got != "attachment "+sum {
			t.Errorf("%s comes as %s, not %s", name, got, sum)
		}
	}
	part := js[string](b, `fetch(document.querySelector('a[download]').href, { headers: { Range: 'bytes=10-19' } })
		.then(async (a) => a.status + ' ' + (await a.arrayBuffer()).byteLength + ' ' + a.headers.get('X-Content-Type-Options'))`)
	if part != "206 10 nosniff" {
		t.Errorf("a range comes as %s", part)
	}
	text := js[string](b, `fetch(document.querySelector('iframe').src).then(async (a) => a.headers.get('Content-Security-Policy').split(';')[0] + (await a.text()))`)
	if !strings.Contains(text, "&lt;b&gt;these&lt;/b&gt; are the plans.") || !strings.HasPrefix(text, "sandbox") {
		t.Errorf("the text is shown as %s", text)
	}
	if js[bool](b, "document.body.innerText.includes('My transfers')") {
		t.Error("who may not send is offered it")
	}
	if got := js[int](b, "fetch('/api/v1/received/%s', { method: 'DELETE' }).then((a) => a.status)", id); got != http.StatusUnauthorized {
		t.Errorf("without the session's token she deletes: %d", got)
	}
	if js[bool](b, "[...document.querySelectorAll('main button')].some((e) => e.innerText.trim() === 'Reply')") {
		t.Error("who may not send is offered to reply")
	}
	b.press("Back to the list")
	b.sees("the list", "document.querySelector('main li a')")
	b.accessible("list")
	b.press("The plans for the school")
	b.press("Delete")
	b.shows("The sender sees that you deleted it.")
	b.accessible("asked")
	b.press("Delete")
	b.shows("Deleted.")
	b.press("Back to the list")
	b.shows("You have received nothing that is still available.")
	if got := js[int](b, "fetch('/api/v1/received/%s').then((a) => a.status)", id); got != http.StatusNotFound {
		t.Errorf("what she deleted she gets with %d", got)
	}
	b.press("Sign out")
	b.shows("You are signed out")

	b.signsIn(w.StaffURL+"/sent?lang=en", "caseworker")
	b.press("The plans for the school")
	b.shows("Deleted by the recipient")
	b.shows("plans.bin: downloaded once")
	b.accessible("sender")

	b.press("Ask for files")
	b.types("Add recipients", outlook.Citizen)
	b.press("Check and add")
	b.shows("1 recipient")
	b.types("Subject", "Papers for your application")
	b.accessible("request")
	b.press("Send Digitally") // the tab of that name
	b.press("Ask for files")
	js[chromedp.Void](b, `[...document.querySelectorAll('main button')].find((e) => e.checkVisibility() && e.innerText.trim() === 'Send Digitally').click(), void 0`)
	b.shows("The request has been sent")
	b.accessible("requested")
	js[chromedp.Void](b, `(() => {
		const select = document.querySelector('header select');
		select.value = 'da';
		select.dispatchEvent(new Event('change', { bubbles: true }));
	})(), void 0`)
	b.shows("Anmodningen er sendt")
	b.sees("that it is remembered", `(fetch('/distribute').then((a) => a.text()).then((text) => { window.remembered = text.includes('<html lang="da"') }), window.remembered)`)
}
