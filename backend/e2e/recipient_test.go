package e2e_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

const citizenService = outlook.CitizenService

// ask presses "ask for a new link".
func (c citizen) ask(address, contact string) answer {
	c.w.t.Helper()
	form := url.Values{"contact": {contact}}.Encode()
	return c.w.exchange(c.http, c.w.request("POST", address+"/ask", strings.NewReader(form), asForm))
}

// told are the mails in an inbox that have a text, waited for.
func (w *world) told(mailbox, text string) []mail.Message {
	w.t.Helper()
	anywhere := func() []mail.Message { // a delivered reply may have been put in its folder already
		found, _ := w.Mail.Messages(mailbox, "", func(m *mail.Message) bool { return strings.Contains(m.Body, text) })
		return found
	}
	w.until("a mail with "+text+" reaches "+mailbox, func() bool { return len(anywhere()) > 0 })
	return anywhere()
}

func path(link string) string { address, _, _ := strings.Cut(link, "?"); return address }

func TestAnExpiredLinkCanBeAskedForAgainBeforeAndAfterItsErasure(t *testing.T) {
	w := newWorld(t)
	s := w.send(letter("Decision about your child", "Dear citizen", outlook.Citizen))
	link := w.link(outlook.Citizen, 0)
	w.pass(8 * 24 * time.Hour)
	c := w.citizen()
	page := c.get(link)
	if page.status != 410 || strings.Contains(page.body, "Decision") || !strings.Contains(page.body, "Ask for a new link") {
		t.Fatalf("the expired link answers %d: %s", page.status, page.body)
	}
	for range 3 {
		if a := c.ask(path(link), "Please call 12 34 56 78"); a.status != 200 || strings.Contains(a.body, "Decision") {
			t.Fatalf("asking is answered with %d: %s", a.status, a.body)
		}
	}
	wish := w.told(citizenService, "12 34 56 78")
	if len(wish) != 1 || !strings.Contains(wish[0].Subject, "Decision about your child") || !strings.Contains(wish[0].Body, outlook.Caseworker) {
		t.Errorf("the mailbox got %d wishes: %v", len(wish), wish)
	}
	if alerts := w.told(outlook.Caseworker, "A new link is asked for by: "+outlook.Citizen); len(alerts) != 1 {
		t.Errorf("the sender was told %d times", len(alerts))
	}

	s = w.send(letter("Decision", "Dear citizen", outlook.Citizen))
	link = w.link(outlook.Citizen, 1)
	if a := w.api("POST", "/api/v1/transfers/"+string(s.ID)+"/withdraw", object{"erase": true}, nil); a.status != 200 {
		t.Fatalf("withdraw: %d %s", a.status, a.body)
	}
	if blobs, _ := w.storedBlobs(s.ID); len(blobs) != 0 {
		t.Fatalf("the erasure left %v", blobs)
	}
	if page = c.get(link); page.status != 410 || !strings.Contains(page.body, "Ask for a new link") {
		t.Errorf("the erased link answers %d", page.status)
	}
	if a := c.ask(path(link), "It is about my child"); a.status != 200 {
		t.Fatalf("asking is answered with %d", a.status)
	}
	wish = w.told(citizenService, "It is about my child")
	if len(wish) != 1 || strings.Contains(wish[0].Subject, "Decision") || !strings.Contains(wish[0].Body, "has been erased") {
		t.Errorf("the mailbox got %v", wish)
	}
	if a := c.ask(w.PortalURL+"/l/0a"+strings.Repeat("x", 43), ""); a.status != 404 {
		t.Errorf("an unknown link is answered with %d", a.status)
	}
	if got := w.inbox(outlook.Citizen, "receipt"); len(got) != 0 {
		t.Error("a wish that nobody proved was answered with a receipt")
	}
}

