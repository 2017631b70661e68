package staff

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/distributing"
	"senddigitally/backend/transfer"
)

// waiting is one reply on the desk.
type waiting struct {
	ID       transfer.ID
	Subject  string
	Sender   string
	Received time.Time
	Files    int
	Cause    string // what stopped it, in words
	Held     bool   // it has not been checked for malware, and nobody can place it
	Why      string // what the mailbox wrote that handed it back
	Dead     bool   // can be delivered again
	Claimed  string // until when somebody has it in hand
	Comments []string
}

// target is a place to put a reply: a mailbox, or one of its topics.
type target struct{ Value, Name string }

type deskPage struct {
	page
	Replies []waiting
	Targets []target
	Chosen  string // target
	Next    string
	Search  string
	Placed  []transfer.ID // just now, to be undone
	Undone  int
	Again   bool // one was just sent on its way again
	All     bool // everything shown is chosen
	Failed  []string
	Broken  string // since when the routing file could not be reloaded
}

// perPage is how many replies the desk shows at once.
const perPage = 50

func (p *Pages) desk(c *gin.Context) { p.showDesk(c, deskPage{page: p.page(c, "desk.title")}) }

func (p *Pages) showDesk(c *gin.Context, view deskPage) {
	who := session(c).Caller
	view.Search, view.All = strings.TrimSpace(c.Query("q")), c.Query("all") != ""
	cursor := c.Query("cursor")
	for len(view.Replies) < perPage { // each list in turn, until the page is full
		replies, next, err := p.Distributing.Waiting(c, who, cursor, perPage)
		if err != nil {
			p.fail(c, err)
			return
		}
		for _, d := range replies {
			if w := p.waiting(view.page, d); matches(w, view.Search) {
				view.Replies = append(view.Replies, w)
			}
		}
		view.Next, cursor = next, next
		if next == "" {
			break
		}
	}
	view.Targets = p.targets(who.Tenant, view.Lang)
	if s := p.Routes(who.Tenant); s.Failure != nil {
		view.Broken = view.DateTime(s.FailedAt)
	}
	p.render(c, http.StatusOK, "desk.html", view)
}

func matches(w waiting, search string) bool {
	return search == "" || strings.Contains(strings.ToLower(w.Subject+" "+w.Sender+" "+w.Why), strings.ToLower(search))
}

func (p *Pages) waiting(at page, d *transfer.Dossier) waiting {
	m := d.Manifest
	w := waiting{ID: m.ID, Subject: m.Subject, Sender: m.Sender.Address, Received: m.AcceptedAt, Files: len(m.Files), Why: d.State.Why}
	if until := d.State.Claim.Until; p.Clock().Before(until) {
		w.Claimed = at.T("claim.until", "until", at.DateTime(until), "name", d.State.Claim.Name)
	}
	for _, c := range d.State.Comments {
		w.Comments = append(w.Comments, at.DateTime(c.At)+": "+c.Text)
	}
	phase := d.State.PhaseAt(m.Kind, p.Clock())
	w.Dead = phase == transfer.DeadLetter || phase == transfer.Undelivered && !d.InQuarantine()
	if d.InQuarantine() {
		w.Cause, w.Held = at.quarantine(d), d.Unchecked()
	} else if reason := d.State.Delivery().Reason; reason != "" {
		w.Cause, _ = at.words.Error(transfer.E(reason, ""))
	} else if decision, err := distributing.Decision(d); err == nil && len(decision.Steps) > 0 {
		w.Cause = decision.Steps[len(decision.Steps)-1].Explain(at.Lang)
	}
	return w
}

// quarantine says what a reply waits for that is in quarantine.
func (p page) quarantine(d *transfer.Dossier) string {
	switch check := d.State.Check; {
	case check.Holds():
		return p.T("desk.held")
	case check.Trouble != "":
		return p.T("desk.unchecked")
	}
	return p.T("desk.checking")
}

func (p *Pages) targets(tenant transfer.TenantID, language string) []target {
	set := p.Routes(tenant).Set
	var all []target
	for _, m := range set.Mailboxes() {
		name := m.Names.In(language, set.Language())
		all = append(all, target{m.ID, name})
		for _, t := range set.Topics() {
			if t.Mailbox == m.ID {
				all = append(all, target{m.ID + "/" + t.ID, name + " – " + t.Names.In(language, set.Language())})
			}
		}
	}
	return all
}

