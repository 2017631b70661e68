package e2e_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

// answer is an HTTP answer, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
	broken error // the connection ended before the announced length
}

// exchange sends a request and keeps the answer for the tests that look for
// secrets; link pages have the token in their form on purpose.
func (w *world) exchange(client *http.Client, r *http.Request) answer {
	w.t.Helper()
	response, err := client.Do(r)
	if errors.Is(err, io.EOF) {
		return answer{broken: err} // before the header
	}
	must(w.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	a := answer{response.StatusCode, response.Header, string(body), err}
	if !strings.HasPrefix(response.Request.URL.Path, "/l/") {
		must(w.t, response.Header.Write(w.answers))
		_, _ = w.answers.Write(body)
	}
	return a
}

func (w *world) request(method, address string, body io.Reader, header http.Header) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, body)
	must(w.t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	return r
}

// api calls the application interface of the sandbox's own system as the
// caseworker; body is JSON, or a reader of raw bytes.
func (w *world) api(method, path string, body any, header http.Header) answer {
	w.t.Helper()
	return w.apiAt(w.StaffURL, w.UserToken(outlook.Caseworker), method, path, body, header)
}

func (w *world) apiAt(base, token, method, path string, body any, header http.Header) answer {
	w.t.Helper()
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	raw, isRaw := body.(io.Reader)
	if !isRaw && body != nil {
		text, err := json.Marshal(body)
		must(w.t, err)
		raw = bytes.NewReader(text)
		header.Set("Content-Type", "application/json")
	}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return w.exchange(http.DefaultClient, w.request(method, base+path, raw, header))
}

// object is JSON of any shape.
type object = map[string]any

// sent is a transfer as the API shows it.
type sent struct {
	ID                              transfer.ID
	State, Code, Subject, Reason    string
	Filed                           bool
	Files                           []struct{ ID, Name, Type string }
	Recipients                      []struct{ ID, Address, State string }
	ExpiresAt, AcceptedAt, CodeKind string
}

func (a answer) transfer(w *world) sent {
	w.t.Helper()
	var s sent
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status >= 300 {
		w.t.Fatalf("the answer is no transfer: %d %s\n%s", a.status, a.body, w.warnings())
	}
	return s
}

// problem is the code of a problem answer.
func (a answer) problem() string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.body), &p)
	return p.Code
}

// letter is a request without Outlook to one recipient or more.
func letter(subject, text string, to ...string) object {
	recipients := []object{}
	for _, address := range to {
		recipients = append(recipients, object{"address": address})
	}
	return object{"message": object{"subject": subject, "text": text, "recipients": recipients},
		"options": object{"language": "en", "code": "generated", "replyMailbox": "citizen-service"}}
}

func idempotent(key string) http.Header { return http.Header{"Idempotency-Key": {key}} }

// send sends under a key of its own and waits until it is accepted.
func (w *world) send(request object) sent {
	w.t.Helper()
	return w.accepted(w.api("POST", "/api/v1/transfers", request, idempotent(rand.Text())).transfer(w).ID)
}

func (w *world) accepted(id transfer.ID) (s sent) {
	w.t.Helper()
	w.until("the transfer is received", func() bool { s = w.transfer(id); return s.State != "receiving" })
	if s.State != "live" {
		w.t.Fatalf("the transfer is %s: %s\n%s", s.State, s.Reason, w.warnings())
	}
	return s
}

func (w *world) transfer(id transfer.ID) sent {
	w.t.Helper()
	return w.api("GET", "/api/v1/transfers/"+string(id), nil, nil).transfer(w)
}

// upload stores a file ahead of a transfer.
func (w *world) upload(key, id, name, kind string, content []byte) answer {
	w.t.Helper()
	return w.api("PUT", "/api/v1/uploads/"+key+"/"+id, bytes.NewReader(content), http.Header{"Content-Type": {kind},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": name})}})
}

// draft saves a draft in the caseworker's Outlook.
func (w *world) draft(m mail.Message) string {
	w.t.Helper()
	saved, err := w.Mail.SaveDraft(outlook.Caseworker, m)
	must(w.t, err)
	return saved.ID
}

var linkForm = regexp.MustCompile(`http://[^\s"<>]+/l/([A-Za-z0-9_-]+)`)

// link waits for the mail with the n-th link in a mailbox, oldest first.
func (w *world) link(mailbox string, n int) (link string) {
	w.t.Helper()
	w.until("the link reaches "+mailbox, func() bool {
		messages := w.invited(mailbox)
		if len(messages) <= n {
			return false
		}
		link = linkForm.FindString(messages[len(messages)-1-n].Body)
		return link != ""
	})
	return link
}

// citizen is a recipient's browser.
type citizen struct {
	w    *world
	http *http.Client
}

func (w *world) citizen() citizen {
	return citizen{w, &http.Client{Jar: sandbox.Cookies()}}
}

func (c citizen) get(address string) answer {
	c.w.t.Helper()
	return c.w.exchange(c.http, c.w.request("GET", address, nil, nil))
}

var asForm = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

// open types a code on a link page and answers the page that follows.
func (c citizen) open(link, code string) answer {
	c.w.t.Helper()
	form := url.Values{"code": {code}}.Encode()
	return c.w.exchange(c.http, c.w.request("POST", link, strings.NewReader(form), asForm))
}

// seat is the address of a message at its first recipient.
func (w *world) seat(id transfer.ID) string { return w.PortalURL + "/m/" + string(id) + "/r1" }

// enclosure is a file in a reply.
type enclosure struct {
	name, kind string
	content    []byte
}

// reply sends the plain form, as without JavaScript.
func (c citizen) reply(seat, submission, text string, files ...enclosure) answer {
	c.w.t.Helper()
	return c.replyFrom(`<input type="hidden" name="submission" value="`+submission+`">`, seat, text, files...)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// replyFrom is reply with what a page has in its form.
func (c citizen) replyFrom(page, seat, text string, files ...enclosure) answer {
	c.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		must(c.w.t, form.WriteField(field[1], field[2]))
	}
	must(c.w.t, form.WriteField("text", text))
	for _, f := range files {
		disposition := mime.FormatMediaType("form-data", map[string]string{"name": "files", "filename": f.name})
		part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {f.kind}})
		must(c.w.t, err)
		_, _ = part.Write(f.content)
	}
	must(c.w.t, form.Close())
	return c.w.exchange(c.http, c.w.request("POST", seat+"/replies", &body, http.Header{"Content-Type": {form.FormDataContentType()}}))
}

var receiptForm = regexp.MustCompile(`[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}`)

// oid is a member of staff's object id in Entra.
func (w *world) oid(address string) string {
	w.t.Helper()
	person, err := w.Mail.Mailbox(address)
	must(w.t, err)
	return person.ID
}

// submission is a reply's id, as the page draws it.
func submission() string { return rand.Text() }

// read fills a buffer from an answer.
func read(t *testing.T, from *http.Response, into []byte) {
	t.Helper()
	if n, err := io.ReadFull(from.Body, into); err != nil {
		t.Fatalf("the stream ends after %d bytes: %v", n, err)
	}
}
