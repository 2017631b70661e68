package routing

import (
	"strings"
	"time"
	"unicode/utf8"
)

// SenderKind is what is known of who replied.
type SenderKind string

// The kinds of senders.
const (
	Citizen       SenderKind = "citizen"
	Company       SenderKind = "company"
	Authority     SenderKind = "authority"
	Staff         SenderKind = "staff"
	UnknownSender SenderKind = "unknown"
)

var senderKinds = []SenderKind{Citizen, Company, Authority, Staff, UnknownSender}

// Input is what is known of a reply; a field that is not known stays empty.
// It holds personal data and belongs sealed beside the reply.
type Input struct {
	// TokenMailbox and TokenTopic are what the transfer's routing token names.
	TokenMailbox string `json:"token_mailbox,omitempty"`
	TokenTopic   string `json:"token_topic,omitempty"`
	// ReplyMailbox and ReplyTopic are the ids that the caseworker chose.
	ReplyMailbox string `json:"reply_mailbox,omitempty"`
	ReplyTopic   string `json:"reply_topic,omitempty"`
	CaseID       string `json:"case_id,omitempty"`
	// ConversationMailbox is the id of the mailbox that has this
	// conversation's earlier replies.
	ConversationMailbox string     `json:"conversation_mailbox,omitempty"`
	ContactPoint        string     `json:"contact_point,omitempty"`
	SenderKind          SenderKind `json:"sender_kind,omitempty"`
	SenderDomain        string     `json:"sender_domain,omitempty"`
	// Subject is decoded text, best in Unicode's composed form (NFC).
	Subject            string `json:"subject,omitempty"`
	OrganisationNumber string `json:"organisation_number,omitempty"`
	// RecipientNumber is the organisation's own number that a company's post names.
	RecipientNumber string `json:"recipient_number,omitempty"`
	// Language is a BCP 47 tag; only its first subtag counts.
	Language string `json:"language,omitempty"`
	// Received decides opening hours and windows; a zero time is outside all.
	Received time.Time `json:"received,omitzero"`
	// Unavailable are the ids of mailboxes that cannot be reached now.
	Unavailable []string `json:"unavailable,omitempty"`
}

func normalDomain(d string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(d), "."))
}

func normalCase(id string) string { return strings.ToUpper(strings.TrimSpace(id)) }

// normalNumber drops the separators that people write into organisation numbers.
func normalNumber(n string) string {
	if !strings.ContainsAny(n, " .-\u00a0") {
		return strings.ToUpper(n)
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "").Replace(n))
}

func primaryLanguage(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag)
}

// considered cuts a subject at SubjectLimit, never inside a character.
func considered(subject string) string {
	if len(subject) <= SubjectLimit {
		return subject
	}
	end := SubjectLimit
	for end > SubjectLimit-utf8.UTFMax && !utf8.RuneStart(subject[end]) {
		end--
	}
	return subject[:end]
}

// shown is an id from outside as it may appear in an explanation: one that is
// not well formed is nobody's id, and becomes a question mark.
func shown(id string) string {
	if id == "" || len(id) <= maxIDLength && strings.Trim(id, idCharacters) == "" {
		return id
	}
	return "?"
}
