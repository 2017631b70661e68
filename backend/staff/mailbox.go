package staff

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
)

// delivered is one reply that lies in a mailbox.
type delivered struct {
	ID       transfer.ID
	Subject  string
	Sender   string
	Received time.Time
	Days     int    // since then
	State    string // in words: new, opened, answered
	With     string // who deals with it
}

type mailboxPage struct {
	page
	ID, Mailbox string
	Replies     []delivered
	People      []string // whom it is often given to
	Me          string
	Next        string
	Assigned    int
	Failed      []string
}

// mailbox shows the members of a mailbox what lies in it.
func (p *Pages) mailbox(c *gin.Context) {
	p.showMailbox(c, mailboxPage{page: p.page(c, "inbox.title")})
}

func (p *Pages) showMailbox(c *gin.Context, view mailboxPage) {
	who := session(c).Caller
	mailbox, replies, next, err := p.Distributing.Mailbox(c, who, c.Param("mailbox"), c.Query("cursor"), perPage)
	if err != nil {
		p.fail(c, err)
		return
	}
	view.ID, view.Mailbox = mailbox.ID, mailbox.Names.In(view.Lang, p.Routes(who.Tenant).Set.Language())
	view.Title = view.Mailbox
	view.Next, view.People, view.Me = next, mailbox.Owners, who.Address
	for _, d := range replies {
		view.Replies = append(view.Replies, p.delivered(view.page, d))
	}
	p.render(c, http.StatusOK, "mailbox.html", view)
}

func (p *Pages) delivered(at page, d *transfer.Dossier) delivered {
	m, s := d.Manifest, d.State
	out := delivered{ID: m.ID, Subject: m.Subject, Sender: m.Sender.Address, Received: m.AcceptedAt, With: name(s.Assignment.To),
		Days: int(p.Clock().Sub(m.AcceptedAt) / (24 * time.Hour)), State: at.T("inbox.new")}
	switch {
	case len(s.Answers) > 0:
		out.State = at.T("inbox.answered")
	case !s.Seen.IsZero():
		out.State = at.T("inbox.opened")
	}
	return out
}

func name(who transfer.Party) string {
	if who.Name != "" {
		return who.Name
	}
	return who.Address
}

// assign gives every reply that is ticked to whom the form says.
func (p *Pages) assign(c *gin.Context) {
	view := mailboxPage{page: p.page(c, "inbox.title")}
	chosen := c.PostFormArray("reply")
	to, err := assignee(c)
	if err == nil && (len(chosen) == 0 || len(chosen) > perPage) {
		err = transfer.E(transfer.Invalid, "choose replies")
	}
	if err != nil {
		p.fail(c, err)
		return
	}
	for _, id := range chosen {
		if err := p.Distributing.Assign(c, session(c).Caller, transfer.ID(id), to); err != nil {
			title, _ := view.words.Error(err)
			view.Failed = append(view.Failed, title)
			continue
		}
		view.Assigned++
	}
	p.showMailbox(c, view)
}

// assignee is whom a form names: herself, nobody, or the address written.
func assignee(c *gin.Context) (string, error) {
	to := strings.TrimSpace(c.PostForm("to"))
	switch who := c.PostForm("who"); {
	case who == "me":
		return session(c).Caller.Address, nil
	case who == "nobody":
		return "", nil
	case to == "":
		return "", transfer.E(transfer.Invalid, "write an address").With("field", "to")
	}
	return to, nil
}

func (p *Pages) assignOne(c *gin.Context) {
	to, err := assignee(c)
	if err == nil {
		err = p.Distributing.Assign(c, session(c).Caller, transfer.ID(c.Param("id")), to)
	}
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/replies/"+c.Param("id"))
}

type mailboxesPage struct {
	page
	Mailboxes []target
}

// mailboxes names all mailboxes; which of them one may open, Outlook says.
func (p *Pages) mailboxes(c *gin.Context) {
	view := mailboxesPage{page: p.page(c, "inbox.all")}
	set := p.Routes(session(c).Caller.Tenant).Set
	for _, m := range set.Mailboxes() {
		view.Mailboxes = append(view.Mailboxes, target{m.ID, m.Names.In(view.Lang, set.Language())})
	}
	p.render(c, http.StatusOK, "mailboxes.html", view)
}
