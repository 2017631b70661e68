package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/contacting"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
	"senddigitally/routing"
)

// Contacting begins conversations with who writes first.
type Contacting interface {
	Start(ctx context.Context, tenant transfer.TenantID, point routing.ContactPoint, who contacting.Stranger, language, visitor string) (transfer.LinkToken, error)
}

// Conversations that a visitor may begin in a minute, and a site; and codes that may
// be mailed to one address, whoever asks for them.
const starts = 3

var (
	siteStarts = rate{20, time.Hour}
	codes      = rate{3, time.Hour}
)

// Conversations that all visitors together may begin. Each mails a code from a
// service mailbox, where it takes its turn among all mails of the organisation, 30
// a minute and 10,000 a day: whoever has many networks must not fill that queue.
// Who does can keep honest visitors from writing first, but has to hold on to
// several networks for it, and shuts nobody out who was written to; the visitors
// are told to telephone. Lower, and a busy day would shut them out; higher, and no
// mail of the organisation would leave.
var together = []rate{{6, time.Minute}, {2000, 24 * time.Hour}}

func (p *portal) contact(engine *gin.Engine) {
	if p.Contacting == nil {
		return
	}
	for _, lang := range catalogue.Languages() {
		pages := engine.Group("/"+lang+"/contact", spoken(lang))
		p.get(pages, "", p.contacts)
		p.get(pages, "/:mailbox/:topic", p.contactForm)
		pages.POST("/:mailbox/:topic", p.contactStart)
	}
}

type contactFolder struct {
	Name   string
	Points []contactLink
}

type contactLink struct{ Name, Mailbox, URL string }

type contactsPage struct {
	page
	Query   string
	Folders []contactFolder
}

// contacts shows whom one can write to: folder, mailbox and topic, or what is
// found in their names.
func (p *portal) contacts(c *gin.Context) {
	view := contactsPage{page: p.page(c, p.words(c, ""), p.Home, "contact.title"), Query: shorten(strings.TrimSpace(c.Query("q")), 100)}
	if view.Query != "" {
		view.asked = url.Values{"q": {view.Query}}
	}
	set := p.Routes(p.Home)
	name := func(n routing.Names) string { return n.In(view.Lang, set.Language()) }
	for _, folder := range set.ContactFolders() {
		out := contactFolder{Name: name(folder.Names)}
		for _, point := range set.ContactPoints() {
			mailbox, _ := set.Mailbox(point.Mailbox)
			topic, _ := set.Topic(point.Topic)
			link := contactLink{Name: name(point.Names), Mailbox: name(mailbox.Names), URL: "/" + view.Lang + "/contact/" + point.Mailbox + "/" + point.Topic}
			if point.Folder == folder.ID && found(view.Query, link.Name, link.Mailbox, out.Name, name(topic.Names)) {
				out.Points = append(out.Points, link)
			}
		}
		if len(out.Points) > 0 {
			view.Folders = append(view.Folders, out)
		}
	}
	p.render(c, http.StatusOK, "contacts.html", view)
}

// found reports whether every word that was typed is in one of the names.
func found(query string, names ...string) bool {
	all := strings.ToLower(strings.Join(names, " "))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

type contactPage struct {
	page
	contacting.Stranger
	Point, Mailbox, Action string
	Wrong                  string // the field that breaks a rule
	Why                    string // which rule, in the reader's words
	Busy                   string // too many write just now: when to try again
}

// point finds the contact point that an address names.
func (p *portal) point(c *gin.Context) (routing.ContactPoint, bool) {
	for _, point := range p.Routes(p.Home).ContactPoints() {
		if point.Mailbox == c.Param("mailbox") && point.Topic == c.Param("topic") {
			return point, true
		}
	}
	p.fail(c, transfer.E(transfer.NotFound, "no such contact point"))
	return routing.ContactPoint{}, false
}

func (p *portal) contactForm(c *gin.Context) {
	if point, known := p.point(c); known {
		p.showContact(c, http.StatusOK, point, contactPage{})
	}
}

// showContact shows the form with what view has of it.
func (p *portal) showContact(c *gin.Context, status int, point routing.ContactPoint, view contactPage) {
	set := p.Routes(p.Home)
	view.page = p.page(c, p.words(c, ""), p.Home, "contact.title")
	mailbox, _ := set.Mailbox(point.Mailbox)
	view.Point, view.Mailbox = point.Names.In(view.Lang, set.Language()), mailbox.Names.In(view.Lang, set.Language())
	view.Action = "/" + view.Lang + "/contact/" + point.Mailbox + "/" + point.Topic
	view.Title = view.Point
	p.render(c, status, "contact.html", view)
}

// contactInput is the form as it is typed.
type contactInput struct {
	Name    string `json:"name" validate:"required,min=2,max=100"`
	Phone   string `json:"phone" validate:"max=40"`
	Address string `json:"address" validate:"required,email,max=254"`
}

func (p *portal) contactStart(c *gin.Context) {
	point, known := p.point(c)
	if !known {
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 16<<10)
	typed := func(name string) string { return strings.TrimSpace(c.PostForm(name)) }
	typedIn := contactInput{Name: typed("name"), Phone: typed("phone"), Address: typed("address")}
	who := contacting.Stranger{Name: typedIn.Name, Phone: typedIn.Phone, Address: typedIn.Address}
	if faults := web.Faults(rules.Struct(typedIn), p.words(c, "")); len(faults) > 0 {
		p.showContact(c, http.StatusBadRequest, point, contactPage{Stranger: who, Wrong: faults[0].Field, Why: faults[0].Message})
		return
	}
	if err := who.Check(); err != nil {
		p.showContact(c, http.StatusBadRequest, point, contactPage{Stranger: who, Wrong: fieldOf(err)})
		return
	}
	if p.slow(c, "contact/", starts) || p.often(c, "contact-site/"+p.site(c), siteStarts) || p.crowded(c, point, who) ||
		p.often(c, "code-to/"+p.Namer.Hash("address", strings.ToLower(who.Address)), codes) {
		return
	}
	token, err := p.Contacting.Start(c, p.Home, point, who, p.words(c, "").Language(), p.visitor(c))
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/l/"+string(token))
}

// crowded answers whether too many write just now, and if so has answered. It goes
// before the count of codes to an address, which a refusal here must not use up.
func (p *portal) crowded(c *gin.Context, point routing.ContactPoint, who contacting.Stranger) bool {
	minutes, err := p.count(c, "contacts/"+string(p.Home), together...)
	switch {
	case err != nil:
		p.fail(c, err)
	case minutes > 0:
		again := p.words(c, "").Plural("error.more.minutes", minutes, nil)
		p.showContact(c, http.StatusTooManyRequests, point, contactPage{Stranger: who, Busy: again})
	}
	return err != nil || minutes > 0
}

func fieldOf(err error) string {
	if e, ok := errors.AsType[*transfer.Error](err); ok {
		return e.Params["field"]
	}
	return ""
}
