package mail

import (
	"strings"
	"time"
)

// Settings are the behaviours that can be changed while the sandbox runs. The zero
// value of a limit means "no limit"; Defaults answers what Exchange Online does.
type Settings struct {
	// DraftDelay is how long a draft saved in Outlook stays invisible to Graph, or
	// visible in its former state: classic Outlook in cached mode (OfficeDev/office-js
	// issues 6077, 5857, 5847).
	DraftDelay time.Duration
	// SentItemDelay is how long after a send the copy in Sent Items cannot be found
	// (Microsoft Learn, "Obtain immutable identifiers for Outlook resources": getting
	// the message right after sending may not succeed).
	SentItemDelay time.Duration
	// SlowDelivery delays the delivery to slow@; SlowResponse delays every answer about
	// the mailbox slow@.
	SlowDelivery time.Duration
	SlowResponse time.Duration

	// TimeoutsAfterSend is how many of the next sends happen and still answer 504
	// (Microsoft Q&A 2286986: sends fail with 504 but are queued and sent, once for
	// every retry).
	TimeoutsAfterSend int
	// TemporaryErrors is how often temperror@ answers 503 before it works.
	TemporaryErrors int
	// RetryAfter is the pause that 429 and 503 ask for (Microsoft Learn, "Microsoft
	// Graph throttling guidance").
	RetryAfter time.Duration
	// Unavailable lets every Graph request fail with 503: an outage.
	Unavailable bool
	// RejectedTokens is how many of the next Graph requests are answered with 401 and a
	// claims challenge (Microsoft Learn, "Continuous access evaluation").
	RejectedTokens int
	// BrokenUploads is how many of the next upload chunks lose their connection after
	// the first half has arrived.
	BrokenUploads int

	// MessagesPerMinute and RecipientsPerDay limit one sending mailbox,
	// RecipientsPerMessage one message (Microsoft Learn, "Exchange Online limits",
	// sending limits: 30 messages a minute, 10,000 recipients a day; Graph takes 500
	// recipients).
	MessagesPerMinute    int
	RecipientsPerDay     int
	RecipientsPerMessage int

	// ConcurrentRequests, RequestsPer10Minutes and UploadPer5Minutes (bytes) limit each
	// application on each mailbox (Microsoft Learn, "Microsoft Graph service-specific
	// throttling limits", Outlook service limits: 4 concurrent requests, 10,000
	// requests in 10 minutes, 150 MB of upload in 5 minutes).
	ConcurrentRequests   int
	RequestsPer10Minutes int
	UploadPer5Minutes    int64

	// MessageSize limits a whole message in bytes, 35 MB unless an administrator raises
	// it to at most 150 MB (Microsoft Learn, "attachment: createUploadSession").
	MessageSize int64
	// SimpleAttachment is the size below which an attachment is one POST, and from which
	// it needs an upload session; AttachmentSize is the largest one; UploadChunk limits
	// one PUT; UploadSessionLife is how long an upload URL works (Microsoft Learn,
	// "Attach large files to Outlook messages or events").
	SimpleAttachment  int64
	AttachmentSize    int64
	UploadChunk       int64
	UploadSessionLife time.Duration
	// CustomHeaders is how many x- headers a message may carry (Microsoft Graph answers
	// "Maximum number of headers in one message should be less than or equal to 5").
	CustomHeaders int
}

const mebibyte = 1 << 20

// Defaults are the limits of Exchange Online with an undisturbed service.
func Defaults() Settings {
	return Settings{
		SlowDelivery:         20 * time.Second,
		SlowResponse:         2 * time.Second,
		TemporaryErrors:      2,
		RetryAfter:           5 * time.Second,
		MessagesPerMinute:    30,
		RecipientsPerDay:     10_000,
		RecipientsPerMessage: 500,
		ConcurrentRequests:   4,
		RequestsPer10Minutes: 10_000,
		UploadPer5Minutes:    150 * mebibyte,
		MessageSize:          35 * mebibyte,
		SimpleAttachment:     3 * mebibyte,
		AttachmentSize:       150 * mebibyte,
		UploadChunk:          4 * mebibyte,
		UploadSessionLife:    24 * time.Hour,
		CustomHeaders:        5,
	}
}

// Behaviour is what the local part of an address switches on.
type Behaviour string

// The behaviours. As a recipient they concern the send; as the mailbox of a Graph
// request they concern every request.
const (
	Normal    Behaviour = ""
	Throttle  Behaviour = "throttle"  // 429 with Retry-After, then it works
	TempError Behaviour = "temperror" // 503 Settings.TemporaryErrors times, then it works
	Denied    Behaviour = "denied"    // 403, as when the permission on a mailbox is missing
	Bounce    Behaviour = "bounce"    // accepted, then a non-delivery report
	Slow      Behaviour = "slow"      // delivered, or answered, late
)

// BehaviourOf reads the behaviour off an address.
func BehaviourOf(address string) Behaviour {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	switch b := Behaviour(local); b {
	case Throttle, TempError, Denied, Bounce, Slow:
		return b
	}
	return Normal
}