func TestANewLinkLeavesTheOldOneDeadAndEndsALockOut(t *testing.T) {
	w := newWorld(t)
	s := w.send(letter("Decision", "Dear citizen", outlook.Citizen))
	old := w.link(outlook.Citizen, 0)
	c := w.citizen()
	var locked answer
	for range 6 {
		locked = c.open(old, "wrong")
	}
	if locked.status != 429 || !strings.Contains(locked.body, "Ask for a new link") {
		t.Fatalf("after six wrong codes: %d %s", locked.status, locked.body)
	}
	if alerts := w.told(outlook.Caseworker, "Too many wrong codes, or too many codes asked for, at the link of: "+outlook.Citizen); len(alerts) != 1 {
		t.Errorf("the sender was told %d times", len(alerts))
	}
	a := w.api("POST", "/api/v1/transfers/"+string(s.ID)+"/relink", object{"recipient": "r1"}, nil)
	if a.status != 200 {
		t.Fatalf("relink: %d %s", a.status, a.body)
	}
	link := w.link(outlook.Citizen, 1)
	if link == old {
		t.Fatal("the new link is the old one")
	}
	if a := c.get(old); a.status != 404 {
		t.Errorf("the old link answers %d", a.status)
	}
	if a := c.open(link, s.Code); a.status != 200 || !strings.Contains(a.body, "Dear citizen") {
		t.Errorf("the new link is opened with %d", a.status)
	}
	for recipient, want := range map[string]int{"r9": 400, "": 400} {
		if a := w.api("POST", "/api/v1/transfers/"+string(s.ID)+"/relink", object{"recipient": recipient}, nil); a.status != want {
			t.Errorf("relink of %q is answered with %d", recipient, a.status)
		}
	}
}

func TestWhoWantsItConfirmedIsToldThatItWasSent(t *testing.T) {
	w := newWorld(t)
	request := letter("Decision", "Dear citizen", outlook.Citizen, outlook.Company)
	request["options"].(object)["confirmUpload"] = true
	w.send(request)
	confirmed := w.told(outlook.Caseworker, "The notification has been sent to: "+outlook.Citizen+", "+outlook.Company)
	if len(confirmed) != 1 || strings.Contains(confirmed[0].Body+confirmed[0].Subject, "Decision") {
		t.Errorf("the confirmations are %v", confirmed)
	}
}

func TestTheSenderIsToldInOneMailAndTheReplierHasAReceipt(t *testing.T) {
	w := newWorld(t)
	request := letter("Decision", "Dear citizen", outlook.Citizen)
	request["options"].(object)["notifyOnOpen"] = true
	s := w.send(request)
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), s.Code)
	a := c.reply(w.seat(s.ID), rand.Text(), "Thank you")
	number := receiptForm.FindString(a.body)
	if number == "" {
		t.Fatalf("no receipt: %d %s", a.status, a.body)
	}
	if receipts := w.told(outlook.Citizen, number); len(receipts) != 1 || strings.Contains(receipts[0].Body, "Thank you") || strings.Contains(receipts[0].Subject, "Decision") {
		t.Errorf("the receipts are %v", receipts)
	}
	if early := w.inbox(outlook.Caseworker, "Opened by"); len(early) != 0 {
		t.Error("the sender was told at once instead of in one mail")
	}
	w.pass(11 * time.Minute)
	alerts := w.told(outlook.Caseworker, "Opened by: "+outlook.Citizen)
	if len(alerts) != 1 || !strings.Contains(alerts[0].Body, "Replied to by: "+outlook.Citizen) || strings.Contains(alerts[0].Body+alerts[0].Subject, "Decision") {
		t.Errorf("the alerts are %v", alerts)
	}
	w.pass(6 * 24 * time.Hour)
	if unread := w.inbox(outlook.Caseworker, "Not opened yet"); len(unread) != 0 {
		t.Error("an opened message is unread")
	}
}

func TestWhoHasNotOpenedIsRemindedOnceAndTheSenderTold(t *testing.T) {
	w := newWorld(t)
	codeless := letter("Invitation", "Dear company", outlook.Company)
	codeless["options"] = object{"language": "en", "code": "none"}
	read := w.send(codeless)
	if page := w.citizen().open(w.link(outlook.Company, 0), ""); !strings.Contains(page.body, "Dear company") {
		t.Fatalf("without a code it is opened with %d", page.status)
	}
	s := w.send(letter("Decision", "Dear citizen", outlook.Citizen))
	w.link(outlook.Citizen, 0)
	w.until("both are notified", func() bool {
		return w.transfer(s.ID).Recipients[0].State == "notified" && w.transfer(read.ID).Recipients[0].State == "notified"
	})
	w.pass(5*24*time.Hour + 7*time.Hour)
	reminder := w.told(outlook.Citizen, "You have not yet opened the secure message")
	if len(reminder) != 1 || !strings.HasPrefix(reminder[0].Subject, "Reminder: ") {
		t.Errorf("reminders: %v", reminder)
	}
	if unread := w.told(outlook.Caseworker, "Not opened yet by: "+outlook.Citizen); len(unread) != 1 {
		t.Errorf("the sender was told %d times", len(unread))
	}
	if mails := append(w.inbox(outlook.Company, "You have not yet opened"), w.inbox(outlook.Caseworker, "Not opened yet by: "+outlook.Company)...); len(mails) > 0 {
		t.Errorf("who has read what needs no code is said not to have: %v", mails)
	}
	w.pass(24 * time.Hour)
	if a := w.citizen().open(w.link(outlook.Citizen, 1), s.Code); a.status != 200 {
		t.Errorf("the reminder's link is opened with %d", a.status)
	}
	if again := w.inbox(outlook.Citizen, "You have not yet opened"); len(again) != 1 {
		t.Errorf("reminded %d times", len(again))
	}
}

