package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/following"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

func (a *API) createTransfer(c *gin.Context) {
	key := c.GetHeader("Idempotency-Key")
	if !valid(c, struct {
		Key string `json:"Idempotency-Key" validate:"required,key"`
	}{key}) {
		return
	}
	var input sendRequest
	if !body(c, &input) {
		return
	}
	id, err := a.Sending.Send(c.Request.Context(), caller(c), key, input.request())
	if err != nil {
		web.Problem(c, err)
		return
	}
	view, err := a.Following.Progress(c, caller(c), id)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Location", "/api/v1/transfers/"+string(id))
	c.JSON(http.StatusAccepted, a.transferView(c, view))
}

func (a *API) getTransfer(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	view, err := a.Following.Transfer(c, caller(c), id)
	a.answer(c, view, err)
}

func (a *API) answer(c *gin.Context, view following.View, err error) {
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusOK, a.transferView(c, view))
}

func (a *API) listTransfers(c *gin.Context) {
	at, ok := pageOf(c)
	if !ok {
		return
	}
	views, next, err := a.Following.Search(c, caller(c), following.Query{}, at.Cursor, at.Limit)
	a.answerPage(c, views, next, err)
}

// searchTransfers takes what is searched for in its body: subjects and
// addresses have no place in a URL.
func (a *API) searchTransfers(c *gin.Context) {
	input := searchRequest{Limit: 20}
	if !body(c, &input) {
		return
	}
	views, next, err := a.Following.Search(c, caller(c), following.Query{Mailbox: input.Mailbox, Text: input.Text, Filter: following.Filter(input.Filter)}, input.Cursor, input.Limit)
	a.answerPage(c, views, next, err)
}

func (a *API) answerPage(c *gin.Context, views []following.View, next string, err error) {
	if err != nil {
		web.Problem(c, err)
		return
	}
	out := transferPage{Transfers: []transferView{}, Next: next}
	for _, v := range views {
		view := a.transferView(c, v)
		view.Code = "" // asked for one by one: the audit line of a list names none
		out.Transfers = append(out.Transfers, view)
	}
	c.JSON(http.StatusOK, out)
}

// getProgress streams the state of a transfer until it is no longer received.
func (a *API) getProgress(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	view, err := a.Following.Transfer(c, caller(c), id)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Content-Type", "text/event-stream")
	c.Header("X-Accel-Buffering", "no")
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for sent := ""; ; {
		if sent, err = a.tell(c, view, sent); err != nil || view.Record.Phase != transfer.Receiving {
			return
		}
		select {
		case <-c.Request.Context().Done():
			return
		case <-tick.C:
		}
		if view, err = a.Following.Progress(c, caller(c), id); err != nil {
			return
		}
	}
}

// tell writes one event, unless it says what the one before said.
func (a *API) tell(c *gin.Context, view following.View, before string) (string, error) {
	data, err := json.Marshal(a.transferView(c, view))
	if err != nil || string(data) == before {
		return before, err
	}
	_, err = fmt.Fprintf(c.Writer, "event: progress\ndata: %s\n\n", data)
	c.Writer.Flush()
	return string(data), err
}

func (a *API) withdraw(c *gin.Context) {
	var input withdrawRequest
	a.change(c, &input, func(who transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
		return a.Expiring.Withdraw(c, who, id, transfer.RecipientID(input.Recipient), input.Erase)
	})
}

func (a *API) restore(c *gin.Context) {
	var input restoreRequest
	a.change(c, &input, func(who transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
		return a.Expiring.Restore(c, who, id, transfer.RecipientID(input.Recipient))
	})
}

func (a *API) relink(c *gin.Context) {
	var input relinkRequest
	a.change(c, &input, func(who transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
		return a.Expiring.Relink(c, who, id, transfer.RecipientID(input.Recipient))
	})
}

func (a *API) remind(c *gin.Context) {
	var input relinkRequest
	a.change(c, &input, func(who transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
		return a.Expiring.Remind(c, who, id, transfer.RecipientID(input.Recipient))
	})
}

func (a *API) recode(c *gin.Context) {
	a.change(c, &struct{}{}, func(who transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
		return a.Expiring.Recode(c, who, id)
	})
}

func (a *API) extend(c *gin.Context) {
	var input extendRequest
	a.change(c, &input, func(who transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
		return a.Expiring.Extend(c, who, id, input.ExpiresAt)
	})
}

func (a *API) change(c *gin.Context, input any, do func(transfer.Caller, transfer.ID) (*transfer.Dossier, error)) {
	id, ok := pathID(c)
	if !ok || !body(c, input) {
		return
	}
	d, err := do(caller(c), id)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusOK, a.transferView(c, following.View{Record: d.Project(a.Clock()), Dossier: d}))
}

func (a *API) listManual(c *gin.Context) {
	at, ok := pageOf(c)
	if !ok {
		return
	}
	replies, next, err := a.Distributing.Waiting(c, caller(c), at.Cursor, at.Limit)
	if err != nil {
		web.Problem(c, err)
		return
	}
	out := replyPage{Replies: []replyView{}, Next: next}
	for _, d := range replies {
		out.Replies = append(out.Replies, a.replyView(c, d))
	}
	c.JSON(http.StatusOK, out)
}

func (a *API) place(c *gin.Context) {
	var input placeRequest
	id, ok := pathID(c)
	if !ok || !body(c, &input) {
		return
	}
	d, err := a.Distributing.Place(c, caller(c), id, input.Mailbox, input.Topic)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusOK, a.replyView(c, d))
}

func (a *API) deliverAgain(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	d, err := a.Distributing.DeliverAgain(c, caller(c), id)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusOK, a.replyView(c, d))
}

func pathID(c *gin.Context) (transfer.ID, bool) {
	id := transfer.ID(c.Param("id"))
	if !id.Valid() {
		web.Problem(c, transfer.E(transfer.NotFound, "no such id"))
		return "", false
	}
	return id, true
}

func pageOf(c *gin.Context) (page, bool) {
	at := page{Cursor: c.Query("cursor"), Limit: 20}
	if given := c.Query("limit"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil {
			n = -1
		}
		at.Limit = n
	}
	return at, valid(c, at)
}
