package identity

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/transfer"
)

// shelf keeps sessions in memory.
type shelf struct {
	values map[string]map[string][]byte
	until  map[string]time.Time
	now    time.Time
	err    error
}

func (s *shelf) CreateSession(_ context.Context, hash string, values map[string][]byte, ttl time.Duration) error {
	s.values[hash], s.until[hash] = values, s.now.Add(ttl)
	return s.err
}

func (s *shelf) Session(_ context.Context, hash string) (map[string][]byte, error) {
	if s.err == nil && !s.now.Before(s.until[hash]) {
		return nil, transfer.E(transfer.NotFound, "unknown session")
	}
	return s.values[hash], s.err
}

func (s *shelf) Touch(_ context.Context, hash string, ttl time.Duration) error {
	s.until[hash] = s.now.Add(ttl)
	return s.err
}

func (s *shelf) DropSession(_ context.Context, hash string) error {
	delete(s.values, hash)
	delete(s.until, hash)
	return s.err
}

const (
	oneID = transfer.ID("0a0123456789abcdefghijklmnopqrstuv")
	twoID = transfer.ID("0b0123456789abcdefghijklmnopqrstuv")
)

func newJar(t *testing.T) (*Jar, *shelf) {
	t.Helper()
	s := &shelf{values: map[string]map[string][]byte{}, until: map[string]time.Time{}, now: start}
	jar, err := NewJar(s, bytes.Repeat([]byte("k"), 32), func() time.Time { return s.now })
	if err != nil {
		t.Fatal(err)
	}
	return jar, s
}

// browser brings the cookies that it was given.
type browser struct{ cookies []*http.Cookie }

func (b *browser) request() *http.Request {
	r := httptest.NewRequest("GET", "https://post.municipality.example/", nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *browser) unlock(t *testing.T, jar *Jar, id transfer.ID) (Session, *http.Cookie) {
	t.Helper()
	w := httptest.NewRecorder()
	s, err := jar.Unlock(w, b.request(), "aalborg", id, "r1")
	if err != nil {
		t.Fatal(err)
	}
	b.cookies = w.Result().Cookies()
	return s, b.cookies[0]
}

func TestASessionHoldsSeveralLinks(t *testing.T) {
	jar, _ := newJar(t)
	var b browser
	b.unlock(t, jar, oneID)
	b.unlock(t, jar, twoID)
	b.unlock(t, jar, oneID)
	s, err := jar.Session(b.request())
	if err != nil || len(s.Links) != 2 {
		t.Fatalf("session %+v, %v", s, err)
	}
	if l, ok := s.Link("aalborg", twoID, "r1"); !ok || !l.UnlockedAt.Equal(start) {
		t.Errorf("link %+v", l)
	}
	for _, wrong := range []SessionLink{{Tenant: "bergen", ID: oneID, Recipient: "r1"}, {Tenant: "aalborg", ID: oneID, Recipient: "r2"}} {
		if _, ok := s.Link(wrong.Tenant, wrong.ID, wrong.Recipient); ok {
			t.Errorf("holds %+v", wrong)
		}
	}
}

func TestTheCookieIsTheBrowsersAlone(t *testing.T) {
	jar, _ := newJar(t)
	_, c := new(browser).unlock(t, jar, oneID)
	line := c.String()
	for _, part := range []string{"__Host-sd=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(line, part) {
			t.Errorf("%s lacks %s", line, part)
		}
	}
	if strings.Contains(line, "Domain") || c.MaxAge != 0 {
		t.Errorf("cookie %s", line)
	}
}

func TestUnlockingChangesTheID(t *testing.T) {
	jar, _ := newJar(t)
	var b browser
	first, before := b.unlock(t, jar, oneID)
	second, after := b.unlock(t, jar, twoID)
	if before.Value == after.Value || first.CSRF == second.CSRF {
		t.Error("the id or the form's token stayed")
	}
	old := browser{cookies: []*http.Cookie{before}}
	if _, err := jar.Session(old.request()); transfer.CodeOf(err) != transfer.CodeRequired {
		t.Errorf("the id from before still serves: %v", err)
	}
	planted := browser{cookies: []*http.Cookie{{Name: CookieName, Value: strings.Repeat("A", secretLength)}}}
	if _, c := planted.unlock(t, jar, oneID); c.Value == strings.Repeat("A", secretLength) {
		t.Error("an id that was planted was taken over")
	}
}

