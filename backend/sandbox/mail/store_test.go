package mail_test

import (
	"slices"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
)

func TestMoveChangesTheIDAndKeepsTheImmutableOne(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(caseworker, mail.Message{Subject: "x"})
	folder, err := w.CreateFolder(caseworker, mail.Root, "Sent Digitally")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateFolder(caseworker, mail.Root, "sent digitally")
	wantRefusal(t, err, 409, "ErrorFolderExists")
	moved, err := w.Move(caseworker, draft.ID, folder.ID)
	if err != nil || moved.ID == draft.ID || moved.ImmutableID != draft.ImmutableID {
		t.Fatalf("moved to %v, %v", moved, err)
	}
	_, err = w.Message(caseworker, draft.ID)
	wantRefusal(t, err, 404, "ErrorItemNotFound")
	if m, err := w.Message(caseworker, draft.ImmutableID); err != nil || m.Folder != folder.ID {
		t.Errorf("not found by its immutable id: %v", err)
	}
}

func TestDeleteGoesThroughDeletedItems(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(caseworker, mail.Message{})
	for _, want := range []int{1, 0} {
		if err := w.Delete(caseworker, draft.ImmutableID); err != nil {
			t.Fatal(err)
		}
		if n := len(w.folder(caseworker, mail.DeletedItems)); n != want {
			t.Errorf("deleted items hold %d, want %d", n, want)
		}
	}
}

func TestSentContentCannotBeChanged(t *testing.T) {
	w := newWorld(t)
	w.send(caseworker, mail.Message{Subject: "x"}, building)
	got := w.only(building, mail.Inbox)
	_, err := w.Update(building, got.ID, func(m *mail.Message) error { m.Subject = "y"; return nil })
	wantRefusal(t, err, 400, "ErrorInvalidPropertyUpdateSentMessage")
	got, err = w.Update(building, got.ID, func(m *mail.Message) error {
		m.Read, m.Categories = true, []string{"Permit"}
		return nil
	})
	if err != nil || !got.Read || got.Categories[0] != "Permit" {
		t.Errorf("read state and categories stay changeable: %v", err)
	}
	_, err = w.AddAttachment(building, got.ID, mail.Attachment{Content: []byte("x")})
	wantRefusal(t, err, 400, "ErrorInvalidPropertyUpdateSentMessage")
}

func TestWhatLeavesTheStoreIsACopy(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(caseworker, mail.Message{Subject: "x"}, citizen)
	draft.To[0].Address = "changed@home.example"
	if got := w.only(caseworker, mail.Drafts); got.To[0].Address != citizen {
		t.Error("a caller's change reached the store")
	}
}

