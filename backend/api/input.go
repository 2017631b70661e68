package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"time"

	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
)

var (
	keyForm    = regexp.MustCompile(`^[A-Za-z0-9._~-]{16,128}$`)
	uploadForm = regexp.MustCompile(`^u[0-9]{1,4}$`)
)

func newDecoder(r io.Reader) *json.Decoder {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return d
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return transfer.Wrap(transfer.TooLarge, "the request is too large", err)
	}
	return transfer.Wrap(transfer.Invalid, "the request is not the JSON that is expected", err)
}

type page struct {
	Cursor string `json:"cursor" form:"cursor" validate:"max=200"`
	Limit  int    `json:"limit" form:"limit" validate:"min=1,max=100"`
}

type sendRequest struct {
	DraftID   string          `json:"draftId" validate:"required_without=Message,excluded_with=Message,max=1000"`
	Mailbox   string          `json:"mailbox" validate:"omitempty,email,max=320"`
	Nonce     string          `json:"nonce" validate:"max=100"`
	LeaveOut  []leftOut       `json:"leaveOut" validate:"max=500,dive"`
	Message   *messageRequest `json:"message" validate:"omitempty"`
	Phones    []phoneRequest  `json:"phones" validate:"max=500,dive"`
	Uploads   []string        `json:"uploads" validate:"max=1000,unique,dive,uploadid"`
	Overrides []string        `json:"overrides" validate:"max=1,dive,oneof=subject"`
	Options   optionsRequest  `json:"options"`
}

// leftOut may be the id alone.
type leftOut struct {
	ID   string `json:"id" validate:"required,max=1000"`
	Name string `json:"name" validate:"max=1000"`
	Nth  int    `json:"nth" validate:"min=0,ltefield=Of"`
	Of   int    `json:"of" validate:"max=1000"`
}

func (l *leftOut) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &l.ID) == nil {
		return nil
	}
	type object leftOut
	return newDecoder(bytes.NewReader(text)).Decode((*object)(l))
}

type messageRequest struct {
	Subject    string             `json:"subject" validate:"required,max=255"`
	HTML       string             `json:"html" validate:"max=4194304"`
	Text       string             `json:"text" validate:"max=4194304"`
	Recipients []recipientRequest `json:"recipients" validate:"required,min=1,max=500,dive"`
}

type recipientRequest struct {
	Address string `json:"address" validate:"required,email,max=320"`
	Name    string `json:"name" validate:"max=200"`
	Field   string `json:"field" validate:"omitempty,oneof=to cc bcc"`
	Phone   string `json:"phone" validate:"max=40"`
}

// phoneRequest is where a recipient of a draft gets her code.
type phoneRequest struct {
	Address string `json:"address" validate:"required,email,max=320"`
	Phone   string `json:"phone" validate:"required,max=40"`
}

type optionsRequest struct {
	Language         string `json:"language" validate:"required,oneof=da nb nl sv de en"`
	ExpiryDays       int    `json:"expiryDays" validate:"min=0,max=365"`
	Code             string `json:"code" validate:"required,oneof=none generated password sms mail"`
	Password         string `json:"password" validate:"required_if=Code password,max=200"`
	ReplyMailbox     string `json:"replyMailbox" validate:"max=100"`
	ReplyTopic       string `json:"replyTopic" validate:"max=100"`
	CaseID           string `json:"caseId" validate:"max=100"`
	NotifySubject    string `json:"notifySubject" validate:"max=200"`
	NotifyText       string `json:"notifyText" validate:"max=4000"`
	NotifyOnOpen     bool   `json:"notifyOnOpen"`
	NotifyOnDownload bool   `json:"notifyOnDownload"`
	ConfirmUpload    bool   `json:"confirmUpload"`
	ShowFileNames    bool   `json:"showFileNames"`
	Request          string `json:"request" validate:"omitempty,oneof=once many"`
}

type searchRequest struct {
	Mailbox string `json:"mailbox" validate:"omitempty,email,max=320"`
	Text    string `json:"text" validate:"max=200"`
	Filter  string `json:"filter" validate:"omitempty,oneof=attention unopened available ended"`
	Cursor  string `json:"cursor" validate:"max=200"`
	Limit   int    `json:"limit" validate:"min=1,max=100"`
}

type withdrawRequest struct {
	Recipient string `json:"recipient" validate:"max=10"`
	Erase     bool   `json:"erase"`
}

type restoreRequest struct {
	Recipient string `json:"recipient" validate:"max=10"`
}

// relinkRequest also asks for a reminder.
type relinkRequest struct {
	Recipient string `json:"recipient" validate:"required,max=10"`
}

type extendRequest struct {
	ExpiresAt time.Time `json:"expiresAt" validate:"required"`
}

type placeRequest struct {
	Mailbox string `json:"mailbox" validate:"required,max=100"`
	Topic   string `json:"topic" validate:"max=100"`
	Comment string `json:"comment" validate:"max=1000"`
}

func (r sendRequest) request() sending.Request {
	out := sending.Request{DraftID: r.DraftID, Mailbox: r.Mailbox, Nonce: r.Nonce, Overrides: r.Overrides, Options: r.Options.options()}
	for _, one := range r.LeaveOut {
		out.LeaveOut = append(out.LeaveOut, sending.LeftOut(one))
	}
	for _, p := range r.Phones {
		out.Phones = append(out.Phones, transfer.Party{Address: p.Address, Phone: p.Phone})
	}
	for _, id := range r.Uploads {
		out.Uploads = append(out.Uploads, transfer.FileID(id))
	}
	if r.Message != nil {
		out.Message = &sending.Message{Subject: r.Message.Subject, HTML: r.Message.HTML, Text: r.Message.Text}
		for _, p := range r.Message.Recipients {
			out.Message.Recipients = append(out.Message.Recipients,
				transfer.Recipient{Party: transfer.Party{Name: p.Name, Address: p.Address, Phone: p.Phone}, Field: p.Field})
		}
	}
	return out
}

func (o optionsRequest) options() sending.Options {
	return sending.Options{ExpiryDays: o.ExpiryDays, Password: o.Password, Options: transfer.Options{
		Language: o.Language, Code: transfer.AccessCode{Kind: transfer.CodeKind(o.Code)},
		ReplyMailbox: o.ReplyMailbox, ReplyTopic: o.ReplyTopic, CaseID: o.CaseID,
		NotifySubject: o.NotifySubject, NotifyText: o.NotifyText, NotifyOnOpen: o.NotifyOnOpen,
		NotifyOnDownload: o.NotifyOnDownload, ConfirmUpload: o.ConfirmUpload, ShowFileNames: o.ShowFileNames, Request: transfer.Request(o.Request),
	}}
}

// fileName reads a name from a Content-Disposition header (RFC 6266).
func fileName(disposition string) (string, error) {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil || params["filename"] == "" {
		return "", transfer.E(transfer.Invalid, "the file has no readable name").With("field", "Content-Disposition")
	}
	return params["filename"], nil
}
