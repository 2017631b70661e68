package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/remembering"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// Remembering keeps each caller's choices.
type Remembering interface {
	Keep(ctx context.Context, caller transfer.Caller, d remembering.Defaults) error
	Recall(ctx context.Context, caller transfer.Caller) (d remembering.Defaults, made bool, err error)
}

type defaultsRequest struct {
	ExpiryDays       int    `json:"expiryDays" validate:"min=0,max=365"`
	Language         string `json:"language" validate:"omitempty,oneof=da nb nl sv de en"`
	Code             string `json:"code" validate:"omitempty,oneof=none generated password sms mail"`
	ReplyMailbox     string `json:"replyMailbox" validate:"max=100"`
	ReplyTopic       string `json:"replyTopic" validate:"max=100"`
	NotifyOnOpen     bool   `json:"notifyOnOpen"`
	NotifyOnDownload bool   `json:"notifyOnDownload"`
	ConfirmUpload    bool   `json:"confirmUpload"`
	ShowFileNames    bool   `json:"showFileNames"`
	Signature        string `json:"signature" validate:"max=500"`
}

func (a *API) putDefaults(c *gin.Context) {
	var input defaultsRequest
	if !body(c, &input) {
		return
	}
	who := caller(c)
	err := a.Remembering.Keep(c, who, remembering.Defaults{ExpiryDays: input.ExpiryDays, Language: input.Language,
		Code: transfer.CodeKind(input.Code), ReplyMailbox: input.ReplyMailbox, ReplyTopic: input.ReplyTopic, NotifyOnOpen: input.NotifyOnOpen,
		NotifyOnDownload: input.NotifyOnDownload, ConfirmUpload: input.ConfirmUpload, ShowFileNames: input.ShowFileNames, Signature: input.Signature})
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// defaults are the caller's choices, and the organisation's where she made none.
func (a *API) defaults(ctx context.Context, who transfer.Caller) (remembering.Defaults, error) {
	d, _, err := a.Remembering.Recall(ctx, who)
	if err != nil {
		return d, err
	}
	p := a.Policy(who.Tenant)
	if d.ExpiryDays == 0 {
		d.ExpiryDays = days(p.Expiry)
	}
	if d.Language == "" {
		d.Language = p.Languages[0]
	}
	if d.Code == "" {
		d.Code = p.Codes[0]
	}
	return d, nil
}
