package graph

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// Traffic counts the requests for one mailbox.
type Traffic struct {
	Requests  int // all that carried a permission
	Refused   int // answered 429 or 503
	Early     int // came although an earlier answer's Retry-After had not passed
	Highest   int // most requests under way at once
	Uploaded  int64
	Discarded int // refused for too many at once
}

// limiter keeps the Outlook service limits for each application on each mailbox
// (Microsoft Learn, "Microsoft Graph service-specific throttling limits").
type limiter struct {
	store *mail.Store

	mu    sync.Mutex
	lanes map[lane]*usage
}

type lane struct{ client, mailbox string }

// usage is what one application does in one mailbox.
type usage struct {
	Traffic
	running  int
	requests []spent // of the last ten minutes
	uploads  []spent // of the last five minutes
	silent   time.Time
	opened   time.Time // when throttle@ was asked first
	failed   int       // of temperror@
}

type spent struct {
	at     time.Time
	amount int64
}

func newLimiter(store *mail.Store) *limiter {
	return &limiter{store: store, lanes: map[lane]*usage{}}
}

// enter lets a request in, or refuses it; leave ends it.
func (l *limiter) enter(client, mailbox string) (leave func(), err error) {
	settings, now := l.store.Settings(), l.store.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.usage(client, mailbox)
	u.Requests++
	if now.Before(u.silent) {
		u.Early++
	}
	if err := u.refuse(settings, mailbox, now); err != nil {
		u.Refused++
		u.silent = now.Add(err.RetryAfter)
		return nil, err
	}
	u.requests = append(u.requests, spent{now, 1})
	u.running++
	u.Highest = max(u.Highest, u.running)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		u.running--
	}, nil
}

func (u *usage) refuse(settings mail.Settings, mailbox string, now time.Time) *mail.Error {
	var requests, uploads int64
	u.requests, requests = within(u.requests, now.Add(-10*time.Minute))
	u.uploads, uploads = within(u.uploads, now.Add(-5*time.Minute))
	switch {
	case settings.ConcurrentRequests > 0 && u.running >= settings.ConcurrentRequests:
		u.Discarded++
		return overLimit("MailboxConcurrency", time.Second)
	case settings.RequestsPer10Minutes > 0 && requests >= int64(settings.RequestsPer10Minutes):
		return overLimit("RequestRate", u.requests[0].at.Add(10*time.Minute).Sub(now))
	case settings.UploadPer5Minutes > 0 && uploads >= settings.UploadPer5Minutes:
		return overLimit("IncomingBytes", u.uploads[0].at.Add(5*time.Minute).Sub(now))
	}
	return u.misbehave(settings, mailbox, now)
}

// misbehave answers for the mailboxes throttle@ and temperror@.
func (u *usage) misbehave(settings mail.Settings, mailbox string, now time.Time) *mail.Error {
	switch mail.BehaviourOf(mailbox) {
	case mail.Throttle:
		if u.opened.IsZero() {
			u.opened = now.Add(settings.RetryAfter)
		}
		if now.Before(u.opened) {
			return overLimit("RequestRate", u.opened.Sub(now))
		}
	case mail.TempError:
		if u.failed < settings.TemporaryErrors {
			u.failed++
			return &mail.Error{Status: http.StatusServiceUnavailable, Code: "ErrorServerBusy",
				Message: "The server cannot service this request right now. Try again later.", RetryAfter: settings.RetryAfter}
		}
	}
	return nil
}

// answered notes a refusal that the store made.
func (l *limiter) answered(client, mailbox string, err error) {
	var refusal *mail.Error
	if !errors.As(err, &refusal) || refusal.RetryAfter == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.usage(client, mailbox)
	u.Refused++
	u.silent = l.store.Now().Add(refusal.RetryAfter)
}

// uploaded counts the bytes of a request's body.
func (l *limiter) uploaded(client, mailbox string, bytes int64) {
	if bytes == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.usage(client, mailbox)
	u.Uploaded += bytes
	u.uploads = append(u.uploads, spent{l.store.Now(), bytes})
}

func (l *limiter) traffic(mailbox string) Traffic {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sum Traffic
	for lane, u := range l.lanes {
		if lane.mailbox == strings.ToLower(mailbox) {
			sum.Requests += u.Requests
			sum.Refused += u.Refused
			sum.Early += u.Early
			sum.Highest = max(sum.Highest, u.Highest)
			sum.Uploaded += u.Uploaded
			sum.Discarded += u.Discarded
		}
	}
	return sum
}

func (l *limiter) usage(client, mailbox string) *usage {
	key := lane{client, strings.ToLower(mailbox)}
	if l.lanes[key] == nil {
		l.lanes[key] = &usage{}
	}
	return l.lanes[key]
}

// within drops what is older than since and adds up the rest.
func within(all []spent, since time.Time) (recent []spent, sum int64) {
	for len(all) > 0 && !all[0].at.After(since) {
		all = all[1:]
	}
	for _, s := range all {
		sum += s.amount
	}
	return all, sum
}

func overLimit(limit string, after time.Duration) *mail.Error {
	return &mail.Error{Status: http.StatusTooManyRequests, Code: "ApplicationThrottled",
		Message: "Application is over its " + limit + " limit.", RetryAfter: after}
}
