package outlook

import (
	"net/http"
	"time"

	"senddigitally/backend/sandbox/mail"
)

type folder struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	WellKnown string `json:"wellKnown,omitempty"`
	Total     int    `json:"total"`
	Unread    int    `json:"unread"`
	Depth     int    `json:"depth"`
}

// folders answers all folders of a mailbox as one list, children behind their parent.
func (s *server) folders(r *http.Request) (any, error) {
	return s.below(r.PathValue("mailbox"), mail.Root, 0)
}

func (s *server) below(mailbox, parent string, depth int) ([]folder, error) {
	children, err := s.Mail.Folders(mailbox, parent)
	if err != nil {
		return nil, err
	}
	list := []folder{}
	for _, f := range children {
		list = append(list, folder{f.ID, f.Name, f.WellKnown, f.Total, f.Unread, depth})
		if f.Children == 0 {
			continue
		}
		deeper, err := s.below(mailbox, f.ID, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, deeper...)
	}
	return list, nil
}

type address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type row struct {
	ID          string    `json:"id"` // immutable
	From        address   `json:"from"`
	To          []address `json:"to"`
	Subject     string    `json:"subject"`
	Preview     string    `json:"preview"`
	Received    time.Time `json:"received"`
	Read        bool      `json:"read"`
	Draft       bool      `json:"draft"`
	Attachments bool      `json:"attachments"`
	Categories  []string  `json:"categories"`
}

type attachment struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	ContentID   string `json:"contentId,omitempty"`
	Kind        string `json:"kind"` // file, item or cloud, as Office.js names them
	Size        int64  `json:"size"`
	Inline      bool   `json:"inline"`
	URL         string `json:"url,omitempty"` // of a cloud attachment
}

// letter is one message in full. RestID is the identifier that changes with the folder;
// a compose window goes by it, so that it loses a draft that was moved away.
type letter struct {
	row
	RestID            string        `json:"restId"`
	Folder            string        `json:"folder"`
	ConversationID    string        `json:"conversationId"`
	InternetMessageID string        `json:"internetMessageId"`
	Cc                []address     `json:"cc"`
	Bcc               []address     `json:"bcc"`
	ReplyTo           []address     `json:"replyTo"`
	Body              string        `json:"body"`
	HTML              bool          `json:"html"`
	Files             []attachment  `json:"files"`
	Headers           []mail.Header `json:"headers"`
	CustomProperties  string        `json:"customProperties"` // JSON object of the add-in
}

// messages answers a folder as Outlook shows it, newest first.
func (s *server) messages(r *http.Request) (any, error) {
	found, err := s.Mail.LocalMessages(r.PathValue("mailbox"), r.PathValue("folder"))
	if err != nil {
		return nil, err
	}
	rows := []row{}
	for _, m := range found {
		rows = append(rows, rowOf(m))
	}
	return rows, nil
}

func (s *server) message(r *http.Request) (any, error) {
	m, err := s.Mail.LocalMessage(r.PathValue("mailbox"), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return s.letter(m), nil
}

// change marks a message as read or unread, sets its categories or the add-in's custom
// properties, or moves it.
func (s *server) change(r *http.Request) (any, error) {
	var form struct {
		Read             *bool
		Categories       *[]string
		CustomProperties *string
		Folder           string
	}
	if err := read(r, &form); err != nil {
		return nil, err
	}
	mailbox, id := r.PathValue("mailbox"), r.PathValue("id")
	m, err := s.Mail.Update(mailbox, id, func(m *mail.Message) error {
		if form.Read != nil {
			m.Read = *form.Read
		}
		if form.Categories != nil {
			m.Categories = *form.Categories
		}
		if form.CustomProperties != nil {
			setProperty(m, s.customProperties(), *form.CustomProperties)
		}
		return nil
	})
	if err == nil && form.Folder != "" {
		m, err = s.Mail.Move(mailbox, id, form.Folder)
	}
	if err != nil {
		return nil, err
	}
	return s.letter(m), nil
}

func (s *server) remove(r *http.Request) (any, error) {
	return nil, s.Mail.Delete(r.PathValue("mailbox"), r.PathValue("id"))
}

func rowOf(m mail.Message) row {
	return row{
		ID:          m.ImmutableID,
		From:        addressOf(m.From),
		To:          addressesOf(m.To),
		Subject:     m.Subject,
		Preview:     preview(m),
		Received:    m.Received,
		Read:        m.Read,
		Draft:       m.Draft,
		Attachments: m.HasAttachments(),
		Categories:  append([]string{}, m.Categories...),
	}
}

func (s *server) letter(m mail.Message) letter {
	return letter{
		row:               rowOf(m),
		RestID:            m.ID,
		Folder:            m.Folder,
		ConversationID:    m.ConversationID,
		InternetMessageID: m.InternetMessageID,
		Cc:                addressesOf(m.Cc),
		Bcc:               addressesOf(m.Bcc),
		ReplyTo:           addressesOf(m.ReplyTo),
		Body:              m.Body,
		HTML:              m.HTML,
		Files:             attachmentsOf(m.Attachments),
		Headers:           append([]mail.Header{}, m.Headers...),
		CustomProperties:  m.Property(s.customProperties()),
	}
}

func addressOf(a mail.Address) address { return address(a) }

func addressesOf(list []mail.Address) []address {
	addresses := []address{}
	for _, a := range list {
		addresses = append(addresses, address(a))
	}
	return addresses
}

func attachmentsOf(list []mail.Attachment) []attachment {
	kinds := map[mail.AttachmentKind]string{mail.FileAttachment: "file", mail.ItemAttachment: "item", mail.ReferenceAttachment: "cloud"}
	files := []attachment{}
	for _, a := range list {
		files = append(files, attachment{a.ID, a.Name, a.ContentType, a.ContentID, kinds[a.Kind], a.Size(), a.Inline, a.SourceURL})
	}
	return files
}
