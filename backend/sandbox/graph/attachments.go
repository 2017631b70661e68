package graph

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"senddigitally/backend/sandbox/mail"
)

func (c *call) listAttachments() error {
	o, err := parseOptions(c.r.URL.Query())
	if err != nil {
		return err
	}
	m, err := c.store.Message(c.mailbox.Address, c.r.PathValue("message"))
	if err != nil {
		return err
	}
	list := []any{}
	for _, a := range m.Attachments {
		list = append(list, c.attachment(a, o))
	}
	return c.answer(http.StatusOK, map[string]any{"value": list})
}

func (c *call) getAttachment() error {
	o, err := parseOptions(c.r.URL.Query())
	if err != nil {
		return err
	}
	a, err := c.namedAttachment()
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.attachment(a, o))
}

// getContent streams the bytes of a file, an attached item as MIME, and refuses a
// reference with 405 (Microsoft Learn, "Get attachment").
func (c *call) getContent() error {
	a, err := c.namedAttachment()
	if err != nil {
		return err
	}
	switch {
	case a.Kind == mail.ReferenceAttachment:
		return mail.Refuse(http.StatusMethodNotAllowed, "ErrorInvalidRequest", "The raw contents of a reference attachment cannot be read.")
	case a.Item != nil:
		c.w.Header().Set("Content-Type", "text/plain")
		return ignoreBrokenPipe(mail.WriteMIME(c.w, *a.Item))
	}
	c.w.Header().Set("Content-Type", a.ContentType)
	c.w.Header().Set("Content-Length", fmt.Sprint(len(a.Content)))
	_, err = io.Copy(c.w, bytes.NewReader(a.Content))
	return ignoreBrokenPipe(err)
}

func (c *call) addAttachment() error {
	var in incomingAttachment
	if err := c.decode(&in); err != nil {
		return err
	}
	a, err := in.attachment(c.store.Settings())
	if err != nil {
		return err
	}
	added, err := c.store.AddAttachment(c.mailbox.Address, c.r.PathValue("message"), a)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.attachment(added, options{}))
}

func (c *call) removeAttachment() error {
	err := c.store.RemoveAttachment(c.mailbox.Address, c.r.PathValue("message"), c.r.PathValue("attachment"))
	if err != nil {
		return err
	}
	return c.nothing(http.StatusNoContent)
}

func (c *call) namedAttachment() (mail.Attachment, error) {
	return c.store.Attachment(c.mailbox.Address, c.r.PathValue("message"), c.r.PathValue("attachment"))
}
