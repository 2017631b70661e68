package e2e_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"senddigitally/backend/access"
	"senddigitally/backend/app"
	"senddigitally/backend/sandbox/outlook"
)

// explosive is an audit log that panics at one action.
type explosive struct {
	access.Trail
	at access.Action
}

const detail = "a secret detail of the panic"

func (e explosive) Append(ctx context.Context, event access.Event) error {
	if event.Action == e.at {
		panic(detail)
	}
	return e.Trail.Append(ctx, event)
}

// explosive is a second system over the sandbox's stores.
func (w *world) explosive(at access.Action) *app.System {
	w.t.Helper()
	setup := w.Setup
	setup.Trail, setup.Worker = explosive{setup.Trail, at}, "explosive"
	system, err := app.New(setup)
	must(w.t, err)
	return system
}

func (w *world) served(h http.Handler) string {
	server := httptest.NewServer(h)
	w.t.Cleanup(server.Close)
	return server.URL
}

// survives checks the answer to a panic: a 500 that tells nothing.
func survives(t *testing.T, a answer, kind string) {
	t.Helper()
	if a.status != http.StatusInternalServerError || !strings.HasPrefix(a.header.Get("Content-Type"), kind) || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a panic is answered %d %v", a.status, a.header)
	}
	if strings.Contains(a.body, detail) || strings.Contains(a.body, "goroutine") || strings.Contains(a.body, ".go:") {
		t.Errorf("the answer tells the panic: %s", a.body)
	}
}

func TestCase80_AHandlerThatPanicsAnswers500AndTheProcessLives(t *testing.T) {
	w := newWorld(t)
	api := w.served(w.explosive(access.ReadSettings).Staff)
	token := w.UserToken(outlook.Caseworker)
	a := w.apiAt(api, token, "GET", "/api/v1/settings", nil, nil)
	survives(t, a, "application/problem+json")
	if a.problem() != "internal" {
		t.Errorf("the problem's code is %q", a.problem())
	}
	if a := w.apiAt(api, token, "GET", "/api/v1/transfers", nil, nil); a.status != http.StatusOK {
		t.Errorf("the next request is answered %d", a.status)
	}

	l := w.posted("Decision", outlook.Citizen)
	pages := w.served(w.explosive(access.OpenLink).Portal)
	link := strings.Replace(l.links[0], w.PortalURL, pages, 1)
	survives(t, w.citizen().get(link), "text/html")
	if page := w.citizen().get(pages + "/"); page.status != http.StatusOK {
		t.Errorf("the next page answers %d", page.status)
	}
	if !strings.Contains(w.log.String(), detail) || strings.Contains(w.log.String(), linkForm.FindStringSubmatch(l.links[0])[1]) {
		t.Error("the log does not say what happened, or tells the link")
	}
}

func TestCase80_AJobThatPanicsLeavesTheQueueMoving(t *testing.T) {
	w := newWorld(t, idle)
	stop := w.work(w.explosive(access.Notify))
	id := w.send(letter("Decision", "text", outlook.Citizen)).ID
	w.until("the job has panicked", func() bool { return strings.Contains(w.log.String(), "panic: "+detail) })
	stop()
	w.work(w.System)
	w.until("the recipient is notified by another worker", func() bool { return w.transfer(id).Recipients[0].State == "notified" })
	if n := len(w.invited(outlook.Citizen)); n != 1 {
		t.Errorf("%d mails reached the citizen", n)
	}
}
