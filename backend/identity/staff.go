package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// StaffLife is how long a member of staff stays signed in: not longer than the
// access token lives that her session holds (Microsoft Learn, "Access token
// lifetime": 60 to 90 minutes). After it Entra signs her in anew, mostly unseen.
const StaffLife = 50 * time.Minute

// signInLife is how long a sign-in that was begun may take.
const signInLife = 10 * time.Minute

// The cookies of staff's browsers.
const (
	StaffCookie  = "__Host-sd-staff"
	signInCookie = "__Host-sd-signin"
)

// StaffSession is a member of staff who has signed in with a browser.
type StaffSession struct {
	Caller transfer.Caller `json:"caller"`
	CSRF   string          `json:"csrf"` // to be sent back with every form
	Until  time.Time       `json:"until"`
}

// Confirms reports whether a form's token is the session's.
func (s StaffSession) Confirms(token string) bool {
	return s.CSRF != "" && subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(token)) == 1
}

// StaffJar keeps staff's sessions, sealed like recipients' ones and apart from
// them.
type StaffJar struct{ jar *Jar }

// NewStaffJar makes a StaffJar. The key is 32 bytes from the keyring, another
// one than recipients' sessions have.
func NewStaffJar(sessions Sessions, key []byte, clock func() time.Time) (*StaffJar, error) {
	jar, err := NewJar(sessions, key, clock)
	return &StaffJar{jar}, err
}

// pending is a sign-in that was begun, kept sealed in the browser.
type pending struct {
	State, Verifier, Next string
	Until                 time.Time
}

// Begin answers where to send a browser to sign in (RFC 6749, 4.1.1, with RFC
// 7636's challenge); next is the page to come back to.
func (j *StaffJar) Begin(w http.ResponseWriter, at SignIn, next string) (address string, err error) {
	p := pending{State: rand.Text(), Verifier: rand.Text() + rand.Text(), Next: local(next), Until: j.jar.clock().Add(signInLife)}
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	sealed := j.jar.aead.Seal(nil, nil, text, []byte(signInCookie))
	http.SetCookie(w, staffCookie(signInCookie, base64.RawURLEncoding.EncodeToString(sealed), int(signInLife.Seconds())))
	challenge := sha256.Sum256([]byte(p.Verifier))
	return at.Authority + "/oauth2/v2.0/authorize?" + url.Values{"client_id": {at.ClientID}, "redirect_uri": {at.Redirect},
		"response_type": {"code"}, "response_mode": {"query"}, "scope": {"openid profile api://" + at.ClientID + "/" + accessAsUser},
		"state": {p.State}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}}.Encode(), nil
}

// SignIn is where a tenant's staff sign in.
type SignIn struct {
	Authority string // as browsers reach it, "https://login.microsoftonline.com/<tid>"
	ClientID  string
	Redirect  string // our address that Entra sends the browser back to
}

// local lets nobody send staff elsewhere after they signed in.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}

// Returned reads what a browser brings back from the sign-in: the code, the
// verifier that belongs to it, and the page to go to. Unauthenticated says that
// this browser did not begin that sign-in, or too long ago.
func (j *StaffJar) Returned(w http.ResponseWriter, r *http.Request) (code, verifier, next string, err error) {
	defer http.SetCookie(w, staffCookie(signInCookie, "", -1))
	var p pending
	if c, failed := r.Cookie(signInCookie); failed == nil {
		if sealed, failed := base64.RawURLEncoding.DecodeString(c.Value); failed == nil {
			if text, failed := j.jar.aead.Open(nil, nil, sealed, []byte(signInCookie)); failed == nil {
				_ = json.Unmarshal(text, &p) // sealed by us
			}
		}
	}
	state, code := r.URL.Query().Get("state"), r.URL.Query().Get("code")
	if p.State == "" || subtle.ConstantTimeCompare([]byte(p.State), []byte(state)) != 1 || code == "" || !j.jar.clock().Before(p.Until) {
		return "", "", "", refused(nil)
	}
	return code, p.Verifier, p.Next, nil
}

// Open begins a session under a new id. Call it before writing the body.
func (j *StaffJar) Open(w http.ResponseWriter, r *http.Request, caller transfer.Caller) error {
	s := StaffSession{Caller: caller, CSRF: rand.Text(), Until: j.jar.clock().Add(StaffLife)}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	secret := rand.Text() + rand.Text()
	hash := j.jar.name("staff" + secret)
	sealed := j.jar.aead.Seal(nil, nil, text, []byte(hash))
	if err := j.jar.sessions.CreateSession(r.Context(), hash, map[string][]byte{sealedField: sealed}, StaffLife); err != nil {
		return err
	}
	http.SetCookie(w, staffCookie(StaffCookie, secret, 0))
	return nil
}

// Session is the session of a request. Unauthenticated says that there is none.
func (j *StaffJar) Session(r *http.Request) (StaffSession, error) {
	var s StaffSession
	hash, ok := j.named(r)
	if !ok {
		return s, refused(nil)
	}
	values, err := j.jar.sessions.Session(r.Context(), hash)
	if transfer.CodeOf(err) == transfer.NotFound {
		return s, refused(nil)
	}
	if err != nil {
		return s, err
	}
	text, err := j.jar.aead.Open(nil, nil, values[sealedField], []byte(hash))
	if err != nil || json.Unmarshal(text, &s) != nil || !j.jar.clock().Before(s.Until) {
		return StaffSession{}, refused(err)
	}
	return s, nil
}

// End signs a browser out.
func (j *StaffJar) End(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, staffCookie(StaffCookie, "", -1))
	hash, ok := j.named(r)
	if !ok {
		return nil
	}
	return j.jar.sessions.DropSession(r.Context(), hash)
}

func (j *StaffJar) named(r *http.Request) (string, bool) {
	c, err := r.Cookie(StaffCookie)
	if err != nil || len(c.Value) != secretLength {
		return "", false
	}
	return j.jar.name("staff" + c.Value), true
}

func staffCookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
