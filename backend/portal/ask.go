package portal

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/asking"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// Asking passes on wishes for a new link.
type Asking interface {
	ByLink(ctx context.Context, token transfer.LinkToken, contact, visitor string) error
	BySeat(ctx context.Context, at opening.Seat, contact string) error
}

// asks is how many wishes a visitor may make in a minute.
const asks = 5

type gonePage struct {
	problemPage
	Ask     string // where the wish is sent
	Contact int    // the longest answer to how to be reached
	Expired bool   // and not withdrawn
}

// endedSeat answers an error at a seat.
func (p *portal) endedSeat(c *gin.Context, err error) {
	if transfer.CodeOf(err) == transfer.CodeRequired {
		p.closed(c, err, seat(c).Tenant)
		return
	}
	p.ended(c, err, seat(c).Tenant, seatPath(seat(c)))
}

// ended answers an error at a link or seat, which is here. What was there and is
// over can be asked for again; the page shows nothing of it but whose it was.
func (p *portal) ended(c *gin.Context, err error, whose transfer.TenantID, here string) {
	if web.WantsJSON(c) {
		web.Problem(c, err)
		return
	}
	web.Note(c, err)
	c.Abort()
	code := transfer.CodeOf(err)
	view := gonePage{problemPage: p.problem(c, err, whose), Ask: here + "/ask", Contact: asking.MaxContact, Expired: code == transfer.Expired}
	view.Here = here
	name := "problem.html"
	if code == transfer.Expired || code == transfer.Withdrawn {
		name = "gone.html"
	}
	p.render(c, web.Status(code), name, view)
}

func (p *portal) askByLink(c *gin.Context) {
	token := transfer.LinkToken(c.Param("token"))
	p.ask(c, func(contact string) error { return p.Asking.ByLink(c, token, contact, p.visitor(c)) })
}

func (p *portal) askBySeat(c *gin.Context) {
	p.ask(c, func(contact string) error { return p.Asking.BySeat(c, seat(c), contact) })
}

func (p *portal) ask(c *gin.Context, passOn func(contact string) error) {
	if p.slow(c, "ask/", asks) {
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 16<<10)
	if err := passOn(shorten(c.PostForm("contact"), asking.MaxContact)); err != nil {
		p.fail(c, err)
		return
	}
	view := p.page(c, p.words(c, ""), "", "asked.heading")
	view.Here = "/"
	p.render(c, http.StatusOK, "asked.html", view)
}

// shorten keeps at most limit bytes of what was typed, whole characters.
func shorten(text string, limit int) string {
	for i := range text {
		if i > limit-4 {
			return text[:i]
		}
	}
	return text
}

// problem is an error in the reader's words.
func (p *portal) problem(c *gin.Context, err error, whose transfer.TenantID) problemPage {
	view := problemPage{page: p.page(c, p.words(c, ""), whose, "problem.title"), Request: web.RequestID(c), Draft: c.GetString(draftKey)}
	view.Heading, view.Detail = view.words.Error(err)
	view.Title = view.Heading
	return view
}