func TestSessionsEnd(t *testing.T) {
	jar, shelf := newJar(t)
	var b browser
	b.unlock(t, jar, oneID)
	for shelf.now.Before(start.Add(AbsoluteLife - IdleLife)) {
		shelf.now = shelf.now.Add(IdleLife - time.Minute)
		if _, err := jar.Session(b.request()); err != nil {
			t.Fatalf("after %v of use: %v", shelf.now.Sub(start), err)
		}
	}
	_, c := b.unlock(t, jar, twoID) // does not begin the day anew
	shelf.now = start.Add(AbsoluteLife)
	shelf.until[jar.name(c.Value)] = shelf.now.Add(time.Hour) // a store that keeps too long
	if _, err := jar.Session(b.request()); transfer.CodeOf(err) != transfer.CodeRequired {
		t.Errorf("after its absolute life: %v", err)
	}
	b.unlock(t, jar, oneID)
	shelf.now = shelf.now.Add(IdleLife)
	if _, err := jar.Session(b.request()); transfer.CodeOf(err) != transfer.CodeRequired {
		t.Errorf("after its idle life: %v", err)
	}
}

func TestEndForgetsTheSession(t *testing.T) {
	jar, shelf := newJar(t)
	var b browser
	b.unlock(t, jar, oneID)
	w := httptest.NewRecorder()
	if err := jar.End(w, b.request()); err != nil || len(shelf.values) != 0 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("%v, %d left, %v", err, len(shelf.values), w.Result().Cookies())
	}
	if err := jar.End(httptest.NewRecorder(), new(browser).request()); err != nil {
		t.Errorf("without a session: %v", err)
	}
}

// I2: what is stored says nothing, and fits its own name only.
func TestStoredSessionsAreSealed(t *testing.T) {
	jar, shelf := newJar(t)
	var one, two browser
	_, c1 := one.unlock(t, jar, oneID)
	_, c2 := two.unlock(t, jar, twoID)
	h1, h2 := jar.name(c1.Value), jar.name(c2.Value)
	for hash, values := range shelf.values {
		for _, secret := range []string{string(oneID), string(twoID), "aalborg", c1.Value, c2.Value} {
			if strings.Contains(hash, secret) || bytes.Contains(values[sealedField], []byte(secret)) {
				t.Errorf("%q is stored in the clear", secret)
			}
		}
	}
	shelf.values[h1], shelf.values[h2] = shelf.values[h2], shelf.values[h1]
	if _, err := jar.Session(one.request()); transfer.CodeOf(err) != transfer.CodeRequired {
		t.Errorf("another's session serves: %v", err)
	}
}

func TestWithoutTheStoreNothingIsOpen(t *testing.T) {
	jar, shelf := newJar(t)
	var b browser
	b.unlock(t, jar, oneID)
	shelf.err = transfer.Wrap(transfer.Unavailable, "down", errors.New("redis"))
	if _, err := jar.Session(b.request()); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("Session: %v", err)
	}
	w := httptest.NewRecorder()
	if _, err := jar.Unlock(w, b.request(), "aalborg", twoID, "r1"); transfer.CodeOf(err) != transfer.Unavailable || len(w.Result().Cookies()) != 0 {
		t.Errorf("Unlock: %v", err)
	}
}

func TestFormsAreConfirmed(t *testing.T) {
	jar, _ := newJar(t)
	s, _ := new(browser).unlock(t, jar, oneID)
	if !s.Confirms(s.CSRF) || s.Confirms("") || s.Confirms(s.CSRF+"x") || (Session{}).Confirms("") {
		t.Error("a form is confirmed wrongly")
	}
}

func TestASessionStaysSmall(t *testing.T) {
	var s Session
	for i := range maxLinks + 5 {
		s = s.with(SessionLink{ID: oneID, Recipient: transfer.RecipientID(strings.Repeat("r", i+1))})
	}
	if len(s.Links) != maxLinks || s.Links[0].Recipient != "rrrrrr" {
		t.Errorf("%d links", len(s.Links))
	}
}
