// Package caseworker_test drives the application interface as the task pane
// does, on the whole system.
package caseworker_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

type world struct {
	*testing.T
	*sandbox.Sandbox
	who string // asks
}

func newWorld(t *testing.T, policy func(*transfer.Policy)) world {
	t.Helper()
	s, err := sandbox.Start(context.Background(), sandbox.Options{Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return world{t, s, outlook.Caseworker}
}

// as is the same world, asked by another.
func (w world) as(who string) world {
	w.who = who
	return w
}

// call answers status and body of a request.
func (w world) call(method, path string, body any, header ...string) (int, []byte) {
	w.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			w.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(w.Context(), method, w.StaffURL+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.UserToken(w.who))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "da")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	out, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer.StatusCode, out
}

// ask is a call that must answer a status, read as JSON.
func (w world) ask(status int, method, path string, body any, header ...string) map[string]any {
	w.Helper()
	got, text := w.call(method, path, body, header...)
	if got != status {
		w.Fatalf("%s %s answered %d: %s", method, path, got, text)
	}
	if len(text) == 0 {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		w.Fatalf("%s: %v", text, err)
	}
	return out
}

func letter(subject string, more map[string]any) map[string]any {
	out := map[string]any{
		"message": map[string]any{"subject": subject, "text": "Dear citizen", "recipients": []map[string]any{
			{"address": outlook.Citizen, "name": "Citizen"}, {"address": outlook.Company, "field": "cc"}}},
		"options": map[string]any{"language": "da", "code": "generated", "caseId": "2026-17"},
	}
	for name, value := range more {
		out[name] = value
	}
	return out
}

func (w world) send(subject string, more map[string]any) (path string) {
	w.Helper()
	sent := w.ask(202, "POST", "/transfers", letter(subject, more), "Idempotency-Key", rand.Text())
	path = "/transfers/" + sent["id"].(string)
	w.eventually(func() bool { return w.ask(200, "GET", path, nil)["state"] == "live" })
	return path
}

func (w world) eventually(holds func() bool) {
	w.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			w.Fatal("it did not happen in 20 s")
		}
		select {
		case <-w.Context().Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestASenderFollowsAndChangesWhatSheSent(t *testing.T) {
	w := newWorld(t, func(p *transfer.Policy) { p.SenderLinks = true })
	permit := w.send("Byggetilladelse", nil)
	w.send("Something else", nil)

	found := w.ask(200, "POST", "/transfers/search", map[string]any{"text": "BYGGE 2026-17"})["transfers"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["subject"] != "Byggetilladelse" {
		t.Errorf("found %v", found)
	}
	for _, one := range w.ask(200, "GET", "/transfers", nil)["transfers"].([]any) {
		if code, told := one.(map[string]any)["code"]; told {
			t.Errorf("a list has the code %v", code)
		}
	}
	if none := w.ask(200, "POST", "/transfers/search", map[string]any{"filter": "ended"})["transfers"].([]any); len(none) != 0 {
		t.Errorf("ended: %v", none)
	}
	w.ask(400, "POST", "/transfers/search", map[string]any{"filter": "whatever"})

	t.Run("evidence", func(t *testing.T) {
		status, text := w.call("GET", permit+"/evidence.eml", nil)
		m, err := mail.ReadMessage(bytes.NewReader(text))
		if status != 200 || err != nil || !strings.Contains(m.Header.Get("Subject"), "Bevis") {
			t.Errorf("%d %v: %s", status, err, text)
		}
	})
	t.Run("links", func(t *testing.T) {
		links := w.ask(200, "POST", permit+"/links", nil)["links"].([]any)
		if len(links) != 2 || !strings.HasPrefix(links[0].(map[string]any)["url"].(string), w.PortalURL+"/l/") {
			t.Errorf("%v", links)
		}
	})
	t.Run("cancelling what stands changes nothing", func(t *testing.T) {
		if got := w.ask(200, "POST", permit+"/cancel", nil); got["state"] != "live" {
			t.Errorf("%v", got)
		}
	})
	t.Run("withdraw and restore", func(t *testing.T) {
		if got := w.ask(200, "POST", permit+"/withdraw", map[string]any{}); got["state"] != "withdrawn" {
			t.Errorf("%v", got)
		}
		if ended := w.ask(200, "POST", "/transfers/search", map[string]any{"filter": "ended"})["transfers"].([]any); len(ended) != 1 {
			t.Errorf("ended: %v", ended)
		}
		if got := w.ask(200, "POST", permit+"/restore", map[string]any{}); got["state"] != "live" {
			t.Errorf("%v", got)
		}
	})
	t.Run("whom she wrote to is known", func(t *testing.T) {
		list := outlook.Citizen + "; new@far.example; nonsense; " + outlook.Caseworker
		checked := w.ask(200, "POST", "/recipients/check", map[string]any{"recipients": []string{list}})["recipients"].([]any)
		want := []string{"[outside]", "[outside new]", "[invalid]", "[own signs_in]"}
		for i, one := range checked {
			marks, _ := json.Marshal(one.(map[string]any)["marks"])
			if got := strings.NewReplacer(`"`, "", ",", " ").Replace(string(marks)); got != want[i] {
				t.Errorf("%v: %s, want %s", one, got, want[i])
			}
		}
	})
}

func TestLinksStayWithTheirRecipientsByDefault(t *testing.T) {
	w := newWorld(t, nil)
	path := w.send("Secret", nil)
	w.ask(403, "POST", path+"/links", nil)
}

func TestDefaultsFollowTheCaseworker(t *testing.T) {
	w := newWorld(t, nil)
	w.ask(204, "PUT", "/settings/defaults", map[string]any{"expiryDays": 14, "language": "en", "signature": "Regards", "notifyOnOpen": true})
	got := w.ask(200, "GET", "/settings", nil)["defaults"].(map[string]any)
	if got["expiryDays"] != 14.0 || got["language"] != "en" || got["signature"] != "Regards" || got["notifyOnOpen"] != true || got["code"] != "generated" {
		t.Errorf("%v", got)
	}
	w.ask(400, "PUT", "/settings/defaults", map[string]any{"expiryDays": 200})
}

func TestThePreviewIsTheMailThatIsSent(t *testing.T) {
	w := newWorld(t, nil)
	preview := w.ask(200, "POST", "/preview", map[string]any{"language": "nl", "code": "generated", "notifyText": "Bel mij gerust."})
	options := map[string]any{"language": "nl", "code": "generated", "notifyText": "Bel mij gerust."}
	w.send("Besluit", map[string]any{"options": options})
	var subject, body string
	w.eventually(func() bool {
		inbox, err := w.Mail.LocalMessages(outlook.Citizen, "inbox")
		if err != nil || len(inbox) == 0 {
			return false
		}
		subject, body = inbox[0].Subject, inbox[0].Body
		return true
	})
	if subject != preview["subject"] || !strings.Contains(body, "Bel mij gerust.") || !strings.Contains(preview["text"].(string), "Bel mij gerust.") {
		t.Errorf("preview %q, mail %q", preview["subject"], subject)
	}
}

func TestAnOverrideIsInTheAuditLog(t *testing.T) {
	w := newWorld(t, nil)
	w.send("Om 211062-5629", map[string]any{"overrides": []string{"subject"}})
	if log := w.audit(); strings.Count(log, `"override"`) != 1 || strings.Contains(log, "211062") {
		t.Errorf("the audit log: %s", log)
	}
	w.ask(400, "POST", "/transfers", letter("x", map[string]any{"overrides": []string{"everything"}}), "Idempotency-Key", rand.Text())
}

func (w world) audit() string {
	w.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(w.Dir, "audit"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all.String()
}

func TestOutlookFindsTheScriptThatItMayRun(t *testing.T) {
	w := newWorld(t, nil)
	fetch := func(address string) (*http.Response, []byte) {
		t.Helper()
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, text
	}
	var list struct{ Allowed []string }
	if _, text := fetch(w.StaffURL + "/.well-known/microsoft-officeaddins-allowed.json"); json.Unmarshal(text, &list) != nil || len(list.Allowed) != 1 {
		t.Fatalf("%s", text)
	}
	script, text := fetch(list.Allowed[0])
	if kind := script.Header.Get("Content-Type"); script.StatusCode != 200 || !strings.HasPrefix(kind, "text/javascript") || !strings.Contains(string(text), "Office.actions.associate") {
		t.Errorf("%s is %d %s", list.Allowed[0], script.StatusCode, kind)
	}
}
