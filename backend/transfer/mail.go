package transfer

import "io"

// Draft is a message being written in Outlook, as Graph shows it.
type Draft struct {
	ID             string // immutable id
	Mailbox        string // "me" or the shared mailbox's address
	Subject        string
	Body           string
	BodyType       string // "text/html" or "text/plain"
	From           Party
	To, Cc, Bcc    []Party
	Attachments    []Attachment
	ConversationID string
	ChangeKey      string
}

// AttachmentKind is Outlook's kind of an attachment.
type AttachmentKind string

// The kinds of attachments.
const (
	FileAttachment      AttachmentKind = "file"
	ItemAttachment      AttachmentKind = "item"      // a message, event or contact
	ReferenceAttachment AttachmentKind = "reference" // a link to OneDrive or SharePoint
)

// Attachment is one attachment of a draft; its bytes are streamed apart.
type Attachment struct {
	ID        string
	Kind      AttachmentKind
	Name      string
	Type      string
	Size      int64 // as Outlook states it; the stream decides
	ContentID string
	Inline    bool
	SourceURL string // of a reference
}

// Mail is a message that we send from a service mailbox.
type Mail struct {
	MessageID   string // our deterministic internetMessageId, "<…@domain>"
	FromName    string // display name
	To, Cc      []Party
	ReplyTo     []Party
	Subject     string
	Text, HTML  string
	Headers     map[string]string // x- names only, at most five
	InReplyTo   string            // internet message id; threads across mailboxes
	References  []string
	Categories  []string
	Attachments []MailAttachment
}

// MailAttachment is an attachment of a Mail. Open may be called again for a
// retry and streams the bytes.
type MailAttachment struct {
	Name, Type string
	Size       int64
	Open       func() (io.ReadCloser, error)
}

// SentMail is what a look-up for our own mail finds.
type SentMail struct {
	DraftID string
	Sent    bool
}
