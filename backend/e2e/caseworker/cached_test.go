package caseworker_test

import (
	"crypto/rand"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

// cached is a draft that classic Outlook has not brought to the server.
func (w world) cached() map[string]any {
	w.Helper()
	w.Mail.Configure(func(s *mail.Settings) { s.DraftDelay = time.Hour })
	draft, err := w.Mail.SaveDraft(outlook.Caseworker, mail.Message{Subject: "Decision", Body: "Dear citizen", To: []mail.Address{{Address: outlook.Citizen}}})
	if err != nil {
		w.Fatal(err)
	}
	return map[string]any{"draftId": draft.ID, "options": map[string]any{"language": "da", "code": "generated"}}
}

func TestADraftInTheCacheIsSentByHandOnce(t *testing.T) {
	w := newWorld(t, nil)
	sent := w.ask(202, "POST", "/transfers", w.cached(), "Idempotency-Key", rand.Text())
	path := "/transfers/" + sent["id"].(string)
	w.eventually(func() bool { return w.ask(200, "GET", path, nil)["state"] == "failed" })
	if got := w.ask(200, "GET", path, nil); got["reason"] != "draft_not_found" {
		t.Fatalf("%v", got)
	}
	w.send("Decision", nil)
	live := w.ask(200, "POST", "/transfers/search", map[string]any{"filter": "available"})["transfers"].([]any)
	failed := w.ask(200, "POST", "/transfers/search", map[string]any{"filter": "attention"})["transfers"].([]any)
	if len(live) != 1 || len(failed) != 1 {
		t.Errorf("%d live, %d failed", len(live), len(failed))
	}
}

func TestATransferIsCalledOffWhileItIsReceivedAndCanBeSentAfterwards(t *testing.T) {
	w := newWorld(t, nil)
	key, request := rand.Text(), w.cached()
	sent := w.ask(202, "POST", "/transfers", request, "Idempotency-Key", key)
	path := "/transfers/" + sent["id"].(string)
	began := time.Now()
	got := w.ask(200, "POST", path+"/cancel", nil)
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("calling off took %s: the draft was read to the end", took)
	}
	if got["state"] != "failed" || got["reason"] != "cancelled" {
		t.Fatalf("%v", got)
	}
	if inbox, err := w.Mail.LocalMessages(outlook.Citizen, mail.Inbox); err != nil || len(inbox) != 0 {
		t.Errorf("%d mails, %v", len(inbox), err)
	}
	w.Mail.Configure(func(s *mail.Settings) { s.DraftDelay = 0 })
	draft, err := w.Mail.SaveDraft(outlook.Caseworker, mail.Message{Subject: "Decision", Body: "Dear citizen", To: []mail.Address{{Address: outlook.Citizen}}})
	if err != nil {
		t.Fatal(err)
	}
	request["draftId"] = draft.ID
	again := w.ask(202, "POST", "/transfers", request, "Idempotency-Key", rand.Text())
	w.eventually(func() bool { return w.ask(200, "GET", "/transfers/"+again["id"].(string), nil)["state"] == "live" })
}
