package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"senddigitally/backend/identity"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// signedIn is everybody's session.
type signedIn struct{}

func (signedIn) Session(*http.Request) (identity.StaffSession, error) {
	return identity.StaffSession{CSRF: "the session's token", Caller: transfer.Caller{Tenant: "municipality", Subject: "colleague"}}, nil
}

// discarding notes what was deleted for whom.
type discarding struct {
	Receiving
	by []string
}

func (d *discarding) Discard(_ context.Context, who transfer.Caller, _ transfer.ID) error {
	d.by = append(d.by, who.Subject)
	return nil
}

// Case 58, for the application that a session serves: no other site acts in its
// name.
func TestASessionChangesSomethingOnlyWithItsTokenAndFromOurOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		header map[string]string
		status int
	}{
		"as our page sends it":    {map[string]string{CSRFHeader: "the session's token", "Sec-Fetch-Site": "same-origin"}, http.StatusNoContent},
		"without the token":       {map[string]string{"Sec-Fetch-Site": "same-origin"}, http.StatusUnauthorized},
		"with another token":      {map[string]string{CSRFHeader: "another", "Sec-Fetch-Site": "same-origin"}, http.StatusUnauthorized},
		"from another site":       {map[string]string{CSRFHeader: "the session's token", "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		"from another origin":     {map[string]string{CSRFHeader: "the session's token", "Origin": "https://evil.example"}, http.StatusForbidden},
		"with a worthless bearer": {map[string]string{"Authorization": "Bearer x", CSRFHeader: "the session's token"}, http.StatusUnauthorized},
	} {
		log := slog.New(slog.DiscardHandler)
		engine, err := web.Engine(nil, false, log)
		if err != nil {
			t.Fatal(err)
		}
		done := &discarding{}
		(&API{Identity: strangers{}, Sessions: signedIn{}, Receiving: done, Log: log}).Register(engine)
		request := httptest.NewRequest(http.MethodDelete, "/api/v1/received/0a0123456789abcdefghijklmnopqrstuv", nil)
		for key, value := range c.header {
			request.Header.Set(key, value)
		}
		answer := httptest.NewRecorder()
		engine.ServeHTTP(answer, request)
		if answer.Code != c.status || (len(done.by) == 1) != (c.status == http.StatusNoContent) {
			t.Errorf("%s: %d, deleted by %v", name, answer.Code, done.by)
		}
	}
}
