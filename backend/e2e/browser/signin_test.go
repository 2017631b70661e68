package browser

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"senddigitally/backend/sandbox/outlook"
)

// ending lets every token end that has been handed out: they live an hour.
func (w *world) ending() { w.clock.forward(2 * time.Hour) }

func TestATokenThatEndsInTheMiddleIsRenewed(t *testing.T) {
	path, sum := large(t, 3<<20)
	w := begin(t)
	c := w.uploading(path)
	before := len(c.asked("POST", "/sim/token"))
	w.ending()
	c.line(-1, false)
	c.reads("Sent encrypted")
	if renewed := len(c.asked("POST", "/sim/token")) - before; before == 0 || renewed == 0 {
		t.Errorf("the pane was given %d tokens before and %d after the first had ended", before, renewed)
	}
	w.arrived(sum)
	w.only(outlook.Citizen, "Inbox")
}

func TestARefusedRenewalSendsNothingAndSaysSo(t *testing.T) {
	w := begin(t)
	c := w.caseworker()
	c.writes(outlook.Citizen, subject, "Dear citizen", decisionFile(t))
	c.opensPane()
	w.ending()
	her, err := w.Mail.Mailbox(outlook.Caseworker)
	if err != nil {
		t.Fatal(err)
	}
	w.Entra.Disable(her.ID, true)
	c.presses("button", "Send Digitally")
	c.reads("It was not sent")
	c.picture("refused")
	if said := c.text("[role=alert]", c.pane()); !strings.Contains(said, "Outlook could not sign you in. Check your connection and try again.") {
		t.Errorf("the pane says %q", said)
	}
	w.Entra.Disable(her.ID, false)
	c.presses("button", "Try again")
	c.reads("Sent encrypted")
	w.only(outlook.Citizen, "Inbox")
}

// shuts closes a window as the person does.
func (b *tab) shuts() {
	b.Helper()
	command(b, page.Close, cdp.Empty{})
}

// Where Outlook cannot sign in itself, a window of Office's does, with the real
// sign-in page and Entra's; whoever closes it may try again.
func TestAWindowSignsInWhereOutlookCannot(t *testing.T) {
	w := begin(t)
	c := w.caseworker()
	change, err := http.NewRequestWithContext(t.Context(), http.MethodPut, w.OutlookURL+"/sim/settings", strings.NewReader(`{"view": {"nestedAuth": false}}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(change)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	_ = answer.Body.Close()
	c.writes(outlook.Citizen, subject, "Dear citizen", decisionFile(t))
	c.click(id("addin-Send.Button"))
	c.click(id("window-allow"))
	c.popup("/authorize").shuts()
	c.reads("You were not signed in, because the window was closed.")
	c.picture("closed")
	c.presses("button", "Try again")
	c.click(id("window-allow"))
	c.popup("/authorize").click(`a[href*="login_hint=caseworker"]`)
	c.finds("button", "Send Digitally")
	c.presses("button", "Send Digitally")
	c.reads("Sent encrypted")
	w.only(outlook.Citizen, "Inbox")
}
