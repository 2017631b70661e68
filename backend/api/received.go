package api

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

type partyView struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
}

func party(p transfer.Party) partyView { return partyView{p.Name, p.Address} }

func parties(all []transfer.Party) []partyView {
	out := []partyView{}
	for _, p := range all {
		out = append(out, party(p))
	}
	return out
}

type receivedView struct {
	ID         transfer.ID `json:"id"`
	Sender     partyView   `json:"sender"`
	Subject    string      `json:"subject"`
	ReceivedAt time.Time   `json:"receivedAt"`
	ExpiresAt  time.Time   `json:"expiresAt"`
	FileCount  int         `json:"fileCount"`
	Opened     bool        `json:"opened"`
}

type receivedPage struct {
	Messages []receivedView `json:"messages"`
	Next     string         `json:"next,omitempty"`
}

func (a *API) listReceived(c *gin.Context) {
	at, ok := pageOf(c)
	if !ok {
		return
	}
	messages, next, err := a.Receiving.Messages(c, caller(c), at.Cursor, at.Limit)
	if err != nil {
		web.Problem(c, err)
		return
	}
	out := receivedPage{Messages: []receivedView{}, Next: next}
	for _, m := range messages {
		out.Messages = append(out.Messages, receivedView{ID: m.ID, Sender: party(m.Sender), Subject: m.Subject,
			ReceivedAt: m.AcceptedAt, ExpiresAt: m.ExpiresAt, FileCount: m.Files, Opened: m.Opened})
	}
	c.JSON(http.StatusOK, out)
}

type messageView struct {
	receivedView
	To    []partyView `json:"to"`
	Cc    []partyView `json:"cc"`
	Files []fileJSON  `json:"files"`
}

func (a *API) getReceived(c *gin.Context) {
	_, m, ok := a.message(c)
	if !ok {
		return
	}
	c.JSON(http.StatusOK, messageView{receivedView: receivedView{ID: m.ID, Sender: party(m.Sender), Subject: m.Subject,
		ReceivedAt: m.AcceptedAt, ExpiresAt: m.ExpiresAt, FileCount: len(m.Files), Opened: true},
		To: parties(m.To), Cc: parties(m.Cc), Files: checkedViews(m.Files, m.Standings, web.Words(c))})
}

// seat is where the caller reads what was sent to her.
func (a *API) seat(c *gin.Context) (opening.Seat, bool) {
	id, ok := pathID(c)
	if !ok {
		return opening.Seat{}, false
	}
	at, err := a.Receiving.Seat(c, caller(c), id)
	if err != nil {
		web.Problem(c, err)
	}
	return at, err == nil
}

func (a *API) message(c *gin.Context) (opening.Seat, opening.Message, bool) {
	at, ok := a.seat(c)
	if !ok {
		return at, opening.Message{}, false
	}
	m, err := a.Opening.Read(c, at)
	if err != nil {
		web.Problem(c, err)
	}
	return at, m, err == nil
}

// receivedBody shows the message's text as a document for a frame.
func (a *API) receivedBody(c *gin.Context) {
	at, m, ok := a.message(c)
	if !ok {
		return
	}
	kind, content, err := a.Opening.Body(c, m)
	if err != nil {
		web.Problem(c, err)
		return
	}
	var text io.Reader = http.NoBody
	if content != nil {
		defer content.Close()
		text = content
	}
	if err := web.ServeLetter(c, kind, text, func(contentID string) (transfer.File, io.ReadSeekCloser, error) {
		return a.Opening.Inline(c, at, contentID)
	}); err != nil {
		web.Problem(c, err)
	}
}

// receivedFile serves a file with Range.
func (a *API) receivedFile(c *gin.Context) {
	at, ok := a.seat(c)
	if !ok {
		return
	}
	f, content, err := a.Opening.Download(c, at, transfer.FileID(c.Param("file")))
	if err != nil {
		web.Problem(c, err)
		return
	}
	defer content.Close()
	web.ServeFile(c, a.Log, f, content)
}

func (a *API) receivedChecksum(c *gin.Context) {
	at, ok := a.seat(c)
	if !ok {
		return
	}
	f, sum, err := a.Opening.Checksum(c, at, transfer.FileID(c.Param("file")))
	if err != nil {
		web.Problem(c, err)
		return
	}
	web.ServeChecksum(c, f, sum)
}

func (a *API) discard(c *gin.Context) {
	id, ok := pathID(c)
	if !ok {
		return
	}
	if err := a.Receiving.Discard(c, caller(c), id); err != nil {
		web.Problem(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}
