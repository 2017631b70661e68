package e2e_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

func TestCase39_OneKeyFiftyTimesAtOnceIsOneTransferAndOneMail(t *testing.T) {
	w := newWorld(t)
	request := object{"draftId": w.draft(mail.Message{Subject: "Decision", Body: "Dear citizen", To: []mail.Address{{Address: outlook.Citizen}}}),
		"options": object{"language": "en", "code": "generated"}}
	key := rand.Text()
	answers := make([]answer, 50)
	var posting sync.WaitGroup
	for i := range answers {
		posting.Go(func() { answers[i] = w.api("POST", "/api/v1/transfers", request, idempotent(key)) })
	}
	posting.Wait()
	first := answers[0].transfer(w)
	for _, a := range answers {
		if s := a.transfer(w); a.status != http.StatusAccepted || s.ID != first.ID {
			t.Errorf("answered %d with id %s, not 202 with %s", a.status, s.ID, first.ID)
		}
	}
	w.accepted(first.ID)
	w.until("the recipient is notified", func() bool { return w.transfer(first.ID).Recipients[0].State == "notified" })
	w.until("the draft is filed", func() bool { return w.transfer(first.ID).Filed })

	var list struct{ Transfers []sent }
	must(t, json.Unmarshal([]byte(w.api("GET", "/api/v1/transfers", nil, nil).body), &list))
	if len(list.Transfers) != 1 || len(w.invited(outlook.Citizen)) != 1 {
		t.Errorf("there are %d transfers and %d mails, not one of each", len(list.Transfers), len(w.invited(outlook.Citizen)))
	}
	if manifests := slices.DeleteFunc(w.files("vault"), func(name string) bool { return !strings.HasSuffix(name, "/manifest") }); len(manifests) != 1 {
		t.Errorf("the vault has %d manifests", len(manifests))
	}
	if again := w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w); again.ID != first.ID || again.State != "live" {
		t.Errorf("later the same request answers %s, %s", again.ID, again.State)
	}
}

func TestCase40_AKeyUsedBeforeWithAnotherRequestIsRefused(t *testing.T) {
	w := newWorld(t)
	key := rand.Text()
	first := w.api("POST", "/api/v1/transfers", letter("One", "the first", outlook.Citizen), idempotent(key)).transfer(w)
	w.accepted(first.ID)
	for name, other := range map[string]object{
		"another text":      letter("One", "the second", outlook.Citizen),
		"another recipient": letter("One", "the first", outlook.Company),
	} {
		a := w.api("POST", "/api/v1/transfers", other, idempotent(key))
		if a.status != http.StatusUnprocessableEntity || a.problem() != "key_reused" {
			t.Errorf("%s is answered %d %s", name, a.status, a.body)
		}
	}
	w.until("the recipient is notified", func() bool { return w.transfer(first.ID).Recipients[0].State == "notified" })
	if got := w.transfer(first.ID); got.Subject != "One" || len(got.Recipients) != 1 || len(w.invited(outlook.Citizen)) != 1 || len(w.invited(outlook.Company)) != 0 {
		t.Errorf("a refused request changed something: %+v", got)
	}
}

func TestAKeyWhoseTransferIsErasedSaysWhyNothingIsSentAgain(t *testing.T) {
	w := newWorld(t)
	key, request := rand.Text(), letter("One", "the first", outlook.Citizen)
	first := w.accepted(w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w).ID)
	w.change(first.ID, "withdraw", object{"erase": true})
	for name, c := range map[string]struct {
		request object
		status  int
		problem string
	}{
		"the same":     {request, http.StatusGone, "withdrawn"},
		"another text": {letter("One", "the second", outlook.Citizen), http.StatusUnprocessableEntity, "key_reused"},
	} {
		if a := w.api("POST", "/api/v1/transfers", c.request, idempotent(key)); a.status != c.status || a.problem() != c.problem {
			t.Errorf("%s is answered %d %s", name, a.status, a.body)
		}
	}
}
