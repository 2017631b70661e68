package outlook

import (
	"strings"
	"testing"

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
