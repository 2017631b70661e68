package transfer

import (
	"errors"
	"fmt"
)

// Code is the stable, machine-readable name of an error. Codes are part of the
// API: they are added, never renamed.
type Code string

// The codes of every error that leaves the domain.
const (
	Invalid            Code = "invalid"             // the input breaks a rule; the fields say which
	Unauthenticated    Code = "unauthenticated"     // nobody is signed in, or the token is not ours
	Forbidden          Code = "forbidden"           // signed in, but not allowed
	NotFound           Code = "not_found"           // unknown, or not yours: indistinguishable on purpose
	Expired            Code = "expired"             // was there until its expiry
	Withdrawn          Code = "withdrawn"           // the sender took it back
	CodeRequired       Code = "code_required"       // the link's access code has not been given in this session
	CodeWrong          Code = "code_wrong"          // the access code does not match
	CodeStale          Code = "code_stale"          // the one-time code is too old, or another browser's
	LockedOut          Code = "locked_out"          // too many wrong access codes
	RateLimited        Code = "rate_limited"        // too many requests
	TooSoon            Code = "too_soon"            // the same was done a short while ago
	KeyReused          Code = "key_reused"          // the idempotency key came before with another request
	InProgress         Code = "in_progress"         // the same work is under way
	Conflict           Code = "conflict"            // the state changed meanwhile
	InHand             Code = "in_hand"             // another distributor deals with it
	TooLarge           Code = "too_large"           // above a size limit
	TooMany            Code = "too_many"            // above a count limit
	Empty              Code = "empty"               // nothing to send
	NoRecipients       Code = "no_recipients"       // a transfer without anybody to read it
	DraftNotFound      Code = "draft_not_found"     // Outlook does not (yet) show the draft
	DraftChanged       Code = "draft_changed"       // the draft is not the one that the pane saved
	Cancelled          Code = "cancelled"           // called off by the sender while it was received
	AttachmentRefused  Code = "attachment_refused"  // an attachment that cannot be fetched, by name
	SignInAgain        Code = "sign_in_again"       // the caller's token no longer serves
	SenderRefused      Code = "sender_refused"      // the draft names a sender whom the caller may not write as
	MailboxRefused     Code = "mailbox_refused"     // Outlook denies access to a mailbox
	MailboxMissing     Code = "mailbox_missing"     // Outlook does not know a mailbox
	OutlookBusy        Code = "outlook_busy"        // throttled or temporarily failing; will be tried again
	OutlookUncertain   Code = "outlook_uncertain"   // Outlook may or may not have carried it out
	StorageFull        Code = "storage_full"        // no room for the bytes
	Integrity          Code = "integrity"           // stored bytes do not authenticate
	Unavailable        Code = "unavailable"         // a part of the system is down; try later
	Internal           Code = "internal"            // anything else
	ClassifiedRefused  Code = "classified_refused"  // content above the level the service may carry
	CodeTooWeak        Code = "code_too_weak"       // a chosen password below the policy
	NotAnswerable      Code = "not_answerable"      // policy or origin forbids a reply
	Infected           Code = "infected"            // malware was found in it
	Quarantined        Code = "quarantined"         // not, or not yet, checked for malware
	UnsupportedVersion Code = "unsupported_version" // written by a newer release
	NotOurs            Code = "not_ours"            // a function mailbox handed a reply back
	NotFetched         Code = "not_fetched"         // nobody fetched a reply that was delivered as a link
	QuotaReached       Code = "quota_reached"       // as much was uploaded or sent as is allowed in a day
	PhoneMissing       Code = "phone_missing"       // a recipient has no telephone number that her code could go to
	BelowTheLine       Code = "below_the_line"      // an answer with nothing above, or something below, the line from which on nothing is sent on
)

// Error is the one error type of the domain.
type Error struct {
	Code   Code
	Detail string            // for a person, in English; safe to show
	Params map[string]string // values for the sentence in the reader's language
	Cause  error             // for the log; never shown
}

// E makes an Error without a cause.
func E(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Wrap makes an Error around a cause.
func Wrap(code Code, detail string, cause error) *Error {
	return &Error{Code: code, Detail: detail, Cause: cause}
}

// With adds a value for the sentence in the reader's language.
func (e *Error) With(name, value string) *Error {
	if e.Params == nil {
		e.Params = map[string]string{}
	}
	e.Params[name] = value
	return e
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("%s: %s", e.Code, e.Detail)
	}
	return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Cause)
}

func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, E(code, "")) compare codes.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// CodeOf returns the code of err, Internal for any foreign error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// UnlessGone is nil for what is not there, or not any more, and any other error as it
// is.
func UnlessGone(err error) error {
	switch CodeOf(err) {
	case NotFound, Expired, Withdrawn:
		return nil
	}
	return err
}
