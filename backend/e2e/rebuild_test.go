package e2e_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/ledger"
	"senddigitally/backend/recovering"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

// rebuild replays the vault into an emptied Redis, and fails on what it could
// not read.
func (w *world) rebuild() recovering.Report {
	w.t.Helper()
	report, err := w.System.Recovering.Rebuild(w.t.Context(), false, func(recovering.Report) {})
	if err != nil || report.Failed > 0 {
		w.t.Fatalf("the rebuild ends with %+v: %v\n%s", report, err, w.warnings())
	}
	return report
}

// life is a world with a transfer in every state that a lost Redis must not
// change: each has its link and its code.
type life struct {
	*world
	live, answered, withdrawn, expired, partly, waiting letters
	reply                                               string // submission of the answer that waits
}

type letters struct {
	sent
	links []string
}

func (w *world) posted(subject string, to ...string) letters {
	w.t.Helper()
	l := letters{sent: w.send(letter(subject, "Dear citizen", to...))}
	for _, address := range to {
		l.links = append(l.links, w.link(address, 0))
	}
	return l
}

func (w *world) change(id transfer.ID, how string, body object) {
	w.t.Helper()
	if a := w.api("POST", "/api/v1/transfers/"+string(id)+"/"+how, body, nil); a.status != http.StatusOK {
		w.t.Fatalf("%s is answered %d %s", how, a.status, a.body)
	}
}

func (w *world) lives() life {
	w.t.Helper()
	l := life{world: w, live: w.posted("Live", "live@post.example"), answered: w.posted("Answered", "answered@post.example"),
		withdrawn: w.posted("Withdrawn", "withdrawn@post.example"), expired: w.posted("Expired", "expired@post.example"),
		partly: w.posted("Partly", "gone@post.example", "kept@post.example"), waiting: w.posted("Waiting", "waiting@post.example")}
	reply := w.replies(l.answered, "an answer that was delivered")
	w.until("the answer is delivered", func() bool { return w.phase(l.answered.ID, reply) == transfer.Delivered })
	w.change(l.withdrawn.ID, "withdraw", object{"erase": true})
	w.change(l.partly.ID, "withdraw", object{"recipient": "r1"})
	w.change(l.expired.ID, "extend", object{"expiresAt": w.now().Add(time.Minute)})
	w.pass(2 * time.Minute)
	if swept, err := w.System.Expiring.Sweep(w.t.Context()); err != nil || swept.Erased != 1 {
		w.t.Fatalf("the sweep erased %d: %v", swept.Erased, err)
	}
	w.Mail.Configure(func(s *mail.Settings) { s.Unavailable = true })
	l.reply = w.replies(l.waiting, "an answer that waits")
	return l
}

// replies answers a letter, demands the receipt, and returns the submission.
func (w *world) replies(l letters, text string) string {
	w.t.Helper()
	c := w.citizen()
	c.open(l.links[0], l.Code)
	id := submission()
	if page := c.reply(w.seat(l.ID), id, text); !receiptForm.MatchString(page.body) {
		w.t.Fatalf("the reply got no receipt: %d %s", page.status, page.body)
	}
	return id
}

func TestCase20_ALostRedisIsRebuiltFromTheVault(t *testing.T) {
	l := newWorld(t).lives()
	mails := l.invitations()
	must(t, l.redis.FlushAll(t.Context()).Err())
	l.standsStill()
	report := l.rebuild()
	if report.Restored != 6 || report.Tombstones != 2 { // 4 transfers and 2 replies
		t.Errorf("the rebuild reports %+v", report)
	}
	if a := l.api("GET", "/readyz", nil, nil); a.status != http.StatusOK {
		t.Errorf("after the rebuild readyz answers %d", a.status)
	}
	l.opensAsBefore()
	l.Mail.Configure(func(s *mail.Settings) { s.Unavailable = false })
	l.until("the waiting reply is delivered", func() bool {
		l.pass(time.Second)
		return l.phase(l.waiting.ID, l.reply) == transfer.Delivered
	})
	if _, err := l.System.Expiring.Sweep(t.Context()); err != nil {
		t.Errorf("after the rebuild sweeps do not run: %v", err)
	}
	for _, text := range []string{"an answer that was delivered", "an answer that waits"} {
		if n := len(l.inbox(outlook.CitizenService, text)); n != 1 {
			t.Errorf("%s lies %d times in the function mailbox", text, n)
		}
	}
	if now := l.invitations(); !maps.Equal(now, mails) {
		t.Errorf("there are other invitations than before: %v, not %v", now, mails)
	}
	l.opensAsBefore()
}

