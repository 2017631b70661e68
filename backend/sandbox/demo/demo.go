// Package demo does the main job once without a browser, as the people would,
// with real files: draft, Send Digitally, link, code, download, reply, function
// mailbox.
//
// Invariant: it uses the product only from outside, over HTTP and mail, and
// compares SHA-256 at both ends of every file.
//
// Failure: the first step that does not hold ends the run with its error.
package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

// MaxAttached is the largest file that the run attaches to the draft; larger
// ones are uploaded straight to the backend, as the pane does.
const MaxAttached = 20 << 20

// patience bounds every wait for something that happens in the background.
const patience = 60 * time.Second

// Demo is one run.
type Demo struct {
	Sandbox *sandbox.Sandbox
	Out     io.Writer
	files   []file
	staff   *http.Client
	citizen *http.Client
	begun   time.Time
}

type file struct {
	path, name string
	size       int64
	sum        string
}

// Run does the job with these files; nil means that every step held.
func Run(ctx context.Context, s *sandbox.Sandbox, out io.Writer, paths []string) error {
	d := &Demo{Sandbox: s, Out: out, staff: &http.Client{}, citizen: &http.Client{Jar: sandbox.Cookies()}}
	var err error
	if d.files, err = measure(paths); err != nil {
		return err
	}
	return d.run(ctx)
}

func (d *Demo) run(ctx context.Context) error {
	key := rand.Text()
	var draft mail.Message
	var sent transferJSON
	var link string
	steps := []struct {
		name string
		do   func() error
	}{
		{"The caseworker writes a message in Outlook and attaches files", func() (err error) { draft, err = d.write(); return err }},
		{"Files beyond Outlook's limits go straight to the backend", func() error { return d.upload(ctx, key) }},
		{"Send Digitally: the draft is read, encrypted and stored", func() (err error) { sent, err = d.send(ctx, key, draft.ID); return err }},
		{"The citizen gets a mail with a personal link", func() (err error) { link, err = d.link(ctx); return err }},
		{"The citizen opens the link with the code", func() error { return d.open(ctx, link, sent.Code) }},
		{"Every file is downloaded and compared (SHA-256)", func() error { return d.download(ctx, sent) }},
		{"The citizen replies with text and a file", func() error { return d.reply(ctx, sent) }},
		{"The reply lies in the function mailbox, byte for byte", func() error { return d.delivered(ctx) }},
	}
	for _, step := range steps {
		d.begun = time.Now()
		if err := step.do(); err != nil {
			fmt.Fprintf(d.Out, "✗ %s\n  %v\n", step.name, err)
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(d.Out, "✓ %-62s %8.2f s\n", step.name, time.Since(d.begun).Seconds())
	}
	return nil
}

func measure(paths []string) ([]file, error) {
	if len(paths) == 0 {
		return nil, errors.New("name at least one file")
	}
	var all []file
	for i, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		size, err := io.Copy(sum, f)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, file{path: path, name: fmt.Sprintf("%d-%s", i+1, filepath.Base(path)), size: size, sum: hex.EncodeToString(sum.Sum(nil))})
	}
	return all, nil
}

func (d *Demo) say(format string, values ...any) { fmt.Fprintf(d.Out, "    "+format+"\n", values...) }

func (d *Demo) write() (mail.Message, error) {
	m := mail.Message{Subject: "Decision about your application", HTML: true,
		Body: "<p>Dear citizen,</p><p>please find the decision enclosed. You can reply through the same link.</p>",
		To:   []mail.Address{{Name: "Citizen", Address: outlook.Citizen}}}
	for _, f := range d.files {
		if f.size > MaxAttached {
			continue
		}
		content, err := os.ReadFile(f.path)
		if err != nil {
			return m, err
		}
		m.Attachments = append(m.Attachments, mail.Attachment{Kind: mail.FileAttachment, Name: f.name, ContentType: "application/octet-stream", Content: content})
		d.say("attached  %-32s %11d bytes", f.name, f.size)
	}
	return d.Sandbox.Mail.SaveDraft(outlook.Caseworker, m)
}

func (d *Demo) upload(ctx context.Context, key string) error {
	for i, f := range d.files {
		if f.size <= MaxAttached {
			continue
		}
		content, err := os.Open(f.path)
		if err != nil {
			return err
		}
		err = d.call(ctx, http.MethodPut, fmt.Sprintf("/api/v1/uploads/%s/u%d", key, i+1), content, http.Header{
			"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": f.name})},
			"Content-Type":        {"application/octet-stream"}}, nil)
		content.Close()
		if err != nil {
			return err
		}
		d.say("uploaded  %-32s %11d bytes", f.name, f.size)
	}
	return nil
}

type transferJSON struct {
	ID, State, Code, Reason, Detail string
	Files                           []struct{ ID, Name string }
	Filed                           bool
}

