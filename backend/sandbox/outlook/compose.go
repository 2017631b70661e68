package outlook

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"slices"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

// attachmentLimit is the largest attachment Outlook on the web takes with any message
// size limit (Microsoft Learn, "Exchange Online limits": 150 MB).
const attachmentLimit = 150 << 20

// draft is what a compose window holds. Attachments are added and removed one by one.
type draft struct {
	From             address       `json:"from"`
	To               []address     `json:"to"`
	Cc               []address     `json:"cc"`
	Bcc              []address     `json:"bcc"`
	Subject          string        `json:"subject"`
	Body             string        `json:"body"`
	HTML             bool          `json:"html"`
	Headers          []mail.Header `json:"headers"`
	CustomProperties string        `json:"customProperties"`
}

// saveDraft saves a compose window, for the first time or again.
func (s *server) saveDraft(r *http.Request) (any, error) {
	var form draft
	if err := read(r, &form); err != nil {
		return nil, err
	}
	return s.edit(r, func(m *mail.Message) error {
		m.From, m.Sender = mail.Address(form.From), mail.Address{}
		m.To, m.Cc, m.Bcc = addresses(form.To), addresses(form.Cc), addresses(form.Bcc)
		m.Subject, m.Body, m.HTML = form.Subject, form.Body, form.HTML
		m.Headers = form.Headers
		setProperty(m, s.customProperties(), form.CustomProperties)
		return nil
	})
}

// edit changes the draft that the path names, or a new one, and saves it.
func (s *server) edit(r *http.Request, change func(*mail.Message) error) (any, error) {
	s.saving.Lock()
	defer s.saving.Unlock()
	mailbox := r.PathValue("mailbox")
	var m mail.Message
	if id := r.PathValue("id"); id != "" {
		saved, err := s.Mail.LocalMessage(mailbox, id)
		if err != nil {
			return nil, err
		}
		if !saved.Draft {
			return nil, mail.Refuse(http.StatusConflict, "ErrorInvalidPropertyUpdateSentMessage", "The message has been sent already.")
		}
		m = saved
	}
	if err := change(&m); err != nil {
		return nil, err
	}
	m, err := s.Mail.SaveDraft(mailbox, m)
	if err != nil {
		return nil, err
	}
	s.watch.mark(mailbox)
	return s.letter(m), nil
}

// attach adds the request's body to a draft.
func (s *server) attach(r *http.Request) (any, error) {
	content, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, attachmentLimit))
	if err != nil {
		return nil, mail.Refuse(http.StatusRequestEntityTooLarge, "ErrorMessageSizeExceeded", "The attachment is too large for a message.")
	}
	q := r.URL.Query()
	return s.edit(r, func(m *mail.Message) error {
		m.Attachments = append(m.Attachments, mail.Attachment{
			Kind:        mail.FileAttachment,
			Name:        q.Get("name"),
			ContentType: r.Header.Get("Content-Type"),
			Inline:      q.Get("contentId") != "",
			ContentID:   q.Get("contentId"),
			Content:     content,
		})
		return nil
	})
}

func (s *server) detach(r *http.Request) (any, error) {
	return s.edit(r, func(m *mail.Message) error {
		before := len(m.Attachments)
		m.Attachments = slices.DeleteFunc(slices.Clone(m.Attachments), func(a mail.Attachment) bool { return a.ID == r.PathValue("a") })
		if len(m.Attachments) == before {
			return mail.Refuse(http.StatusNotFound, "ErrorItemNotFound", "The attachment is not there.")
		}
		return nil
	})
}

// send is Outlook's own Send: the message leaves in the clear.
func (s *server) send(r *http.Request) (any, error) {
	return nil, s.Mail.SendDraft(r.PathValue("mailbox"), r.PathValue("id"))
}

// discard closes a compose window for good. A draft that has left Drafts in the
// meantime stays where it is.
func (s *server) discard(r *http.Request) (any, error) {
	mailbox, id := r.PathValue("mailbox"), r.PathValue("id")
	if err := s.Mail.DiscardDraft(mailbox, id); err != nil {
		return nil, err
	}
	drafts, err := s.Mail.Folder(mailbox, mail.Drafts)
	if err != nil {
		return nil, err
	}
	s.watch.mark(mailbox)
	m, err := s.Mail.Message(mailbox, id)
	if err != nil || m.Folder != drafts.ID {
		return nil, nil
	}
	return nil, s.Mail.Delete(mailbox, id)
}

// answer saves a draft that replies to a message or forwards it.
func (s *server) answer(r *http.Request) (any, error) {
	mailbox := r.PathValue("mailbox")
	to, err := s.Mail.LocalMessage(mailbox, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var m mail.Message
	switch r.PathValue("answer") {
	case "reply":
		m = mail.Reply(to)
	case "reply-all":
		m = replyAll(to, mailbox)
	case "forward":
		m = forward(to)
	default:
		return nil, mail.Refuse(http.StatusNotFound, "ErrorInvalidRequest", "There is no such answer.")
	}
	m.HTML, m.Body = true, "<p><br></p>"+quoted(to)
	m, err = s.Mail.SaveDraft(mailbox, m)
	if err != nil {
		return nil, err
	}
	return s.letter(m), nil
}

func replyAll(to mail.Message, mailbox string) mail.Message {
	m := mail.Reply(to)
	for _, a := range slices.Concat(to.To, to.Cc) {
		if !strings.EqualFold(a.Address, mailbox) && !slices.Contains(m.To, a) {
			m.Cc = append(m.Cc, a)
		}
	}
	return m
}

func forward(of mail.Message) mail.Message {
	m := mail.Message{Subject: "Fw: " + of.Subject, Attachments: slices.Clone(of.Attachments)}
	for i := range m.Attachments {
		m.Attachments[i].ID = ""
	}
	return m
}

func quoted(m mail.Message) string {
	text := m.Body
	if !m.HTML {
		text = "<pre>" + html.EscapeString(text) + "</pre>"
	}
	head := fmt.Sprintf("%s <%s>, %s", m.From.Name, m.From.Address, m.Sent.Format("2006-01-02 15:04 MST"))
	return "<p>" + html.EscapeString(head) + ":</p><blockquote>" + text + "</blockquote>"
}

func addresses(list []address) []mail.Address {
	kept := []mail.Address{}
	for _, a := range list {
		kept = append(kept, mail.Address(a))
	}
	return kept
}

func setProperty(m *mail.Message, id, value string) {
	m.Properties = slices.DeleteFunc(slices.Clone(m.Properties), func(p mail.Property) bool { return strings.EqualFold(p.ID, id) })
	if value != "" {
		m.Properties = append(m.Properties, mail.Property{ID: id, Value: value})
	}
}
