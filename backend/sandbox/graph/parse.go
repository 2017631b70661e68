package graph

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// incoming is a message as a client writes it. What is absent stays as it is.
type incoming struct {
	Subject           *string           `json:"subject"`
	Body              *incomingBody     `json:"body"`
	From              *incomingAddress  `json:"from"`
	Sender            *incomingAddress  `json:"sender"`
	To                []incomingAddress `json:"toRecipients"`
	Cc                []incomingAddress `json:"ccRecipients"`
	Bcc               []incomingAddress `json:"bccRecipients"`
	ReplyTo           []incomingAddress `json:"replyTo"`
	Categories        []string          `json:"categories"`
	Importance        *string           `json:"importance"`
	IsRead            *bool             `json:"isRead"`
	InternetMessageID *string           `json:"internetMessageId"`
	Headers           []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"internetMessageHeaders"`
	Properties []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"singleValueExtendedProperties"`
	Attachments []incomingAttachment `json:"attachments"`

	present map[string]json.RawMessage
}

type incomingBody struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

type incomingAddress struct {
	EmailAddress struct {
		Name    string `json:"name"`
		Address string `json:"address"`
	} `json:"emailAddress"`
}

type incomingAttachment struct {
	Type            string    `json:"@odata.type"`
	Name            string    `json:"name"`
	ContentType     string    `json:"contentType"`
	IsInline        bool      `json:"isInline"`
	ContentID       string    `json:"contentId"`
	ContentLocation string    `json:"contentLocation"`
	ContentBytes    []byte    `json:"contentBytes"`
	Item            *incoming `json:"item"`
}

// writable names what may be set on a message (Microsoft Learn, "Update message" and
// "Create message"); flag, receipts and classification are taken and not kept.
var writable = strings.Fields(`subject body from sender toRecipients ccRecipients bccRecipients replyTo
	categories importance isRead internetMessageId internetMessageHeaders singleValueExtendedProperties
	attachments flag inferenceClassification isDeliveryReceiptRequested isReadReceiptRequested`)

// UnmarshalJSON also remembers which properties were there, and refuses unknown ones.
func (in *incoming) UnmarshalJSON(text []byte) error {
	type plain incoming
	if err := json.Unmarshal(text, (*plain)(in)); err != nil {
		return err
	}
	return json.Unmarshal(text, &in.present)
}

func (in *incoming) has(property string) bool {
	_, present := in.present[property]
	return present
}

func (in *incoming) check(s mail.Settings) error {
	for property := range in.present {
		if !strings.HasPrefix(property, "@") && !containsFold(writable, property) {
			return mail.Refuse(http.StatusBadRequest, "RequestBodyRead",
				"The property '"+property+"' cannot be set on type 'microsoft.graph.message'.")
		}
	}
	return in.checkHeaders(s)
}

// checkHeaders: custom headers begin with x-, at most five, and not none (Microsoft
// Learn, "Create message": internetMessageHeaders; the collection limit is Graph's error
// InvalidInternetMessageHeaderCollection).
func (in *incoming) checkHeaders(s mail.Settings) error {
	if !in.has("internetMessageHeaders") {
		return nil
	}
	if len(in.Headers) == 0 || s.CustomHeaders > 0 && len(in.Headers) > s.CustomHeaders {
		return mail.Refuse(http.StatusBadRequest, "InvalidInternetMessageHeaderCollection",
			"Maximum number of headers in one message should be less than or equal to 5, and at least one.")
	}
	for _, h := range in.Headers {
		if !strings.HasPrefix(strings.ToLower(h.Name), "x-") || strings.ContainsAny(h.Name+h.Value, "\r\n") {
			return mail.Refuse(http.StatusBadRequest, "InvalidInternetMessageHeader",
				"The internet message header name should start with 'x-' or 'X-'.")
		}
	}
	return nil
}

// apply writes what was present into a message.
func (in *incoming) apply(m *mail.Message, s mail.Settings) error {
	in.applyContent(m)
	if in.has("categories") {
		m.Categories = in.Categories
	}
	if in.IsRead != nil {
		m.Read = *in.IsRead
	}
	if in.Importance != nil {
		m.Priority = strings.ToLower(*in.Importance)
	}
	for _, h := range in.Headers {
		m.Headers = append(m.Headers, mail.Header{Name: h.Name, Value: h.Value})
	}
	for _, p := range in.Properties {
		setProperty(m, mail.Property{ID: p.ID, Value: p.Value})
	}
	for _, a := range in.Attachments {
		attachment, err := a.attachment(s)
		if err != nil {
			return err
		}
		m.Attachments = append(m.Attachments, attachment)
	}
	return nil
}

func (in *incoming) applyContent(m *mail.Message) {
	if in.Subject != nil {
		m.Subject = *in.Subject
	}
	if in.Body != nil {
		m.Body, m.HTML = in.Body.Content, strings.EqualFold(in.Body.ContentType, "html")
	}
	if in.From != nil {
		m.From = in.From.address()
	}
	if in.Sender != nil {
		m.Sender = in.Sender.address()
	}
	if in.InternetMessageID != nil {
		m.InternetMessageID = *in.InternetMessageID
	}
	for property, list := range map[string]struct {
		from []incomingAddress
		to   *[]mail.Address
	}{
		"toRecipients": {in.To, &m.To}, "ccRecipients": {in.Cc, &m.Cc},
		"bccRecipients": {in.Bcc, &m.Bcc}, "replyTo": {in.ReplyTo, &m.ReplyTo},
	} {
		if in.has(property) {
			*list.to = addresses(list.from)
		}
	}
}

func setProperty(m *mail.Message, p mail.Property) {
	for i := range m.Properties {
		if strings.EqualFold(m.Properties[i].ID, p.ID) {
			m.Properties[i].Value = p.Value
			return
		}
	}
	m.Properties = append(m.Properties, p)
}

// attachment refuses what is too large for one request, and reference attachments, which
// v1.0 cannot create (their source lies in no property of the v1.0 data model).
func (in incomingAttachment) attachment(s mail.Settings) (mail.Attachment, error) {
	a := mail.Attachment{
		Kind: mail.FileAttachment, Name: in.Name, ContentType: in.ContentType, Inline: in.IsInline,
		ContentID: in.ContentID, ContentLocation: in.ContentLocation, Content: in.ContentBytes,
	}
	switch strings.TrimPrefix(in.Type, "#") {
	case "microsoft.graph.fileAttachment":
		if s.SimpleAttachment > 0 && int64(len(a.Content)) >= s.SimpleAttachment {
			return a, mail.Refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
				"The attachment is too large for one request; create an upload session.")
		}
	case "microsoft.graph.itemAttachment":
		if in.Item == nil {
			return a, malformed("An item attachment needs an item.")
		}
		a.Kind, a.Item, a.Content = mail.ItemAttachment, &mail.Message{Sent: time.Time{}}, nil
		return a, in.Item.apply(a.Item, s)
	default:
		return a, malformed("The attachment's @odata.type is not supported.")
	}
	return a, nil
}

func (in incomingAddress) address() mail.Address {
	return mail.Address{Name: in.EmailAddress.Name, Address: strings.TrimSpace(in.EmailAddress.Address)}
}

func addresses(list []incomingAddress) []mail.Address {
	var all []mail.Address
	for _, a := range list {
		all = append(all, a.address())
	}
	return all
}
