package browser

import (
	"strings"
	"testing"
	"time"

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
