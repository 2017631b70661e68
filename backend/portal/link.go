package portal

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// Link pages per visitor and minute, and codes typed.
const (
	looks = 120
	tries = 30
)

// What could not be done at a link, by its key.
const (
	notOpened = "link.wrong"
	notSent   = "link.unsent"
)

type linkPage struct {
	page
	opening.Face
	Token     string
	NeedsCode bool
	ToSend    bool   // a one-time code, which this browser has not asked for
	Wrong     string // what could not be done
	Problem   string // and why
	BadCode   bool   // it is about what was typed
	Kept      bool   // she is kept out for longer, and may ask for a new link
}

func (p *portal) link(c *gin.Context) {
	if p.slow(c, "look/", looks) {
		return
	}
	face, err := p.Opening.Face(c, transfer.LinkToken(c.Param("token")), browser(c), p.visitor(c))
	if err != nil {
		p.ended(c, err, face.Tenant, linkPath(c))
		return
	}
	p.showLink(c, http.StatusOK, face, "", nil)
}

// showLink shows the link's page; wrong is the key of what could not be done, and
// problem why.
func (p *portal) showLink(c *gin.Context, status int, face opening.Face, wrong string, problem error) {
	words := p.words(c, face.Language)
	view := linkPage{page: p.page(c, words, face.Tenant, "link.title"), Face: face, Token: c.Param("token"), NeedsCode: face.Code != transfer.CodeNone,
		ToSend: face.Code.OneTime() && !face.Step.Begun()}
	view.Here = linkPath(c)
	if face.Code.OneTime() {
		keepBrowser(c)
	}
	if problem != nil {
		view.Wrong = view.T(wrong)
		view.Problem = said(view.words, problem)
		view.BadCode = wrong == notOpened
		view.Kept = keptOut(problem, p.Clock().Before(face.Step.Again))
	}
	p.render(c, status, "link.html", view)
}

// keptOut reports whether a problem keeps a recipient out until a lock or a limit
// ends. Who has just had a code only waits for it.
func keptOut(problem error, justSent bool) bool {
	code := transfer.CodeOf(problem)
	return code == transfer.LockedOut || code == transfer.RateLimited && !justSent
}

// unlock checks the code. The session is rotated, and the next URL has ids
// instead of the token.
func (p *portal) unlock(c *gin.Context) {
	if p.slow(c, "code/", tries) {
		return
	}
	token := transfer.LinkToken(c.Param("token"))
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 16<<10)
	typed := codeInput{Code: c.PostForm("code")}
	if err := valid(typed); err != nil {
		p.again(c, token, notOpened, err)
		return
	}
	seat, err := p.Opening.Unlock(c, token, typed.Code, browser(c), p.visitor(c))
	switch transfer.CodeOf(err) {
	case "":
	case transfer.CodeRequired, transfer.CodeWrong, transfer.CodeStale, transfer.LockedOut:
		p.again(c, token, notOpened, err)
		return
	default:
		p.ended(c, err, seat.Tenant, linkPath(c))
		return
	}
	if _, err := p.Sessions.Unlock(c.Writer, c.Request, seat.Tenant, seat.ID, seat.Recipient); err != nil {
		p.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, seatPath(seat))
}

// again shows the link page with what was wrong.
func (p *portal) again(c *gin.Context, token transfer.LinkToken, wrong string, problem error) {
	face, err := p.Opening.Face(c, token, browser(c), p.visitor(c))
	if err != nil {
		p.fail(c, err)
		return
	}
	p.showLink(c, web.Status(transfer.CodeOf(problem)), face, wrong, problem)
}

func (p *portal) logout(c *gin.Context) {
	if err := p.Sessions.End(c.Writer, c.Request); err != nil {
		p.fail(c, err)
		return
	}
	view := p.page(c, p.words(c, ""), "", "left.title")
	view.Here = "/"
	p.render(c, http.StatusOK, "left.html", view)
}

func linkPath(c *gin.Context) string { return "/l/" + c.Param("token") }

func seatPath(s opening.Seat) string { return "/m/" + string(s.ID) + "/" + string(s.Recipient) }

// network is an address as it counts for limits: IPv6 by its first bits, since one
// household or attacker has all that follow.
func network(address string, bits int) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return address
	}
	return prefix.String()
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d/time.Second) + 1) }
