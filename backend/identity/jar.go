package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"senddigitally/backend/transfer"
)

// Sessions keeps sessions by the keyed hash of their id. Session answers
// NotFound for one that is unknown or over; Touch never brings one back.
type Sessions interface {
	CreateSession(ctx context.Context, hash string, values map[string][]byte, ttl time.Duration) error
	Session(ctx context.Context, hash string) (map[string][]byte, error)
	Touch(ctx context.Context, hash string, ttl time.Duration) error
	DropSession(ctx context.Context, hash string) error
}

// The lifetimes of a session: without a request, and whatever happens.
const (
	IdleLife     = 30 * time.Minute
	AbsoluteLife = 8 * time.Hour
)

// CookieName is the session's cookie. By its prefix a browser takes it from
// this very host only, over TLS or from loopback (RFC 6265bis, 4.1.3.2).
const CookieName = "__Host-sd"

const (
	sealedField  = "s"
	secretLength = 2 * 26 // twice crypto/rand.Text: 260 bits
)

// Jar turns cookies into sessions and back.
type Jar struct {
	sessions Sessions
	naming   []byte
	aead     cipher.AEAD
	clock    func() time.Time
}

// NewJar makes a Jar. The key is 32 bytes from the keyring: it seals what is
// stored and hashes the ids. The clock tells UTC.
func NewJar(sessions Sessions, key []byte, clock func() time.Time) (*Jar, error) {
	naming, err := hkdf.Key(sha256.New, key, nil, "senddigitally/1/session name", 32)
	if err != nil {
		return nil, err
	}
	sealing, err := hkdf.Key(sha256.New, key, nil, "senddigitally/1/session seal", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Jar{sessions: sessions, naming: naming, aead: aead, clock: clock}, err
}

// Session is the session of a request, and lets it last on. CodeRequired says
// that there is none: unknown, over or forged.
func (j *Jar) Session(r *http.Request) (Session, error) {
	hash, ok := j.named(r)
	if !ok {
		return Session{}, noSession(nil)
	}
	values, err := j.sessions.Session(r.Context(), hash)
	if err != nil {
		return Session{}, gone(err)
	}
	s, err := j.open(hash, values[sealedField])
	if err != nil {
		return Session{}, noSession(err)
	}
	left := s.CreatedAt.Add(AbsoluteLife).Sub(j.clock())
	if left <= 0 {
		return Session{}, noSession(nil) // and the store lets go of it by itself
	}
	if err := j.sessions.Touch(r.Context(), hash, min(IdleLife, left)); err != nil {
		return Session{}, gone(err)
	}
	return s, nil
}

// Unlock adds a link that its code has just opened, under a new id: whoever
// knew the id before knows nothing now. Call it before writing the body.
func (j *Jar) Unlock(w http.ResponseWriter, r *http.Request, tenant transfer.TenantID, id transfer.ID, recipient transfer.RecipientID) (Session, error) {
	now := j.clock()
	s, err := j.Session(r)
	if transfer.CodeOf(err) == transfer.CodeRequired {
		s, err = Session{CreatedAt: now}, nil
	}
	if err != nil {
		return Session{}, err
	}
	s = s.with(SessionLink{Tenant: tenant, ID: id, Recipient: recipient, UnlockedAt: now})
	s.CSRF = rand.Text()
	secret := rand.Text() + rand.Text()
	if err := j.store(r.Context(), secret, s); err != nil {
		return Session{}, err
	}
	if old, ok := j.named(r); ok {
		if err := j.sessions.DropSession(r.Context(), old); err != nil {
			return Session{}, err
		}
	}
	http.SetCookie(w, cookie(secret, 0))
	return s, nil
}

// End ends the session of a request, if there is one, and its cookie.
func (j *Jar) End(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, cookie("", -1))
	hash, ok := j.named(r)
	if !ok {
		return nil
	}
	return j.sessions.DropSession(r.Context(), hash)
}

func (j *Jar) store(ctx context.Context, secret string, s Session) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	hash := j.name(secret)
	sealed := j.aead.Seal(nil, nil, text, []byte(hash))
	ttl := min(IdleLife, s.CreatedAt.Add(AbsoluteLife).Sub(j.clock()))
	return j.sessions.CreateSession(ctx, hash, map[string][]byte{sealedField: sealed}, ttl)
}

func (j *Jar) open(hash string, sealed []byte) (Session, error) {
	var s Session
	text, err := j.aead.Open(nil, nil, sealed, []byte(hash))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// named is the hash of the id that a request brings, if its form is one.
func (j *Jar) named(r *http.Request) (string, bool) {
	c, err := r.Cookie(CookieName)
	if err != nil || len(c.Value) != secretLength {
		return "", false
	}
	return j.name(c.Value), true
}

func (j *Jar) name(secret string) string {
	mac := hmac.New(sha256.New, j.naming)
	mac.Write([]byte(secret))
	return hex.EncodeToString(mac.Sum(nil))
}

func cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: CookieName, Value: value, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// gone turns a session that ended meanwhile into none; other errors stay.
func gone(err error) error {
	if transfer.CodeOf(err) == transfer.NotFound {
		return noSession(err)
	}
	return err
}

func noSession(cause error) error {
	return &transfer.Error{Code: transfer.CodeRequired, Detail: "please enter the access code", Cause: cause}
}
