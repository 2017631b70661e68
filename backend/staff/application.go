package staff

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// Application is what the application must know of who is signed in.
type Application struct {
	CSRF     string // of the session; the API wants it with every change
	Account  string // whose session it is, to be shown
	Language string // that she reads
}

// application serves one page for all of its addresses; its script tells them
// apart.
func (p *Pages) application(c *gin.Context) {
	s := session(c)
	html, policy, err := p.Application(Application{CSRF: s.CSRF, Account: s.Caller.Address, Language: web.Reading(c, p.Secure, "", "").Language()})
	if err != nil {
		p.fail(c, err)
		return
	}
	c.Header("Content-Security-Policy", policy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", html)
}

// session tells the application whose session it has now: it may have been
// opened anew in another window.
func (p *Pages) session(c *gin.Context) {
	s, err := p.Sessions.Session(c.Request)
	if err != nil {
		web.Problem(c, err)
		return
	}
	if site := c.GetHeader("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		web.Problem(c, transfer.E(transfer.Forbidden, "the request came from another site"))
		return
	}
	c.JSON(http.StatusOK, gin.H{"csrf": s.CSRF, "account": s.Caller.Address})
}
