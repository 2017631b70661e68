package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

const callerKey = "caller"

// CSRFHeader carries the session's own token with what changes something. A
// page of another origin cannot set it (Fetch, "CORS-unsafe request-header
// names"), nor know its value.
const CSRFHeader = "X-CSRF-Token"

// authenticate accepts a member of staff's delegated token, an application's, or
// the session of who signed in on our own pages.
func (a *API) authenticate(c *gin.Context) {
	identify := a.byToken
	if c.GetHeader("Authorization") == "" {
		identify = a.bySession
	}
	who, err := identify(c)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Set(callerKey, who)
	c.Next()
}

func caller(c *gin.Context) transfer.Caller { return c.MustGet(callerKey).(transfer.Caller) }

func (a *API) byToken(c *gin.Context) (transfer.Caller, error) {
	header := c.GetHeader("Authorization")
	who, err := a.Identity.Caller(c, header)
	if err != nil {
		if application, failed := a.Identity.Application(c, header); failed == nil {
			return application, nil
		}
	}
	return who, err
}

var crossOrigin = http.NewCrossOriginProtection()

func (a *API) bySession(c *gin.Context) (transfer.Caller, error) {
	s, err := a.Sessions.Session(c.Request)
	if err != nil {
		return transfer.Caller{}, err
	}
	if err := crossOrigin.Check(c.Request); err != nil {
		return transfer.Caller{}, transfer.Wrap(transfer.Forbidden, "the request came from another site", err)
	}
	safe := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if !safe && !s.Confirms(c.GetHeader(CSRFHeader)) {
		return transfer.Caller{}, transfer.E(transfer.Unauthenticated, "the request is not from this session")
	}
	return s.Caller, nil
}