func TestCachedModeShowsDraftsLate(t *testing.T) {
	w := newWorld(t)
	w.Configure(func(s *mail.Settings) { s.DraftDelay = 3 * time.Minute })
	draft, err := w.SaveDraft(caseworker, mail.Message{Subject: "first"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Message(caseworker, draft.ID)
	wantRefusal(t, err, 404, "ErrorItemNotFound")
	if local, err := w.LocalMessage(caseworker, draft.ID); err != nil || local.Subject != "first" {
		t.Fatalf("Outlook itself sees its draft: %v", err)
	}
	w.pass(3 * time.Minute)
	if got := w.only(caseworker, mail.Drafts); got.ID != draft.ID || got.Subject != "first" {
		t.Errorf("got %q", got.Subject)
	}

	draft.Subject = "second"
	if _, err := w.SaveDraft(caseworker, draft); err != nil {
		t.Fatal(err)
	}
	if got := w.only(caseworker, mail.Drafts); got.Subject != "first" {
		t.Error("Graph must still see the state before")
	}
	local, _ := w.LocalMessages(caseworker, mail.Drafts)
	if len(local) != 1 || local[0].Subject != "second" {
		t.Errorf("Outlook shows %v", local)
	}
	w.pass(3 * time.Minute)
	if got := w.only(caseworker, mail.Drafts); got.Subject != "second" {
		t.Errorf("after synchronising: %q", got.Subject)
	}
}

func TestOutlookSavesADraftAgainThatTheServerMoved(t *testing.T) {
	w := newWorld(t)
	draft, _ := w.SaveDraft(caseworker, mail.Message{Subject: "x"})
	if err := w.Delete(caseworker, draft.ImmutableID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SaveDraft(caseworker, draft); err != nil {
		t.Fatal(err)
	}
	if again := w.only(caseworker, mail.Drafts); again.ImmutableID == draft.ImmutableID {
		t.Error("the draft saved again is another item")
	}
}

func TestDiscardedDraftDoesNotArrive(t *testing.T) {
	w := newWorld(t)
	w.Configure(func(s *mail.Settings) { s.DraftDelay = time.Minute })
	draft, _ := w.SaveDraft(caseworker, mail.Message{})
	if err := w.DiscardDraft(caseworker, draft.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if n := len(w.folder(caseworker, mail.Drafts)); n != 0 {
		t.Errorf("%d drafts", n)
	}
}

func TestOutlooksOwnSendDoesNotWait(t *testing.T) {
	w := newWorld(t)
	w.Configure(func(s *mail.Settings) { s.DraftDelay = time.Minute })
	draft, _ := w.SaveDraft(caseworker, mail.Message{To: []mail.Address{{Address: citizen}}})
	if err := w.SendDraft(caseworker, draft.ID); err != nil {
		t.Fatal(err)
	}
	w.only(citizen, mail.Inbox)
	w.pass(time.Minute)
	if n := len(w.folder(caseworker, mail.Drafts)); n != 0 {
		t.Errorf("the synchronised draft came back: %d", n)
	}
}

func TestListenersHearEveryChange(t *testing.T) {
	w := newWorld(t)
	var heard []mail.ChangeKind
	cancel := w.Subscribe(func(c mail.Change) {
		heard = append(heard, c.Kind)
		if _, err := w.Mailbox(c.Mailbox); err != nil {
			t.Error("a listener must be able to ask the store")
		}
	})
	w.send(caseworker, mail.Message{}, "slow@home.example")
	want := []mail.ChangeKind{mail.Created, mail.Deleted, mail.Created, mail.MailboxAdded}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
	w.pass(w.Settings().SlowDelivery)
	if heard[len(heard)-1] != mail.Created || len(heard) != 5 {
		t.Errorf("a late delivery has to be heard of: %v", heard)
	}
	cancel()
	w.draft(caseworker, mail.Message{})
	if len(heard) != 5 {
		t.Error("heard after cancelling")
	}
}

func TestDelta(t *testing.T) {
	w := newWorld(t)
	first := w.draft(caseworker, mail.Message{Subject: "1"})
	if _, err := w.Move(caseworker, w.draft(caseworker, mail.Message{}).ID, mail.Inbox); err != nil {
		t.Fatal(err)
	}
	present, gone, next, err := w.Delta(caseworker, mail.Drafts, 0)
	if err != nil || len(present) != 1 || len(gone) != 0 {
		t.Fatalf("first round: %d present, %d gone, %v", len(present), len(gone), err)
	}
	second := w.draft(caseworker, mail.Message{Subject: "2"})
	if _, err := w.Move(caseworker, first.ID, mail.DeletedItems); err != nil {
		t.Fatal(err)
	}
	present, gone, next, _ = w.Delta(caseworker, mail.Drafts, next)
	if len(present) != 1 || present[0].ImmutableID != second.ImmutableID {
		t.Errorf("present: %v", present)
	}
	if len(gone) != 1 || gone[0].ImmutableID != first.ImmutableID {
		t.Errorf("gone: %v", gone)
	}
	if present, gone, _, _ = w.Delta(caseworker, mail.Drafts, next); len(present)+len(gone) != 0 {
		t.Error("nothing has changed since")
	}
}

func TestRemovedMailboxIsUnknown(t *testing.T) {
	w := newWorld(t)
	if err := w.RemoveMailbox(building); err != nil {
		t.Fatal(err)
	}
	_, err := w.Folder(building, mail.Inbox)
	wantRefusal(t, err, 404, "ErrorInvalidUser")
	w.send(caseworker, mail.Message{}, building)
	if w.only(caseworker, mail.Inbox).Report == nil {
		t.Error("mail to it must bounce")
	}
}
