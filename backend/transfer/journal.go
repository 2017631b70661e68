package transfer

import (
	"encoding/json"
	"time"
)

// EntryKind names what a journal entry records.
type EntryKind string

// The kinds of journal entries. An older release refuses a transfer whose
// journal has a kind that it does not know, rather than guess.
const (
	Opened      EntryKind = "opened"      // a recipient gave the right code
	Downloaded  EntryKind = "downloaded"  // more than half of a file went out to a recipient
	AllFetched  EntryKind = "allFetched"  // the same of all files, in one
	Extended    EntryKind = "extended"    // Until is the new expiry
	WithdrawnBy EntryKind = "withdrawn"   // Recipient, or everybody when empty
	Restored    EntryKind = "restored"    // a withdrawal undone within its window
	CodeChanged EntryKind = "codeChanged" // Code replaces the access code
	Relinked    EntryKind = "relinked"    // Recipient has a new link; the older one is dead
	Reminded    EntryKind = "reminded"    // Actor wants Recipient to be reminded now
	Replied     EntryKind = "replied"     // Recipient sent the reply named by Ref
	Intended    EntryKind = "intended"    // Effect is about to touch the outside world
	Concluded   EntryKind = "concluded"   // Effect's outcome is known
	Decided     EntryKind = "decided"     // where a reply is to go, with the explanation
	Ended       EntryKind = "ended"       // about to be erased; nothing can undo it any more
	Seen        EntryKind = "seen"        // the function mailbox opened the reply
	Discarded   EntryKind = "discarded"   // Recipient deleted the message from her list
	Claimed     EntryKind = "claimed"     // Actor deals with a waiting reply until Until; the zero time lets go
	Commented   EntryKind = "commented"   // Actor wrote Text about a reply
	Assigned    EntryKind = "assigned"    // Actor gave a delivered reply to Party to deal with; without one, to nobody
	Answered    EntryKind = "answered"    // a reply was answered by the transfer named by Ref
	Returned    EntryKind = "returned"    // a delivery came back: bounced, or not the mailbox's business
)

// Outcome is how an effect ended.
type Outcome string

// The outcomes of effects.
const (
	Done      Outcome = "done"
	Failed    Outcome = "failed"    // for good: a person must look
	Uncertain Outcome = "uncertain" // may have happened; never repeated by itself
)

// Entry is one numbered, sealed journal entry beside a manifest.
type Entry struct {
	Version    int             `json:"v"`
	Seq        int             `json:"seq"` // 1, 2, 3, … without gaps
	At         time.Time       `json:"at"`
	Kind       EntryKind       `json:"kind"`
	Actor      string          `json:"actor,omitempty"` // pseudonym
	Recipient  RecipientID     `json:"recipient,omitempty"`
	File       FileID          `json:"file,omitempty"`
	Until      time.Time       `json:"until,omitzero"`
	Code       *AccessCode     `json:"code,omitempty"`
	Ref        ID              `json:"ref,omitempty"`
	Effect     string          `json:"effect,omitempty"`
	Mail       *MailRef        `json:"mail,omitempty"`
	Outcome    Outcome         `json:"outcome,omitempty"`
	Reason     Code            `json:"reason,omitempty"`
	Decision   json.RawMessage `json:"decision,omitempty"`
	Input      json.RawMessage `json:"input,omitempty"`      // of a decision: what was known
	Manual     bool            `json:"manual,omitempty"`     // of a decision or return: it is the manual list's
	Rule       string          `json:"rule,omitempty"`       // of a return: what had sent the reply there
	Text       string          `json:"text,omitempty"`       // what a person wrote to explain it
	Party      *Party          `json:"party,omitempty"`      // of an assignment: who is to deal with the reply
	Mailbox    string          `json:"mailbox,omitempty"`    // of a failed or returned delivery: id in the routing file
	Findings   []Finding       `json:"findings,omitempty"`   // of a check for malware
	Signatures string          `json:"signatures,omitempty"` // that it was made with
}

// MailRef finds a mail that we are sending again after a crash.
type MailRef struct {
	Mailbox   string `json:"mailbox"`           // the service mailbox it leaves from
	MessageID string `json:"messageId"`         // our deterministic internetMessageId
	DraftID   string `json:"draftId,omitempty"` // immutable id, once the draft exists
	Files     int    `json:"files,omitempty"`   // how many are attached to the draft
}
