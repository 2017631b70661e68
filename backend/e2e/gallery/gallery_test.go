// Package gallery opens every page and state in Chromium, as the golden tests of
// the portal, of staff's pages and of the mails have written them: axe-core looks
// at each in every language, light and dark, wide and narrow, and a person can
// look at the pictures in .artifacts/gallery (make gallery).
//
// Invariant: what is shown is the committed golden page with the real style
// sheet and theme; nothing is asked of another machine.
//
// Failure: a fault is named with its page; the findings of the accessibility
// statement that differ from the committed ones fail the test. Without Chromium
// or axe-core the tests are skipped with that reason.
package gallery

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/portal"
	"senddigitally/backend/transfer"
)

var (
	update   = flag.Bool("update", false, "write the findings of the accessibility statement anew")
	pictures = flag.String("pictures", "", "draw the pages of these languages, such as da,de")
	only     = flag.String("only", ".", "look at pages whose name this expression finds")
	whole    = flag.Bool("whole", false, "look at every page in every language, and hold the accessibility statement against it")
)

const root = "../../.."

// shown is one golden page.
type shown struct{ area, lang, name string }

func (s shown) path() string { return "/golden/" + s.area + "/" + s.lang + "/" + s.name }

// all finds the golden pages of every area.
func all(t *testing.T) []shown {
	t.Helper()
	var pages []shown
	for area, pattern := range map[string]string{"portal": "backend/portal/testdata/pages/*/*.html", "staff": "backend/staff/testdata/pages/*/*.html"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no golden pages of %s: %v", area, err)
		}
		for _, file := range files {
			pages = append(pages, shown{area, filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".html")})
		}
	}
	mails, err := filepath.Glob(filepath.Join(root, "backend/notifying/testdata/*.html"))
	if err != nil || len(mails) == 0 {
		t.Fatalf("no golden mails: %v", err)
	}
	for _, file := range mails {
		name, lang, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".html"), ".")
		pages = append(pages, shown{"mail", lang, name})
	}
	wanted := regexp.MustCompile(*only)
	return slices.DeleteFunc(pages, func(s shown) bool { return s.name == "body" || !wanted.MatchString(s.area+"/"+s.name) })
}

