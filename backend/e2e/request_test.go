package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

// request asks somebody for something, and says nothing more.
func request(what, to string) object {
	r := letter("Papers for the application", "", to)
	r["options"].(object)["request"] = what
	r["options"].(object)["language"] = "da"
	return r
}

func TestARequestForOneReplyBringsOneToTheMailboxAndIsThenSpent(t *testing.T) {
	w := newWorld(t)
	s := w.send(request("once", outlook.Citizen))
	link := w.link(outlook.Citizen, 0)
	asks := w.invited(outlook.Citizen)[0]
	if !strings.Contains(asks.Body, "en sikker anmodning om tekst eller filer") || strings.Contains(asks.Body+asks.Subject, "Papers") {
		t.Errorf("the mail says %s: %s", asks.Subject, asks.Body)
	}
	c := w.citizen()
	page := c.open(link, s.Code)
	if page.status != http.StatusOK || !strings.Contains(page.body, "Du kan sende én gang gennem dette link") {
		t.Fatalf("the request is shown with %d: %s", page.status, page.body)
	}
	for _, name := range []string{"passport.pdf", "payslip.pdf"} { // two visits whose text is refused, and whose files are kept
		a := c.replyFrom(c.get(w.seat(s.ID)).body, w.seat(s.ID), strings.Repeat("x", 100_001), enclosure{name, "application/pdf", []byte(name)})
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, name) {
			t.Errorf("too long a text is answered with %d: %s", a.status, a.body)
		}
	}
	const many = 6
	answers := make([]answer, many)
	var sending sync.WaitGroup
	for n := range many {
		sending.Go(func() {
			answers[n] = c.reply(w.seat(s.ID), submission(), "Reply number "+strconv.Itoa(n))
		})
	}
	sending.Wait()
	receipts := map[string]int{}
	for _, a := range answers {
		if number := receiptForm.FindString(a.body); a.status == http.StatusOK && number != "" {
			receipts[number]++
		} else if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Reply number") {
			t.Errorf("too late: %d %s", a.status, a.body)
		}
	}
	if len(receipts) != 1 {
		t.Errorf("the receipts are %v", receipts)
	}
	if delivered := w.told(citizenService, "Reply number"); len(delivered) != 1 || !strings.Contains(delivered[0].Subject, "Papers for the application") || len(delivered[0].Attachments) != 2 {
		t.Errorf("delivered: %v", delivered)
	}
	if page = c.get(w.seat(s.ID)); page.status != http.StatusOK || strings.Contains(page.body, "reply-form") || !strings.Contains(page.body, "Du har sendt det, du blev bedt om") {
		t.Errorf("the spent link shows, with %d: %s", page.status, page.body)
	}
	if got := w.transfer(s.ID); got.Recipients[0].State != "replied" {
		t.Errorf("who asked sees %+v", got)
	}
}

func TestARequestForManyTakesThemUntilItIsWithdrawnOrExpires(t *testing.T) {
	w := newWorld(t)
	late := map[string]int{"withdrawn": http.StatusGone, "expired": http.StatusForbidden} // the session is over, too
	for name, ends := range map[string]func(s sent){
		"withdrawn": func(s sent) { w.api("POST", "/api/v1/transfers/"+string(s.ID)+"/withdraw", object{}, nil) },
		"expired":   func(sent) { w.pass(8 * 24 * time.Hour) },
	} {
		s := w.send(request("many", name+"@post.example"))
		c := w.citizen()
		link := w.link(name+"@post.example", 0)
		c.open(link, s.Code)
		for _, text := range []string{"the first", "the second"} {
			if a := c.reply(w.seat(s.ID), submission(), text, enclosure{"paper.pdf", "application/pdf", []byte(text)}); receiptForm.FindString(a.body) == "" {
				t.Fatalf("%s: %s is answered with %d: %s", name, text, a.status, a.body)
			}
		}
		ends(s)
		if a := c.reply(w.seat(s.ID), submission(), "too late"); a.status != late[name] {
			t.Errorf("%s: after that, %d", name, a.status)
		}
		if a := c.get(link); a.status != http.StatusGone {
			t.Errorf("%s: the link answers %d", name, a.status)
		}
	}
}

