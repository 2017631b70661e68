package caseworker_test

import (
	"crypto/rand"
	"testing"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

func (w world) draft(mailbox string, m mail.Message) mail.Message {
	w.Helper()
	draft, err := w.Mail.SaveDraft(mailbox, m)
	if err != nil {
		w.Fatal(err)
	}
	return draft
}

// ended is a transfer once it is received no more.
func (w world) ended(request map[string]any) map[string]any {
	w.Helper()
	path := "/transfers/" + w.ask(202, "POST", "/transfers", request, "Idempotency-Key", rand.Text())["id"].(string)
	var got map[string]any
	w.eventually(func() bool { got = w.ask(200, "GET", path, nil); return got["state"] != "receiving" })
	return got
}

func TestAFileThatIsCrossedOutInOutlookIsNotSent(t *testing.T) {
	w := newWorld(t, nil)
	for name, tc := range map[string]struct {
		leaveOut func(mail.Attachment) any
		state    string
	}{
		"with its name":       {func(a mail.Attachment) any { return map[string]any{"id": a.ID, "name": a.Name, "nth": 1, "of": 1} }, "live"},
		"Graph's own id":      {func(a mail.Attachment) any { return a.ImmutableID }, "live"},
		"Outlook's id alone":  {func(a mail.Attachment) any { return a.ID }, "failed"},
		"with another's name": {func(a mail.Attachment) any { return map[string]any{"id": a.ID, "name": "x", "nth": 1, "of": 1} }, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			draft := w.draft(outlook.Caseworker, mail.Message{Subject: "Decision", Body: "Dear citizen", To: []mail.Address{{Address: outlook.Citizen}},
				Attachments: []mail.Attachment{{Name: "decision.pdf", Content: []byte("yours")}, {Name: "note.txt", Content: []byte("not yours")}}})
			got := w.ended(map[string]any{"draftId": draft.ID, "leaveOut": []any{tc.leaveOut(draft.Attachments[1])},
				"options": map[string]any{"language": "da", "code": "generated"}})
			if got["state"] != tc.state || tc.state == "failed" && got["reason"] != "draft_changed" {
				t.Fatalf("%v", got)
			}
			if files, _ := got["files"].([]any); tc.state == "live" && (len(files) != 1 || files[0].(map[string]any)["name"] != "decision.pdf") {
				t.Errorf("sent were %v", files)
			}
		})
	}
}

// The pane hands over what Graph does not show yet, from a shared mailbox too.
func TestAMessageIsWrittenInAMailboxThatIsOpenToTheCaller(t *testing.T) {
	w := newWorld(t, nil)
	if got := w.as(outlook.Colleague).ended(letter("Decision", of(outlook.Technical))); got["reason"] != "mailbox_refused" {
		t.Errorf("in a mailbox that is closed to her: %v", got)
	}
	got := w.ended(letter("Decision", of(outlook.Children)))
	if got["state"] != "live" || got["sender"].(map[string]any)["address"] != outlook.Children {
		t.Fatalf("%v", got)
	}
	found := w.as(outlook.Colleague).ask(200, "POST", "/transfers/search", of(outlook.Children))["transfers"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["id"] != got["id"] {
		t.Errorf("a colleague finds %v", found)
	}
}
