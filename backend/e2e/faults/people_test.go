package faults_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

// letter is one transfer with a reply, and how far it has come as far as people
// were told.
type letter struct {
	key, submission string
	to, text        string
	content         []byte
	size            int

	id, code, file string // once accepted
	link           string // once notified
	receipt        string // once the reply is accepted
	withdrawn      bool
	expired        bool
	browser        *http.Client
}

func (r *rig) newLetter(size int) *letter {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &letter{key: rand.Text(), submission: rand.Text(), text: "Confidential " + rand.Text(), size: size,
		to:      fmt.Sprintf("citizen-%d@post.example", len(r.letters)),
		browser: &http.Client{Jar: sandbox.Cookies(), Timeout: slow.Timeout, Transport: from(len(r.letters))}}
	l.content = make([]byte, size)
	for i := range l.content {
		l.content[i] = byte(r.random.Uint32())
	}
	copy(l.content, l.text)
	r.letters = append(r.letters, l)
	return l
}

// from gives a person a loopback address of her own, since there are limits for
// each.
func from(person int) *http.Transport {
	home := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(person>>8), byte(person))}}
	return &http.Transport{DialContext: home.DialContext, IdleConnTimeout: time.Second}
}

type object = map[string]any

// api calls the API as the caseworker and answers JSON. A status of 400 or more
// is an error.
func (r *rig) api(method, path string, body io.Reader, header http.Header, into any) (int, error) {
	request, err := http.NewRequest(method, r.backend()+path, body)
	if err != nil {
		return 0, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", "Bearer "+r.world.UserToken(outlook.Caseworker))
	answer, err := slow.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 400 {
		err = fmt.Errorf("%s %s answers %d %s", method, path, answer.StatusCode, text)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	return answer.StatusCode, err
}

// backend is a server that runs.
func (r *rig) backend() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.instead, r.staff)
}

func (r *rig) post(path string, body object, header http.Header, into any) (int, error) {
	text, _ := json.Marshal(body)
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return r.api("POST", path, bytes.NewReader(text), header, into)
}

// upload stores the letter's file ahead of it; a file that is there is no error.
func (r *rig) upload(l *letter) error {
	status, err := r.api("PUT", "/api/v1/uploads/"+l.key+"/u1", bytes.NewReader(l.content), http.Header{"Content-Type": {"application/octet-stream"},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": "file.bin"})}}, nil)
	if status == http.StatusConflict {
		return nil
	}
	return err
}

type shown struct {
	ID, State, Code, Reason string
	Files                   []struct{ ID string }
	Recipients              []struct{ State string }
}

// send sends the letter under its key and waits until it is accepted.
func (r *rig) send(l *letter) error {
	var s shown
	_, err := r.post("/api/v1/transfers", object{"uploads": []string{"u1"},
		"message": object{"subject": "Decision", "text": l.text, "recipients": []object{{"address": l.to}}},
		"options": object{"language": "en", "code": "generated", "replyMailbox": "citizen-service"}},
		http.Header{"Idempotency-Key": {l.key}}, &s)
	if err != nil {
		return err
	}
	if s.State != "live" {
		if _, err := r.api("GET", "/api/v1/transfers/"+s.ID, nil, nil, &s); err != nil {
			return err
		}
	}
	if s.State != "live" || len(s.Files) != 1 || s.Code == "" {
		return fmt.Errorf("the transfer is %s %s", s.State, s.Reason)
	}
	l.id, l.code, l.file = s.ID, s.Code, s.Files[0].ID
	return nil
}

var linkForm = regexp.MustCompile(`http://[^\s"<>]+/l/[A-Za-z0-9_-]+`)

// invited are the mails with a link that reached a recipient.
func (r *rig) invited(l *letter) (mails int, link string) {
	found, err := r.world.Mail.Messages(l.to, mail.Inbox, func(m *mail.Message) bool { return linkForm.MatchString(m.Body) })
	if err != nil || len(found) == 0 {
		return 0, ""
	}
	return len(found), linkForm.FindString(found[0].Body)
}

func (r *rig) notified(l *letter) error {
	if _, l.link = r.invited(l); l.link != "" {
		return nil
	}
	var s shown
	if _, err := r.api("GET", "/api/v1/transfers/"+l.id, nil, nil, &s); err != nil {
		return err
	}
	return notYet("the recipient is " + s.Recipients[0].State)
}

// notYet says what is the case while something has not come about.
type notYet string

func (n notYet) Error() string        { return "not yet: " + string(n) }
func (n notYet) Is(target error) bool { return target == errNotYet }

// open types the code; download compares the file.
func (r *rig) open(l *letter) error {
	answer, err := l.browser.PostForm(l.link, url.Values{"code": {l.code}})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(l.text))) {
		err = fmt.Errorf("the code opens %d", answer.StatusCode)
	}
	return err
}

func (r *rig) seat(l *letter) string { return r.portal + "/m/" + l.id + "/r1" }

// download reads the file, from a byte on, and compares it.
func (r *rig) download(l *letter, from int) error {
	request, err := http.NewRequest("GET", r.seat(l)+"/files/"+l.file, nil)
	if err != nil {
		return err
	}
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	answer, err := l.browser.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusPartialContent:
		return fmt.Errorf("the download answers %d", answer.StatusCode)
	case !bytes.Equal(got, l.content[from:]):
		return errDifferent
	}
	return nil
}

var errDifferent = errors.New("the file that came is not the one that was sent")

// reply answers through the link; the receipt is its acceptance.
func (r *rig) reply(l *letter) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("submission", l.submission)
	_ = form.WriteField("text", "Reply to "+l.text)
	_ = form.Close()
	answer, err := l.browser.Post(r.seat(l)+"/replies", form.FormDataContentType(), &body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if l.receipt = regexp.MustCompile(`[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}`).FindString(string(text)); l.receipt == "" {
		return fmt.Errorf("the reply is answered %d without a receipt", answer.StatusCode)
	}
	return nil
}

// delivered counts the deliveries of a letter's reply in all function mailboxes.
func (r *rig) delivered(l *letter) (n int) {
	for _, mailbox := range []string{outlook.CitizenService, outlook.Children, outlook.Technical} {
		found, _ := r.world.Mail.Messages(mailbox, mail.Inbox, func(m *mail.Message) bool { return strings.Contains(m.Body, "Reply to "+l.text) })
		n += len(found)
	}
	return n
}

func (r *rig) reached(l *letter) error {
	if r.delivered(l) == 0 {
		return errNotYet
	}
	return nil
}

// withdraw erases the letter now. One whose erasure was cut short is not found
// any more: nobody can tell whose it was.
func (r *rig) withdraw(l *letter) error {
	status, err := r.post("/api/v1/transfers/"+l.id+"/withdraw", object{"erase": true}, nil, nil)
	if status == http.StatusGone || status == http.StatusNotFound {
		err = nil
	}
	l.withdrawn = l.withdrawn || err == nil
	return err
}

// expire ends the letter's time a moment from now, by the server's clock.
func (r *rig) expire(l *letter) error {
	until := r.now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)
	status, err := r.post("/api/v1/transfers/"+l.id+"/extend", object{"expiresAt": until}, nil, nil)
	if status == http.StatusGone || status == http.StatusNotFound {
		err = nil // it has expired since an earlier try
	}
	l.expired = l.expired || err == nil
	return err
}