func (d *Demo) send(ctx context.Context, key, draft string) (transferJSON, error) {
	uploads := []string{}
	for i, f := range d.files {
		if f.size > MaxAttached {
			uploads = append(uploads, fmt.Sprintf("u%d", i+1))
		}
	}
	body, err := json.Marshal(map[string]any{"draftId": draft, "uploads": uploads, "options": map[string]any{
		"language": "en", "code": "generated", "replyMailbox": d.mailbox(), "showFileNames": true}})
	if err != nil {
		return transferJSON{}, err
	}
	var sent transferJSON
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}
	if err := d.call(ctx, http.MethodPost, "/api/v1/transfers", bytes.NewReader(body), header, &sent); err != nil {
		return sent, err
	}
	err = until(ctx, func() (bool, error) {
		err := d.call(ctx, http.MethodGet, "/api/v1/transfers/"+sent.ID, nil, nil, &sent)
		return sent.State != "receiving" && (sent.State != "live" || sent.Filed), err
	})
	if err == nil && sent.State != "live" {
		err = fmt.Errorf("the transfer is %s: %s %s", sent.State, sent.Reason, sent.Detail)
	}
	if err == nil {
		d.say("transfer %s…, code to pass on: %s", sent.ID[:8], sent.Code)
	}
	return sent, err
}

// mailbox is the reply mailbox that the demo chooses: the routing file's first.
func (d *Demo) mailbox() string {
	return d.Sandbox.Setup.Tenants[0].Routes.State().Set.Mailboxes()[0].ID
}

var linkForm = regexp.MustCompile(`http://[^\s"<>]+/l/[A-Za-z0-9_-]+`)

func (d *Demo) link(ctx context.Context) (string, error) {
	var link string
	err := until(ctx, func() (bool, error) {
		messages, err := d.Sandbox.Mail.Messages(outlook.Citizen, "inbox", nil)
		for _, m := range messages {
			if found := linkForm.FindString(m.Body); found != "" {
				link = found
				d.say("from %s: %q", m.From.Address, m.Subject)
			}
		}
		return link != "", err
	})
	return link, err
}

func (d *Demo) open(ctx context.Context, link, code string) error {
	status, body, err := d.visit(ctx, http.MethodGet, link, nil, nil)
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("the link page answered %d: %w", status, err)
	}
	if strings.Contains(body, "Decision about") {
		return errors.New("the link page shows the subject before the code")
	}
	form := url.Values{"code": {strings.ToLower(code)}}.Encode()
	status, body, err = d.visit(ctx, http.MethodPost, link, strings.NewReader(form), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if err != nil || status != http.StatusOK || !strings.Contains(body, "Decision about") {
		return fmt.Errorf("the code did not open the message (%d): %w", status, err)
	}
	return nil
}

func (d *Demo) seat(sent transferJSON) string {
	return d.Sandbox.PortalURL + "/m/" + sent.ID + "/r1"
}

func (d *Demo) download(ctx context.Context, sent transferJSON) error {
	sums := map[string]string{}
	for _, f := range sent.Files {
		sum, err := d.fetch(ctx, d.seat(sent)+"/files/"+f.ID)
		if err != nil {
			return err
		}
		sums[f.Name] = sum
	}
	for _, f := range d.files {
		if sums[f.name] != f.sum {
			return fmt.Errorf("%s arrived with SHA-256 %q, not %q", f.name, sums[f.name], f.sum)
		}
		d.say("same      %-32s %s…", f.name, f.sum[:16])
	}
	return nil
}

func (d *Demo) fetch(ctx context.Context, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	answer, err := d.citizen.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the download answered %s", answer.Status)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, answer.Body)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// replied is the file that the citizen sends back: the smallest.
func (d *Demo) replied() file {
	smallest := d.files[0]
	for _, f := range d.files {
		if f.size < smallest.size {
			smallest = f
		}
	}
	return smallest
}

const replyText = "Thank you. My answer and the signed form are enclosed."

func (d *Demo) reply(ctx context.Context, sent transferJSON) error {
	content, err := os.ReadFile(d.replied().path)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	write := func(field, value string) {
		part, _ := form.CreateFormField(field)
		_, _ = io.WriteString(part, value)
	}
	write("submission", rand.Text())
	write("text", replyText)
	part, err := form.CreateFormFile("files", "signed-"+d.replied().name)
	if err != nil {
		return err
	}
	_, _ = part.Write(content)
	form.Close()
	status, page, err := d.visit(ctx, http.MethodPost, d.seat(sent)+"/replies", &body, http.Header{"Content-Type": {form.FormDataContentType()}})
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("the reply was answered with %d: %w", status, err)
	}
	number := regexp.MustCompile(`[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}`).FindString(page)
	if number == "" {
		return errors.New("the page has no receipt number")
	}
	d.say("receipt %s", number)
	return nil
}

func (d *Demo) delivered(ctx context.Context) error {
	set := d.Sandbox.Setup.Tenants[0].Routes.State().Set
	mailbox, _ := set.Mailbox(d.mailbox())
	var found *mail.Message
	err := until(ctx, func() (bool, error) {
		messages, err := d.Sandbox.Mail.Messages(mailbox.Address, "", func(m *mail.Message) bool { return strings.Contains(m.Body, replyText) })
		if len(messages) > 0 {
			found = &messages[0]
		}
		return found != nil, err
	})
	if err != nil {
		return err
	}
	if len(found.Attachments) != 1 {
		return fmt.Errorf("the delivered reply has %d attachments, not 1", len(found.Attachments))
	}
	sum := sha256.Sum256(found.Attachments[0].Content)
	if hex.EncodeToString(sum[:]) != d.replied().sum {
		return errors.New("the delivered file is not the one that was sent")
	}
	d.say("%s: %q from %s, categories %v, %s", mailbox.Address, found.Subject, found.From.Address, found.Categories, found.Attachments[0].Name)
	return nil
}