// place puts every reply that is ticked where the form says.
func (p *Pages) place(c *gin.Context) {
	mailbox, topic, _ := strings.Cut(c.PostForm("to"), "/")
	view := deskPage{page: p.page(c, "desk.title"), Chosen: c.PostForm("to")}
	chosen := c.PostFormArray("reply")
	if len(chosen) == 0 || len(chosen) > perPage || mailbox == "" {
		p.fail(c, transfer.E(transfer.Invalid, "choose replies and a mailbox"))
		return
	}
	for _, id := range chosen {
		_, err := p.Distributing.Place(c, session(c).Caller, transfer.ID(id), mailbox, topic)
		if err != nil {
			title, text := view.words.Error(err)
			view.Failed = append(view.Failed, title+". "+text)
			continue
		}
		view.Placed = append(view.Placed, transfer.ID(id))
	}
	p.showDesk(c, view)
}

// undo takes back what was placed just now.
func (p *Pages) undo(c *gin.Context) {
	view := deskPage{page: p.page(c, "desk.title")}
	for _, id := range c.PostFormArray("reply") {
		if err := p.Distributing.Undo(c, session(c).Caller, transfer.ID(id)); err != nil {
			title, _ := view.words.Error(err)
			view.Failed = append(view.Failed, title)
			continue
		}
		view.Undone++
	}
	p.showDesk(c, view)
}

type lookPage struct {
	page
	Reply     waiting
	Text      []string
	Files     []transfer.File
	Standings transfer.Standings
	Steps     []string
	Targets   []target
	Chosen    string
	Proposal  *distributing.Proposal
	Effect    string
}

func (p *Pages) look(c *gin.Context) { p.showReply(c, nil, "") }

func (p *Pages) showReply(c *gin.Context, proposal *distributing.Proposal, chosen string) {
	who := session(c).Caller
	d, text, err := p.Distributing.Look(c, who, transfer.ID(c.Param("id")))
	if err != nil {
		p.fail(c, err)
		return
	}
	view := lookPage{page: p.page(c, "look.title"), Text: lines(text), Files: d.Manifest.Files, Standings: d.Standings(), Proposal: proposal, Chosen: chosen}
	view.Reply, view.Targets = p.waiting(view.page, d), p.targets(who.Tenant, view.Lang)
	if decision, err := distributing.Decision(d); err == nil {
		view.Steps = decision.Explain(view.Lang)
	}
	if proposal != nil {
		view.Effect = view.T("rule.effect", "placed", strconv.Itoa(proposal.Placed), "waiting", strconv.Itoa(proposal.Waiting))
	}
	p.render(c, http.StatusOK, "look.html", view)
}

func (p *Pages) rule(c *gin.Context) {
	mailbox, topic, _ := strings.Cut(c.PostForm("to"), "/")
	proposal, err := p.Distributing.Propose(c, session(c).Caller, transfer.ID(c.Param("id")), mailbox, topic)
	if err != nil {
		p.fail(c, err)
		return
	}
	p.showReply(c, &proposal, c.PostForm("to"))
}

func (p *Pages) claim(c *gin.Context) {
	p.back(c, p.Distributing.Claim(c, session(c).Caller, transfer.ID(c.Param("id")), c.PostForm("take") == "yes"))
}

func (p *Pages) comment(c *gin.Context) {
	p.back(c, p.Distributing.Comment(c, session(c).Caller, transfer.ID(c.Param("id")), c.PostForm("comment")))
}

// back shows the reply again after a change.
func (p *Pages) back(c *gin.Context, err error) {
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/distribute/"+c.Param("id"))
}

func (p *Pages) deliverAgain(c *gin.Context) {
	if _, err := p.Distributing.DeliverAgain(c, session(c).Caller, transfer.ID(c.Param("id"))); err != nil {
		p.fail(c, err)
		return
	}
	p.showDesk(c, deskPage{page: p.page(c, "desk.title"), Again: true})
}
