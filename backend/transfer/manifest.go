package transfer

import (
	"slices"
	"strings"
	"time"
)

// FormatVersion is the version of manifests and journal entries written now.
const FormatVersion = 1

// Kind tells a transfer (organisation to recipient) from a reply (back).
type Kind string

// The kinds of manifests.
const (
	KindTransfer Kind = "transfer"
	KindReply    Kind = "reply"
)

// Party is a person or mailbox with an address.
type Party struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address" validate:"required,email,max=320"`
	Phone   string `json:"phone,omitempty"`
}

// Recipient is one addressee of a transfer. Field says how the mail addressed
// her: "to", "cc" or "bcc"; a bcc recipient is never shown to another.
type Recipient struct {
	ID RecipientID `json:"id"`
	Party
	Field   string `json:"field"`
	SignsIn bool   `json:"signsIn,omitempty"` // own staff: she reads after signing in, without link and code
}

// File is an attachment, or the body, as an ordered list of encrypted parts.
type File struct {
	ID        FileID `json:"id"`
	Name      string `json:"name"`
	Type      string `json:"type"`                // media type, as sniffed and named by the sender
	Size      int64  `json:"size"`                // plaintext bytes
	ContentID string `json:"contentId,omitempty"` // of an inline image in the body
	Parts     []Part `json:"parts"`
}

// Part is one immutable encrypted blob of a file.
type Part struct {
	ID     string `json:"id"`     // time and random bits, 128 in all, in hexadecimal; of a small upload, "." and the file's id follow
	Length int64  `json:"length"` // plaintext bytes
}

// MaxInline is the largest image, in bytes, that is shown within a body; a
// larger one is a file like any other.
const MaxInline = 3 << 20

// Stored names the bytes of the file as they are stored, "" where there are none:
// they never change, and no other file has them.
func (f File) Stored() string {
	ids := make([]string, len(f.Parts))
	for i, part := range f.Parts {
		ids[i] = part.ID
	}
	return strings.Join(ids, " ")
}

// Inline reports whether the file is an image shown within the body.
func (f File) Inline() bool { return f.ContentID != "" }

// CodeKind says how a link is opened.
type CodeKind string

// The kinds of access codes.
const (
	CodeNone      CodeKind = "none"      // pressing a button opens the link; carries a warning
	CodeGenerated CodeKind = "generated" // made by us, passed on by the sender another way
	CodePassword  CodeKind = "password"  // chosen by the sender
	CodeSMS       CodeKind = "sms"       // one-time code by text message
	CodeMail      CodeKind = "mail"      // one-time code to the notified address; no second channel
)

// OneTime reports whether the code is made anew at each opening.
func (k CodeKind) OneTime() bool { return k == CodeSMS || k == CodeMail }

// Request says that a transfer asks its recipients to send something; then
// nothing has to be in it.
type Request string

// The requests.
const (
	RequestOnce Request = "once" // of each recipient one reply
	RequestMany Request = "many" // as many as she likes, until the expiry
)

// AccessCode is how a link is opened and what a typed code is checked against.
type AccessCode struct {
	Kind     CodeKind `json:"kind"`
	Verifier []byte   `json:"verifier,omitempty"` // see package accesscode
}

// Options are the sender's choices for one transfer.
type Options struct {
	Language         string     `json:"language"` // of the recipients, BCP 47
	Code             AccessCode `json:"code"`
	ReplyMailbox     string     `json:"replyMailbox,omitempty"` // id in the routing file
	ReplyTopic       string     `json:"replyTopic,omitempty"`   // id in the routing file
	CaseID           string     `json:"caseId,omitempty"`
	NotifySubject    string     `json:"notifySubject,omitempty"` // of the notification mail; travels in the clear
	NotifyText       string     `json:"notifyText,omitempty"`
	NotifyOnDownload bool       `json:"notifyOnDownload,omitempty"`
	NotifyOnOpen     bool       `json:"notifyOnOpen,omitempty"`
	ConfirmUpload    bool       `json:"confirmUpload,omitempty"`
	ShowFileNames    bool       `json:"showFileNames,omitempty"`
	Restricted       bool       `json:"restricted,omitempty"`   // replies are not accepted
	Request          Request    `json:"request,omitempty"`      // the recipients are asked to send something
	ContactPoint     string     `json:"contactPoint,omitempty"` // of a conversation that the recipient began, by its id in the routing file
}

