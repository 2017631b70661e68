package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// maxErrorBody is how much of an error answer is read.
const maxErrorBody = 64 << 10

// quotaPause is how long a mailbox rests that has used up its messages of the day, when
// Outlook does not say.
const quotaPause = 15 * time.Minute

// refusal is an answer other than success.
type refusal struct {
	status int
	code   string // Graph's error code
	claims string // of a challenge, decoded
	after  time.Duration
}

func (r *refusal) Error() string { return fmt.Sprintf("Outlook answered %d %s", r.status, r.code) }

// readRefusal reads an error answer and closes it.
func readRefusal(response *http.Response, now time.Time) *refusal {
	defer response.Body.Close()
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	_ = json.Unmarshal(text, &body) // the status says enough
	return &refusal{
		status: response.StatusCode,
		code:   plainCode(body.Error.Code),
		claims: challenge(response.Header),
		after:  retryAfter(response.Header.Get("Retry-After"), now),
	}
}

// plainCode keeps an error code only if it is one, so that no free text with names
// in it reaches a log.
func plainCode(code string) string {
	const longest = 80
	odd := func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if len(code) > longest || strings.ContainsFunc(code, odd) {
		return ""
	}
	return code
}

// retryAfter reads RFC 9110, 10.2.3: seconds or a date; 0 when absent or past.
func retryAfter(value string, now time.Time) time.Duration {
	const longest = 15 * time.Minute
	var after time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		after = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		after = date.Sub(now)
	}
	return min(max(after, 0), longest)
}

// explain words a failure for the domain.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*transfer.Error](err); ok {
		return known
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused.explain()
	}
	if errors.Is(err, context.Canceled) {
		return givenUp(context.Canceled)
	}
	return busy(time.Second, withoutURL(err))
}

func (r *refusal) explain() error {
	switch {
	case r.status == http.StatusUnauthorized:
		return signInAgain(r)
	case r.status == http.StatusForbidden:
		return transfer.Wrap(transfer.MailboxRefused, "Outlook denies access to the mailbox", r)
	case r.code == "ErrorItemNotFound", r.code == "ErrorInvalidIdMalformed", r.code == "ErrorFolderNotFound":
		return transfer.Wrap(transfer.DraftNotFound, "Outlook does not have this message", r)
	case r.status == http.StatusNotFound:
		return transfer.Wrap(transfer.MailboxMissing, "Outlook does not know the mailbox", r)
	case r.status == http.StatusConflict, r.status == http.StatusPreconditionFailed:
		return transfer.Wrap(transfer.Conflict, "The message changed in Outlook meanwhile", r)
	case r.status == http.StatusRequestEntityTooLarge:
		return transfer.Wrap(transfer.TooLarge, "The message is too large for Outlook", r)
	case r.code == "ErrorInvalidRecipients":
		return transfer.Wrap(transfer.Invalid, "Outlook does not accept a recipient's address", r)
	case r.code == "ErrorSubmissionQuotaExceeded": // 10,000 recipients in 24 hours
		return untried(max(r.after, quotaPause), r)
	case r.status == http.StatusTooManyRequests && r.after > 0: // RFC 6585, 4: it was not carried out
		return untried(r.after, r)
	case r.status == http.StatusTooManyRequests || r.status >= 500:
		return busy(r.after, r)
	}
	return transfer.Wrap(transfer.Internal, "Outlook did not accept the request", r)
}

// withoutURL strips the URL, which holds addresses and tokens, from an error.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// neverLeft reports whether a request cannot have reached Outlook, because no
// connection came about.
func neverLeft(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}
