package portal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/identity"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
	"senddigitally/backend/web"
)

const seatKey = "seat"

// seated lets in who has opened this seat's link in this session.
func (p *portal) seated(c *gin.Context) {
	session, err := p.Sessions.Session(c.Request)
	if err != nil && transfer.CodeOf(err) != transfer.CodeRequired {
		p.rescue(c)
		p.ended(c, err, "", askedSeat(c))
		return
	}
	for _, l := range session.Links {
		if string(l.ID) == c.Param("id") && string(l.Recipient) == c.Param("recipient") {
			c.Set(seatKey, opening.Seat{Tenant: l.Tenant, ID: l.ID, Recipient: l.Recipient, Opened: l.UnlockedAt})
			c.Next()
			return
		}
	}
	p.rescue(c)
	p.closed(c, transfer.E(transfer.CodeRequired, "open the link and enter its code first"), "")
}

// askedSeat is the address of the seat that a request is about.
func askedSeat(c *gin.Context) string { return "/m/" + c.Param("id") + "/" + c.Param("recipient") }

// closed says that the message has to be opened anew: the session is over, or was
// never at this seat, so that nothing is known of it; or, of a seat whose it is,
// that there is a new link or code.
func (p *portal) closed(c *gin.Context, err error, whose transfer.TenantID) {
	if web.WantsJSON(c) {
		web.Problem(c, err)
		return
	}
	web.Note(c, err)
	c.Abort()
	view := closedPage{page: p.page(c, p.words(c, ""), whose, "session.heading"), Renewed: whose != "", Draft: c.GetString(draftKey),
		Idle: strconv.Itoa(int(identity.IdleLife / time.Minute)), Longest: strconv.Itoa(int(identity.AbsoluteLife / time.Hour))}
	view.Here = askedSeat(c)
	p.render(c, web.Status(transfer.CodeRequired), "closed.html", view)
}

type closedPage struct {
	page
	Renewed       bool   // there is a new link or code
	Idle, Longest string // minutes and hours
	Draft         string // of a reply that could not be sent, to be copied
}

func seat(c *gin.Context) opening.Seat { return c.MustGet(seatKey).(opening.Seat) }

type messagePage struct {
	page
	opening.Message
	Text       string // of a plain body
	HTML       bool   // the body is shown in its frame
	Path       string
	Submission string
	First      int // number for the first file that the plain form sends
	Limit      string
	Uploaded   []transfer.File
	Problem    string
	Draft      string
	History    []opening.Past
	Several    bool  // files, to be had in one
	Altogether int64 // their bytes
	Unscanned  bool  // files are not checked for malware here
	Life       int   // seconds without a request after which the session ends
}

func (p *portal) message(c *gin.Context) { p.showMessage(c, http.StatusOK, newForm(), nil) }

// showMessage shows the message with what was written of a reply, and why that
// was not accepted, if so.
func (p *portal) showMessage(c *gin.Context, status int, f form, problem error) {
	m, err := p.Opening.Read(c, seat(c))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	words := p.words(c, m.Language)
	view := messagePage{page: p.page(c, words, m.Tenant, "message.title"), Message: m, Path: seatPath(m.Seat),
		Submission: f.submission, First: f.next, Limit: words.Size(p.Policy(m.Tenant).MaxReplyBytes), Draft: f.text, Unscanned: !p.Checks, Life: int(identity.IdleLife / time.Second)}
	view.Title, view.Here = m.Subject, seatPath(m.Seat)
	if view.Text, view.HTML, err = p.text(c, m); err != nil {
		p.endedSeat(c, err)
		return
	}
	var given int
	for _, f := range m.Files {
		if !m.Standings[f.ID].Held {
			given++
			view.Altogether += f.Size
		}
	}
	view.Several = given > 1
	if view.History, err = p.Opening.History(c, m); err != nil {
		p.endedSeat(c, err)
		return
	}
	if problem != nil {
		view.Problem = said(view.words, problem)
	}
	if err := p.goOn(c, &view, problem); err != nil {
		p.endedSeat(c, err)
		return
	}
	p.render(c, status, "message.html", view)
}

// goOn shows what was uploaded before, which goes along with the reply. Where
// that cannot be told, what was refused is shown all the same, to lose no text.
func (p *portal) goOn(c *gin.Context, view *messagePage, problem error) error {
	if !view.Answerable || view.Spent || problem == nil && view.Request != transfer.RequestOnce {
		return nil
	}
	all, err := p.Replying.Arriving(c, p.submission(c, view.Submission))
	if err != nil {
		if problem != nil || transfer.CodeOf(err) == transfer.Conflict { // sent meanwhile
			return nil
		}
		return err
	}
	for _, a := range all {
		if a.Whole() {
			view.Uploaded = append(view.Uploaded, a.File)
		}
	}
	view.First = max(view.First, uploading.Next(all))
	return nil
}

// shown is the body, if there is one and nobody holds it back.
func (p *portal) shown(ctx context.Context, m opening.Message) (kind string, content io.ReadSeekCloser, err error) {
	if m.Standings.Body().Held {
		return "", nil, nil
	}
	return p.Opening.Body(ctx, m)
}

func (p *portal) text(ctx context.Context, m opening.Message) (text string, html bool, err error) {
	kind, content, err := p.shown(ctx, m)
	if err != nil || content == nil {
		return "", false, err
	}
	defer content.Close()
	if strings.HasPrefix(kind, "text/html") {
		return "", true, nil
	}
	all, err := io.ReadAll(content)
	return string(all), false, err
}

func (p *portal) body(c *gin.Context) {
	m, err := p.Opening.Read(c, seat(c))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	kind, content, err := p.Opening.Body(c, m)
	if err != nil || content == nil {
		p.fail(c, errors.Join(err, transfer.E(transfer.NotFound, "no body")))
		return
	}
	defer content.Close()
	if err := web.ServeLetter(c, kind, content, func(contentID string) (transfer.File, io.ReadSeekCloser, error) {
		return p.Opening.Inline(c, m.Seat, contentID)
	}); err != nil {
		p.fail(c, err)
	}
}