func TestACallerWhoDoesNotSendCannotFillTheStorage(t *testing.T) {
	w := newWorld(t, func(o *sandbox.Options) {
		o.Policy = func(p *transfer.Policy) { p.Quotas = transfer.Quotas{Caller: transfer.Quota{UnsentBytes: 3 << 20}} }
	})
	keys := []string{submission(), submission(), submission()}
	for _, key := range keys {
		if a := w.upload(key, "u1", "a.bin", "application/octet-stream", random(1<<20)); a.status != http.StatusCreated {
			t.Fatalf("within the quota: %d %s", a.status, a.body)
		}
	}
	one := func() int {
		return w.upload(submission(), "u1", "a.bin", "application/octet-stream", random(1<<20)).status
	}
	if status := one(); status != http.StatusTooManyRequests {
		t.Errorf("beyond the quota: %d", status)
	}
	if a := w.api("DELETE", "/api/v1/uploads/"+keys[0]+"/u1", nil, http.Header{"Tus-Resumable": {"1.0.0"}}); a.status != http.StatusNoContent {
		t.Fatalf("removing is answered with %d", a.status)
	}
	if status := one(); status != http.StatusCreated {
		t.Errorf("after one was removed: %d", status)
	}
	letter := letter("Plans", "", outlook.Citizen)
	letter["uploads"] = []string{"u1"}
	w.accepted(w.api("POST", "/api/v1/transfers", letter, idempotent(keys[1])).transfer(w).ID)
	w.until("what was sent makes room", func() bool { return one() == http.StatusCreated })
	if status := one(); status != http.StatusTooManyRequests {
		t.Errorf("then: %d", status)
	}
}

func TestGuestsFillNeitherTheStorageNorAMailbox(t *testing.T) {
	w := newWorld(t, func(o *sandbox.Options) {
		o.Policy = func(p *transfer.Policy) {
			p.Quotas = transfer.Quotas{Network: transfer.Quota{UnsentBytes: 3 << 20}, Mailbox: transfer.Quota{Messages: 2}}
		}
	})
	s := w.send(letter("Decision", "Dear citizen", outlook.Citizen))
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), s.Code)
	before := len(w.files("vault"))
	for range 3 {
		if _, a := c.upload(w.seat(s.ID), submission(), "a.bin", random(1<<20)); a.status != http.StatusNoContent {
			t.Fatalf("within the quota: %d %s", a.status, a.body)
		}
	}
	full := len(w.files("vault"))
	for range 20 {
		if a, _ := c.upload(w.seat(s.ID), submission(), "a.bin", []byte("x")); a.status != http.StatusTooManyRequests || a.problem() != "quota_reached" {
			t.Fatalf("beyond the quota: %d %s", a.status, a.body)
		}
	}
	if a := c.reply(w.seat(s.ID), submission(), "My answer", enclosure{"a.bin", "", random(1 << 20)}); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "My answer") {
		t.Errorf("by the form: %d %s", a.status, a.body)
	}
	if now := len(w.files("vault")); now-full > 30 || full == before { // the records of what began, and no bytes
		t.Errorf("%d files before, %d at the quota, %d beyond it", before, full, now)
	}
	for n, want := range []int{200, 200, 429} {
		if a := c.reply(w.seat(s.ID), submission(), "short"); a.status != want {
			t.Errorf("message %d is answered with %d", n+1, a.status)
		}
	}
}

// A team asks from its own mailbox: the mailbox is who asks, the answer comes to it,
// and a colleague follows the request there.
func TestAMailboxAsks(t *testing.T) {
	w := newWorld(t)
	draft, err := w.Mail.SaveDraft(outlook.Children, mail.Message{Subject: "Papers for the application", To: []mail.Address{{Address: outlook.Citizen}}})
	must(t, err)
	s := w.send(object{"draftId": draft.ID, "mailbox": outlook.Children,
		"options": object{"language": "en", "code": "generated", "request": "once", "replyMailbox": "children"}})
	c := w.citizen()
	if page := c.open(w.link(outlook.Citizen, 0), s.Code); !strings.Contains(page.body, outlook.Children) || strings.Contains(page.body, outlook.Caseworker) {
		t.Errorf("the mailbox that asks is not the sender: %s", page.body)
	}
	if a := c.reply(w.seat(s.ID), submission(), "Here they are"); a.status != http.StatusOK {
		t.Fatalf("the answer: %d %s", a.status, a.body)
	}
	if delivered := w.told(outlook.Children, "Here they are"); len(delivered) != 1 {
		t.Errorf("delivered: %v", delivered)
	}
	asked := w.apiAt(w.StaffURL, w.UserToken(outlook.Colleague), "POST", "/api/v1/transfers/search", object{"mailbox": outlook.Children}, nil)
	if asked.status != http.StatusOK || !strings.Contains(asked.body, string(s.ID)) {
		t.Errorf("a colleague finds, with %d: %s", asked.status, asked.body)
	}
}
