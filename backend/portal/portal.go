// Package portal is what an outsider sees: the link page, the message, its
// files, the reply and its receipt, the wish for a new link, and the pages of
// who writes first. Pages are made on the server and work without JavaScript; a
// script (client/portal.js, built into assets/portal.js by "npm ci && npm run
// build" in client) makes uploads resumable, by the tus protocol, and keeps what
// is being written in its tab.
//
// Invariant: GET and HEAD change and reveal nothing but what a link page may
// say; after the code, URLs carry ids that open nothing without the session.
// No page loads anything from elsewhere, and none is stored by a browser. What
// is over shows nothing of what it was.
//
// Failure: every error is a page in the reader's language (problem details for
// the script), without names or subjects.
package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/identity"
	"senddigitally/backend/opening"
	"senddigitally/backend/replying"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
	"senddigitally/routing"
)

// Opening opens links.
type Opening interface {
	Face(ctx context.Context, token transfer.LinkToken, browser, visitor string) (opening.Face, error)
	SendCode(ctx context.Context, token transfer.LinkToken, browser, visitor string) (opening.Step, error)
	Unlock(ctx context.Context, token transfer.LinkToken, typed, browser, visitor string) (opening.Seat, error)
	Read(ctx context.Context, at opening.Seat) (opening.Message, error)
	Body(ctx context.Context, m opening.Message) (kind string, content io.ReadSeekCloser, err error)
	Inline(ctx context.Context, at opening.Seat, contentID string) (transfer.File, io.ReadSeekCloser, error)
	Parcel(ctx context.Context, at opening.Seat) (opening.Parcel, error)
	History(ctx context.Context, m opening.Message) ([]opening.Past, error)
	Checksum(ctx context.Context, at opening.Seat, id transfer.FileID) (f transfer.File, sum []byte, err error)
	Download(ctx context.Context, at opening.Seat, id transfer.FileID) (transfer.File, io.ReadSeekCloser, error)
}

// Replying accepts replies.
type Replying interface {
	Upload(ctx context.Context, s replying.Submission, meta transfer.File, content io.Reader) (transfer.File, error)
	Remove(ctx context.Context, s replying.Submission, file transfer.FileID) error
	Announce(ctx context.Context, s replying.Submission, meta transfer.File, length int64) (transfer.Arriving, error)
	Append(ctx context.Context, s replying.Submission, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error)
	Arriving(ctx context.Context, s replying.Submission) ([]transfer.Arriving, error)
	Submit(ctx context.Context, s replying.Submission, text string, files []transfer.FileID) (replying.Receipt, error)
	Receipt(ctx context.Context, s replying.Submission) (replying.Receipt, error)
}

// Sessions remembers which seats a browser has opened.
type Sessions interface {
	Session(r *http.Request) (identity.Session, error)
	Unlock(w http.ResponseWriter, r *http.Request, tenant transfer.TenantID, id transfer.ID, recipient transfer.RecipientID) (identity.Session, error)
	End(w http.ResponseWriter, r *http.Request) error
}

// Limits slows down who asks too often. Key is a pseudonym.
type Limits interface {
	Allow(ctx context.Context, key string, limit int, per time.Duration) (ok bool, wait time.Duration, err error)
}

// Config is what the pages need.
type Config struct {
	Opening      Opening
	Replying     Replying
	Asking       Asking
	Contacting   Contacting // nil: nobody can write first
	Sessions     Sessions
	Limits       Limits
	Organisation func(transfer.TenantID) transfer.Organisation
	Policy       func(transfer.TenantID) transfer.Policy
	Routes       func(transfer.TenantID) *routing.Set
	Home         transfer.TenantID     // whose contact points the start page shows
	Service      transfer.Organisation // speaks where no organisation is known yet
	Namer        transfer.Namer
	Checks       bool     // files are checked for malware
	Secure       bool     // reached by https: HSTS is sent
	Proxies      []string // trusted
	Clock        func() time.Time
	Log          *slog.Logger
}

type portal struct{ Config }

