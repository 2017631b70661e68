package caseworker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

func of(mailbox string) map[string]any { return map[string]any{"mailbox": mailbox} }

func TestAColleagueActsWhileTheSenderIsIll(t *testing.T) {
	w := newWorld(t, nil)
	options := map[string]any{"language": "da", "code": "generated", "replyMailbox": "children"}
	ours := w.send("Ours", map[string]any{"options": options})
	w.send("Hers alone", nil)

	her := w.as(outlook.Colleague)
	found := her.ask(200, "POST", "/transfers/search", of("Children@Municipality.example"))["transfers"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["subject"] != "Ours" {
		t.Fatalf("found %v", found)
	}
	if sender := found[0].(map[string]any)["sender"].(map[string]any); sender["address"] != outlook.Caseworker {
		t.Errorf("the sender is %v", sender)
	}
	if _, told := found[0].(map[string]any)["code"]; told || her.ask(200, "GET", ours, nil)["code"] == nil {
		t.Errorf("a list has the code, or who asks for one transfer has none: %v", found[0])
	}
	if own := her.ask(200, "POST", "/transfers/search", map[string]any{})["transfers"].([]any); len(own) != 0 {
		t.Errorf("among her own are %v", own)
	}
	if got := her.ask(200, "POST", ours+"/withdraw", map[string]any{}); got["state"] != "withdrawn" {
		t.Errorf("withdrawn: %v", got["state"])
	}
	her.ask(200, "POST", ours+"/restore", map[string]any{})
	her.ask(404, "POST", "/transfers/search", of(outlook.Technical))
	if err := w.Mail.SetMembers(outlook.Children, []string{outlook.Caseworker}); err != nil {
		t.Fatal(err)
	}
	her.ask(404, "POST", "/transfers/search", of(outlook.Children)) // at the moment of access
	her.ask(404, "GET", ours, nil)
}

func TestARecipientIsRemindedOnceADay(t *testing.T) {
	w := newWorld(t, nil)
	path := w.send("Decision", nil)
	mails := func() int {
		inbox, err := w.Mail.LocalMessages(outlook.Citizen, mail.Inbox)
		if err != nil {
			t.Fatal(err)
		}
		return len(inbox)
	}
	w.eventually(func() bool { return mails() == 1 })
	w.eventually(func() bool { return firstRecipient(w.ask(200, "GET", path, nil))["state"] == "notified" })
	if got := w.ask(200, "POST", path+"/remind", map[string]any{"recipient": "r1"}); firstRecipient(got)["remindedAt"] == nil {
		t.Errorf("%v", got)
	}
	w.eventually(func() bool { return mails() == 2 })
	if got := w.ask(409, "POST", path+"/remind", map[string]any{"recipient": "r1"}); got["code"] != "too_soon" {
		t.Errorf("%v", got)
	}
}

func firstRecipient(sent map[string]any) map[string]any {
	return sent["recipients"].([]any)[0].(map[string]any)
}

func TestANewCodeIsShownToPassOn(t *testing.T) {
	w := newWorld(t, nil)
	path := w.send("Decision", nil)
	before := w.ask(200, "GET", path, nil)["code"]
	after := w.ask(200, "POST", path+"/recode", map[string]any{})["code"]
	if after == nil || after == before {
		t.Errorf("%v, before %v", after, before)
	}
}

func TestTheTrailSaysThroughWhichMailboxAColleagueCame(t *testing.T) {
	w := newWorld(t, nil)
	w.as(outlook.Colleague).ask(200, "POST", "/transfers/search", of(outlook.Children))
	logs, err := filepath.Glob(filepath.Join(w.Dir, "audit", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"action":"list_mailbox"`) && strings.Contains(string(text), `"mailbox":"`) {
			return
		}
	}
	t.Errorf("no line of %v says it", logs)
}
