package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/outlook"
)

// The sender is told by mail, and a new link opens again at once.
func TestCase52_GuessedCodesLockTheLinkUntilTheSenderHelps(t *testing.T) {
	w := newWorld(t)
	s := w.send(letter("Decision", "the text", outlook.Citizen))
	link := w.link(outlook.Citizen, 0)
	guesser := w.citizen()
	for range 5 {
		guesser.open(link, "WRONG-CODE-XXXX")
	}
	locked := w.citizen().open(link, s.Code)
	if locked.status != http.StatusTooManyRequests || !strings.Contains(locked.body, "/ask\"") {
		t.Errorf("the right code at a locked link is answered with %d: %s", locked.status, locked.body)
	}
	w.until("the sender is told", func() bool {
		return len(w.inbox(outlook.Caseworker, "Too many wrong codes, or too many codes asked for, at the link of: "+outlook.Citizen)) == 1
	})
	w.change(s.ID, "relink", object{"recipient": "r1"})
	again := w.link(outlook.Citizen, 1)
	if page := w.citizen().open(again, s.Code); page.status != http.StatusOK || !strings.Contains(page.body, "the text") {
		t.Errorf("the new link is answered with %d", page.status)
	}
	if page := w.citizen().open(link, s.Code); page.status != http.StatusNotFound {
		t.Errorf("the old link is answered with %d", page.status)
	}
}