func TestAMessageIsKeptAsArchiveMailAndTextWithTheConversation(t *testing.T) {
	w := newWorld(t)
	key := rand.Text()
	w.upload(key, "u1", "a.pdf", "application/pdf", []byte("first"))
	w.upload(key, "u2", "a.pdf", "application/pdf", []byte("second"))
	request := letter("Decision", "Dear citizen", outlook.Citizen)
	request["uploads"] = []string{"u1", "u2"}
	s := w.accepted(w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w).ID)
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), s.Code)
	number := receiptForm.FindString(c.reply(w.seat(s.ID), rand.Text(), "My first answer").body)
	archive := c.get(w.seat(s.ID) + "/all.zip")
	if archive.status != 200 || archive.broken != nil || !strings.HasPrefix(archive.body, "PK") || !strings.Contains(archive.body, "a (2).pdf") {
		t.Errorf("the archive: %d %v", archive.status, archive.broken)
	}
	if m := c.get(w.seat(s.ID) + "/message.eml"); m.status != 200 || !strings.Contains(m.body, "Subject: Decision") || strings.Count(m.body, "filename=a.pdf") != 2 {
		t.Errorf("the mail: %d %s", m.status, m.body)
	}
	text := c.get(w.seat(s.ID) + "/text")
	if text.status != 200 || !strings.Contains(text.body, "Dear citizen") || !strings.Contains(text.body, "My first answer") || !strings.Contains(text.body, number) {
		t.Errorf("the text: %d %s", text.status, text.body)
	}
	if state := w.transfer(s.ID).Recipients[0].State; state != "replied" {
		t.Errorf("the recipient is %s", state)
	}
}

// piece sends bytes of a resumable upload from an offset; a connection that is
// to break after some of them announces more than it sends.
func (c citizen) piece(address string, at int, content []byte, breaks bool) answer {
	c.w.t.Helper()
	r := c.w.request("PATCH", address, bytes.NewReader(content), http.Header{"Tus-Resumable": {"1.0.0"},
		"Content-Type": {"application/offset+octet-stream"}, "Upload-Offset": {strconv.Itoa(at)}})
	if breaks {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))+1000
		_, err := c.http.Do(r)
		if err == nil {
			c.w.t.Fatal("the broken piece was answered")
		}
		return answer{}
	}
	return c.w.exchange(c.http, r)
}

func TestCase42_AnUploadThatBreaksIsResumedAndArrivesWhole(t *testing.T) {
	w := newWorld(t)
	s := w.send(letter("Decision", "Dear citizen", outlook.Citizen))
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), s.Code)
	number := rand.Text()
	content := random(3 << 20)
	created := c.w.exchange(c.http, w.request("POST", w.seat(s.ID)+"/replies/"+number+"/uploads", nil, http.Header{"Tus-Resumable": {"1.0.0"},
		"Upload-Length": {strconv.Itoa(len(content))}, "Upload-Metadata": {"filename cGhvdG8uanBn,filetype aW1hZ2UvanBlZw=="}}))
	if created.status != 201 {
		t.Fatalf("%d %s", created.status, created.body)
	}
	at := w.PortalURL + created.header.Get("Location")
	c.piece(at, 0, content[:1<<20], true)
	var offset int
	w.until("what came before the break is there", func() bool {
		head := w.exchange(c.http, w.request("HEAD", at, nil, http.Header{"Tus-Resumable": {"1.0.0"}}))
		offset, _ = strconv.Atoi(head.header.Get("Upload-Offset"))
		return offset > 0
	})
	if offset != 1<<20 {
		t.Errorf("%d bytes of the broken piece are kept", offset)
	}
	if early := c.reply(w.seat(s.ID), number, "My answer"); early.status != 409 || !strings.Contains(early.body, "My answer") {
		t.Errorf("sent with half a file: %d", early.status)
	}
	for _, wrong := range []int{0, offset - 1, offset + 1} {
		if a := c.piece(at, wrong, content[:1], false); a.status != 409 {
			t.Errorf("case 43: a piece at %d of %d: %d", wrong, offset, a.status)
		}
	}
	if last := c.piece(at, offset, content[offset:], false); last.status != 204 || last.header.Get("Upload-Offset") != strconv.Itoa(len(content)) {
		t.Fatalf("the rest: %d %s", last.status, last.body)
	}
	if a := c.reply(w.seat(s.ID), number, "My answer"); receiptForm.FindString(a.body) == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	delivered := w.told(citizenService, "My answer")
	if len(delivered) != 1 || len(delivered[0].Attachments) != 1 || !bytes.Equal(delivered[0].Attachments[0].Content, content) {
		t.Error("the file is not what was sent")
	}
	if late := c.piece(at, 0, content[:1], false); late.status != 409 {
		t.Errorf("after the reply was sent: %d", late.status)
	}
}

