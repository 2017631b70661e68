package graph_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
)

func TestThrottledMailboxIsSilentForAWhile(t *testing.T) {
	r := newRig(t)
	const slow = "throttle@municipality.example"
	r.add(mail.Mailbox{Address: slow, Kind: mail.Shared})
	r.allow(slow)
	r.set(func(s *mail.Settings) { s.RetryAfter = 7 * time.Second })
	folder := "/users/" + slow + "/mailFolders/inbox"
	refused := r.ask(asService(), "GET", folder, nil).refused(429, "ApplicationThrottled")
	if refused.header.Get("Retry-After") != "7" {
		t.Errorf("Retry-After %q", refused.header.Get("Retry-After"))
	}
	r.pass(3 * time.Second)
	if again := r.ask(asService(), "GET", folder, nil).refused(429, "ApplicationThrottled"); again.header.Get("Retry-After") != "4" {
		t.Errorf("Retry-After %q", again.header.Get("Retry-After"))
	}
	r.ask(asService(), "GET", "/users/"+service+"/mailFolders/inbox", nil).want(200)
	r.pass(4 * time.Second)
	r.ask(asService(), "GET", folder, nil).want(200)
	if seen := r.server.Traffic(slow); seen.Early != 1 || seen.Refused != 2 || seen.Requests != 3 {
		t.Errorf("traffic %+v", seen)
	}
}

func TestThrottledRecipientSilencesItsSender(t *testing.T) {
	r := newRig(t)
	id := r.draft(asService(), "/users/"+service, object{"toRecipients": to("throttle@home.example")})
	at := "/users/" + service + "/messages/" + id + "/send"
	r.ask(asService(), "POST", at, nil).refused(429, "ApplicationThrottled")
	r.ask(asService(), "POST", at, nil).refused(429, "ApplicationThrottled")
	if seen := r.server.Traffic(service); seen.Early != 1 {
		t.Errorf("traffic %+v", seen)
	}
}

func TestTemporaryErrorMailbox(t *testing.T) {
	r := newRig(t)
	const shaky = "temperror@municipality.example"
	r.add(mail.Mailbox{Address: shaky, Kind: mail.Shared})
	r.allow(shaky)
	for range 2 {
		refused := r.ask(asService(), "GET", "/users/"+shaky+"/messages", nil).refused(503, "ErrorServerBusy")
		if refused.header.Get("Retry-After") == "" {
			t.Error("503 asks for a pause")
		}
	}
	r.ask(asService(), "GET", "/users/"+shaky+"/messages", nil).want(200)
}

func TestOutage(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.Unavailable = true })
	r.ask(asCaseworker(), "GET", "/me", nil).refused(503, "serviceNotAvailable")
	r.set(func(s *mail.Settings) { s.Unavailable = false })
	r.ask(asCaseworker(), "GET", "/me", nil).want(200)
}

func TestTimeoutAfterSendingHasSent(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.TimeoutsAfterSend = 1 })
	at := "/users/" + service + "/messages"
	id := r.ask(asService(), "POST", at, object{"toRecipients": to(citizen)}, immutable).want(201).string("id")
	r.ask(asService(), "POST", at+"/"+id+"/send", nil).refused(504, "UnknownError")
	found := r.ask(asService(), "GET", at+"/"+id+"?$select=isDraft", nil, immutable).want(200)
	if found.body["isDraft"] != false {
		t.Error("whoever looks before retrying sees that it was sent")
	}
	if got, _ := r.store.Messages(citizen, mail.Inbox, nil); len(got) != 1 {
		t.Errorf("%d mails", len(got))
	}
}

func TestRequestRateLimit(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.RequestsPer10Minutes = 3 })
	for range 3 {
		r.ask(asCaseworker(), "GET", "/me", nil).want(200)
		r.pass(time.Minute)
	}
	refused := r.ask(asCaseworker(), "GET", "/me", nil).refused(429, "ApplicationThrottled")
	if refused.header.Get("Retry-After") != fmt.Sprint(7*60) {
		t.Errorf("Retry-After %s", refused.header.Get("Retry-After"))
	}
	r.ask(asService(), "GET", "/users/"+service+"/messages", nil).want(200)
	r.pass(7 * time.Minute)
	r.ask(asCaseworker(), "GET", "/me", nil).want(200)
}

func TestUploadLimit(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.UploadPer5Minutes = 1000 })
	r.draft(asCaseworker(), "/me", object{"subject": strings.Repeat("x", 1000)})
	refused := r.ask(asCaseworker(), "POST", "/me/messages", object{}).refused(429, "ApplicationThrottled")
	if !strings.Contains(refused.string("error", "message"), "IncomingBytes") {
		t.Error(refused.string("error", "message"))
	}
	r.pass(5 * time.Minute)
	r.draft(asCaseworker(), "/me", object{})
}

// TestFourAtOnce holds four requests open by not sending their bodies.
func TestFourAtOnce(t *testing.T) {
	r := newRig(t)
	var open []*io.PipeWriter
	done := make(chan int, 4)
	for range 4 {
		body, writer := io.Pipe()
		open = append(open, writer)
		t.Cleanup(func() { writer.Close() })
		go func() {
			request, _ := http.NewRequest("POST", r.address+"/v1.0/me/messages", body)
			request.Header.Set("Authorization", "Bearer "+asCaseworker())
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				done <- 0
				return
			}
			response.Body.Close()
			done <- response.StatusCode
		}()
	}
	deadline := time.Now().Add(5 * time.Second)
	for r.server.Traffic(caseworker).Highest < 4 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	refused := r.ask(asCaseworker(), "GET", "/me/messages", nil).refused(429, "ApplicationThrottled")
	if !strings.Contains(refused.string("error", "message"), "MailboxConcurrency") {
		t.Error(refused.string("error", "message"))
	}
	r.ask(asService(), "GET", "/users/"+service+"/messages", nil).want(200)
	for _, w := range open {
		io.WriteString(w, "{}")
		w.Close()
		if status := <-done; status != 201 {
			t.Errorf("a held request ended with %d", status)
		}
	}
	r.ask(asCaseworker(), "GET", "/me/messages", nil).want(200)
}

func TestSlowMailboxAnswersLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := mail.New(time.Now, mail.Defaults())
		if _, err := store.AddMailbox(mail.Mailbox{Address: "slow@municipality.example", Kind: mail.Shared}); err != nil {
			t.Fatal(err)
		}
		server := graph.New(graph.Config{Store: store, Tokens: directory()})
		request := httptest.NewRequest("GET", "/v1.0/users/slow@municipality.example/messages", nil).WithContext(context.Background())
		request.Header.Set("Authorization", "Bearer "+directory().GraphAppToken(product, []string{"Mail.Read"}))
		before, recorder := time.Now(), httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		if took := time.Since(before); recorder.Code != 200 || took != store.Settings().SlowResponse {
			t.Errorf("%d after %v", recorder.Code, took)
		}
	})
}

func TestSendingRateReachesTheClient(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.MessagesPerMinute = 1 })
	for i, want := range []int{202, 429} {
		id := r.draft(asService(), "/users/"+service, object{"toRecipients": to(citizen)})
		got := r.ask(asService(), "POST", "/users/"+service+"/messages/"+id+"/send", nil).want(want)
		if i == 1 && got.header.Get("Retry-After") != "60" {
			t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
		}
	}
}
