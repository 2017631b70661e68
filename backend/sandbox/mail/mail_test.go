package mail_test

import (
	"errors"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
)

const (
	caseworker = "caseworker@municipality.example"
	building   = "building@municipality.example"
	service    = "digital@municipality.example"
	citizen    = "citizen@home.example"
)

// world is a store with a clock that the test turns.
type world struct {
	*mail.Store
	t   *testing.T
	now time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)}
	w.Store = mail.New(func() time.Time { return w.now }, mail.Defaults())
	w.add(mail.Mailbox{Address: caseworker, Name: "The caseworker", Kind: mail.User})
	w.add(mail.Mailbox{Address: building, Name: "Building permits", Kind: mail.Shared, Members: []string{caseworker}})
	w.add(mail.Mailbox{Address: service, Name: "The municipality", Kind: mail.Shared})
	return w
}

func (w *world) add(m mail.Mailbox) {
	w.t.Helper()
	if _, err := w.AddMailbox(m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.Settle()
}

func (w *world) draft(from string, m mail.Message, to ...string) mail.Message {
	w.t.Helper()
	for _, a := range to {
		m.To = append(m.To, mail.Address{Address: a})
	}
	created, err := w.CreateDraft(from, "", m)
	if err != nil {
		w.t.Fatal(err)
	}
	return created
}

func (w *world) send(from string, m mail.Message, to ...string) mail.Message {
	w.t.Helper()
	draft := w.draft(from, m, to...)
	if err := w.Send(from, draft.ID); err != nil {
		w.t.Fatal(err)
	}
	return draft
}

func (w *world) folder(mailbox, folder string) []mail.Message {
	w.t.Helper()
	all, err := w.Messages(mailbox, folder, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// only answers the one message of a folder.
func (w *world) only(mailbox, folder string) mail.Message {
	w.t.Helper()
	all := w.folder(mailbox, folder)
	if len(all) != 1 {
		w.t.Fatalf("%s of %s holds %d messages, want 1", folder, mailbox, len(all))
	}
	return all[0]
}

func wantRefusal(t *testing.T, err error, status int, code string) *mail.Error {
	t.Helper()
	var refusal *mail.Error
	if !errors.As(err, &refusal) || refusal.Status != status || refusal.Code != code {
		t.Fatalf("got %v, want %d %s", err, status, code)
	}
	return refusal
}
