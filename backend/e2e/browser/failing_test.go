package browser

import (
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

func TestAFailedSendIsTriedAgainUnderItsKey(t *testing.T) {
	w := begin(t)
	c := w.caseworker()
	c.writes(outlook.Citizen, subject, "Dear citizen", decisionFile(t))
	c.opensPane()
	const pause = 5 * time.Minute
	w.Mail.Configure(func(s *mail.Settings) { s.Unavailable, s.RetryAfter = true, pause })
	c.presses("button", "Send Digitally")
	c.reads("It was not sent")
	if said := c.text("[role=alert]", c.pane()); !strings.Contains(said, "Outlook cannot take the request at the moment. Please wait a little and try again.") {
		t.Errorf("the pane says %q", said)
	}
	c.picture("1-failed")
	if all := w.transfers(); len(all) != 1 || all[0].State != "failed" || all[0].Reason != "outlook_busy" {
		t.Errorf("transfers: %+v", all)
	}
	w.Mail.Configure(func(s *mail.Settings) { s.Unavailable = false })
	w.clock.forward(pause)
	c.presses("button", "Try again")
	c.reads("Sent encrypted")
	c.picture("2-sent")
	posts := c.asked("POST", "/api/v1/transfers")
	if len(posts) != 2 || posts[0].header.Get("Idempotency-Key") == "" || posts[0].header.Get("Idempotency-Key") != posts[1].header.Get("Idempotency-Key") {
		t.Errorf("the pane asked %d times to send, under other keys", len(posts))
	}
	w.only(outlook.Citizen, "Inbox")
}

func TestAThrottledRecipientIsReachedAndADeniedOneIsShown(t *testing.T) {
	w := begin(t)
	w.Mail.Configure(func(s *mail.Settings) { s.RetryAfter = time.Second })
	c := w.caseworker()
	c.writes("throttle@post.example; denied@post.example", subject, "Dear citizens")
	c.opensPane()
	c.presses("button", "Send Digitally")
	c.reads("Sent encrypted")
	w.eventually("both recipients are settled", func() bool {
		all := w.transfers()
		if len(all) != 1 {
			return false
		}
		states := map[string]string{}
		for _, r := range all[0].Recipients {
			states[r.Address] = r.State
		}
		return states["throttle@post.example"] == "notified" && states["denied@post.example"] == "undeliverable"
	})
	w.only("throttle@post.example", "Inbox")
	c.click(id("pane-close"))
	c.click(id("addin-Send.Button"))
	c.reads("Could not be reached")
	c.reads("Notified")
	c.picture("states")
}
