package mail_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/sandbox/mail"
)

// TestEveryMessageLiesInOneFolder drives a mailbox with random operations: an immutable
// id names one message for ever, no two share an id, and counts agree with contents.
func TestEveryMessageLiesInOneFolder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
		s := mail.New(func() time.Time { return now }, mail.Defaults())
		if _, err := s.AddMailbox(mail.Mailbox{Address: caseworker, Kind: mail.User}); err != nil {
			t.Fatal(err)
		}
		subjects := map[string]string{} // by immutable id
		folders := []string{mail.Inbox, mail.Drafts, mail.DeletedItems}
		some := func() (mail.Message, bool) {
			all, _ := s.Messages(caseworker, "", nil)
			if len(all) == 0 {
				return mail.Message{}, false
			}
			return all[rapid.IntRange(0, len(all)-1).Draw(t, "which")], true
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				m, err := s.CreateDraft(caseworker, "", mail.Message{Subject: fmt.Sprint(len(subjects)), To: []mail.Address{{Address: citizen}}})
				if err != nil {
					t.Fatal(err)
				}
				subjects[m.ImmutableID] = m.Subject
			},
			"move": func(t *rapid.T) {
				if m, found := some(); found {
					moved, err := s.Move(caseworker, m.ID, rapid.SampledFrom(folders).Draw(t, "to"))
					if err != nil || moved.ID == m.ID || moved.ImmutableID != m.ImmutableID {
						t.Fatalf("moved: %v", err)
					}
				}
			},
			"send": func(t *rapid.T) {
				if m, found := some(); found {
					now = now.Add(time.Minute)
					if err := s.Send(caseworker, m.ImmutableID); err != nil {
						t.Fatal(err)
					}
				}
			},
			"delete": func(t *rapid.T) {
				if m, found := some(); found {
					if err := s.Delete(caseworker, m.ID); err != nil {
						t.Fatal(err)
					}
				}
			},
			"": func(t *rapid.T) { checkMailbox(t, s, subjects) },
		})
	})
}

func checkMailbox(t *rapid.T, s *mail.Store, subjects map[string]string) {
	seen := map[string]bool{}
	all, _ := s.Messages(caseworker, "", nil)
	for _, m := range all {
		if seen[m.ID] || seen[m.ImmutableID] {
			t.Fatal("two messages share an id")
		}
		seen[m.ID], seen[m.ImmutableID] = true, true
		if subjects[m.ImmutableID] != m.Subject {
			t.Fatal("an immutable id names another message")
		}
	}
	folders, _ := s.Folders(caseworker, mail.Root)
	total := 0
	for _, f := range folders {
		inside, _ := s.Messages(caseworker, f.ID, nil)
		if len(inside) != f.Total {
			t.Fatalf("%s counts %d and holds %d", f.Name, f.Total, len(inside))
		}
		total += f.Total
	}
	if total != len(all) {
		t.Fatalf("the folders hold %d of %d", total, len(all))
	}
}

// TestManyAtOnce is for the race detector; afterwards nothing is lost.
func TestManyAtOnce(t *testing.T) {
	s := mail.New(time.Now, mail.Settings{})
	for _, address := range []string{caseworker, service} {
		if _, err := s.AddMailbox(mail.Mailbox{Address: address, Kind: mail.User}); err != nil {
			t.Fatal(err)
		}
	}
	defer s.Subscribe(func(c mail.Change) { s.Mailbox(c.Mailbox) })()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 25 {
				m, err := s.CreateDraft(caseworker, "", mail.Message{Subject: fmt.Sprint(i, j), To: []mail.Address{{Address: service}}})
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Send(caseworker, m.ImmutableID); err != nil {
					t.Error(err)
				}
				s.Configure(func(s *mail.Settings) { s.RetryAfter++ })
				s.Delta(service, mail.Inbox, 0)
			}
		})
	}
	group.Wait()
	for mailbox, folder := range map[string]string{caseworker: mail.SentItems, service: mail.Inbox} {
		if got, _ := s.Messages(mailbox, folder, nil); len(got) != 200 {
			t.Errorf("%s of %s holds %d", folder, mailbox, len(got))
		}
	}
}