// Origin says what a reply answers and how it came.
type Origin struct {
	Channel        string      `json:"channel"` // "link", "mail" or "contact"
	Transfer       ID          `json:"transfer,omitempty"`
	Recipient      RecipientID `json:"recipient,omitempty"`
	ContactPoint   string      `json:"contactPoint,omitempty"`
	ConversationID string      `json:"conversationId,omitempty"`
	Unencrypted    bool        `json:"unencrypted,omitempty"` // came as plain mail
	ReplyMailbox   string      `json:"replyMailbox,omitempty"`
	ReplyTopic     string      `json:"replyTopic,omitempty"`
	CaseID         string      `json:"caseId,omitempty"`
	References     []string    `json:"references,omitempty"` // internet message ids, oldest first
	ReplyTo        string      `json:"replyTo,omitempty"`    // the other address at which the sender of a mail wants answers
	// SenderKind and OrganisationNumber are what the channel vouches for, if it
	// does; a kind is as the routing file writes it.
	SenderKind         string   `json:"senderKind,omitempty"`
	Notes              []string `json:"notes,omitempty"` // what was out of the ordinary, as codes of package eml
	OrganisationNumber string   `json:"organisationNumber,omitempty"`
	// RecipientNumber is the organisation's own number, when it was written to
	// as a company: such post cannot be answered from Outlook.
	RecipientNumber string `json:"recipientNumber,omitempty"`
}

// Manifest is the sealed record of what a transfer or reply is. Its existence
// in the vault is the commit: before it nothing was accepted, after it nothing
// may be lost until the expiry.
type Manifest struct {
	Version     int         `json:"v"`
	Kind        Kind        `json:"kind"`
	Tenant      TenantID    `json:"tenant"`
	ID          ID          `json:"id"`
	RequestHash []byte      `json:"requestHash"` // what the idempotency key stood for
	AcceptedAt  time.Time   `json:"acceptedAt"`
	ExpiresAt   time.Time   `json:"expiresAt,omitzero"` // zero for a reply: its clock starts at delivery
	Sender      Party       `json:"sender"`
	Owner       string      `json:"owner"`             // pseudonym of the caller
	Mailbox     string      `json:"mailbox,omitempty"` // address: the shared one it was written in, else where its replies go
	Subject     string      `json:"subject"`
	Body        *File       `json:"body,omitempty"`
	Files       []File      `json:"files,omitempty"`
	Recipients  []Recipient `json:"recipients,omitempty"`
	Options     Options     `json:"options"`
	Origin      *Origin     `json:"origin,omitempty"`     // of a reply
	Answers     []ID        `json:"answers,omitempty"`    // replies that staff answer with this transfer
	Quarantine  bool        `json:"quarantine,omitempty"` // nothing leaves until it was checked for malware
}

// Recipient finds a recipient by id.
func (m *Manifest) Recipient(id RecipientID) (Recipient, bool) {
	for _, r := range m.Recipients {
		if r.ID == id {
			return r, true
		}
	}
	return Recipient{}, false
}

// Concerns is the address of the mailbox that replies to a transfer are for, as
// far as it says so.
func (m *Manifest) Concerns() string {
	if m.Options.ContactPoint != "" {
		return m.Sender.Address
	}
	return m.Mailbox
}

// ForCompany reports whether a reply was written to the organisation as a company,
// which is answered elsewhere.
func (m *Manifest) ForCompany() bool { return m.Origin != nil && m.Origin.RecipientNumber != "" }

// Answerable reports whether whoever wrote a reply can be written to from here. Who
// wants answers elsewhere cannot: that address is as unproven as the other, and only a
// person knows which is right.
func (m *Manifest) Answerable() bool {
	return m.Sender.Address != "" && !m.ForCompany() && (m.Origin == nil || m.Origin.ReplyTo == "")
}

// File finds a file by id; "body" is the body.
func (m *Manifest) File(id FileID) (File, bool) {
	if m.Body != nil && m.Body.ID == id {
		return *m.Body, true
	}
	for _, f := range m.Files {
		if f.ID == id {
			return f, true
		}
	}
	return File{}, false
}

// Attachments are the files but the images shown within the body.
func (m *Manifest) Attachments() []File {
	return slices.DeleteFunc(slices.Clone(m.Files), File.Inline)
}

// Contents are the body, if there is one, and the files.
func (m *Manifest) Contents() []File {
	if m.Body == nil {
		return m.Files
	}
	return append([]File{*m.Body}, m.Files...)
}

// Size is the plaintext size of body and files, in bytes.
func (m *Manifest) Size() int64 {
	var n int64
	if m.Body != nil {
		n = m.Body.Size
	}
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}
