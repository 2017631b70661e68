// Package staff is what members of staff see in a browser: replies that were
// delivered as a link, the distributor's desk, and the application that those
// without Outlook send and receive with. Pages are made on the server and work by
// keyboard and without a script; the application is the add-in's, and needs one.
//
// Invariant: every page needs a session that Entra signed in, every form its
// token; who may see or do what, the use cases decide, at the time of access and
// on her behalf. No page loads anything from elsewhere, and none is stored.
//
// Failure: every error is a page in the reader's language, with a code to quote.
package staff

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/distributing"
	"senddigitally/backend/identity"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
	"senddigitally/routing"
)

// Distributing shows, places and hands back replies.
type Distributing interface {
	Read(ctx context.Context, caller transfer.Caller, id transfer.ID) (distributing.Opened, error)
	Text(ctx context.Context, d *transfer.Dossier) (string, error)
	Fetch(ctx context.Context, caller transfer.Caller, id transfer.ID, file transfer.FileID) (f transfer.File, content io.ReadSeekCloser, done func(context.Context) error, err error)
	Mailbox(ctx context.Context, caller transfer.Caller, id, cursor string, limit int) (mailbox routing.Mailbox, replies []*transfer.Dossier, next string, err error)
	Assign(ctx context.Context, caller transfer.Caller, id transfer.ID, to string) error
	HandBack(ctx context.Context, caller transfer.Caller, id transfer.ID, why string) error
	Waiting(ctx context.Context, caller transfer.Caller, cursor string, limit int) ([]*transfer.Dossier, string, error)
	Look(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, string, error)
	Place(ctx context.Context, caller transfer.Caller, id transfer.ID, mailbox, topic string) (*transfer.Dossier, error)
	Undo(ctx context.Context, caller transfer.Caller, id transfer.ID) error
	Claim(ctx context.Context, caller transfer.Caller, id transfer.ID, take bool) error
	Comment(ctx context.Context, caller transfer.Caller, id transfer.ID, text string) error
	DeliverAgain(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error)
	Counted(ctx context.Context, caller transfer.Caller, days int) ([]distributing.Row, error)
	Propose(ctx context.Context, caller transfer.Caller, id transfer.ID, mailbox, topic string) (distributing.Proposal, error)
}

// Sessions remembers who has signed in.
type Sessions interface {
	Begin(w http.ResponseWriter, at identity.SignIn, next string) (address string, err error)
	Returned(w http.ResponseWriter, r *http.Request) (code, verifier, next string, err error)
	Open(w http.ResponseWriter, r *http.Request, caller transfer.Caller) error
	Session(r *http.Request) (identity.StaffSession, error)
	End(w http.ResponseWriter, r *http.Request) error
}

// Pages serves staff's pages on the staff origin.
type Pages struct {
	Distributing Distributing
	Sessions     Sessions
	SignIn       identity.SignIn
	// Application is the page that staff without Outlook send and receive with,
	// and the Content-Security-Policy that goes with it.
	Application func(at Application) (html []byte, policy string, err error)
	// Redeem exchanges the code of a sign-in for the access token's owner.
	Redeem       func(ctx context.Context, code, verifier string) (transfer.Caller, error)
	Organisation func(transfer.TenantID) transfer.Organisation
	Routes       func(transfer.TenantID) routing.State
	Secure       bool // reached by https
	Clock        func() time.Time
	Log          *slog.Logger
}

// Register adds the pages to an engine.
func (p *Pages) Register(engine *gin.Engine) {
	pages := engine.Group("", web.Page(pagePolicy), web.Recover(p.Log, p.fail), p.sameOrigin)
	pages.GET("/staff/assets/:file", p.asset)
	pages.GET("/staff/theme/:tenant/:file", p.theme)
	pages.GET("/signin", p.begin)
	pages.GET("/signin/callback", p.returned)
	pages.GET("/signin/session", p.session)
	signed := pages.Group("", p.signedIn)
	for _, path := range []string{"/", "/send", "/request", "/sent", "/received", "/received/:id"} {
		signed.GET(path, p.application)
	}
	signed.GET("/signin/done", func(c *gin.Context) { p.render(c, http.StatusOK, "again.html", p.page(c, "again.title")) })
	signed.POST("/signout", p.signOut)
	signed.GET("/replies/:id", p.reply)
	signed.GET("/replies/:id/files/:file", p.file)
	signed.POST("/replies/:id/notours", p.notOurs)
	signed.POST("/replies/:id/assign", p.assignOne)
	signed.GET("/mailboxes", p.mailboxes)
	signed.GET("/mailboxes/:mailbox", p.mailbox)
	signed.POST("/mailboxes/:mailbox", p.assign)
	signed.GET("/distribute", p.desk)
	signed.POST("/distribute", p.place)
	signed.POST("/distribute/undo", p.undo)
	signed.GET("/distribute/figures", p.figures)
	signed.GET("/distribute/figures.csv", p.figuresCSV)
	signed.GET("/distribute/:id", p.look)
	signed.POST("/distribute/:id/deliver", p.deliverAgain)
	signed.POST("/distribute/:id/rule", p.rule)
	signed.POST("/distribute/:id/claim", p.claim)
	signed.POST("/distribute/:id/comment", p.comment)
}

const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

var crossOrigin = http.NewCrossOriginProtection()

func (p *Pages) sameOrigin(c *gin.Context) {
	if err := crossOrigin.Check(c.Request); err != nil {
		p.fail(c, transfer.Wrap(transfer.Forbidden, "the request came from another site", err))
		return
	}
	c.Next()
}

const sessionKey = "staff session"

// maxForm bounds a form of staff's, in bytes: so small that none is ever
// written to a temporary file while it is read.
const maxForm = 256 << 10

// signedIn lets nobody pass who has not signed in; a page is come back to.
func (p *Pages) signedIn(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	s, err := p.Sessions.Session(c.Request)
	switch {
	case transfer.CodeOf(err) == transfer.Unauthenticated && c.Request.Method == http.MethodGet:
		c.Redirect(http.StatusSeeOther, "/signin?"+url.Values{"next": {c.Request.URL.RequestURI()}}.Encode())
		c.Abort()
	case err != nil:
		p.fail(c, err)
	case c.Request.Method == http.MethodPost && !s.Confirms(c.PostForm("csrf")):
		p.fail(c, transfer.E(transfer.Forbidden, "the form is not from this session"))
	default:
		c.Set(sessionKey, s)
		c.Next()
	}
}

func session(c *gin.Context) identity.StaffSession {
	return c.MustGet(sessionKey).(identity.StaffSession)
}

func (p *Pages) begin(c *gin.Context) {
	address, err := p.Sessions.Begin(c.Writer, p.SignIn, c.Query("next"))
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, address)
}

// returned ends a sign-in. The redirect is a page of ours, so that the cookie,
// which no other site's page may send, goes along with what follows.
func (p *Pages) returned(c *gin.Context) {
	code, verifier, next, err := p.Sessions.Returned(c.Writer, c.Request)
	var who transfer.Caller
	if err == nil {
		who, err = p.Redeem(c, code, verifier)
	}
	if err == nil {
		err = p.Sessions.Open(c.Writer, c.Request, who)
	}
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, next)
}

func (p *Pages) signOut(c *gin.Context) {
	if err := p.Sessions.End(c.Writer, c.Request); err != nil {
		p.fail(c, err)
		return
	}
	p.render(c, http.StatusOK, "left.html", p.page(c, "left.title"))
}
