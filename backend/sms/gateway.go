// Package sms sends text messages through an organisation's HTTP gateway.
//
// Invariant: one call is one request, never repeated and never redirected, with
// the gateway's secret in its header only. Neither a number nor a text is in
// any error.
//
// Failure: Unavailable, whatever the gateway answered but success; the cause has
// its status.
package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Config is how a gateway is spoken to.
type Config struct {
	URL           string
	Method        string // "POST" or "PUT"
	Type          string // media type of the body: JSON, or a form
	Body          string // with {to} ("+4512345678"), {digits} ("4512345678"), {from} and {text}
	From          string // sender as telephones show it
	Authorization string // value of that header; a secret
	Timeout       time.Duration
}

// FormType is the media type of a body that is written as a form.
const FormType = "application/x-www-form-urlencoded"

// Gateway is a client of one gateway.
type Gateway struct {
	config Config
	client *http.Client
}

// New makes a client. It fails when the body would not be what its type says.
func New(c Config) (*Gateway, error) {
	g := &Gateway{config: c, client: &http.Client{Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if c.Type != FormType && !json.Valid([]byte(g.body("+4512345678", `a "text"`))) {
		return nil, errors.New("the body of a text message is not JSON; put every placeholder between quotation marks")
	}
	return g, nil
}

// Send sends one text message to a number in international form.
func (g *Gateway) Send(ctx context.Context, to, text string) error {
	request, err := http.NewRequestWithContext(ctx, g.config.Method, g.config.URL, strings.NewReader(g.body(to, text)))
	if err != nil {
		return failed(err)
	}
	request.Header.Set("Content-Type", g.config.Type)
	if g.config.Authorization != "" {
		request.Header.Set("Authorization", g.config.Authorization)
	}
	answer, err := g.client.Do(request)
	if err != nil {
		return failed(withoutURL(err))
	}
	defer answer.Body.Close()
	const enough = 64 << 10
	_, _ = io.CopyN(io.Discard, answer.Body, enough)
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return failed(fmt.Errorf("the gateway answered %d", answer.StatusCode))
	}
	return nil
}

// body fills the placeholders in as the type demands.
func (g *Gateway) body(to, text string) string {
	escape := inJSON
	if g.config.Type == FormType {
		escape = url.QueryEscape
	}
	return strings.NewReplacer("{to}", escape(to), "{digits}", escape(strings.TrimPrefix(to, "+")),
		"{from}", escape(g.config.From), "{text}", escape(text)).Replace(g.config.Body)
}

// inJSON is a text as it stands between quotation marks in JSON (RFC 8259, 7).
func inJSON(s string) string {
	quoted, _ := json.Marshal(s)
	return string(quoted[1 : len(quoted)-1])
}

// withoutURL leaves the address out of an error: some gateways want their
// secret in it.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func failed(cause error) error {
	return transfer.Wrap(transfer.Unavailable, "the text message could not be sent", cause)
}