// standsStill: the loss is seen, nothing is erased, nothing leaves.
func (l life) standsStill() {
	l.t.Helper()
	if a := l.api("GET", "/readyz", nil, nil); a.status != http.StatusServiceUnavailable || a.problem() != "unavailable" {
		l.t.Errorf("without its ledger readyz answers %d %s", a.status, a.body)
	}
	if _, err := l.System.Expiring.Sweep(l.t.Context()); !errors.Is(err, ledger.ErrLost) {
		l.t.Errorf("without its ledger a sweep ends with %v", err)
	}
	l.until("the workers say that they stand still", func() bool { return strings.Contains(l.log.String(), "no jobs can be claimed") })
	if a := l.citizen().get(l.live.links[0]); a.status != http.StatusServiceUnavailable {
		l.t.Errorf("without its ledger a link answers %d", a.status)
	}
}

func (l life) opensAsBefore() {
	l.t.Helper()
	for _, link := range []struct {
		letters
		n, status int
	}{{l.live, 0, 200}, {l.answered, 0, 200}, {l.waiting, 0, 200}, {l.partly, 1, 200}, {l.partly, 0, 410}, {l.withdrawn, 0, 410}, {l.expired, 0, 410}} {
		page := l.citizen().open(link.links[link.n], link.Code)
		if page.status != link.status || strings.Contains(page.body, link.Subject) != (link.status == 200) {
			l.t.Errorf("the %s letter's link %d answers %d", link.Subject, link.n, page.status)
		}
	}
}

// invitations counts the mails with a link in every inbox.
func (w *world) invitations() map[string]int {
	counts := map[string]int{}
	for _, m := range w.Mail.Mailboxes() {
		counts[m.Address] = len(w.invited(m.Address))
	}
	return counts
}

// A worker dies between sending and noting it, or before; then Redis is lost,
// too. The journal has the intent, and nothing else knows of it.
func TestCase20_AnIntentWithoutAnOutcomeIsLookedUpAndNotResent(t *testing.T) {
	w := newWorld(t, idle)
	type begun struct {
		moment string
		id     transfer.ID
		to     string
	}
	var all []begun
	for entry, name := range []string{"the intent", "the draft's id", "the outcome"} {
		b := begun{name, "", fmt.Sprintf("citizen-%d@post.example", entry)}
		p := w.mortal(at(fmt.Sprintf("/journal.%010d", entry+1), name != "the outcome"))
		b.id = w.accepted(w.apiAt(p.staff, w.UserToken(outlook.Caseworker), "POST", "/api/v1/transfers",
			letter("Decision", "Dear citizen", b.to), idempotent(rand.Text())).transfer(w).ID).ID
		stop := w.work(p.System)
		w.dies(p)
		stop()
		all = append(all, b)
	}
	if n := len(w.invited(all[2].to)); n != 1 {
		t.Fatalf("killed at the outcome, but %d mails have left", n)
	}
	must(t, w.redis.FlushAll(t.Context()).Err())
	w.rebuild()
	before := w.Graph.Traffic(outlook.Service1).Requests + w.Graph.Traffic(outlook.Service2).Requests
	w.work(w.System)
	for _, b := range all {
		w.until("what came of the mail is known after a kill at "+b.moment, func() bool { return w.transfer(b.id).Recipients[0].State == "notified" })
		if n := len(w.invited(b.to)); n != 1 {
			t.Errorf("after a kill at %s and a rebuild %d mails reached the citizen", b.moment, n)
		}
	}
	if after := w.Graph.Traffic(outlook.Service1).Requests + w.Graph.Traffic(outlook.Service2).Requests; after == before {
		t.Error("nothing was looked up")
	}
	w.nothingLeft()
}

// The draft was made and noted, and is gone: it may have been sent. Nobody can
// know, so the recipient is shown as uncertain and gets no second mail.
func TestCase20_WhatCannotBeFoundAgainIsUncertainAndNotResent(t *testing.T) {
	w := newWorld(t, idle)
	p := w.mortal(at("/journal.0000000002", true))
	id := w.accepted(w.apiAt(p.staff, w.UserToken(outlook.Caseworker), "POST", "/api/v1/transfers",
		letter("Decision", "Dear citizen", outlook.Citizen), idempotent(rand.Text())).transfer(w).ID).ID
	stop := w.work(p.System)
	w.dies(p)
	stop()
	for _, mailbox := range []string{outlook.Service1, outlook.Service2} {
		drafts, err := w.Mail.Messages(mailbox, "", func(m *mail.Message) bool { return m.Draft })
		must(t, err)
		for _, m := range drafts {
			must(t, w.Mail.Delete(mailbox, m.ID))
			must(t, w.Mail.Delete(mailbox, m.ImmutableID))
		}
	}
	must(t, w.redis.FlushAll(t.Context()).Err())
	w.rebuild()
	w.work(w.mortal(at("/never", false)).System)
	w.until("the recipient is shown as uncertain", func() bool {
		w.pass(10 * time.Minute) // through the tries of a day
		return w.transfer(id).Recipients[0].State == "uncertain"
	})
	if n := len(w.invited(outlook.Citizen)); n != 0 {
		t.Errorf("%d mails were sent although one may have left before", n)
	}
}
