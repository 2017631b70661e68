package browser

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/outlook"
)

func TestAWithdrawnTransferSaysSo(t *testing.T) {
	w := begin(t)
	sent, link := w.sent(`{"language":"en","code":"generated"}`)
	c := w.citizen()
	c.visits(link)
	c.enters(sent.Code)
	c.sees("h1")
	w.ask("POST", "/api/v1/transfers/"+sent.ID+"/withdraw", `{}`, nil, &transfer{})
	c.ended(link, http.StatusGone, "This message has been withdrawn", "withdrawn")
	c.ended(w.PortalURL+"/m/"+sent.ID+"/r1", http.StatusGone, "This message has been withdrawn", "withdrawn-message")
	if all := w.transfers(); len(all) != 1 || all[0].State != "withdrawn" {
		t.Errorf("transfers: %+v", all)
	}
}

func TestAnExpiredTransferSaysSo(t *testing.T) {
	w := begin(t)
	sent, link := w.sent(`{"language":"en","code":"generated"}`)
	c := w.citizen()
	c.visits(link)
	c.enters(sent.Code)
	address := w.PortalURL + "/m/" + sent.ID + "/r1"
	w.clock.forward(8 * 24 * time.Hour)
	c.ended(link, http.StatusGone, "This message has expired", "expired")
	if status := c.visits(address); status == http.StatusOK || strings.Contains(c.text("body"), subject) {
		t.Errorf("the message is still shown, with %d", status)
	}
}

func TestAnUnknownLinkIsNotFound(t *testing.T) {
	w := begin(t)
	_, link := w.sent(`{"language":"en","code":"generated"}`)
	last := link[len(link)-1:]
	other := link[:len(link)-1] + map[bool]string{true: "B", false: "A"}[last == "A"]
	c := w.citizen()
	for _, address := range []string{other, w.PortalURL + "/l/short", w.PortalURL + "/elsewhere"} {
		c.ended(address, http.StatusNotFound, "Nothing was found here", "unknown")
	}
	w.only(outlook.Citizen, "Inbox")
}

// ended visits a page that has nothing to show any more.
func (c citizen) ended(address string, status int, heading, picture string) {
	c.Helper()
	if got := c.visits(address); got != status {
		c.Errorf("%s answers %d, not %d", picture, got, status)
	}
	if got := c.text("h1"); got != heading {
		c.Errorf("%s has the heading %q, not %q", picture, got, heading)
	}
	if strings.Contains(c.text("body"), subject) {
		c.Errorf("%s tells the subject", picture)
	}
	c.whole(picture)
}
