package staff

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/distributing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// periods are the days that figures can be of; the first is what is shown unasked.
var periods = []int{7, 1, 30, 90}

// figure is one line of a table.
type figure struct {
	Name                         string
	Received                     int
	Automatic, Manual, Misrouted string // shares in percent
	P50, P95                     string
}

type figures struct {
	Heading string
	Lines   []figure
}

type figuresPage struct {
	page
	Days    int
	Periods []int
	Tables  []figures
}

// figures shows how many replies went where, why and how soon.
func (p *Pages) figures(c *gin.Context) {
	rows, days, ok := p.counted(c)
	if !ok {
		return
	}
	view := figuresPage{page: p.page(c, "figures.title"), Days: days, Periods: periods}
	set := p.Routes(session(c).Caller.Tenant).Set
	for _, by := range []struct {
		heading string
		name    func(distributing.Row) string
	}{
		{"figures.all", func(distributing.Row) string { return view.T("figures.all") }},
		{"mailbox", func(r distributing.Row) string { return mailboxName(view.page, set, r.Mailbox) }},
		{"figures.topic", func(r distributing.Row) string { return topicName(set, view.Lang, r.Topic) }},
		{"figures.rule", func(r distributing.Row) string { return decider(view.page, r.By) }},
	} {
		t := figures{Heading: view.T(by.heading)}
		for _, total := range distributing.Totals(rows, by.name) {
			t.Lines = append(t.Lines, figureOf(view.page, total))
		}
		if len(t.Lines) > 0 {
			view.Tables = append(view.Tables, t)
		}
	}
	p.render(c, http.StatusOK, "figures.html", view)
}

// figuresCSV is the same row by row, for a spreadsheet.
func (p *Pages) figuresCSV(c *gin.Context) {
	rows, days, ok := p.counted(c)
	if !ok {
		return
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="figures-`+strconv.Itoa(days)+`-days.csv"`)
	if err := distributing.WriteCSV(c.Writer, rows); err != nil {
		p.Log.Warn("figures were not written whole", "cause", err)
	}
}

func (p *Pages) counted(c *gin.Context) (rows []distributing.Row, days int, ok bool) {
	days, err := strconv.Atoi(c.DefaultQuery("days", strconv.Itoa(periods[0])))
	if err != nil || !slices.Contains(periods, days) {
		p.fail(c, transfer.E(transfer.Invalid, "these days are not offered").With("field", "days"))
		return nil, 0, false
	}
	rows, err = p.Distributing.Counted(c, session(c).Caller, days)
	if err != nil {
		p.fail(c, err)
		return nil, 0, false
	}
	return rows, days, true
}

// figureOf shows what came to mailboxes; where nothing did, what was left for a person.
func figureOf(at page, t distributing.Total) figure {
	percent := func(p distributing.Part) string {
		if share, known := p.Share(); known {
			return at.words.Percent(share)
		}
		return "–"
	}
	return figure{Name: t.Name, Received: cmp.Or(t.Received, t.Left), Automatic: percent(t.Automatic()), Manual: percent(t.Manual()),
		Misrouted: percent(t.Misrouted()), P50: lasted(t.P50), P95: lasted(t.P95)}
}

// lasted is a time as it is read at a glance: 12 s, 3 min, 2 h.
func lasted(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Round(time.Second)/time.Second)) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	}
	return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " h"
}

// mailboxName is a mailbox's name, or its id where the routing file has it no more.
func mailboxName(at page, set *routing.Set, id string) string {
	if m, known := set.Mailbox(id); known {
		return m.Names.In(at.Lang, set.Language())
	}
	if id == distributing.OnManual {
		return at.T("desk.title")
	}
	return id
}

// decider is what decided, in words: a rule by its id, a step by its title.
func decider(at page, by string) string {
	if by == distributing.ByHand {
		return at.T("figures.manual")
	}
	if step := routing.StepName(strings.Trim(by, "()")).In(at.Lang); step != "" && strings.HasPrefix(by, "(") {
		return step
	}
	return by
}

func topicName(set *routing.Set, language, id string) string {
	if t, known := set.Topic(id); known {
		return t.Names.In(language, set.Language())
	}
	return id
}
