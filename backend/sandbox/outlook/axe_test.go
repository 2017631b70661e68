package outlook

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox/mail"
)

// axe answers the source of axe-core from the add-in's development packages.
// accessible runs axe-core on what is shown, without the frames of others.
func (b *browser) accessible(state, script string) {
	b.Helper()
	b.do("axe", chromedp.Evaluate[chromedp.Void](script+";void 0"))
	faults := ask(b, "axe "+state, chromedp.Evaluate[[]string](`axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
		.then(({ violations }) => violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' ' + (n.any[0]?.message ?? ''))))`, chromedp.EvalAwaitPromise))
	if len(faults) > 0 {
		b.Errorf("%s:\n%s", state, strings.Join(faults, "\n"))
	}
}

func TestEveryStateIsAccessible(t *testing.T) {
	script := chromium.Axe(t)
	s := newStage(t)
	d, err := s.store.CreateDraft(Citizen, "", mail.Message{Subject: "Question", Body: "Why?", To: []mail.Address{{Address: Children}}, Attachments: []mail.Attachment{{Name: "a.txt", Content: []byte("a")}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Send(Citizen, d.ID); err != nil {
		t.Fatal(err)
	}
	arrived := s.only(Children, mail.Inbox)
	if _, err := s.store.Update(Children, arrived.ID, func(m *mail.Message) error { m.Categories = []string{"Day care", "Urgent"}; return nil }); err != nil {
		t.Fatal(err)
	}
	s.walk(script, "light", 1280, arrived.ImmutableID)
	s.settings(map[string]any{"view": map[string]any{"dark": true}})
	s.walk(script, "dark", 320, arrived.ImmutableID)
}

func (s *stage) walk(script, theme string, width int64, message string) {
	s.Helper()
	b := s.browser(width, 800)
	look := func(state string) { b.Helper(); b.accessible(state+" "+theme, script) }
	b.open(Caseworker + "/" + Children)
	look("list")
	b.open(Caseworker + "/" + Children + "/inbox/" + message)
	b.sees(string(id("reader")))
	look("reader")
	b.picture("reader-" + theme)
	b.click("headers")
	look("headers")
	b.click("dialog-close", "guide-open")
	look("guide")
	b.click("dialog-close", "settings-open")
	look("settings")
	b.click("dialog-close")
	b.written(Caseworker)
	look("compose")
	b.click("addin-Send.Button")
	b.report()
	look("pane")
}
