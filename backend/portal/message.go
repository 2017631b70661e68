package portal

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/microcosm-cc/bluemonday"

	"senddigitally/backend/identity"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

const seatKey = "seat"

// seated lets in who has opened this seat's link in this session.
func (p *portal) seated(c *gin.Context) {
	session, err := p.Sessions.Session(c.Request)
	if err != nil && transfer.CodeOf(err) != transfer.CodeRequired {
		p.fail(c, err)
		return
	}
	for _, l := range session.Links {
		if string(l.ID) == c.Param("id") && string(l.Recipient) == c.Param("recipient") {
			c.Set(seatKey, opening.Seat{Tenant: l.Tenant, ID: l.ID, Recipient: l.Recipient, Opened: l.UnlockedAt})
			c.Next()
			return
		}
	}
	p.closed(c)
}

// closed says that the session is over, or was never at this seat.
func (p *portal) closed(c *gin.Context) {
	err := transfer.E(transfer.CodeRequired, "open the link and enter its code first")
	if web.WantsJSON(c) {
		web.Problem(c, err)
		return
	}
	web.Note(c, err)
	c.Abort()
	p.render(c, web.Status(transfer.CodeRequired), "closed.html", closedPage{p.page(c, p.words(c, ""), "", "session.heading"),
		strconv.Itoa(int(identity.IdleLife / time.Minute)), strconv.Itoa(int(identity.AbsoluteLife / time.Hour))})
}

type closedPage struct {
	page
	Idle, Longest string // minutes and hours
}

func seat(c *gin.Context) opening.Seat { return c.MustGet(seatKey).(opening.Seat) }

type messagePage struct {
	page
	opening.Message
	Text       string // of a plain body
	HTML       bool   // the body is shown in its frame
	Path       string
	Submission string
	Limit      string
	Uploaded   []transfer.File
	Problem    string
	Draft      string
	History    []opening.Past
	Several    bool  // files, to be had in one
	Altogether int64 // their bytes
	Life       int   // seconds without a request after which the session ends
}

func (p *portal) message(c *gin.Context) { p.showMessage(c, http.StatusOK, newSubmission(), "", nil) }

func (p *portal) showMessage(c *gin.Context, status int, submission, draft string, problem error) {
	m, err := p.Opening.Read(c, seat(c))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	words := p.words(c, m.Language)
	view := messagePage{page: p.page(c, words, m.Tenant, "message.title"), Message: m, Path: seatPath(m.Seat),
		Submission: submission, Limit: words.Size(p.Policy(m.Tenant).MaxReplyBytes), Draft: draft, Life: int(identity.IdleLife / time.Second)}
	view.Title, view.Here = m.Subject, seatPath(m.Seat)
	if view.Text, view.HTML, err = p.text(c, m); err != nil {
		p.fail(c, err)
		return
	}
	view.Several = len(m.Files) > 1
	for _, f := range m.Files {
		view.Altogether += f.Size
	}
	if view.History, err = p.Opening.History(c, m); err != nil {
		p.fail(c, err)
		return
	}
	if problem != nil {
		view.Problem = said(words, problem)
		view.Uploaded, _ = p.Replying.Uploaded(c, p.submission(c, submission))
	}
	p.render(c, status, "message.html", view)
}

func (p *portal) text(ctx context.Context, m opening.Message) (text string, html bool, err error) {
	kind, content, err := p.Opening.Body(ctx, m)
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

// bodyPolicy keeps a body in its frame: no script, no form, no request to
// anywhere; links open outside. Having our origin lets our script measure it, and
// gives the body nothing, since nothing in it runs.
const bodyPolicy = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

func (p *portal) body(c *gin.Context) {
	m, err := p.Opening.Read(c, seat(c))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	_, content, err := p.Opening.Body(c, m)
	if err != nil || content == nil {
		p.fail(c, errors.Join(err, transfer.E(transfer.NotFound, "no body")))
		return
	}
	defer content.Close()
	all, err := io.ReadAll(content)
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Header("Content-Security-Policy", bodyPolicy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(bodyStart+sanitiser.Sanitize(p.inline(c, m.Seat, string(all)))))
}

const bodyStart = "<!doctype html><meta charset=utf-8><base target=_blank><style>body{font:16px/1.5 system-ui,sans-serif;margin:12px;color:#1a1f24;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}</style>"

var sanitiser = func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowDataURIImages()
	p.AllowAttrs("bgcolor", "cellpadding", "cellspacing", "border", "width", "height", "align", "valign").OnElements("table", "tr", "td", "th")
	p.AllowStyles("color", "background-color", "font-family", "font-size", "font-weight", "font-style", "text-align", "text-decoration",
		"margin", "margin-left", "margin-right", "margin-top", "margin-bottom", "padding", "padding-left", "border", "border-left", "width").Globally()
	p.AllowURLSchemes("https", "http", "mailto", "tel", "data")
	p.RewriteSrc(func(u *url.URL) {
		if u.Scheme != "data" {
			*u = url.URL{}
		}
	})
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}()

var cid = regexp.MustCompile(`(?i)(src\s*=\s*["'])cid:([^"']{1,200})(["'])`)

// Bounds of a body with its images: what all of them add to the page, in bytes,
// and how many there are.
const (
	maxImages     = 16 << 20
	maxImageCount = 50
)

// inline puts the message's own images into its body, which then needs nothing
// from anywhere. What goes beyond the bounds is shown as missing.
func (p *portal) inline(ctx context.Context, at opening.Seat, body string) string {
	images, left := map[string]string{}, maxImages
	return cid.ReplaceAllStringFunc(body, func(match string) string {
		parts := cid.FindStringSubmatch(match)
		image, known := images[parts[2]]
		if !known && len(images) < maxImageCount {
			image = p.image(ctx, at, parts[2])
			images[parts[2]] = image
		}
		if left -= len(image); left < 0 {
			image = ""
		}
		return parts[1] + image + parts[3]
	})
}

// image is one inline image as a data URL (RFC 2397), "" when it cannot be had.
func (p *portal) image(ctx context.Context, at opening.Seat, contentID string) string {
	f, content, err := p.Opening.Inline(ctx, at, contentID)
	if err != nil {
		return ""
	}
	defer content.Close()
	if f.Size > transfer.MaxInline || !strings.HasPrefix(f.Type, "image/") || strings.Contains(f.Type, "svg") {
		return ""
	}
	bytes, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return "data:" + f.Type + ";base64," + base64.StdEncoding.EncodeToString(bytes)
}