// New makes the handler of the portal's origin.
func New(c Config) (http.Handler, error) {
	engine, err := web.Engine(c.Proxies, c.Secure, c.Log)
	if err != nil {
		return nil, err
	}
	p := &portal{c}
	engine.Use(web.Page(pagePolicy), web.Recover(c.Log, p.fail), p.sameOrigin)
	engine.NoRoute(func(c *gin.Context) { p.fail(c, transfer.E(transfer.NotFound, "no such page")) })
	p.get(engine, "/", p.home)
	p.get(engine, "/assets/:file", p.asset)
	p.get(engine, "/theme/:tenant/:file", p.theme)
	p.contact(engine)
	for _, lang := range catalogue.Languages() {
		p.get(engine, "/"+lang+"/accessibility", spoken(lang), p.accessibility)
	}
	p.get(engine, "/l/:token", p.link)
	engine.POST("/l/:token", p.unlock)
	engine.POST("/l/:token/code", p.sendCode)
	engine.POST("/l/:token/ask", p.askByLink)
	engine.POST("/logout", p.logout)
	seat := engine.Group("/m/:id/:recipient", p.seated)
	p.get(seat, "", p.message)
	p.get(seat, "/body", p.body)
	p.get(seat, "/files/:file", p.download)
	seat.GET("/files/:file/sha256", p.checksum)
	p.get(seat, "/all.zip", p.zip)
	p.get(seat, "/message.eml", p.eml)
	p.get(seat, "/text", p.plain)
	seat.POST("/ask", p.askBySeat)
	seat.POST("/replies", p.submit)
	p.get(seat, "/replies/:submission", p.receipt)
	seat.PUT("/replies/:submission/files/:file", p.upload)
	seat.DELETE("/replies/:submission/files/:file", p.remove)
	p.tus(seat)
	return engine, nil
}

func (p *portal) get(routes gin.IRoutes, path string, handlers ...gin.HandlerFunc) {
	routes.GET(path, handlers...)
	routes.HEAD(path, handlers...)
}

// spoken is for pages whose address names their language.
func spoken(lang string) gin.HandlerFunc { return func(c *gin.Context) { c.Set(languageKey, lang) } }

const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

var crossOrigin = http.NewCrossOriginProtection()

// sameOrigin refuses what another site's page makes a browser send.
func (p *portal) sameOrigin(c *gin.Context) {
	if err := crossOrigin.Check(c.Request); err != nil {
		p.fail(c, transfer.Wrap(transfer.Forbidden, "the request came from another site", err))
		return
	}
	c.Next()
}

// visitor is a pseudonym of where a request comes from: the address, or its
// /64 for IPv6, under a keyed hash.
func (p *portal) visitor(c *gin.Context) string {
	return p.Namer.Hash("visitor", network(c.ClientIP(), 64))
}

// site is a pseudonym of all that one connection can be given: the address, or
// its /56 for IPv6 (RIPE-690). For what must not be had again from the next /64;
// some providers put many customers into one /56.
func (p *portal) site(c *gin.Context) string {
	return p.Namer.Hash("site", network(c.ClientIP(), 56))
}

// rate is how often something may happen.
type rate struct {
	limit int
	per   time.Duration
}

// slow answers whether a visitor asks too often, and if so has answered.
func (p *portal) slow(c *gin.Context, purpose string, limit int) bool {
	return p.often(c, purpose+p.visitor(c), rate{limit, time.Minute})
}

// often answers whether something happens too often, and if so has answered.
func (p *portal) often(c *gin.Context, key string, r rate) bool {
	minutes, err := p.count(c, key, r)
	if err == nil && minutes > 0 {
		err = tooOften(minutes)
	}
	if err != nil {
		p.fail(c, err)
	}
	return err != nil
}

func tooOften(minutes int) error {
	return transfer.E(transfer.RateLimited, "too many requests").With("minutes", strconv.Itoa(minutes))
}

// count counts what happens against each rate, or says in how many minutes it may.
func (p *portal) count(c *gin.Context, key string, rates ...rate) (minutes int, err error) {
	for _, r := range rates {
		ok, wait, err := p.Limits.Allow(c, key+"/"+r.per.String(), r.limit, r.per)
		if err != nil {
			return 0, err
		}
		if !ok {
			c.Header("Retry-After", seconds(wait))
			return max(1, int((wait+time.Minute-1)/time.Minute)), nil
		}
	}
	return 0, nil
}
