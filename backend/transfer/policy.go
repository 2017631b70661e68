package transfer

import "time"

// Policy is a tenant's limits and defaults. The defaults are the strict ones.
type Policy struct {
	Expiry           time.Duration // default
	MaxExpiry        time.Duration
	MaxTransferBytes int64 // plaintext of all files together
	MaxFileBytes     int64
	MaxFiles         int
	MaxRecipients    int
	MaxReplyBytes    int64
	MaxReplyFiles    int
	MaxBodyBytes     int64
	Codes            []CodeKind // allowed, the first is the default
	MinPassword      int        // characters of a chosen password
	PhoneCountry     string     // "+45": of telephone numbers written without a country code; "" for none
	Languages        []string   // offered, the first is the default
	UndoWindow       time.Duration
	ReplyRetention   time.Duration // from confirmed delivery
	CodeAttempts     int           // wrong codes before a lock-out
	CodeLockout      time.Duration
	MaxDownloads     int    // of one file by one recipient; 0 is as often as she likes
	SentFolder       string // where the organisation's complete copy goes
	SenderLinks      bool   // the sender may see the recipients' links, to pass one on herself
	StaffSignsIn     bool   // own staff read after signing in, without link and code
	Alerts           Alerts // before an ordinary mail leaves
	ShowSeen         bool   // a recipient sees that the mailbox has opened her reply
	Quotas           Quotas
}

// Quotas bound what may be uploaded and sent, beside the limits of
// each reply, so that nobody fills the storage or a mailbox.
type Quotas struct {
	Link    Quota // of one recipient's link
	Address Quota // of all links to one address
	Network Quota // that guests come from: an IPv4 address or an IPv6 /64
	Mailbox Quota // that is written to
	Caller  Quota // of one member of staff or document system; messages are not counted
}

// UnsentLife outlasts files that are uploaded and that nobody goes on with: the
// sweep takes them a day after the last sign of life.
const UnsentLife = 26 * time.Hour

// Quota bounds one of them; zero is no bound.
type Quota struct {
	UnsentBytes int64 // of files that are uploaded and not sent, at any time
	Messages    int   // in 24 hours
}

// ReachedUntil is the answer to who has used up a quota, until some of it is
// free again.
func ReachedUntil(at time.Time) *Error {
	return E(QuotaReached, "as much has been uploaded or sent as is allowed for now").With("until", at.UTC().Format(time.RFC3339))
}

// Alerts is what happens before an ordinary mail leaves Outlook that should
// have been sent digitally.
type Alerts string

// The alerts. The add-in's manifest asks for the strictest; a policy lowers it.
const (
	AlertBlock  Alerts = "block"  // it is not sent
	AlertPrompt Alerts = "prompt" // the caseworker may send it all the same
	AlertOff    Alerts = "off"    // nothing is said
)

// StrictPolicy is the policy where an organisation has chosen nothing: 7 days,
// a code required, 2 GB a transfer.
func StrictPolicy() Policy {
	const gigabyte = 1_000_000_000
	const day = 24 * time.Hour
	return Policy{
		Expiry: 7 * day, MaxExpiry: 30 * day,
		MaxTransferBytes: 2 * gigabyte, MaxFileBytes: 2 * gigabyte, MaxFiles: 200,
		MaxRecipients: 500, MaxReplyBytes: 2 * gigabyte, MaxReplyFiles: 100, MaxBodyBytes: 4 << 20,
		Codes: []CodeKind{CodeGenerated, CodePassword}, MinPassword: 8,
		Languages:  []string{"da", "en", "nb", "sv", "de", "nl"},
		UndoWindow: day, ReplyRetention: 30 * day,
		CodeAttempts: 5, CodeLockout: 15 * time.Minute, SentFolder: "Sent Digitally", StaffSignsIn: true, Alerts: AlertBlock,
		Quotas: Quotas{
			Link: Quota{10 * gigabyte, 50}, Address: Quota{10 * gigabyte, 100},
			Network: Quota{50 * gigabyte, 500}, Mailbox: Quota{500 * gigabyte, 10_000}, Caller: Quota{UnsentBytes: 100 * gigabyte},
		},
	}
}
