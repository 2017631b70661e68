package staff

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

type replyPage struct {
	page
	ID        transfer.ID
	Subject   string
	Sender    transfer.Party
	Received  time.Time
	Text      []string
	Files     []transfer.File
	Standings transfer.Standings
	Why       []string
	Fetching  bool // kept until all files have been fetched
	Mailbox   string
	Plain     bool
	Member    bool   // of the mailbox; else it was given to her
	Box       string // the mailbox's id
	With      string // who deals with it, in words
	State     string
	People    []string
}

func (p *Pages) reply(c *gin.Context) {
	at, err := p.Distributing.Read(c, session(c).Caller, transfer.ID(c.Param("id")))
	if err != nil {
		p.fail(c, err)
		return
	}
	d, decision := at.Dossier, at.Decision
	text, err := p.Distributing.Text(c, d)
	if err != nil {
		p.fail(c, err)
		return
	}
	m := d.Manifest
	view := replyPage{page: p.page(c, "reply.title"), ID: m.ID, Subject: m.Subject, Sender: m.Sender, Received: m.AcceptedAt,
		Text: lines(text), Files: m.Files, Standings: d.Standings(), Fetching: d.State.Fetching(), Mailbox: decision.Address, Plain: m.Origin != nil && m.Origin.Unencrypted}
	view.Member = at.Member
	view.Why, view.Box = decision.Explain(view.Lang), decision.Mailbox
	view.State, view.With = p.delivered(view.page, d).State, view.T("assign.nobody")
	if to := d.State.Assignment.To; to.Address != "" {
		view.With = view.T("assign.with", "name", name(to))
	}
	if mailbox, known := p.Routes(session(c).Caller.Tenant).Set.Mailbox(decision.Mailbox); known {
		view.People = mailbox.Owners
	}
	p.render(c, http.StatusOK, "reply.html", view)
}

func lines(text string) []string { return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") }

// file serves a file. It counts as fetched when a request has taken it to its
// last byte.
func (p *Pages) file(c *gin.Context) {
	f, content, done, err := p.Distributing.Fetch(c, session(c).Caller, transfer.ID(c.Param("id")), transfer.FileID(c.Param("file")))
	if err != nil {
		p.fail(c, err)
		return
	}
	defer content.Close()
	if !web.ServeFile(c, p.Log, f, content) {
		return
	}
	if err := done(c); err != nil {
		p.Log.Warn("a fetched file is not noted", "transfer", c.Param("id"), "cause", err)
	}
}

func (p *Pages) notOurs(c *gin.Context) {
	why := strings.TrimSpace(c.PostForm("why"))
	if why == "" || len(why) > 1000 {
		p.fail(c, transfer.E(transfer.Invalid, "say why").With("field", "why"))
		return
	}
	if err := p.Distributing.HandBack(c, session(c).Caller, transfer.ID(c.Param("id")), why); err != nil {
		p.fail(c, err)
		return
	}
	p.render(c, http.StatusOK, "returned.html", p.page(c, "returned.title"))
}
