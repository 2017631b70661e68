// Package staffpages runs staff's pages from end to end: a browser's requests,
// the simulated Entra's sign-in, and the real product behind.
package staffpages

import (
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/routing/file"
)

type world struct {
	*sandbox.Sandbox
	t       testing.TB
	browser *http.Client
}

func start(t testing.TB, routing string, distributors ...string) *world {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{Routing: []byte(routing), Distributors: distributors})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &world{s, t, &http.Client{Jar: sandbox.Cookies()}}
}

func (w *world) get(address string) (int, string) {
	w.t.Helper()
	answer, err := w.browser.Get(address)
	return w.read(answer, err)
}

func (w *world) post(path string, form url.Values) (int, string) {
	w.t.Helper()
	answer, err := w.browser.PostForm(w.StaffURL+path, form)
	return w.read(answer, err)
}

func (w *world) read(answer *http.Response, err error) (int, string) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

var choice = regexp.MustCompile(`href="(\?[^"]*login_hint=caseworker[^"]*)"`)

// signIn opens a page, is led to Entra, and chooses whom to be.
func (w *world) signIn(path string) string {
	w.t.Helper()
	answer, err := w.browser.Get(w.StaffURL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	at := answer.Request.URL
	_, page := w.read(answer, nil)
	found := choice.FindStringSubmatch(page)
	if found == nil {
		w.t.Fatalf("no sign-in page at %s: %s", at, page)
	}
	next, err := at.Parse(html.UnescapeString(found[1]))
	if err != nil {
		w.t.Fatal(err)
	}
	status, body := w.get(next.String())
	if status != http.StatusOK {
		w.t.Fatalf("after the sign-in: %d %s", status, body)
	}
	return body
}

var csrf = regexp.MustCompile(`name="csrf" value="([A-Z0-9]+)"`)

func token(page string) string {
	if found := csrf.FindStringSubmatch(page); found != nil {
		return found[1]
	}
	return ""
}

// mails lets the citizen write to the intake mailbox.
func (w *world) mails(to, text string, files ...mail.Attachment) {
	w.t.Helper()
	draft, err := w.Mail.SaveDraft(outlook.Citizen, mail.Message{Subject: "A question", Body: text, To: []mail.Address{{Address: to}},
		From: mail.Address{Address: outlook.Citizen}, Attachments: files})
	if err == nil {
		err = w.Mail.SendDraft(outlook.Citizen, draft.ImmutableID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// until collects mail and looks again until something holds.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if w.System.Collect(ctx); holds() {
			return
		}
		select {
		case <-ctx.Done():
			w.t.Fatal("never: " + what)
		case <-tick.C:
		}
	}
}

func (w *world) inMailbox(mailbox, words string) *mail.Message {
	found, err := w.Mail.Messages(mailbox, "", func(m *mail.Message) bool { return strings.Contains(m.Body, words) && !m.Draft })
	if err != nil || len(found) == 0 {
		return nil
	}
	return &found[0]
}

var manualByDefault = regexp.MustCompile(`(?s)default_route:.*?\n\n`).ReplaceAllString(string(file.Sample), "default_route:\n  manual: true\n\n")

func TestTheDistributorPlacesWhatNoRulePlaced(t *testing.T) {
	w := start(t, manualByDefault)
	w.mails(outlook.Intake, "Where does <b>this</b> belong?")
	page := w.signIn("/distribute")
	w.until("the mail is on the desk", func() bool { _, page = w.get(w.StaffURL + "/distribute"); return strings.Contains(page, "A question") })
	id := regexp.MustCompile(`href="/distribute/([0-9a-v]{34})"`).FindStringSubmatch(page)
	if id == nil {
		t.Fatal(page)
	}
	_, look := w.get(w.StaffURL + "/distribute/" + id[1])
	if !strings.Contains(look, "Where does &lt;b&gt;this&lt;/b&gt; belong?") {
		t.Errorf("the preview is not literal: %s", look)
	}
	if status, _ := w.post("/distribute", url.Values{"reply": {id[1]}, "to": {"technical"}}); status != http.StatusForbidden {
		t.Errorf("a form without its token: %d", status)
	}
	huge := url.Values{"csrf": {token(page)}, "comment": {strings.Repeat("x", 1<<20)}}
	if status, _ := w.post("/distribute/"+id[1]+"/comment", huge); status != http.StatusForbidden {
		t.Errorf("a form of 1 MiB: %d", status)
	}
	_, rule := w.post("/distribute/"+id[1]+"/rule", url.Values{"csrf": {token(page)}, "to": {"technical/roads"}})
	if !strings.Contains(rule, "sender_domain: [&#39;post.example&#39;]") || !strings.Contains(rule, "would place 1 of the 1") {
		t.Errorf("the proposal: %s", rule)
	}
	status, after := w.post("/distribute", url.Values{"csrf": {token(page)}, "reply": {id[1]}, "to": {"technical/roads"}})
	if status != http.StatusOK || !strings.Contains(after, "1 placed") {
		t.Fatalf("%d %s", status, after)
	}
	w.until("the mail is delivered", func() bool { return w.inMailbox(outlook.Technical, "Where does") != nil })
	if _, again := w.post("/distribute", url.Values{"csrf": {token(page)}, "reply": {id[1]}, "to": {"children"}}); strings.Contains(again, "1 placed") {
		t.Error("placed twice")
	}
}

func TestMembersFetchALargeReplyAndHandItBack(t *testing.T) {
	w := start(t, strings.Replace(string(file.Sample), "size_limit_mb: 25", "size_limit_mb: 1", 1))
	content := []byte(strings.Repeat("0123456789", 150_000))
	w.mails("intake+day-care-places@municipality.example", "The plans are enclosed.", mail.Attachment{Kind: mail.FileAttachment, Name: "plans.pdf", ContentType: "application/pdf", Content: content})
	w.until("the mail is delivered", func() bool { return w.inMailbox(outlook.Children, "The plans are enclosed.") != nil })
	delivered := w.inMailbox(outlook.Children, "The plans are enclosed.")
	if len(delivered.Attachments) != 0 {
		t.Fatalf("%d attachments", len(delivered.Attachments))
	}
	link := regexp.MustCompile(`/replies/[0-9a-v]{34}`).FindString(delivered.Body)
	page := w.signIn("/distribute")
	w.until("the delivery is noted", func() bool {
		var status int
		status, page = w.get(w.StaffURL + link)
		return status == http.StatusOK
	})
	if !strings.Contains(page, "plans.pdf") || !strings.Contains(page, "kept until it has been fetched") {
		t.Fatal(page)
	}
	if _, got := w.get(w.StaffURL + link + "/files/f1"); got != string(content) {
		t.Errorf("%d bytes came, not %d", len(got), len(content))
	}
	w.get(w.StaffURL + link + "/files/eml")
	if _, page = w.get(w.StaffURL + link); strings.Contains(page, "kept until it has been fetched") {
		t.Error("after fetching all, the clock does not run")
	}
	if err := w.Mail.SetMembers(outlook.Children, nil); err != nil {
		t.Fatal(err)
	}
	if status, body := w.get(w.StaffURL + link); status != http.StatusNotFound || strings.Contains(body, "plans") {
		t.Errorf("who left the mailbox still reads: %d", status)
	}
	if err := w.Mail.SetMembers(outlook.Children, []string{outlook.Caseworker}); err != nil {
		t.Fatal(err)
	}
	if status, body := w.post(link+"/notours", url.Values{"csrf": {token(page)}, "why": {"For the roads"}}); status != http.StatusOK {
		t.Fatal(status, body)
	}
	if _, desk := w.get(w.StaffURL + "/distribute"); !strings.Contains(desk, "For the roads") {
		t.Errorf("the reason is not on the desk: %s", desk)
	}
	w.post("/signout", url.Values{"csrf": {token(page)}})
	if _, body := w.get(w.StaffURL + link); !strings.Contains(body, "Choose whom to be") {
		t.Error("signed out, and still in")
	}
}

// A5: members of a mailbox see what lies in it, take it or give it to a
// caseworker, who is told; for others there is no such mailbox.
func TestMembersDealWithWhatLiesInTheirMailbox(t *testing.T) {
	w := start(t, string(file.Sample))
	w.mails("intake+day-care-places@municipality.example", "When can my child start?")
	w.signIn("/mailboxes")
	var page string
	w.until("the reply is on the mailbox's page", func() bool {
		_, page = w.get(w.StaffURL + "/mailboxes/children")
		return strings.Contains(page, "A question")
	})
	id := regexp.MustCompile(`name="reply" value="([0-9a-v]{34})"`).FindStringSubmatch(page)
	if id == nil || !strings.Contains(page, "not opened") {
		t.Fatal(page)
	}
	form := url.Values{"csrf": {token(page)}, "reply": {id[1]}, "who": {"other"}, "to": {outlook.Technical}}
	if status, after := w.post("/mailboxes/children", form); status != http.StatusOK || !strings.Contains(after, "1 assigned") || !strings.Contains(after, outlook.Technical) {
		t.Fatal(status, after)
	}
	w.until("the caseworker is told", func() bool { return w.inMailbox(outlook.Technical, "/replies/"+id[1]) != nil })
	if told := w.inMailbox(outlook.Technical, "/replies/"+id[1]); strings.Contains(told.Body, "When can") {
		t.Errorf("the notice has the reply's words: %s", told.Body)
	}
	form.Set("to", "somebody@post.example")
	if _, after := w.post("/mailboxes/children", form); strings.Contains(after, "1 assigned") {
		t.Error("a reply was given to an outsider")
	}
	arrived := w.inMailbox(outlook.Children, "When can")
	draft, err := w.Mail.SaveDraft(outlook.Children, mail.Message{Subject: "Re: A question", Body: "In August.", To: arrived.ReplyTo, From: mail.Address{Address: outlook.Children}})
	if err == nil {
		err = w.Mail.SendDraft(outlook.Children, draft.ImmutableID)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.until("it is answered", func() bool {
		_, page = w.get(w.StaffURL + "/mailboxes/children")
		return strings.Contains(page, "answered")
	})
	if err := w.Mail.SetMembers(outlook.Children, nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/mailboxes/children", "/mailboxes/unknown"} {
		if status, body := w.get(w.StaffURL + path); status != http.StatusNotFound || strings.Contains(body, "A question") {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// sendsTo sends a draft of the caseworker's digitally.
func (w *world) sendsTo(to []mail.Address) {
	w.t.Helper()
	draft, err := w.Mail.SaveDraft(outlook.Caseworker, mail.Message{Subject: "Re: A question", Body: "In August.", To: to})
	if err != nil {
		w.t.Fatal(err)
	}
	body := fmt.Sprintf(`{"draftId":%q,"options":{"language":"en","code":"generated"}}`, draft.ID)
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.StaffURL+"/api/v1/transfers", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + w.UserToken(outlook.Caseworker)}, "Idempotency-Key": {rand.Text()}}
	answer, err := http.DefaultClient.Do(request)
	if status, text := w.read(answer, err); status != http.StatusAccepted {
		w.t.Fatal(status, text)
	}
}

// A6: what is answered with Send Digitally goes to who wrote, and the mailbox's
// members see that it was.
func TestAnAnswerSentDigitallyIsSeenInTheMailbox(t *testing.T) {
	w := start(t, string(file.Sample))
	w.mails("intake+day-care-places@municipality.example", "When can my child start?")
	w.signIn("/mailboxes")
	w.until("the mail is delivered", func() bool { return w.inMailbox(outlook.Children, "When can") != nil })
	w.until("the delivery is noted", func() bool {
		_, page := w.get(w.StaffURL + "/mailboxes/children")
		return strings.Contains(page, "not opened")
	})
	w.sendsTo(w.inMailbox(outlook.Children, "When can").ReplyTo)
	w.until("the citizen has a link", func() bool { return w.inMailbox(outlook.Citizen, "/l/") != nil })
	w.until("it is answered", func() bool {
		_, page := w.get(w.StaffURL + "/mailboxes/children")
		return strings.Contains(page, "answered")
	})
}
