package outlook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/manifest"
)

const addinID = "11111111-2222-4333-8444-555555555555"

// stage is one simulated Outlook with a test pane on another origin.
type stage struct {
	*testing.T
	store   *mail.Store
	outlook string // origin
	reports chan map[string]any
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, reports: make(chan map[string]any, 8)}
	s.open(testTokens, s.pane())
	return s
}

// open starts the servers of pane and Outlook.
func (s *stage) open(tokens Tokens, paneHandler http.Handler) {
	s.Helper()
	s.store = mail.New(time.Now, mail.Defaults())
	if err := Seed(s.store); err != nil {
		s.Fatal(err)
	}
	pane := httptest.NewServer(paneHandler)
	s.Cleanup(pane.Close)
	document, err := manifest.XML(manifest.Definition{AppID: addinID, Version: "1.0", Provider: "Municipality", Base: pane.URL})
	if err != nil {
		s.Fatal(err)
	}
	handler, err := New(Config{Mail: s.store, Tokens: tokens, AddinOrigin: pane.URL, PortalOrigin: "http://portal.example", Manifest: document})
	if err != nil {
		s.Fatal(err)
	}
	outlook := httptest.NewServer(handler)
	s.Cleanup(func() { outlook.CloseClientConnections(); outlook.Close() })
	s.outlook = outlook.URL
}

func testTokens(_ context.Context, user, clientID string, scopes []string) (Token, error) {
	return Token{AccessToken: "access " + user + " " + clientID + " " + strings.Join(scopes, " "), IDToken: "id", ExpiresIn: 3600, TenantID: "tid", ObjectID: "oid", Environment: "login.example"}, nil
}

// pane serves the test pane and hands on what it reports.
func (s *stage) pane() http.Handler {
	mux := http.NewServeMux()
	file := func(w http.ResponseWriter, name, contentType string) {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			s.Error(err)
		}
		w.Header().Set("Content-Type", contentType)
		w.Write([]byte(strings.ReplaceAll(string(text), "{outlook}", s.outlook)))
	}
	mux.HandleFunc("GET /taskpane.html", func(w http.ResponseWriter, _ *http.Request) { file(w, "pane.html", "text/html") })
	mux.HandleFunc("GET /onsend.html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<script src="%s/office.js"></script>`, s.outlook) // without a handler everything may leave
	})
	mux.HandleFunc("GET /pane.js", func(w http.ResponseWriter, _ *http.Request) { file(w, "pane.js", "text/javascript") })
	mux.HandleFunc("GET /icons/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#0b6070"/></svg>`))
	})
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		var report map[string]any
		json.NewDecoder(r.Body).Decode(&report)
		s.reports <- report
	})
	return mux
}

// settings changes the simulation as the settings panel does.
func (s *stage) settings(change map[string]any) {
	s.Helper()
	text, err := json.Marshal(change)
	if err != nil {
		s.Fatal(err)
	}
	request, err := http.NewRequest("PUT", s.outlook+"/sim/settings", bytes.NewReader(text))
	if err != nil {
		s.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		s.Fatal(response, err)
	}
	response.Body.Close()
}

func (s *stage) report() map[string]any {
	s.Helper()
	select {
	case report := <-s.reports:
		return report
	case <-time.After(20 * time.Second):
		s.Fatal("the pane reported nothing in 20 s")
		return nil
	}
}

// browser is one window of Chromium.
type browser struct {
	*stage
	ctx context.Context
}

// running is one browser for all tests of the package; each gets a tab of its own.
var running = sync.OnceValues(func() (context.Context, error) {
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), chromium.Options("chromium")...)
	ctx, _ = chromedp.NewContext(ctx)
	closeChromium = func() { chromedp.Cancel(ctx); cancel() }
	return ctx, chromedp.Do(ctx)
})

var closeChromium = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeChromium()
	os.Exit(code)
}

func (s *stage) browser(width, height int64) *browser {
	s.Helper()
	chromium.Program(s)
	ctx, err := running()
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(ctx)
	s.Cleanup(cancel)
	b := &browser{s, ctx}
	if err := chromedp.Do(ctx); err != nil {
		s.Fatal(err)
	}
	b.do("window", chromedp.EmulateViewport(width, height))
	return b
}

// do runs steps one after the other; none may take longer than 15 s.
func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	for _, step := range steps {
		ask(b, what, step)
	}
}

// ask runs one step and answers its value.
func ask[T any](b *browser, what string, step chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 15*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	for err != nil && strings.Contains(err.Error(), "Could not find node") { // redrawn between finding and using
		value, err = chromedp.Run(ctx, step)
	}
	if err != nil {
		b.picture("failed")
		b.Fatalf("%s: %v", what, err)
	}
	return value
}

// open shows a place of the page without the guide.
func (b *browser) open(place string) {
	b.Helper()
	b.do("open "+place, chromedp.Navigate(b.outlook+"/?guide=off#/"+place), chromedp.WaitVisible(chromedp.CSS("body[data-ready]")))
}

func id(testid string) chromedp.CSS {
	return chromedp.CSS(`[data-testid="` + testid + `"]:not([hidden] *)`)
}

func (b *browser) click(testids ...string) {
	b.Helper()
	for _, t := range testids {
		b.do("click "+t, chromedp.Click(id(t), chromedp.NodeVisible))
	}
}

func (b *browser) typed(testid, text string) {
	b.Helper()
	b.do("type into "+testid, chromedp.SendKeys(id(testid), text, chromedp.NodeVisible))
}

func (b *browser) sees(selector string) {
	b.Helper()
	b.do("see "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// within answers the option that looks into a frame of the page.
func (b *browser) within(frame string) chromedp.QueryOption {
	b.Helper()
	return chromedp.FromNode(ask(b, "frame "+frame, chromedp.Nodes(id(frame)))[0])
}

func (b *browser) misses(selector string) {
	b.Helper()
	b.do("miss "+selector, chromedp.WaitNotPresent(chromedp.CSS(selector)))
}

// picture keeps a screenshot in the folder that OUTLOOK_PICTURES names.
func (b *browser) picture(name string) {
	b.Helper()
	folder := os.Getenv("OUTLOOK_PICTURES")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Log(err)
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		b.Error(err)
	}
}

// eventually waits for the store to hold something.
func (s *stage) eventually(what string, holds func() bool) {
	s.Helper()
	deadline, tick := time.After(10*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			s.Fatalf("not within 10 s: %s", what)
		case <-tick.C:
		}
	}
}

func (s *stage) only(mailbox, folder string) mail.Message {
	s.Helper()
	var found []mail.Message
	s.eventually("one message in "+folder+" of "+mailbox, func() bool {
		found, _ = s.store.LocalMessages(mailbox, folder)
		return len(found) == 1
	})
	return found[0]
}
