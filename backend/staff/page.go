package staff

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/identity"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
	"senddigitally/backend/web/design"
)

//go:embed pages
var files embed.FS

var templates = template.Must(template.New("").ParseFS(files, "pages/*.html"))

// page is what every page has.
type page struct {
	Title        string
	Lang         string
	Organisation string
	Look         design.Look
	Style        string // names the style sheet as it is
	Name         string // of who is signed in
	CSRF         string
	Here         *url.URL
	Languages    []web.Language // that it can be read in; none of an answer to a form
	Desk         bool           // the reader is a distributor
	words        catalogue.Words
	zone         *time.Location
}

// T is a sentence of the page's language; pairs are placeholders and values.
func (p page) T(key string, pairs ...any) string {
	params := map[string]any{"organisation": p.Organisation, "name": p.Name}
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i].(string)] = pairs[i+1]
	}
	return p.words.Text("staff."+key, params)
}

// In is the address of this page in another language.
func (p page) In(language string) string { return web.In(p.Here.Path, p.Here.Query(), language) }

// DateTime and Size speak the page's language.
func (p page) DateTime(t time.Time) string { return p.words.DateTime(t, p.zone) }
func (p page) Size(bytes int64) string     { return p.words.Size(bytes) }

// Check says how a file stands in the check for malware, "" for nothing.
func (p page) Check(s transfer.Standing) string { return p.words.Standing(s) }

func (p *Pages) page(c *gin.Context, title string) page {
	out := page{words: web.Reading(c, p.Secure, "", ""), Here: &url.URL{Path: c.Request.URL.Path}, zone: time.UTC, Style: design.Version}
	if s, signed := c.Get(sessionKey); signed {
		out.Here = c.Request.URL // before there is a session, secrets may be asked with
		s := s.(identity.StaffSession)
		org := p.Organisation(s.Caller.Tenant)
		out.Look = design.For(s.Caller.Tenant, org.Theme)
		out.Organisation, out.Name, out.CSRF, out.Desk = org.Name, s.Caller.Name, s.CSRF, s.Caller.Has(transfer.Distributor)
		if org.Zone != nil {
			out.zone = org.Zone
		}
	}
	out.Lang = out.words.Language()
	if c.Request.Method == http.MethodGet {
		out.Languages = web.Languages(out.Lang)
	}
	out.Title = out.T(title)
	return out
}

func (p *Pages) render(c *gin.Context, status int, name string, view any) {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, view); err != nil {
		p.Log.Error("a page cannot be written", "page", name, "cause", err)
		http.Error(c.Writer, "Internal error", http.StatusInternalServerError)
		return
	}
	c.Data(status, "text/html; charset=utf-8", []byte(b.String()))
}

type problemPage struct {
	page
	Heading, Detail, Request string
}

func (p *Pages) fail(c *gin.Context, err error) {
	c.Abort()
	view := problemPage{page: p.page(c, "problem.title"), Request: web.RequestID(c)}
	view.Heading, view.Detail = view.words.Error(err)
	view.Title = view.Heading
	p.render(c, web.Status(transfer.CodeOf(err)), "problem.html", view)
}

func (p *Pages) asset(c *gin.Context) {
	if !design.Asset(c, c.Param("file")) {
		p.fail(c, transfer.E(transfer.NotFound, "no such file"))
	}
}

// theme serves an organisation's colours and logo.
func (p *Pages) theme(c *gin.Context) {
	tenant := transfer.TenantID(c.Param("tenant"))
	if !design.For(tenant, p.Organisation(tenant).Theme).Serve(c, c.Param("file")) {
		p.fail(c, transfer.E(transfer.NotFound, "no such file"))
	}
}