// serve is the pages with what they load.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	real, err := portal.New(portal.Config{Service: transfer.Organisation{Name: "Municipality"}, Log: slog.New(slog.DiscardHandler),
		Organisation: func(transfer.TenantID) transfer.Organisation { return transfer.Organisation{Name: "Municipality"} }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", real)
	mux.Handle("/staff/", http.StripPrefix("/staff", real))
	mux.HandleFunc("/golden/{area}/{lang}/{name}", func(w http.ResponseWriter, r *http.Request) {
		file := filepath.Join(root, "backend", r.PathValue("area"), "testdata/pages", r.PathValue("lang"), r.PathValue("name")+".html")
		if r.PathValue("area") == "mail" {
			file = filepath.Join(root, "backend/notifying/testdata", r.PathValue("name")+"."+r.PathValue("lang")+".html")
		}
		http.ServeFile(w, r, file)
	})
	mux.HandleFunc("/m/{id}/{recipient}/body", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(root, "backend/portal/testdata/pages/en/body.html"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// look sets the colour scheme and the size of the window.
func look(t *testing.T, ctx context.Context, dark bool, width, height int64) {
	t.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	features := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, features); err != nil {
		t.Fatal(err)
	}
	chromium.Run(t, ctx, chromedp.EmulateViewport(width, height))
}

// axe answers the source of axe-core from the add-in's development packages.
// faults are what axe finds on the page as it is, what is wider than the window,
// and targets below 24 px (WCAG 2.2, 2.5.8).
const faults = `(async () => {
	const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
	if (!location.pathname.includes('/mail/')) runOnly.push('best-practice'); // such as landmarks, which a mail has not
	const { violations, incomplete } = await axe.run(document, { iframes: false, resultTypes: ['violations', 'incomplete'], runOnly });
	const found = violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ')));
	for (const { nodes } of incomplete) { // text of the colour of its ground, of which axe doubts that it is text
		for (const n of nodes) if (n.any.some(({ data }) => data?.messageKey === 'equalRatio')) found.push('invisible: ' + n.target.join(' '));
	}
	if (document.documentElement.scrollWidth > innerWidth) found.push('reflow: ' + document.documentElement.scrollWidth + ' px');
	for (const e of document.querySelectorAll('a, button, input, select, summary, textarea')) {
		const { width, height } = e.getBoundingClientRect();
		if (e.checkVisibility() && !e.matches('.ds-skip-link, [type=hidden]') && (width < 24 || height < 24)) found.push('target-size: ' + e.outerHTML.slice(0, 80));
	}
	return found;
})()`

func TestEveryPageAndStateIsAccessible(t *testing.T) {
	source := chromium.Axe(t)
	server, ctx := serve(t), chromium.Open(t)
	pages := all(t)
	if !*whole {
		pages = inTurn(pages)
	}
	var wrong []string
	begun := time.Now()
	for i, s := range pages {
		if i%50 == 0 {
			t.Logf("%d of %d pages after %v", i, len(pages), time.Since(begun).Round(time.Second))
		}
		chromium.Run(t, ctx, chromedp.Navigate(server.URL+s.path()))
		chromium.Run(t, ctx, chromedp.Evaluate[chromedp.Void](source+";void 0"))
		for _, dark := range []bool{false, true} {
			width := []int64{320, 1280}[(i+map[bool]int{false: 0, true: 1}[dark])%2] // each page wide and narrow, light and dark
			look(t, ctx, dark, width, 800)
			for _, fault := range chromium.Run(t, ctx, chromedp.Evaluate[[]string](faults, chromedp.EvalAwaitPromise)) {
				if s.area == "portal" {
					wrong = append(wrong, s.name+": "+fault)
				}
				t.Errorf("%s %d dark=%v: %s", s.path(), width, dark, fault)
			}
		}
	}
	if *whole && *only == "." {
		compare(t, ctx, wrong)
	}
}

// inTurn leaves each page in one language, another for the next page.
func inTurn(pages []shown) []shown {
	languages := map[string][]string{}
	for _, s := range pages {
		key := s.area + "/" + s.name
		languages[key] = append(languages[key], s.lang)
	}
	names := slices.Sorted(maps.Keys(languages))
	return slices.DeleteFunc(pages, func(s shown) bool {
		key := s.area + "/" + s.name
		return languages[key][slices.Index(names, key)%len(languages[key])] != s.lang
	})
}

// compare holds the findings of the accessibility statement, which is about the
// recipients' pages, against these.
func compare(t *testing.T, ctx context.Context, wrong []string) {
	t.Helper()
	const file = root + "/backend/portal/accessibility.json"
	var was portal.Findings
	content, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(content, &was)
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(wrong)
	is := portal.Findings{Standard: "WCAG 2.2 AA", Tool: "axe-core " + chromium.Run(t, ctx, chromedp.Evaluate[string]("axe.version")),
		Faults: append([]string{}, slices.Compact(wrong)...), Date: was.Date}
	same := is.Tool == was.Tool && is.Standard == was.Standard && slices.Equal(is.Faults, was.Faults)
	switch {
	case same:
	case !*update:
		t.Errorf("the accessibility statement says %+v, the tests %+v: run this test with -update, then the portal's golden tests", was, is)
	default:
		is.Date = time.Now().UTC().Format(time.DateOnly)
		content, err := json.MarshalIndent(is, "", "\t")
		if err == nil {
			err = os.WriteFile(file, append(content, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestThePicturesOfEveryPage draws every page from top to bottom, at 320 and
// 1280 px, a mail at 600, light and dark.
func TestThePicturesOfEveryPage(t *testing.T) {
	if *pictures == "" {
		t.Skip("no -pictures asked for")
	}
	server, ctx := serve(t), chromium.Open(t)
	for _, s := range all(t) {
		if !slices.Contains(strings.Split(*pictures, ","), s.lang) {
			continue
		}
		wide := int64(1280)
		if s.area == "mail" {
			wide = 600
		}
		for _, width := range []int64{320, wide} {
			for _, dark := range []bool{false, true} {
				draw(t, ctx, server.URL+s.path(), s, dark, width)
			}
		}
	}
}

func draw(t *testing.T, ctx context.Context, address string, s shown, dark bool, width int64) {
	t.Helper()
	look(t, ctx, dark, width, 600)
	chromium.Run(t, ctx, chromedp.Navigate(address))
	metrics, err := chromedp.Call(ctx, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	look(t, ctx, dark, width, max(600, int64(metrics.CSSContentSize.Height)))
	name := s.area + "-" + s.name + "-" + s.lang + "-" + map[bool]string{false: "light", true: "dark"}[dark] + "-" + map[bool]string{true: "narrow", false: "wide"}[width == 320] + ".png"
	folder := filepath.Join(root, ".artifacts/gallery")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), chromium.Run(t, ctx, chromedp.CaptureScreenshot()), 0o644); err != nil {
		t.Fatal(err)
	}
}
