package mail

import (
	"slices"
	"strings"
	"time"
)

// Kind tells whose mailbox it is.
type Kind string

// The kinds of mailboxes. External mailboxes lie outside the organisation; they
// come into being when someone writes to them.
const (
	User     Kind = "user"
	Shared   Kind = "shared"
	External Kind = "external"
)

// Mailbox is one mailbox of the sandbox.
type Mailbox struct {
	ID      string // directory object id, a GUID; chosen by the store when empty
	Address string // primary SMTP address, lower case
	Name    string // display name
	Kind    Kind
	Members []string // addresses with FullAccess and SendAs on a shared mailbox
	Aliases []string // further addresses that deliver here
}

// Folder is a mail folder with its counts at the time of asking.
type Folder struct {
	ID        string
	Name      string // display name
	WellKnown string // Graph's well-known name such as "inbox"; empty for created folders
	Parent    string // id of the parent folder; empty for the root
	Children  int
	Total     int
	Unread    int
}

// Address is a display name with an SMTP address.
type Address struct {
	Name    string
	Address string
}

// Header is one internet message header.
type Header struct {
	Name  string
	Value string
}

// Property is a single-value extended property. ID is in Graph's notation, for
// example "String 0x1042".
type Property struct {
	ID    string
	Value string
}

// Identifiers of the extended properties that become internet headers when a
// message is sent ([MS-OXPROPS] PidTagInReplyToId and PidTagInternetReferences).
const (
	InReplyTo  = "String 0x1042"
	References = "String 0x1039"
)

// Message is one item of a mailbox.
type Message struct {
	ID                string // changes whenever the message changes folder
	ImmutableID       string // stays while the message is in this mailbox
	ChangeKey         string // changes with every change
	Folder            string // id of the folder it lies in
	ConversationID    string
	InternetMessageID string // with angle brackets

	Subject  string
	Body     string
	HTML     bool // Body is HTML rather than plain text
	From     Address
	Sender   Address
	To       []Address
	Cc       []Address
	Bcc      []Address
	ReplyTo  []Address
	Priority string // "low", "normal" or "high"

	Categories []string
	Draft      bool
	Read       bool
	Created    time.Time
	Modified   time.Time
	Received   time.Time
	Sent       time.Time

	// Headers are the x- headers of a draft, and all headers of a received message.
	Headers     []Header
	Properties  []Property
	Attachments []Attachment
	Report      *Report // set on a non-delivery report
}

// AttachmentKind is Graph's type of an attachment.
type AttachmentKind string

// The three kinds of attachments in Graph's data model.
const (
	FileAttachment      AttachmentKind = "fileAttachment"
	ItemAttachment      AttachmentKind = "itemAttachment"
	ReferenceAttachment AttachmentKind = "referenceAttachment"
)

// Attachment is one attachment of a message. Content is shared between copies and
// must not be changed.
type Attachment struct {
	ID              string
	ImmutableID     string
	Kind            AttachmentKind
	Name            string
	ContentType     string
	Inline          bool
	ContentID       string // without angle brackets
	ContentLocation string
	Content         []byte   // of a file attachment
	Item            *Message // of an item attachment
	SourceURL       string   // of a reference attachment: where the cloud file lies
	Modified        time.Time
}

func (a Attachment) named(id string) bool { return a.ID == id || a.ImmutableID == id }

// Size is the attachment's size in bytes; an attached item counts with its body
// and its own attachments, a reference with nothing.
func (a Attachment) Size() int64 {
	if a.Item != nil {
		return a.Item.Size()
	}
	return int64(len(a.Content))
}

// Size is the message's size in bytes as the message size limit counts it.
func (m Message) Size() int64 {
	size := int64(len(m.Body) + len(m.Subject))
	for _, a := range m.Attachments {
		size += a.Size()
	}
	return size
}

// Recipients are all addressees, To before Cc before Bcc.
func (m Message) Recipients() []Address {
	return slices.Concat(m.To, m.Cc, m.Bcc)
}

// HasAttachments is Graph's hasAttachments: inline attachments alone do not count
// (Microsoft Learn, "message resource type").
func (m Message) HasAttachments() bool {
	return slices.ContainsFunc(m.Attachments, func(a Attachment) bool { return !a.Inline })
}

// internetHeaders is the property set in which a message's internet headers are
// extended properties too, by name ([MS-OXPROPS] PS_INTERNET_HEADERS). It is the only
// way to find a message by a header, since Graph refuses $filter on
// internetMessageHeaders.
const internetHeaders = "String {00020386-0000-0000-C000-000000000046} Name "

// Property answers the extended property with that identifier, or "".
func (m Message) Property(id string) string {
	if len(id) > len(internetHeaders) && strings.EqualFold(id[:len(internetHeaders)], internetHeaders) {
		return m.Header(id[len(internetHeaders):])
	}
	for _, p := range m.Properties {
		if strings.EqualFold(p.ID, id) {
			return p.Value
		}
	}
	return ""
}

// Header answers the first header of that name, in any case, or "".
func (m Message) Header(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func (m Message) clone() Message {
	m.To = slices.Clone(m.To)
	m.Cc = slices.Clone(m.Cc)
	m.Bcc = slices.Clone(m.Bcc)
	m.ReplyTo = slices.Clone(m.ReplyTo)
	m.Categories = slices.Clone(m.Categories)
	m.Headers = slices.Clone(m.Headers)
	m.Properties = slices.Clone(m.Properties)
	m.Attachments = slices.Clone(m.Attachments)
	return m
}
