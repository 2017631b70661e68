package staffpages

import (
	"regexp"
	"testing"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/routing/file"
)

func (w *world) closes(mailbox string) (again func()) {
	w.t.Helper()
	was, err := w.Mail.Mailbox(mailbox)
	if err == nil {
		err = w.Mail.RemoveMailbox(mailbox)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if _, err := w.Mail.AddMailbox(was); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A reply whose mailbox is gone goes to the deputy, and says so. When that is
// gone, too, it waits on the desk with the reason, and goes out from there once
// a mailbox is back.
func TestEachFallback(t *testing.T) {
	const dayCare = "intake+day-care-places@municipality.example"
	w := start(t, string(file.Sample), outlook.Colleague)
	if err := w.Mail.SetMembers(outlook.CitizenService, []string{outlook.Colleague}); err != nil {
		t.Fatal(err)
	}
	b := w.opened()
	b.signsIn(w.StaffURL+"/distribute", "colleague")
	b.shows("Manual distribution")
	children := w.closes(outlook.Children)
	w.mails(dayCare, "Is anybody there?")
	w.until("the deputy has the reply", func() bool { return w.inMailbox(outlook.CitizenService, "Is anybody there?") != nil })
	reply := regexp.MustCompile(`/replies/[0-9a-v]{34}`).FindString(w.inMailbox(outlook.CitizenService, "Is anybody there?").Body)
	b.finds("the delivery is noted", w.StaffURL+reply, "document.body.innerText.includes('stands in for children')")
	b.accessible("reply-for-the-deputy")

	service := w.closes(outlook.CitizenService)
	w.mails(dayCare, "And now?")
	b.finds("nobody takes it", w.StaffURL+"/distribute", "document.body.innerText.includes('A question')")
	b.shows("The mailbox does not exist")
	b.accessible("desk-dead-letter")
	b.press("A question")
	b.shows("And now?")
	b.accessible("look-dead-letter")
	b.press("Deliver again")
	b.shows("goes on its way again")
	b.finds("it comes back", w.StaffURL+"/distribute", "document.body.innerText.includes('A question')")
	children()
	service()
	b.press("A question")
	b.press("Deliver again")
	b.accessible("desk-again")
	w.until("the mailbox has the reply", func() bool { return w.inMailbox(outlook.Children, "And now?") != nil })
	if n, err := w.Mail.Messages(outlook.CitizenService, "", func(m *mail.Message) bool { return m.Subject == "A question" }); err != nil || len(n) != 0 {
		t.Errorf("the deputy has %d of them, too (%v)", len(n), err)
	}
	b.goes(w.StaffURL + "/distribute")
	b.shows("Nothing waits to be placed")
}
