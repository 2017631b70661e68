package browser

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
)

// running is one browser for all tests; each tab has cookies of its own. What it
// asks of another machine goes to the outside, which remembers and refuses it; the
// only certificate it then meets is that of the sandbox's Entra, which it cannot know.
var running = sync.OnceValues(func() (context.Context, error) {
	proxy, err := outside.listen()
	if err != nil {
		return nil, err
	}
	options := chromium.Options("chromium", chromedp.Flag("ignore-certificate-errors", true), chromedp.ProxyServer(proxy))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ = chromedp.NewContext(ctx)
	closeChromium = func() { _ = chromedp.Cancel(ctx); cancel() }
	return ctx, chromedp.Do(ctx)
})

var closeChromium = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeChromium()
	os.Exit(code)
}

// height is every window's, in CSS pixels.
const height = 800

// tab is one window of a person.
type tab struct {
	*world
	ctx      context.Context
	width    int64
	mu       sync.Mutex
	requests []request
}

type request struct {
	method, address string
	header          http.Header
}

// window opens a window with cookies of its own.
func (w *world) window(width int64) *tab {
	w.Helper()
	ctx, err := running()
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	w.Cleanup(cancel)
	b := &tab{world: w, ctx: ctx, width: width}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		w.Fatal(err)
	}
	command(b, network.Enable, network.EnableParams{})
	command(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Copenhagen"})
	b.do("window", chromedp.EmulateViewport(width, height))
	return b
}

func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := event.(*network.EventRequestWillBeSent); ok {
		header := http.Header{}
		for name, value := range e.Request.Headers {
			header.Set(name, fmt.Sprint(value))
		}
		b.requests = append(b.requests, request{e.Request.Method, e.Request.URL, header})
	}
}

// asked are the requests with that method to addresses with that part.
func (b *tab) asked(method, part string) []request {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []request
	for _, r := range b.requests {
		if r.method == method && strings.Contains(r.address, part) {
			found = append(found, r)
		}
	}
	return found
}

// stayed fails for requests to other origins than these.
func (b *tab) stayed(origins ...string) {
	b.Helper()
	for _, r := range b.asked("GET", "") {
		own := strings.HasPrefix(r.address, "data:") || strings.HasPrefix(r.address, "blob:") || strings.HasPrefix(r.address, "about:")
		for _, origin := range origins {
			own = own || strings.HasPrefix(r.address, origin+"/")
		}
		if !own {
			b.Errorf("a page asked %s", r.address)
		}
	}
	outside.empty(b.T)
}

// do runs steps one after the other.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	for _, step := range steps {
		ask(b, what, step)
	}
}

// ask runs one step and answers its value. What was redrawn between finding and
// using is looked for again.
func ask[T any](b *tab, what string, step chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	for err != nil && ctx.Err() == nil && (strings.Contains(err.Error(), "Could not find node") || strings.Contains(err.Error(), "does not belong to the document")) {
		value, err = chromedp.Run(ctx, step)
	}
	if err != nil {
		b.picture("failed")
		b.Fatalf("%s: %v", what, err)
	}
	return value
}

// command runs one command of the browser's protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) R {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, c, params)
	if err != nil {
		b.Fatal(err)
	}
	return result
}

func (b *tab) open(address string) {
	b.Helper()
	b.do("open "+address, chromedp.Navigate(address))
}

func (b *tab) click(selector string, options ...chromedp.QueryOption) {
	b.Helper()
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector), append(options, chromedp.NodeVisible)...))
}

func (b *tab) typed(selector, text string, options ...chromedp.QueryOption) {
	b.Helper()
	b.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text, append(options, chromedp.NodeVisible)...))
}

func (b *tab) sees(selector string, options ...chromedp.QueryOption) {
	b.Helper()
	b.do("see "+selector, chromedp.WaitVisible(chromedp.CSS(selector), options...))
}