// upload sends one file of a reply in one piece, resumably.
func (c citizen) upload(seat, number, name string, content []byte) (created, sent answer) {
	c.w.t.Helper()
	created = c.w.exchange(c.http, c.w.request("POST", seat+"/replies/"+number+"/uploads", nil, http.Header{"Tus-Resumable": {"1.0.0"},
		"Upload-Length": {strconv.Itoa(len(content))}, "Upload-Metadata": {"filename " + base64.StdEncoding.EncodeToString([]byte(name))}}))
	return created, c.piece(c.w.PortalURL+created.header.Get("Location"), 0, content, false)
}

var codeForm = regexp.MustCompile(`Your code: ([A-Z0-9-]+)`)

func TestSomebodyWritesFirstAndReachesTheMailboxOfTheContactPoint(t *testing.T) {
	w := newWorld(t)
	c := w.citizen()
	list := c.get(w.PortalURL + "/en/contact")
	if list.status != 200 || !strings.Contains(list.body, "/en/contact/children/day-care") {
		t.Fatalf("the contact points: %d %s", list.status, list.body)
	}
	form := url.Values{"name": {"Robin Example"}, "phone": {"12 34 56 78"}, "address": {outlook.Citizen}}
	send := func(values url.Values) answer {
		return c.w.exchange(c.http, w.request("POST", w.PortalURL+"/en/contact/children/day-care", strings.NewReader(values.Encode()), asForm))
	}
	if a := send(url.Values{"name": {"Robin"}, "address": {"nobody"}}); a.status != 400 || !strings.Contains(a.body, `href="#address"`) {
		t.Errorf("without an address: %d", a.status)
	}
	page := send(form)
	if page.status != 200 || !strings.Contains(page.body, "Enter your code") {
		t.Fatalf("%d %s", page.status, page.body)
	}
	codeMail := w.told(outlook.Citizen, "Your code: ")[0]
	if strings.Contains(codeMail.Body, "/l/") || strings.Contains(codeMail.Body, "Robin") {
		t.Errorf("the mail with the code says too much: %s", codeMail.Body)
	}
	action := regexp.MustCompile(`action="(/l/[^"]+)"`).FindStringSubmatch(page.body)[1]
	if a := c.open(w.PortalURL+action, "WRONG-CODE"); a.status != 403 {
		t.Errorf("a wrong code: %d", a.status)
	}
	open := c.open(w.PortalURL+action, codeForm.FindStringSubmatch(codeMail.Body)[1])
	seat := regexp.MustCompile(`data-seat="([^"]+)"`).FindStringSubmatch(open.body)
	if open.status != 200 || seat == nil || !strings.Contains(open.body, "Send the message") {
		t.Fatalf("%d %s", open.status, open.body)
	}
	sent := c.reply(w.PortalURL+seat[1], rand.Text(), "We need a place from March", enclosure{"form.pdf", "application/pdf", []byte("form")})
	number := receiptForm.FindString(sent.body)
	delivered := w.told(outlook.Children, "We need a place from March")
	if len(delivered) != 1 || len(delivered[0].Attachments) != 1 || !strings.Contains(delivered[0].Body, "Robin Example") || strings.HasPrefix(delivered[0].Subject, "Re:") {
		t.Errorf("delivered: %v", delivered)
	}
	if receipts := w.told(outlook.Citizen, number); len(receipts) != 1 {
		t.Errorf("%d receipts", len(receipts))
	}
	for i := range 4 {
		if a := send(form); (a.status == 429) != (i >= 2) {
			t.Errorf("the %d. code to one address in an hour, by one visitor: %d", i+2, a.status)
		}
	}
	if a := c.get(w.PortalURL + "/en/contact/children/nothing"); a.status != 404 {
		t.Errorf("an unknown contact point: %d", a.status)
	}
}
