package mail

import (
	"fmt"
	"net/http"
	"time"
)

// Error is a refusal as Graph words it. It never names an address or a subject.
type Error struct {
	Status     int    // HTTP status
	Code       string // Graph's error code
	Message    string
	RetryAfter time.Duration // for 429 and 503; zero otherwise
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Refuse makes an Error without a retry time.
func Refuse(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

func notFound() *Error {
	return Refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

func noMailbox() *Error {
	return Refuse(http.StatusNotFound, "ErrorInvalidUser", "The requested user is invalid.")
}

func tooLarge() *Error {
	return Refuse(http.StatusRequestEntityTooLarge, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
}

func throttled(message string, after time.Duration) *Error {
	return &Error{Status: http.StatusTooManyRequests, Code: "ApplicationThrottled", Message: message, RetryAfter: after}
}
