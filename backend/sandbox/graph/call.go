package graph

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/mail"
)

// call is one request with what was found out about it.
type call struct {
	*Server
	w         http.ResponseWriter
	r         *http.Request
	who       entra.Claims
	mailbox   mail.Mailbox
	immutable bool // Prefer: IdType="ImmutableId"
	body      *counter
	requestID string
}

// open serves a request that needs a token but names no mailbox.
func (s *Server) open(handle func(*call) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := s.newCall(w, r)
		err := c.authenticate()
		if err == nil {
			err = handle(c)
		}
		c.fail(err)
	}
}

// serve serves a request for a mailbox: token, permission, limits, behaviour, then the
// handler.
func (s *Server) serve(needs need, handle func(*call) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := s.newCall(w, r)
		if err := c.admit(needs); err != nil {
			c.fail(err)
			return
		}
		leave, err := s.limits.enter(c.who.Client, c.mailbox.Address)
		if err != nil {
			c.fail(err)
			return
		}
		defer leave()
		defer func() { s.limits.uploaded(c.who.Client, c.mailbox.Address, c.body.n) }()
		c.slow()
		err = handle(c)
		s.limits.answered(c.who.Client, c.mailbox.Address, err)
		c.fail(err)
	}
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := &call{Server: s, w: w, r: r, requestID: newRequestID(), body: &counter{ReadCloser: r.Body}}
	r.Body = c.body
	h := w.Header()
	h.Set("request-id", c.requestID)
	h.Set("client-request-id", clientRequestID(r, c.requestID))
	for _, p := range r.Header.Values("Prefer") {
		if strings.Contains(strings.ReplaceAll(p, " ", ""), `IdType="ImmutableId"`) {
			c.immutable = true
			h.Set("Preference-Applied", `IdType="ImmutableId"`)
		}
	}
	return c
}

func (c *call) admit(needs need) error {
	if err := c.authenticate(); err != nil {
		return err
	}
	return c.authorise(needs)
}

// slow holds up everything about the mailbox slow@.
func (c *call) slow() {
	if mail.BehaviourOf(c.mailbox.Address) != mail.Slow {
		return
	}
	timer := time.NewTimer(c.store.Settings().SlowResponse)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.r.Context().Done():
	}
}

// decode reads a JSON body, gzipped or not, of at most what a small attachment needs.
func (c *call) decode(into any) error {
	var body io.Reader = c.r.Body
	if c.r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return malformed("The gzip body cannot be read.")
		}
		body = unpacked
	}
	limit := c.bodyLimit()
	text, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return malformed("The body cannot be read.")
	}
	if int64(len(text)) > limit {
		return mail.Refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request exceeds the maximum size of 4 MB.")
	}
	if err := json.Unmarshal(text, into); err != nil {
		return malformed("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return nil
}

// bodyLimit lets an attachment just below the limit through in base64.
func (c *call) bodyLimit() int64 {
	if small := c.store.Settings().SimpleAttachment; small > 0 {
		return small*4/3 + 64<<10
	}
	return math.MaxInt32
}

func (c *call) answer(status int, body map[string]any) error {
	h := c.w.Header()
	h.Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	h.Set("OData-Version", "4.0")
	c.w.WriteHeader(status)
	return ignoreBrokenPipe(json.NewEncoder(c.w).Encode(body))
}

func (c *call) nothing(status int) error {
	c.w.WriteHeader(status)
	return nil
}

// fail answers Graph's error object (Microsoft Learn, "Microsoft Graph error responses
// and resource types").
func (c *call) fail(err error) {
	if err == nil {
		return
	}
	var refusal *mail.Error
	if !errors.As(err, &refusal) {
		refusal = mail.Refuse(http.StatusInternalServerError, "ErrorInternalServerError", "An internal server error occurred. The operation failed.")
	}
	if refusal.RetryAfter > 0 {
		c.w.Header().Set("Retry-After", fmt.Sprint(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
	c.answer(refusal.Status, map[string]any{"error": map[string]any{
		"code": refusal.Code, "message": refusal.Message,
		"innerError": map[string]any{
			"date":              c.store.Now().Format("2006-01-02T15:04:05"),
			"request-id":        c.requestID,
			"client-request-id": clientRequestID(c.r, c.requestID),
		},
	}})
}

// base is the address of the API as the client sees it.
func (c *call) base() string {
	if c.cfg.Base != "" {
		return c.cfg.Base + "/v1.0"
	}
	return "http://" + c.r.Host + "/v1.0"
}

// link is this request's own address with other query parameters.
func (c *call) link(query url.Values) string {
	return strings.TrimSuffix(c.base(), "/v1.0") + c.r.URL.EscapedPath() + "?" + query.Encode()
}

// id is a message's id in the form that the client prefers.
func (c *call) id(m mail.Message) string {
	if c.immutable {
		return m.ImmutableID
	}
	return m.ID
}

func (c *call) attachmentID(a mail.Attachment) string {
	if c.immutable {
		return a.ImmutableID
	}
	return a.ID
}

// counter counts what is read of a body.
type counter struct {
	io.ReadCloser
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	return n, err
}

func clientRequestID(r *http.Request, own string) string {
	if id := r.Header.Get("client-request-id"); id != "" {
		return id
	}
	return own
}

func newRequestID() string {
	id := randomBytes(16)
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

func newToken() string { return base64.RawURLEncoding.EncodeToString(randomBytes(24)) }

func malformed(message string) *mail.Error {
	return mail.Refuse(http.StatusBadRequest, "BadRequest", message)
}

// ignoreBrokenPipe: the status line has gone out, so that a lost connection cannot be
// answered any more.
func ignoreBrokenPipe(error) error { return nil }
