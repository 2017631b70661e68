package graph

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"senddigitally/backend/transfer"
)

// How a line treats a passing failure of a request that may be repeated.
const (
	attempts    = 4
	shortPause  = 500 * time.Millisecond // doubled each time, when Outlook names no time
	immutableID = `IdType="ImmutableId"`
)

// line is the connection to one mailbox. It is the one place that passes the gate,
// renews a token, repeats what may be repeated, and turns every answer other than
// success into an error; what lies above it sees successes only.
//
// A read is repeated after a passing failure, everything else only after 429, which
// says that it was not carried out; both as long as the pause is within patience.
type line struct {
	base       http.RoundTripper
	gate       *gate
	host       string // Graph's; other hosts get neither token nor preferences
	patience   time.Duration
	credential credential
	log        *slog.Logger
}

// RoundTrip implements [http.RoundTripper]; its errors are *refusal, *transfer.Error
// or those of the network.
func (l *line) RoundTrip(original *http.Request) (*http.Response, error) {
	request, err := l.prepare(original)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		response, err := l.pass(request)
		if err == nil {
			return response, nil
		}
		pause, repeat := l.repeatable(request, err, attempt)
		if !repeat {
			return nil, err
		}
		if err := l.gate.sleep(request.Context(), pause); err != nil {
			return nil, err
		}
	}
}

// prepare copies a request and sets what every request to Graph needs. The SDK hands
// over bodies without their length, which would be sent in chunks and only once.
func (l *line) prepare(original *http.Request) (*http.Request, error) {
	request := original.Clone(original.Context())
	if request.URL.Host == l.host {
		request.Header.Add("Prefer", immutableID)
	}
	if request.Body == nil || request.GetBody != nil {
		return request, nil
	}
	defer request.Body.Close()
	body, err := io.ReadAll(request.Body)
	request.ContentLength = int64(len(body))
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return request, err
}

// pass makes one attempt through the gate. The slot is held until the answer's body
// is closed.
func (l *line) pass(request *http.Request) (*http.Response, error) {
	leave, err := l.gate.enter(request.Context(), l.patience, !l.credential.delegated)
	if err != nil {
		return nil, err
	}
	response, err := l.authorised(request)
	if err != nil {
		leave()
		if refused, ok := errors.AsType[*refusal](err); ok && silences(refused.status) {
			l.gate.silent(refused.after)
			l.log.Warn("Outlook asks for silence", "status", refused.status, "seconds", refused.after.Seconds())
		}
		return nil, err
	}
	response.Body = &slotBody{ReadCloser: response.Body, leave: leave}
	return response, nil
}

// authorised makes one attempt, and a second one with a new token when Graph no
// longer takes the first.
func (l *line) authorised(request *http.Request) (*http.Response, error) {
	response, err := l.once(request)
	refused, ok := errors.AsType[*refusal](err)
	if !ok || refused.status != http.StatusUnauthorized || request.URL.Host != l.host {
		return response, err
	}
	token, err := l.credential.renew(request.Context(), refused.claims)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err = l.once(request)
	if again, ok := errors.AsType[*refusal](err); ok && again.status == http.StatusUnauthorized && !l.credential.delegated {
		return nil, transfer.Wrap(transfer.Unavailable, "Outlook refuses the application's token", again)
	}
	return response, err
}

func (l *line) once(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	if request.GetBody != nil { // the former body may still be in use
		body, err := request.GetBody()
		if err != nil {
			return nil, err
		}
		request.Body = body
	}
	response, err := l.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, readRefusal(response, l.gate.clock())
	}
	return response, nil
}

func (l *line) repeatable(request *http.Request, err error, attempt int) (time.Duration, bool) {
	refused, ok := errors.AsType[*refusal](err)
	if !ok || attempt == attempts || l.patience == 0 {
		return 0, false
	}
	read := request.Method == http.MethodGet && refused.status >= http.StatusInternalServerError
	if !read && refused.status != http.StatusTooManyRequests {
		return 0, false
	}
	pause := max(refused.after, shortPause<<(attempt-1))
	return pause, pause <= l.patience
}

func silences(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// slotBody gives the gate's slot back when the answer has been read or closed.
type slotBody struct {
	io.ReadCloser
	leave func()
}

func (b *slotBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.leave()
	}
	return n, err
}

func (b *slotBody) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}

var claimsForm = regexp.MustCompile(`(?i)\bclaims="([A-Za-z0-9+/_=-]+)"`)

// challenge reads the claims that Graph wants from a 401 (Microsoft Learn, "Claims
// challenges, claims requests, and client capabilities"), or "".
func challenge(h http.Header) string {
	for _, value := range h.Values("WWW-Authenticate") {
		if found := claimsForm.FindStringSubmatch(value); found != nil {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
				if claims, err := encoding.DecodeString(found[1]); err == nil {
					return string(claims)
				}
			}
		}
	}
	return ""
}
