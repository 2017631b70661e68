package outlook

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/mail"
)

func TestAMailTravelsFromTheCaseworkerToTheCitizenAndBack(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.do("first visit", chromedp.Navigate(b.outlook))
	b.sees(`[data-testid="guide"]`)
	b.picture("guide-1280-light")
	b.click("guide-sample")
	b.sees(`[data-testid="compose-attachment"]`)
	b.picture("sample-1280-light")
	b.click("compose-send")
	b.misses(`[data-testid="compose"]`)

	b.click("mailbox-"+Citizen, "message-row")
	b.sees(`[data-testid="attachment"][data-name="Decision.pdf"]`)
	b.sees(`[data-testid="reader-body"]`)
	b.picture("citizen-1280-light")
	b.click("reply")
	b.typed("compose-body", "Thank you")
	b.picture("reply-1280-light")
	b.click("compose-send")
	reply := b.only(Caseworker, mail.Inbox)
	if !strings.Contains(reply.Body, "Thank you") || reply.Subject != "Re: Your application for a place in day care" {
		t.Errorf("the reply is %q: %q", reply.Subject, reply.Body)
	}
	if len(reply.To) != 1 || reply.To[0].Address != Caseworker {
		t.Errorf("the reply went to %v", reply.To)
	}
}

func TestTheListFollowsWhatHappensElsewhere(t *testing.T) {
	s := newStage(t)
	b := s.browser(1280, 800)
	b.open(Caseworker + "/" + Technical)
	b.sees(`[data-testid="list-empty"]`)
	d, err := s.store.CreateDraft(Citizen, "", mail.Message{Subject: "Street light", Body: "Dark.", To: []mail.Address{{Address: Technical}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Send(Citizen, d.ID); err != nil {
		t.Fatal(err)
	}
	b.sees(`[data-testid="message-row"][data-subject="Street light"]`)
	arrived := s.only(Technical, mail.Inbox)
	if _, err := s.store.Update(Technical, arrived.ID, func(m *mail.Message) error { m.Categories = []string{"Lighting"}; return nil }); err != nil {
		t.Fatal(err)
	}
	b.sees(`[data-testid="message-row"] [data-testid="category"]`)
	b.click("message-row")
	s.eventually("it is read", func() bool { m, _ := s.store.Message(Technical, arrived.ID); return m.Read })
	b.click("headers")
	b.sees(`[data-testid="headers-text"]`)
	b.picture("headers-1280-light")
}

func TestADraftIsGoneOnWithAndDiscarded(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	b.click("compose-save", "tab-reader", "folder-drafts")
	b.misses(`[data-testid="compose"]:not([hidden])`)
	b.click("message-row")
	b.sees(`[data-testid="compose-attachment"][data-name="note.txt"]`)
	b.click("compose-detach")
	b.eventually("no attachment is left", func() bool { return len(b.only(Caseworker, mail.Drafts).Attachments) == 0 })
	b.click("compose-discard")
	b.only(Caseworker, mail.DeletedItems)
}

func TestADraftThatWasMovedAwayIsLeftAloneByClosing(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	b.click("compose-save")
	draft := b.only(Caseworker, mail.Drafts)
	folder, err := b.store.CreateFolder(Caseworker, mail.Root, "Sent Digitally")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Move(Caseworker, draft.ID, folder.ID); err != nil {
		t.Fatal(err)
	}
	b.click("compose-discard")
	b.misses(`[data-testid="compose"]`)
	b.click("folder-Sent Digitally")
	b.sees(`[data-testid="message-row"]`)
	if m := b.only(Caseworker, folder.ID); m.Subject != draft.Subject {
		t.Errorf("the folder holds %q", m.Subject)
	}
}

// pixel is a PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func TestAPictureTravelsInsideTheMessage(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	content, err := base64.StdEncoding.DecodeString(pixel)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "stamp.png")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	b.do("choose", chromedp.SetUploadFiles(chromedp.CSS(`[data-testid="compose-picture"]`), []string{file}))
	b.sees(`.editor img[data-cid]`)
	b.click("compose-send")
	m := b.only(Citizen, mail.Inbox)
	if len(m.Attachments) != 2 || !m.Attachments[1].Inline || !strings.Contains(m.Body, `src="cid:`+m.Attachments[1].ContentID+`"`) {
		t.Fatalf("body %q, attachments %d", m.Body, len(m.Attachments))
	}
	b.do("body", chromedp.Navigate(b.outlook+box(Citizen, "messages", m.ImmutableID, "body")))
	if width := ask(b, "measure", chromedp.Evaluate[float64](`document.images[0].naturalWidth`)); width != 1 {
		t.Errorf("the picture is %v px wide", width)
	}
}

func TestFilesAreDroppedIntoTheMessage(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.open(Caseworker)
	b.click("new-message")
	b.do("drop", chromedp.Evaluate[chromedp.Void](`(() => {
		const transfer = new DataTransfer();
		transfer.items.add(new File(['one'], 'one.txt', { type: 'text/plain' }));
		transfer.items.add(new File(['two'], 'two.txt', { type: 'text/plain' }));
		document.querySelector('[data-testid=compose]').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
	})()`))
	b.sees(`[data-testid="compose-attachment"][data-name="one.txt"]`)
	b.sees(`[data-testid="compose-attachment"][data-name="two.txt"]`)
	m := b.only(Caseworker, mail.Drafts)
	if len(m.Attachments) != 2 || string(m.Attachments[1].Content) != "two" || m.Attachments[1].ContentType != "text/plain" {
		t.Errorf("attachments: %v", m.Attachments)
	}
}

func TestALinkInAMessageOpensAWindowOfItsOwn(t *testing.T) {
	s := newStage(t)
	d, err := s.store.CreateDraft(Company, "", mail.Message{Subject: "Link", HTML: true, Body: `<a id="link" href="` + s.outlook + `/icon.svg">open</a>`, To: []mail.Address{{Address: Citizen}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Send(Company, d.ID); err != nil {
		t.Fatal(err)
	}
	b := s.browser(1280, 800)
	b.do("body", chromedp.Navigate(b.outlook+box(Citizen, "messages", s.only(Citizen, mail.Inbox).ImmutableID, "body")))
	opened := chromedp.WaitNewTarget(b.ctx, func(i *target.Info) bool { return strings.HasSuffix(i.URL, "/icon.svg") })
	b.do("follow", chromedp.Click(chromedp.CSS("#link")))
	select {
	case <-opened:
	case <-time.After(10 * time.Second):
		t.Error("no window opened in 10 s")
	}
}

func TestAnOlderOutlookLacksWhatCameLater(t *testing.T) {
	s := newStage(t)
	s.settings(map[string]any{"view": map[string]any{"mailboxSet": "1.7", "nestedAuth": false}})
	b := s.browser(1280, 800)
	b.written(Caseworker)
	b.click("addin-Send.Button")
	expect(t, b.report(), map[string]any{
		"attachments": false, "closing": false, "saving": true, "nested": false, "bridge": false,
	})
}

func TestOnAPhoneAddinsReadOnly(t *testing.T) {
	s := newStage(t)
	s.settings(map[string]any{"view": map[string]any{"phone": true}})
	b := s.browser(1280, 800)
	b.open(Caseworker)
	b.click("new-message")
	b.sees(`[data-testid="compose-send"]`)
	b.misses(`[data-testid^="addin-"]`)
	b.picture("phone-1280-light")
}

func TestNarrowWindows(t *testing.T) {
	b := newStage(t).browser(320, 640)
	b.do("first visit", chromedp.Navigate(b.outlook))
	b.sees(`[data-testid="guide"]`)
	b.picture("guide-320-light")
	b.click("guide-close", "menu")
	b.picture("menu-320-light")
	b.click("mailbox-" + Children)
	b.written(Caseworker)
	b.picture("compose-320-light")
	if wide := ask(b, "measure", chromedp.Evaluate[float64](`document.documentElement.scrollWidth`)); wide > 320 {
		t.Errorf("the page is %v px wide", wide)
	}
	b.click("addin-Send.Button")
	b.report()
	b.picture("pane-320-light")
	b.click("pane-close", "compose-back", "settings-open", "setting-view-dark")
	b.sees(`html[data-theme="dark"]`)
	b.picture("settings-320-dark")
	b.click("dialog-close")
	b.picture("list-320-dark")
}
