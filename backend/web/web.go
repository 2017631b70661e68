// Package web is what the API and the pages share: the engine, the answer to an
// error, and patience with slow but not with stalled clients.
//
// Invariant: an error that leaves here is a problem with a stable code, a
// sentence in the reader's language and no cause; a log line has the route's
// pattern, never its path, since paths carry links.
//
// Failure: a handler that panics answers 500 and the process lives.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
)

// Engine makes a Gin engine that trusts no proxy but these (addresses or CIDR),
// guards every answer's headers, and logs each request. secure says that browsers
// come by https.
func Engine(proxies []string, secure bool, log *slog.Logger) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false // it would answer before guard, and for good
	engine.ContextWithFallback = true
	if err := engine.SetTrustedProxies(proxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	engine.Use(identify, observe(log), guard(secure))
	return engine, nil
}

const requestID = "request-id"

// identify gives every request an id that support can ask for.
func identify(c *gin.Context) {
	id := rand.Text()[:16]
	c.Set(requestID, id)
	c.Header("X-Request-Id", id)
	c.Next()
}

// RequestID is the id that identify gave.
func RequestID(c *gin.Context) string { return c.GetString(requestID) }

func observe(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		begun := time.Now()
		defer func() {
			log.Info("request", "method", c.Request.Method, "route", c.FullPath(), "status", c.Writer.Status(),
				"bytes", c.Writer.Size(), "took", time.Since(begun).Round(time.Microsecond).String(), "request", RequestID(c))
			failure, left := c.Errors.Last(), c.Request.Context().Err() != nil // who asked has gone: no fault of ours
			if failure != nil && c.Writer.Status() >= http.StatusInternalServerError && !(left && errors.Is(failure.Err, context.Canceled)) {
				log.Error("request failed", "route", c.FullPath(), "request", RequestID(c), "reason", transfer.CodeOf(failure.Err), "cause", failure.Err)
			}
		}()
		c.Next()
	}
}

// Recover turns a panic into an Internal error, written by fail. A handler that
// aborts on purpose (http.ErrAbortHandler) still aborts the connection.
func Recover(log *slog.Logger, fail func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			log.Error("a handler panicked", "route", c.FullPath(), "request", RequestID(c), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if c.Writer.Written() {
				panic(http.ErrAbortHandler)
			}
			fail(c, transfer.E(transfer.Internal, "something went wrong on our side"))
		}()
		c.Next()
	}
}

// Status is the HTTP status (RFC 9110) of an error's code.
func Status(code transfer.Code) int {
	if status, known := statuses[code]; known {
		return status
	}
	return http.StatusInternalServerError
}

var statuses = map[transfer.Code]int{
	transfer.Invalid: 400, transfer.NoRecipients: 400, transfer.Empty: 400, transfer.CodeTooWeak: 400, transfer.PhoneMissing: 400, transfer.BelowTheLine: 400,
	transfer.Unauthenticated: 401, transfer.SignInAgain: 401,
	transfer.Forbidden: 403, transfer.CodeRequired: 403, transfer.CodeWrong: 403, transfer.CodeStale: 403, transfer.NotAnswerable: 403,
	transfer.MailboxRefused: 403, transfer.SenderRefused: 403, transfer.ClassifiedRefused: 403,
	transfer.NotFound: 404, transfer.DraftNotFound: 404, transfer.MailboxMissing: 404,
	transfer.InProgress: 409, transfer.Conflict: 409, transfer.InHand: 409, transfer.DraftChanged: 409, transfer.Cancelled: 409,
	transfer.Expired: 410, transfer.Withdrawn: 410,
	transfer.TooLarge: 413, transfer.TooMany: 413,
	transfer.KeyReused: 422, transfer.AttachmentRefused: 422, transfer.Infected: 422, transfer.Quarantined: 423,
	transfer.TooSoon:     409,
	transfer.RateLimited: 429, transfer.LockedOut: 429, transfer.QuotaReached: 429,
	transfer.OutlookBusy: 503, transfer.OutlookUncertain: 503, transfer.Unavailable: 503, transfer.UnsupportedVersion: 503,
	transfer.StorageFull: 507,
}

// ProblemDetails is an error as RFC 9457 writes it, with a stable code and, for
// input, the fields that are wrong.
type ProblemDetails struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail,omitempty"`
	Code     string       `json:"code"`
	Instance string       `json:"instance,omitempty"`
	Fields   []FieldFault `json:"fields,omitempty"`
}

// FieldFault is one field that breaks a rule.
type FieldFault struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Problem answers an error as problem details in the reader's language and
// ends the request.
func Problem(c *gin.Context, err error, fields ...FieldFault) {
	title, detail := Words(c).Error(err)
	code := transfer.CodeOf(err)
	status := Status(code)
	Note(c, err)
	if status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", challenge(err))
	}
	if e, ok := errors.AsType[*transfer.Error](err); ok && e.Params["retryAfter"] != "" {
		c.Header("Retry-After", e.Params["retryAfter"])
	}
	if e, ok := errors.AsType[*transfer.Error](err); ok && e.Params["field"] != "" && len(fields) == 0 {
		fields = []FieldFault{{Field: e.Params["field"], Rule: string(code), Message: detail}}
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "application/problem+json")
	c.AbortWithStatusJSON(status, ProblemDetails{Type: "about:blank", Title: title, Status: status, Detail: detail,
		Code: string(code), Instance: "urn:request:" + RequestID(c), Fields: fields})
}

// Note keeps an error for the request's log line.
func Note(c *gin.Context, err error) { _ = c.Error(err) }

// challenge passes on the claims that Entra asks for (Microsoft identity
// platform, "Claims challenges").
func challenge(err error) string {
	e, ok := errors.AsType[*transfer.Error](err)
	if ok && e.Params["claims"] != "" {
		return fmt.Sprintf("Bearer error=%q, claims=%q", "insufficient_claims", e.Params["claims"])
	}
	return "Bearer"
}

// WantsJSON reports whether the request is a script's, which reads problems
// rather than pages.
func WantsJSON(c *gin.Context) bool { return strings.Contains(c.GetHeader("Accept"), "json") }

// Words are the words for the request's reader.
func Words(c *gin.Context) catalogue.Words { return catalogue.For(c.GetHeader("Accept-Language")) }

// LeastPiece is what must come of a request's body within each wait of Patient;
// in half a minute, what a telephone sends over GSM data (9.6 kbit/s).
const LeastPiece = 16 << 10

// Patient reads a request's body as long as LeastPiece, or its end, arrives
// within each wait; a client that stalls or drips fails the read (slow-upload
// attacks).
func Patient(c *gin.Context, wait time.Duration) io.Reader {
	return &patient{body: c.Request.Body, control: http.NewResponseController(c.Writer), wait: wait}
}

type patient struct {
	body    io.Reader
	control *http.ResponseController
	wait    time.Duration
	missing int // bytes until the next deadline
}

func (p *patient) Read(b []byte) (int, error) {
	if p.missing <= 0 {
		p.missing = LeastPiece
		_ = p.control.SetReadDeadline(time.Now().Add(p.wait)) // not supported by test recorders
	}
	n, err := p.body.Read(b)
	p.missing -= n
	if err != nil {
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
