package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/following"
	"senddigitally/backend/notifying"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// Previewing writes a notification before there is a transfer.
type Previewing interface {
	Preview(ctx context.Context, caller transfer.Caller, s notifying.Sample) (transfer.Mail, error)
}

type checkRequest struct {
	Recipients []string `json:"recipients" validate:"required,min=1,max=500,dive,max=20000"`
}

type checkedView struct {
	Address string           `json:"address"`
	Name    string           `json:"name,omitempty"`
	Marks   []following.Mark `json:"marks"`
	Like    string           `json:"like,omitempty"`
	Replier *partyView       `json:"replier,omitempty"`
}

// mostChecked bounds what is answered: twice what a transfer may have.
const mostChecked = 1000

func (a *API) checkRecipients(c *gin.Context) {
	var input checkRequest
	if !body(c, &input) {
		return
	}
	who := caller(c)
	found, err := a.Following.Recipients(c, who, input.Recipients, a.Organisation(who.Tenant).MailDomain)
	if err == nil && len(found) > mostChecked {
		err = transfer.E(transfer.TooMany, "too many recipients")
	}
	if err != nil {
		web.Problem(c, err)
		return
	}
	out := []checkedView{}
	for _, one := range found {
		view := checkedView{Address: one.Address, Name: one.Name, Marks: one.Marks, Like: one.Like}
		if one.Replier != nil {
			replier := party(*one.Replier)
			view.Replier = &replier
		}
		out = append(out, view)
	}
	c.JSON(http.StatusOK, gin.H{"recipients": out})
}

type previewRequest struct {
	Language      string   `json:"language" validate:"required,oneof=da nb nl sv de en"`
	Code          string   `json:"code" validate:"required,oneof=none generated password sms mail"`
	ExpiryDays    int      `json:"expiryDays" validate:"min=0,max=365"`
	NotifySubject string   `json:"notifySubject" validate:"max=200"`
	NotifyText    string   `json:"notifyText" validate:"max=4000"`
	ShowFileNames bool     `json:"showFileNames"`
	Request       string   `json:"request" validate:"omitempty,oneof=once many"`
	Files         []string `json:"files" validate:"max=500,dive,max=400"`
}

func (a *API) preview(c *gin.Context) {
	var input previewRequest
	if !body(c, &input) {
		return
	}
	who := caller(c)
	sample := notifying.Sample{Files: input.Files, Expiry: a.Policy(who.Tenant).Expiry, Options: transfer.Options{
		Language: input.Language, Code: transfer.AccessCode{Kind: transfer.CodeKind(input.Code)}, NotifySubject: input.NotifySubject,
		NotifyText: input.NotifyText, ShowFileNames: input.ShowFileNames, Request: transfer.Request(input.Request)}}
	if input.ExpiryDays > 0 {
		sample.Expiry = time.Duration(input.ExpiryDays) * 24 * time.Hour
	}
	mail, err := a.Previewing.Preview(c, who, sample)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"from": mail.FromName, "subject": mail.Subject, "text": mail.Text, "html": mail.HTML})
}
