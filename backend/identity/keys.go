package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// interval is how long an answer, or a failure, of a directory is used again.
// Each token with an unknown key makes the key set ask anew; without this,
// anybody could make us ask as often as he can send. Entra publishes new keys
// long before it signs with them.
const interval = 15 * time.Second

// maxAnswer bounds what a directory may answer, in bytes.
const maxAnswer = 1 << 20

// thrift is a transport that asks for each address at most once an interval.
type thrift struct {
	base  http.RoundTripper
	clock func() time.Time
	mu    sync.Mutex
	known map[string]answer
}

type answer struct {
	at     time.Time
	header http.Header
	body   []byte
	err    error
}

func (t *thrift) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	address := r.URL.String()
	last, known := t.known[address]
	if !known || t.clock().Sub(last.at) >= interval {
		last = t.ask(r)
		if t.known == nil {
			t.known = map[string]answer{}
		}
		t.known[address] = last
	}
	if last.err != nil {
		return nil, last.err
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: last.header.Clone(), Body: io.NopCloser(bytes.NewReader(last.body)), Request: r}, nil
}

// ask accepts a plain 200 and nothing else; redirects are not followed.
func (t *thrift) ask(r *http.Request) answer {
	base := t.base
	if base == nil {
		base = http.DefaultTransport
	}
	failed := func(err error) answer { return answer{at: t.clock(), err: fmt.Errorf("%w: %w", errKeys, err)} }
	response, err := base.RoundTrip(r)
	if err != nil {
		return failed(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return failed(err)
	case response.StatusCode != http.StatusOK:
		return failed(errors.New("the directory answered " + response.Status))
	}
	return answer{at: t.clock(), header: response.Header, body: body}
}

// reporting tells apart, for the caller of a verifier, a signature that does
// not fit from keys that could not be fetched: the verifier hides the cause.
type reporting struct{ oidc.KeySet }

type causeKey struct{}

func withCause(ctx context.Context) (context.Context, *error) {
	var cause error
	return context.WithValue(ctx, causeKey{}, &cause), &cause
}

func (r reporting) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := r.KeySet.VerifySignature(ctx, token)
	if cause, ok := ctx.Value(causeKey{}).(*error); ok && errors.Is(err, errKeys) {
		*cause = err
	}
	return payload, err
}
