package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/transfer"
)

// staffShelf keeps sessions in memory.
type staffShelf map[string]map[string][]byte

func (s staffShelf) CreateSession(_ context.Context, hash string, values map[string][]byte, _ time.Duration) error {
	s[hash] = values
	return nil
}

func (s staffShelf) Session(_ context.Context, hash string) (map[string][]byte, error) {
	if values, known := s[hash]; known {
		return values, nil
	}
	return nil, transfer.E(transfer.NotFound, "unknown")
}
func (s staffShelf) Touch(context.Context, string, time.Duration) error { return nil }
func (s staffShelf) DropSession(_ context.Context, hash string) error   { delete(s, hash); return nil }

type staffBrowser struct {
	t          *testing.T
	jar        *StaffJar
	staffShelf staffShelf
	now        time.Time
	cookies    map[string]*http.Cookie
}

func newStaffBrowser(t *testing.T) *staffBrowser {
	b := &staffBrowser{t: t, staffShelf: staffShelf{}, now: time.Date(2026, 9, 16, 10, 0, 0, 0, time.UTC), cookies: map[string]*http.Cookie{}}
	var err error
	if b.jar, err = NewStaffJar(b.staffShelf, make([]byte, 32), func() time.Time { return b.now }); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *staffBrowser) request(address string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *staffBrowser) keep(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
			b.t.Errorf("cookie %v", c)
		}
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
}

func (b *staffBrowser) begin(next string) url.Values {
	w := httptest.NewRecorder()
	address, err := b.jar.Begin(w, SignIn{Authority: "https://login.example/tid", ClientID: "client", Redirect: "https://staff.example/signin/callback"}, next)
	if err != nil {
		b.t.Fatal(err)
	}
	b.keep(w)
	u, _ := url.Parse(address)
	return u.Query()
}

func (b *staffBrowser) returned(query string) (next, verifier string, err error) {
	w := httptest.NewRecorder()
	_, verifier, next, err = b.jar.Returned(w, b.request("/signin/callback?"+query))
	b.keep(w)
	return next, verifier, err
}

func TestASignInComesBackToWhereItBegan(t *testing.T) {
	b := newStaffBrowser(t)
	q := b.begin("/replies/x?lang=da")
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || len(q.Get("code_challenge")) != 43 {
		t.Errorf("query %v", q)
	}
	next, verifier, err := b.returned("code=c&state=" + q.Get("state"))
	if err != nil || next != "/replies/x?lang=da" || len(verifier) < 43 {
		t.Errorf("%q %q %v", next, verifier, err)
	}
	if _, _, err := b.returned("code=c&state=" + q.Get("state")); transfer.CodeOf(err) != transfer.Unauthenticated {
		t.Errorf("a sign-in is used twice: %v", err)
	}
}

func TestAForeignOrLateSignInIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		query func(state string) string
		later time.Duration
	}{
		"another state": {func(string) string { return "code=c&state=other" }, 0},
		"no state":      {func(string) string { return "code=c" }, 0},
		"no code":       {func(s string) string { return "state=" + s }, 0},
		"too late":      {func(s string) string { return "code=c&state=" + s }, signInLife},
	} {
		b := newStaffBrowser(t)
		q := b.begin("/")
		b.now = b.now.Add(c.later)
		if _, _, err := b.returned(c.query(q.Get("state"))); transfer.CodeOf(err) != transfer.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	for _, next := range []string{"https://evil.example/", "//evil.example", "///evil.example", `/\evil.example`, "evil", "", "javascript:alert(1)"} {
		if got := local(next); got != "/" {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func TestAStaffSessionEndsByTimeAndBySigningOut(t *testing.T) {
	b := newStaffBrowser(t)
	caller := transfer.Caller{Tenant: "t", Subject: "s", Roles: []transfer.Role{transfer.Distributor}, Assertion: "very secret token"}
	open := func() {
		w := httptest.NewRecorder()
		if err := b.jar.Open(w, b.request("/"), caller); err != nil {
			t.Fatal(err)
		}
		b.keep(w)
	}
	open()
	s, err := b.jar.Session(b.request("/"))
	if err != nil || s.Caller.Assertion != caller.Assertion || !s.Confirms(s.CSRF) || s.Confirms("") || s.Confirms("x") {
		t.Fatalf("%+v %v", s, err)
	}
	for hash, values := range b.staffShelf {
		if strings.Contains(string(values[sealedField]), "secret token") || strings.Contains(b.cookies[StaffCookie].Value, hash) {
			t.Error("a session can be read where it is kept")
		}
	}
	b.now = b.now.Add(StaffLife)
	if _, err := b.jar.Session(b.request("/")); transfer.CodeOf(err) != transfer.Unauthenticated {
		t.Errorf("after its time: %v", err)
	}
	open()
	again := b.request("/")
	if err := b.jar.End(httptest.NewRecorder(), again); err != nil {
		t.Fatal(err)
	}
	if _, err := b.jar.Session(again); transfer.CodeOf(err) != transfer.Unauthenticated {
		t.Errorf("after signing out: %v", err)
	}
}
