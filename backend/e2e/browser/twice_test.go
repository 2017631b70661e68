package browser

import (
	"testing"

	"senddigitally/backend/sandbox/outlook"
)

func TestADoubleClickSendsOnceAndTheReopenedPaneKnows(t *testing.T) {
	w := begin(t)
	c := w.caseworker()
	c.writes(outlook.Citizen, subject, "Dear citizen", decisionFile(t))
	c.opensPane()
	c.inPane("double click", pressTwice, named("button", "Send Digitally"))
	c.reads("Sent encrypted")
	code := c.code()
	if n := len(c.asked("POST", "/api/v1/transfers")); n != 1 {
		t.Errorf("the pane asked %d times to send", n)
	}
	w.only(outlook.Citizen, "Inbox")

	c.click(id("pane-close"))
	c.click(id("addin-Send.Button"))
	c.reads("Notified")
	c.picture("reopened")
	if again := c.code(); again != code {
		t.Errorf("the reopened pane shows the code %q, not %q", again, code)
	}
	if all := w.transfers(); len(all) != 1 || all[0].State != "live" {
		t.Errorf("transfers: %+v", all)
	}
	w.only(outlook.Citizen, "Inbox")
	w.only(outlook.Caseworker, "Sent Digitally")
	c.stayed(w.OutlookURL, w.StaffURL)
}
