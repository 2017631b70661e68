package portal

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

// sends is how many one-time codes a visitor may ask for in a minute.
const sends = 10

// share is how many codes one site may have sent at one link. It is less than the
// link sends to all (onetime), so that whoever has only the link, and uses up the share,
// leaves some to the recipient, who comes from elsewhere.
var share = []rate{{3, time.Hour}, {7, 24 * time.Hour}}

// browserCookie holds the secret that ties a one-time code to the browser that
// asked for it.
const (
	browserCookie = "__Host-sd-code"
	browserLife   = 8 * 3600 // seconds
	browserLength = 26       // of crypto/rand.Text
)

// browser is the secret of a request's browser, "" when it has none.
func browser(c *gin.Context) string {
	if given := c.GetString(browserCookie); given != "" {
		return given
	}
	secret, err := c.Cookie(browserCookie)
	if err != nil || len(secret) != browserLength {
		return ""
	}
	return secret
}

// keepBrowser gives a browser a secret, with the page before it asks for a code:
// a button pressed twice is then pressed in one browser.
func keepBrowser(c *gin.Context) string {
	secret := browser(c)
	if secret == "" {
		secret = rand.Text()
		c.Set(browserCookie, secret)
		http.SetCookie(c.Writer, &http.Cookie{Name: browserCookie, Value: secret, Path: "/", MaxAge: browserLife,
			Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return secret
}

// sendCode has a one-time code brought and shows the field for it. What goes
// wrong is shown on the link's page.
func (p *portal) sendCode(c *gin.Context) {
	if p.slow(c, "send/", sends) {
		return
	}
	token, secret := transfer.LinkToken(c.Param("token")), keepBrowser(c)
	if p.shareSpent(c, token) {
		return
	}
	step, err := p.Opening.SendCode(c, token, secret, p.visitor(c))
	switch transfer.CodeOf(err) {
	case "":
		c.Redirect(http.StatusSeeOther, next(c, step))
	case transfer.RateLimited, transfer.LockedOut, transfer.Unavailable, transfer.OutlookBusy, transfer.OutlookUncertain, transfer.PhoneMissing:
		p.again(c, token, notSent, err)
	case transfer.Expired, transfer.Withdrawn:
		c.Redirect(http.StatusSeeOther, linkPath(c))
	default:
		p.fail(c, err)
	}
}

// shareSpent answers whether a site has had its share of a link's codes, and if so
// has answered. A button pressed twice counts once; what else keeps a code from
// being sent, SendCode says.
func (p *portal) shareSpent(c *gin.Context, token transfer.LinkToken) bool {
	face, err := p.Opening.Face(c, token, browser(c), p.visitor(c))
	if err != nil || !face.Code.OneTime() || p.Clock().Before(face.Step.Again) {
		return false
	}
	minutes, err := p.count(c, "send-share/"+p.Namer.Hash("codes of a link", string(token), p.site(c)), share...)
	switch {
	case err != nil:
		p.fail(c, err)
	case minutes > 0:
		p.showLink(c, http.StatusTooManyRequests, face, notSent, tooOften(minutes))
	}
	return err != nil || minutes > 0
}

// next is where the proof goes on: at the link's field for a code, or elsewhere.
func next(c *gin.Context, step opening.Step) string {
	if step.Elsewhere != "" {
		return step.Elsewhere
	}
	return linkPath(c) + "#code"
}
