package portal

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
)

// Findings are what the accessibility tests found, the source of the statement
// that the Web Accessibility Directive (EU 2016/2102, article 7) asks for.
type Findings struct {
	Standard string   `json:"standard"`
	Tool     string   `json:"tool"`
	Faults   []string `json:"faults"`
	Date     string   `json:"date"` // of the last change to the rest
}

// findings are written by the tests of backend/e2e/gallery.
//
//go:embed accessibility.json
var findings []byte

func latest() (Findings, time.Time) {
	var f Findings
	if err := json.Unmarshal(findings, &f); err != nil {
		panic(err)
	}
	date, err := time.Parse(time.DateOnly, f.Date)
	if err != nil {
		panic(err)
	}
	return f, date
}

type accessibilityPage struct {
	page
	Standard string
	Faults   []string
	Made     string
	Where    string // a web page or mail address to write to
}

// accessibility is the statement, in the language of its address.
func (p *portal) accessibility(c *gin.Context) {
	results, date := latest()
	org := p.Organisation(p.Home)
	view := accessibilityPage{page: p.page(c, p.words(c, ""), p.Home, "access.heading"), Standard: results.Standard, Faults: results.Faults, Where: org.Accessibility}
	view.Made = view.T("access.tests", "languages", strconv.Itoa(len(catalogue.Languages())),
		"tool", results.Tool, "date", view.Date(date))
	p.render(c, http.StatusOK, "accessibility.html", view)
}
