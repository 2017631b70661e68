package browser

import (
	"bytes"
	"encoding/base64"
	"flag"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

var drawn = flag.String("picture", "", "draw the README's picture anew into this file, relative to the repository's root")

// largest is how many bytes the picture may have.
const largest = 300_000

// TestThePictureOfTheTrial draws what the README shows, from a real run:
//
//	go test -tags nomsgpack ./backend/e2e/browser -run ThePicture -picture deploy/pictures/trial.png
func TestThePictureOfTheTrial(t *testing.T) {
	if *drawn == "" {
		t.Skip("no -picture asked for")
	}
	w := begin(t)
	c := w.caseworker()
	c.width = 1120
	c.look(false, c.width)
	code := c.sendsDecision()
	c.do("no pointer", chromedp.MouseEvent("mouseMoved", 400, 600))
	left := ask(c.tab, "Outlook", chromedp.CaptureScreenshot())

	p := w.citizen()
	p.look(false, 390)
	p.visits(w.link(outlook.Citizen) + "?lang=en")
	p.enters(code)
	p.text("body", p.frame("iframe.body"))
	right := ask(p.tab, "portal", chromedp.CaptureScreenshot())

	content := w.composed(left, right)
	if len(content) > largest {
		t.Errorf("the picture has %d bytes, more than %d", len(content), largest)
	}
	path := filepath.Join(root(t), *drawn)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

var frame = template.Must(template.New("").Parse(`<!doctype html><style>
body { margin: 0; padding: 20px; display: flex; gap: 20px; align-items: flex-start; background: #dfe6ea; }
img { display: block; border-radius: 8px; box-shadow: 0 2px 14px #0004; height: 632px; }
</style><img src="{{index . 0}}" alt=""><img src="{{index . 1}}" alt="">`))

// composed puts both pictures beside each other.
func (w *world) composed(pictures ...[]byte) []byte {
	w.Helper()
	var sources []template.URL
	for _, content := range pictures {
		sources = append(sources, template.URL("data:image/png;base64,"+base64.StdEncoding.EncodeToString(content)))
	}
	var document bytes.Buffer
	if err := frame.Execute(&document, sources); err != nil {
		w.Fatal(err)
	}
	b := w.window(1280)
	b.open("about:blank")
	top := command(b, page.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
	command(b, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: top, HTML: strings.TrimSpace(document.String())})
	b.do("both", chromedp.Poll[chromedp.Void](`document.images.length === 2 && [...document.images].every((i) => i.complete)`, chromedp.WithPollingTimeout(patience)))
	b.do("size", chromedp.EmulateViewport(1280, 672))
	return ask(b, "picture", chromedp.CaptureScreenshot())
}
