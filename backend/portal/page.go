package portal

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
	"senddigitally/backend/web/design"
)

//go:embed pages assets
var files embed.FS

var templates = template.Must(template.New("").ParseFS(files, "pages/*.html"))

// page is what every page has.
type page struct {
	Title        string
	Lang         string
	Organisation string
	Look         design.Look
	Style        string // names the style sheet as it is
	Languages    []web.Language
	Here         string
	asked        url.Values // of Here, as far as it is kept in another language
	words        catalogue.Words
	zone         *time.Location
}

// T is a sentence of the page's language; pairs are placeholders and values.
func (p page) T(key string, pairs ...string) string {
	params := map[string]any{"organisation": p.Organisation}
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i]] = pairs[i+1]
	}
	return p.words.Text("portal."+key, params)
}

// In is the address of this page in another language.
func (p page) In(language string) string { return web.In(p.Here, p.asked, language) }

// Time is the hour of the clock.
func (p page) Time(t time.Time) string { return t.In(p.zone).Format("15:04") }

// Date, DateTime and Size speak the page's language.
func (p page) Date(t time.Time) string     { return p.words.Date(t, p.zone) }
func (p page) DateTime(t time.Time) string { return p.words.DateTime(t, p.zone) }
func (p page) Size(bytes int64) string     { return p.words.Size(bytes) }

// Check says how a file stands in the check for malware, "" for nothing.
func (p page) Check(s transfer.Standing) string { return p.words.Standing(s) }

// languageKey is the language that an address names.
const languageKey = "language"

// words picks the reader's language: asked for in the URL, remembered, the
// sender's choice, the browser's.
func (p *portal) words(c *gin.Context, senders string) catalogue.Words {
	return web.Reading(c, p.Secure, c.GetString(languageKey), senders)
}

func (p *portal) page(c *gin.Context, words catalogue.Words, tenant transfer.TenantID, title string) page {
	org := p.Organisation(tenant)
	if org.Name == "" {
		org, tenant = p.Service, nobody
	}
	if org.Zone == nil {
		org.Zone = time.UTC
	}
	out := page{Lang: words.Language(), Organisation: org.Name, Look: design.For(tenant, org.Theme), Style: design.Version,
		words: words.In(org.Zone), zone: org.Zone, Here: "/", Languages: web.Languages(words.Language())}
	if c.FullPath() != "" { // there is such a page
		out.Here = c.Request.URL.Path
	}
	out.Title = out.T(title)
	return out
}

func (p *portal) render(c *gin.Context, status int, name string, view any) {
	c.Status(status)
	c.Header("Content-Type", "text/html; charset=utf-8")
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, view); err != nil {
		p.Log.Error("a page cannot be written", "page", name, "cause", err)
		http.Error(c.Writer, "Internal error", http.StatusInternalServerError)
		return
	}
	_, _ = c.Writer.WriteString(b.String())
}

type problemPage struct {
	page
	Heading, Detail string
	Request         string
	Draft           string // of a reply that could not be sent, to be copied
}

// fail answers an error: problem details for the script, a page for people.
func (p *portal) fail(c *gin.Context, err error) {
	if web.WantsJSON(c) {
		web.Problem(c, err)
		return
	}
	web.Note(c, err)
	c.Abort()
	p.render(c, web.Status(transfer.CodeOf(err)), "problem.html", p.problem(c, err, ""))
}

type homePage struct {
	page
	Contact bool // one can write first
}

func (p *portal) home(c *gin.Context) {
	view := homePage{page: p.page(c, p.words(c, ""), p.Home, "home.title"), Contact: p.Contacting != nil}
	p.render(c, http.StatusOK, "home.html", view)
}

// nobody stands for no tenant in an address.
const nobody transfer.TenantID = "-"

// theme serves an organisation's colours and logo.
func (p *portal) theme(c *gin.Context) {
	tenant := transfer.TenantID(c.Param("tenant"))
	org := p.Organisation(tenant)
	if org.Name == "" {
		org = p.Service
	}
	if !design.For(tenant, org.Theme).Serve(c, c.Param("file")) {
		p.fail(c, transfer.E(transfer.NotFound, "no such file"))
	}
}

func (p *portal) asset(c *gin.Context) {
	if design.Asset(c, c.Param("file")) {
		return
	}
	name := "assets/" + c.Param("file")
	if _, err := fs.Stat(files, name); err != nil {
		p.fail(c, transfer.E(transfer.NotFound, "no such file"))
		return
	}
	c.Header("Cache-Control", "public, max-age=3600")
	c.FileFromFS(name, http.FS(files))
}
