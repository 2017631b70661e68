package browser

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senddigitally/backend/e2e/chromium"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

// patience bounds every wait.
const patience = 20 * time.Second

// world is the product with everything around it.
type world struct {
	*testing.T
	*sandbox.Sandbox
	clock *clock
}

// clock is the machine's, set forward at will.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().UTC().Add(time.Duration(c.ahead.Load())) }

func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

func begin(t *testing.T, changes ...func(*sandbox.Options)) *world {
	t.Helper()
	chromium.Program(t)
	w := &world{T: t, clock: &clock{}}
	o := sandbox.Options{Dir: t.TempDir(), Clock: w.clock.now}
	for _, change := range changes {
		change(&o)
	}
	s, err := sandbox.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	w.Sandbox = s
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("the sandbox did not stop: %v", err)
		}
	})
	return w
}

// eventually waits for what happens in the background.
func (w *world) eventually(what string, holds func() bool) {
	w.Helper()
	deadline, tick := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			w.Fatalf("not within %v: %s", patience, what)
		case <-tick.C:
		}
	}
}

// folder finds a mailbox's folder by its name.
func (w *world) folder(mailbox, name string) (mail.Folder, bool) {
	all, err := w.Mail.Folders(mailbox, mail.Root)
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range all {
		if f.Name == name {
			return f, true
		}
	}
	return mail.Folder{}, false
}

// only waits for the one message of a folder, which may not exist yet.
func (w *world) only(mailbox, folder string) mail.Message {
	w.Helper()
	var found []mail.Message
	w.eventually("one message in "+folder+" of "+mailbox, func() bool {
		if f, known := w.folder(mailbox, folder); known {
			found, _ = w.Mail.Messages(mailbox, f.ID, nil)
		}
		return len(found) == 1
	})
	return found[0]
}

var linkForm = regexp.MustCompile(`http://[^\s"<>]+/l/[A-Za-z0-9_-]+`)

// link waits for the one mail with a link in a mailbox.
func (w *world) link(mailbox string) string {
	w.Helper()
	link := linkForm.FindString(w.only(mailbox, "Inbox").Body)
	if link == "" {
		w.Fatalf("the mail to %s has no link", mailbox)
	}
	return link
}

// transfer is one transfer as the application interface shows it.
type transfer struct {
	ID, State, Code, Reason string
	Filed                   bool
	Recipients              []struct{ Address, State string }
}

// ask asks the application interface as the caseworker.
func (w *world) ask(method, path, body string, header http.Header, into any) {
	w.Helper()
	if err := json.Unmarshal(w.asks(method, path, body, header), into); err != nil {
		w.Fatal(err)
	}
}

// asks is ask for what is no JSON.
func (w *world) asks(method, path, body string, header http.Header) []byte {
	w.Helper()
	request, err := http.NewRequest(method, w.StaffURL+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+w.UserToken(outlook.Caseworker))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		w.Fatalf("%s %s: %s %s %v", method, path, answer.Status, text, err)
	}
	return text
}

// transfers are all that the caseworker has sent.
func (w *world) transfers() []transfer {
	w.Helper()
	var page struct{ Transfers []transfer }
	w.ask("GET", "/api/v1/transfers", "", nil, &page)
	return page.Transfers
}

// sent sends a message with a file without a browser, for what comes afterwards.
func (w *world) sent(options string) (transfer, string) {
	w.Helper()
	draft, err := w.Mail.SaveDraft(outlook.Caseworker, mail.Message{Subject: "Your application for a place in day care", HTML: true,
		Body: letter, To: []mail.Address{{Name: "Citizen", Address: outlook.Citizen}},
		Attachments: []mail.Attachment{{Kind: mail.FileAttachment, Name: "Decision.pdf", ContentType: "application/pdf", Content: decision(w.T)}}})
	if err != nil {
		w.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"draftId": draft.ID, "options": json.RawMessage(options)})
	if err != nil {
		w.Fatal(err)
	}
	var t transfer
	w.ask("POST", "/api/v1/transfers", string(body), http.Header{"Idempotency-Key": {"key-of-" + w.Name()}}, &t)
	w.eventually("the transfer is live and filed", func() bool {
		w.ask("GET", "/api/v1/transfers/"+t.ID, "", nil, &t)
		return t.State == "live" && t.Filed
	})
	return t, w.link(outlook.Citizen)
}

// letter has what a mail client writes and a sender's picture that must never be fetched.
const letter = `<p>Dear citizen,</p><p>please find the <b>decision</b> enclosed. You can reply through the same link.</p>` +
	`<ul><li>The place is yours from 1 August.</li><li>We still need the income statement.</li></ul>` +
	`<img src="http://tracker.example/seen.gif" width="1" height="1"><script>document.title = "taken over"</script>`

// decision is a real PDF document.
func decision(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(decisionFile(t))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func decisionFile(t *testing.T) string {
	return filepath.Join(root(t), "backend/sandbox/outlook/web/sample/decision.pdf")
}

// root is the repository's folder.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above this folder")
	return ""
}
