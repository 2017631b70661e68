package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

const retryAfter = 7 * time.Second

func TestCase27_AThrottledMailboxIsLeftAloneAndOthersGoOn(t *testing.T) {
	w := newWorld(t)
	w.Mail.Configure(func(s *mail.Settings) { s.RetryAfter = retryAfter })
	throttled := w.send(letter("Decision", "Dear citizen", "throttle@post.example")).ID
	var silent, other string
	w.until("one service mailbox is throttled", func() bool {
		silent, other = outlook.Service1, outlook.Service2
		if w.Graph.Traffic(other).Refused > 0 {
			silent, other = other, silent
		}
		return w.Graph.Traffic(silent).Refused > 0
	})
	before := w.Graph.Traffic(silent).Requests
	var ids []transfer.ID
	for i := 0; w.Graph.Traffic(other).Requests == 0 || i < 6; i++ {
		ids = append(ids, w.send(letter("Decision", "Dear citizen", fmt.Sprintf("citizen-%d@post.example", i))).ID)
	}
	w.until("the other mailbox goes on", func() bool { return w.count(ids, "notified") > 0 })
	if now := w.Graph.Traffic(silent).Requests; now != before {
		t.Errorf("%d requests for the throttled mailbox within its pause", now-before)
	}
	if got := w.transfer(throttled).Recipients[0].State; got != "waiting" {
		t.Errorf("the throttled mail is %s already", got)
	}
	w.pass(retryAfter + time.Second)
	w.until("everybody is notified", func() bool { return w.count(append(ids, throttled), "notified") == len(ids)+1 })
	if early := w.Graph.Traffic(silent).Early; early != 0 {
		t.Errorf("%d requests came before the pause was over", early)
	}
	if n := len(w.invited("throttle@post.example")); n != 1 {
		t.Errorf("%d mails reached the throttled recipient", n)
	}
}

// count says at how many transfers the first recipient is in a state.
func (w *world) count(ids []transfer.ID, state string) (n int) {
	for _, id := range ids {
		if w.transfer(id).Recipients[0].State == state {
			n++
		}
	}
	return n
}

func TestCase30_AMailThatLeftInSpiteOf504IsNotSentAgain(t *testing.T) {
	for name, delay := range map[string]time.Duration{"found at once": 0, "found late": 1500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Mail.Configure(func(s *mail.Settings) { s.TimeoutsAfterSend, s.SentItemDelay = 1, delay })
			id := w.send(letter("Decision", "Dear citizen", outlook.Citizen)).ID
			w.until("the mail arrives", func() bool { return len(w.invited(outlook.Citizen)) > 0 })
			w.until("the outcome is known", func() bool {
				w.pass(time.Second / 4) // towards the next try, not past the sent item's delay
				return w.transfer(id).Recipients[0].State == "notified"
			})
			if n := len(w.invited(outlook.Citizen)); n != 1 {
				t.Errorf("%d mails reached the citizen", n)
			}
			if w.Mail.Settings().TimeoutsAfterSend != 0 {
				t.Error("no send was answered with 504")
			}
		})
	}
}

func TestCase30_AReplyDeliveredInSpiteOf504LiesInItsMailboxOnce(t *testing.T) {
	w := newWorld(t)
	s := w.send(letter("Decision", "Dear citizen", outlook.Citizen))
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), s.Code)
	w.Mail.Configure(func(s *mail.Settings) { s.TimeoutsAfterSend = 1 })
	id := submission()
	c.reply(w.seat(s.ID), id, "my answer")
	w.until("the delivery is concluded", func() bool { return w.phase(s.ID, id) == transfer.Delivered })
	if n := len(w.inbox(outlook.CitizenService, "my answer")); n != 1 {
		t.Errorf("%d copies of the reply were delivered", n)
	}
}

// phase is where the reply of a transfer's first recipient stands.
func (w *world) phase(id transfer.ID, submission string) transfer.Phase {
	w.t.Helper()
	reply := w.Setup.Ring.Namer().ReplyID(sandbox.TenantID, id, "r1", submission)
	record, err := w.Setup.Ledger.Get(w.t.Context(), sandbox.TenantID, reply)
	must(w.t, err)
	return record.Phase
}