func (b *tab) text(selector string, options ...chromedp.QueryOption) string {
	b.Helper()
	return strings.TrimSpace(ask(b, "text of "+selector, chromedp.Text(chromedp.CSS(selector), append(options, chromedp.NodeVisible)...)))
}

func script[T any](b *tab, source string) T {
	b.Helper()
	return ask(b, "evaluate", chromedp.Evaluate[T](source, chromedp.EvalAwaitPromise))
}

// frame answers the option that looks into a frame of the page.
func (b *tab) frame(selector string) chromedp.QueryOption {
	b.Helper()
	return chromedp.FromNode(ask(b, "frame "+selector, chromedp.Nodes(chromedp.CSS(selector)))[0])
}

// sandboxed answers a sandboxed frame of the page, which is a process of its own.
func (b *tab) sandboxed(origin, ending string) *tab {
	b.Helper()
	return b.other("a frame at "+ending, "iframe", func(address string) bool {
		return strings.HasPrefix(address, origin+"/") && strings.HasSuffix(address, ending)
	})
}

// popup is a window that this one's pages opened. Chromium does not draw it while
// another is in front: a picture of it never comes.
func (b *tab) popup(part string) *tab {
	b.Helper()
	return b.other("a window at "+part, "page", func(address string) bool { return strings.Contains(address, part) })
}

// other waits for a frame or window of this person's that is at an address.
func (b *tab) other(what, kind string, at func(address string) bool) *tab {
	b.Helper()
	var found target.ID
	b.eventually(what, func() bool {
		all, err := chromedp.Targets(b.ctx)
		if err != nil {
			b.Fatal(err)
		}
		for _, i := range all {
			if i.Type == kind && i.BrowserContextID == chromedp.FromContext(b.ctx).BrowserContextID && at(i.URL) {
				found = i.TargetID
			}
		}
		return found != ""
	})
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(found))
	b.Cleanup(cancel)
	return &tab{world: b.world, ctx: ctx}
}

// named finds elements by role and accessible name, as assistive technology does.
func named(role, name string) chromedp.QueryOption {
	return chromedp.ByFunc(func(ctx context.Context, t *chromedp.Target, from *chromedp.Node) ([]cdp.NodeID, error) {
		found, err := cdp.Call(ctx, t, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{NodeID: from.NodeID, AccessibleName: name, Role: role})
		if err != nil {
			return nil, err
		}
		var nodes []cdp.BackendNodeID
		for _, n := range found.Nodes {
			if !n.Ignored && n.BackendDOMNodeID != 0 {
				nodes = append(nodes, n.BackendDOMNodeID)
			}
		}
		if len(nodes) == 0 {
			return nil, nil
		}
		pushed, err := cdp.Call(ctx, t, dom.PushNodesByBackendIDsToFrontend, dom.PushNodesByBackendIDsToFrontendParams{BackendNodeIDs: nodes})
		return pushed.NodeIDs, err
	})
}

// look sets the colour scheme and the width.
func (b *tab) look(dark bool, width int64) {
	b.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	b.width = width
	b.do("width", chromedp.EmulateViewport(width, height))
}

// picture keeps what is shown now, in .artifacts/browser/<test>/.
func (b *tab) picture(name string) { b.keep(name, chromedp.CaptureScreenshot()) }

// whole keeps the page from top to bottom, in a window that is as high.
func (b *tab) whole(name string) {
	b.Helper()
	metrics := command(b, page.GetLayoutMetrics, cdp.Empty{})
	b.do("high window", chromedp.EmulateViewport(b.width, int64(metrics.CSSContentSize.Height)))
	b.picture(name)
	b.do("window", chromedp.EmulateViewport(b.width, height))
}

func (b *tab) keep(name string, shot chromedp.Action[[]byte]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	content, err := chromedp.Run(ctx, shot)
	if err != nil {
		b.Logf("no picture %s: %v", name, err)
		return
	}
	folder := filepath.Join(root(b), ".artifacts", "browser", b.Name())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), content, 0o644); err != nil {
		b.Fatal(err)
	}
}
