package e2e_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/identity"
	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/outlook"
)

// Membership counts from the next request on; what Entra vouched for counts as
// long as its token lives, which is not prolonged.
func TestCase55_RightsThatWereWithdrawnAreDenied(t *testing.T) {
	const mailbox = "citizen-service@municipality.example"
	w := newWorld(t)
	must(t, w.Mail.SetMembers(mailbox, []string{outlook.Caseworker, outlook.Colleague}))
	s := w.send(letter("Decision", "text", outlook.Citizen))
	path := "/api/v1/transfers/" + string(s.ID)
	as := func(token, method, path string, body any) int {
		return w.apiAt(w.StaffURL, token, method, path, body, nil).status
	}
	if status := as(w.UserToken(outlook.Colleague), "GET", path, nil); status != http.StatusOK {
		t.Fatalf("a member reads %d", status)
	}
	must(t, w.Mail.SetMembers(mailbox, []string{outlook.Caseworker}))
	for method, at := range map[string]string{"GET": path, "POST": path + "/withdraw"} {
		if status := as(w.UserToken(outlook.Colleague), method, at, object{}); status != http.StatusNotFound {
			t.Errorf("who is a member no more: %s %s answers %d", method, at, status)
		}
	}
	token := w.Entra.UserToken(outlook.Caseworker, []string{"access_as_user"}, entra.WithClaim("roles", []string{"Distributor"}), entra.WithClaim("exp", w.now().Add(10*time.Minute).Unix()))
	if status := as(token, "GET", "/api/v1/manual", nil); status != http.StatusOK {
		t.Fatalf("a distributor reads %d", status)
	}
	without := w.Entra.UserToken(outlook.Caseworker, []string{"access_as_user"}, entra.WithClaim("roles", []string{}))
	if status := as(without, "GET", "/api/v1/manual", nil); status != http.StatusForbidden {
		t.Errorf("with a new token, without the role: %d", status)
	}
	w.pass(10*time.Minute + identity.Skew)
	if status := as(token, "GET", "/api/v1/manual", nil); status != http.StatusUnauthorized {
		t.Errorf("with the old token, after its end: %d", status)
	}
}

func TestCase61_TheStatusStreamTellsOfOnesOwnTransferOnly(t *testing.T) {
	w := newWorld(t)
	mine, other := w.send(letter("Decision", "text", outlook.Citizen)), w.send(letter("Another matter", "text", outlook.Citizen))
	at := "/api/v1/transfers/" + string(mine.ID) + "/progress"
	stranger := w.Entra.UserToken("another@municipality.example", []string{"access_as_user"}, entra.WithClaim("roles", []string{"Caseworker"}))
	for name, token := range map[string]string{"a stranger": stranger, "a colleague": w.UserToken(outlook.Colleague), "nobody": ""} {
		a := w.apiAt(w.StaffURL, token, "GET", at, nil, nil)
		if a.status != http.StatusNotFound && a.status != http.StatusUnauthorized || strings.Contains(a.body, "Decision") || strings.Contains(a.body, "data:") {
			t.Errorf("%s reads %d %s", name, a.status, a.body)
		}
	}
	r := w.request("GET", w.StaffURL+at, nil, http.Header{"Authorization": {"Bearer " + w.UserToken(outlook.Caseworker)}})
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	events := 0
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); { // it ends, since all is received
		events += strings.Count(lines.Text(), string(mine.ID))
		if strings.Contains(lines.Text(), string(other.ID)) || strings.Contains(lines.Text(), "Another matter") {
			t.Errorf("the stream tells of another transfer: %s", lines.Text())
		}
	}
	if answer.StatusCode != http.StatusOK || events == 0 {
		t.Errorf("the sender's own stream: %d, %d events", answer.StatusCode, events)
	}
}
