package graph

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"strings"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// Messages are answered as entities of the v1.0 data model. internetMessageHeaders come
// only when selected, attachments and extended properties only when expanded (Microsoft
// Learn, "message resource type").

func (c *call) message(m mail.Message, o options) map[string]any {
	full := map[string]any{
		"createdDateTime":            stamp(m.Created),
		"lastModifiedDateTime":       stamp(m.Modified),
		"changeKey":                  m.ChangeKey,
		"categories":                 texts(m.Categories),
		"receivedDateTime":           stamp(m.Received),
		"sentDateTime":               stamp(m.Sent),
		"hasAttachments":             m.HasAttachments(),
		"internetMessageId":          m.InternetMessageID,
		"subject":                    m.Subject,
		"bodyPreview":                preview(m),
		"importance":                 cmp.Or(m.Priority, "normal"),
		"parentFolderId":             m.Folder,
		"conversationId":             m.ConversationID,
		"conversationIndex":          conversationIndex(m.ConversationID),
		"isDeliveryReceiptRequested": nil,
		"isReadReceiptRequested":     false,
		"isRead":                     m.Read,
		"isDraft":                    m.Draft,
		"webLink":                    "https://outlook.office365.com/owa/?ItemID=" + url.QueryEscape(m.ID) + "&exvsurl=1&viewmodel=ReadMessageItem",
		"inferenceClassification":    "focused",
		"body":                       body(m),
		"sender":                     recipient(m.Sender),
		"from":                       recipient(m.From),
		"toRecipients":               recipients(m.To),
		"ccRecipients":               recipients(m.Cc),
		"bccRecipients":              recipients(m.Bcc),
		"replyTo":                    recipients(m.ReplyTo),
		"flag":                       map[string]any{"flagStatus": "notFlagged"},
	}
	if o.selects("internetMessageHeaders") {
		if headers := visibleHeaders(m); len(headers) > 0 {
			full["internetMessageHeaders"] = headers
		}
	}
	answer := o.pick(full)
	answer["id"] = c.id(m)
	answer["@odata.etag"] = `W/"` + m.ChangeKey + `"`
	c.expandMessage(answer, m, o)
	return answer
}

func (c *call) expandMessage(answer map[string]any, m mail.Message, o options) {
	if inner, asked := o.expand["attachments"]; asked {
		list := []any{}
		for _, a := range m.Attachments {
			list = append(list, c.attachment(a, inner))
		}
		answer["attachments"] = list
	}
	if inner, asked := o.expand["singleValueExtendedProperties"]; asked {
		if properties := extended(m, inner.filterText); len(properties) > 0 {
			answer["singleValueExtendedProperties"] = properties
		}
	}
}

// visibleHeaders: a received message has all its headers, a draft its own x- headers; the
// copy in Sent Items has none (microsoft-graph-docs issue 18761, office-js issue 5413).
func visibleHeaders(m mail.Message) []any {
	if !m.Draft && m.Header("Received") == "" {
		return nil
	}
	var list []any
	for _, h := range m.Headers {
		list = append(list, map[string]any{"name": h.Name, "value": h.Value})
	}
	return list
}

var quotedID = regexp.MustCompile(`(?i)\bid\s+eq\s+'((?:[^']|'')*)'`)

// extended answers those of the properties named in an expansion's filter that the
// message has (Microsoft Learn, "Get singleValueLegacyExtendedProperty").
func extended(m mail.Message, filter string) []any {
	var list []any
	for _, match := range quotedID.FindAllStringSubmatch(filter, -1) {
		id := strings.ReplaceAll(match[1], "''", "'")
		if value := m.Property(id); value != "" {
			list = append(list, map[string]any{"id": id, "value": value})
		}
	}
	return list
}

func (c *call) attachment(a mail.Attachment, o options) map[string]any {
	full := map[string]any{
		"lastModifiedDateTime": stamp(a.Modified),
		"name":                 a.Name,
		"contentType":          nullable(a.ContentType),
		"size":                 storedSize(a),
		"isInline":             a.Inline,
	}
	if a.Kind == mail.FileAttachment {
		full["contentId"] = nullable(a.ContentID)
		full["contentLocation"] = nullable(a.ContentLocation)
		if o.everything() || o.selects("contentBytes") {
			full["contentBytes"] = base64.StdEncoding.EncodeToString(a.Content)
		}
	}
	answer := o.pick(full)
	answer["id"] = c.attachmentID(a)
	answer["@odata.type"] = "#microsoft.graph." + string(a.Kind)
	if a.Kind == mail.FileAttachment {
		answer["@odata.mediaContentType"] = a.ContentType
	}
	if o.expandsItem() && a.Item != nil {
		item := c.message(*a.Item, options{})
		item["@odata.type"] = "#microsoft.graph.message"
		answer["item"] = item
	}
	return answer
}

// storedSize is more than the content: Exchange counts what the attachment consumes on
// the server ([MS-OXCMSG] PidTagAttachSize). Nobody should take it for the length.
func storedSize(a mail.Attachment) int64 { return a.Size() + int64(2*len(a.Name)) + 174 }

func (c *call) folder(f mail.Folder, o options) map[string]any {
	answer := o.pick(map[string]any{
		"displayName":      f.Name,
		"parentFolderId":   nullable(f.Parent),
		"childFolderCount": f.Children,
		"unreadItemCount":  f.Unread,
		"totalItemCount":   f.Total,
		"isHidden":         false,
	})
	answer["id"] = f.ID
	return answer
}

func user(m mail.Mailbox, o options) map[string]any {
	answer := o.pick(map[string]any{
		"businessPhones":    []string{},
		"displayName":       m.Name,
		"givenName":         nil,
		"jobTitle":          nil,
		"mail":              m.Address,
		"mobilePhone":       nil,
		"officeLocation":    nil,
		"preferredLanguage": nil,
		"surname":           nil,
		"userPrincipalName": m.Address,
	})
	answer["id"] = m.ID
	if o.selects("proxyAddresses") { // only on request, as in Graph
		answer["proxyAddresses"] = proxies(m)
	}
	return answer
}

// proxies are a mailbox's addresses as the directory has them: the primary one in
// capitals, and one that is not for mail.
func proxies(m mail.Mailbox) []string {
	all := []string{"SIP:" + m.Address, "SMTP:" + m.Address}
	for _, alias := range m.Aliases {
		all = append(all, "smtp:"+alias)
	}
	return all
}

func recipient(a mail.Address) any {
	if a.Address == "" {
		return nil
	}
	name := a.Name
	if name == "" {
		name = a.Address
	}
	return map[string]any{"emailAddress": map[string]any{"name": name, "address": a.Address}}
}

func recipients(addresses []mail.Address) []any {
	list := []any{}
	for _, a := range addresses {
		list = append(list, recipient(a))
	}
	return list
}

func body(m mail.Message) map[string]any {
	kind := "text"
	if m.HTML {
		kind = "html"
	}
	return map[string]any{"contentType": kind, "content": m.Body}
}

var tags = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`)

// preview is the first 255 characters of the text.
func preview(m mail.Message) string {
	text := m.Body
	if m.HTML {
		text = html.UnescapeString(tags.ReplaceAllString(text, " "))
	}
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), 255)])
}

// conversationIndex: the first 22 bytes are the conversation's header block
// ([MS-OXOMSG] PidTagConversationIndex).
func conversationIndex(conversation string) string {
	b := make([]byte, 22)
	copy(b[1:], hex.EncodeToString([]byte(conversation)))
	b[0] = 1
	return base64.StdEncoding.EncodeToString(b)
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}
