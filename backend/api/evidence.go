package api

import (
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// evidence answers the mail that proves the dispatch, for the sender's archive.
func (a *API) evidence(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	mail, err := a.Following.Evidence(c, caller(c), id, web.Words(c).Language())
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "evidence-" + string(id[:8]) + ".eml"}))
	c.Data(http.StatusOK, "message/rfc822", mail)
}

// cancel calls off a transfer while it is received; the answer says whether it
// came in time.
func (a *API) cancel(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	if err := a.Sending.Cancel(c, caller(c), id); err != nil {
		web.Problem(c, err)
		return
	}
	view, err := a.Following.Progress(c, caller(c), id)
	a.answer(c, view, err)
}

type linkView struct {
	Recipient transfer.RecipientID `json:"recipient"`
	URL       string               `json:"url"`
}

func (a *API) links(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	found, err := a.Following.Links(c, caller(c), id)
	if err != nil {
		web.Problem(c, err)
		return
	}
	out := []linkView{}
	for _, l := range found {
		out = append(out, linkView{l.Recipient, l.URL})
	}
	c.JSON(http.StatusOK, gin.H{"links": out})
}
