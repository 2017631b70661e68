// Package api is the application interface, /api/v1, for the task pane, the
// staff pages and document systems, as openapi.yaml describes it.
//
// Invariant: nothing is done before the caller is known and the input is valid;
// every route but the description itself needs a bearer token, or the session of
// staff's own pages. A session changes something only with its token and from
// our own origin, so that no other site acts in its name.
//
// Failure: problem details with a stable code, in the caller's language.
package api

import (
	"context"
	_ "embed"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-playground/validator/v10"

	"senddigitally/backend/access"
	"senddigitally/backend/following"
	"senddigitally/backend/identity"
	"senddigitally/backend/opening"
	"senddigitally/backend/receiving"
	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
	"senddigitally/backend/tus"
	"senddigitally/backend/web"
	"senddigitally/routing"
)

//go:embed openapi.yaml
var description []byte

// Identity says who is calling.
type Identity interface {
	Caller(ctx context.Context, authorization string) (transfer.Caller, error)
	Application(ctx context.Context, authorization string) (transfer.Caller, error)
}

// Sessions are of staff who signed in with a browser.
type Sessions interface {
	Session(r *http.Request) (identity.StaffSession, error)
}

// Sending starts transfers, and takes files ahead of them.
type Sending interface {
	Send(ctx context.Context, caller transfer.Caller, key string, r sending.Request) (transfer.ID, error)
	Cancel(ctx context.Context, caller transfer.Caller, id transfer.ID) error
	Upload(ctx context.Context, caller transfer.Caller, key string, meta transfer.File, content io.Reader) (transfer.File, error)
	Announce(ctx context.Context, caller transfer.Caller, key string, meta transfer.File, length int64) (transfer.Arriving, error)
	Append(ctx context.Context, caller transfer.Caller, key string, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error)
	Arriving(ctx context.Context, caller transfer.Caller, key string) ([]transfer.Arriving, error)
	Remove(ctx context.Context, caller transfer.Caller, key string, file transfer.FileID) error
}

// Following shows transfers to their sender.
type Following interface {
	Transfer(ctx context.Context, caller transfer.Caller, id transfer.ID) (following.View, error)
	Progress(ctx context.Context, caller transfer.Caller, id transfer.ID) (following.View, error)
	Links(ctx context.Context, caller transfer.Caller, id transfer.ID) ([]following.Link, error)
	Evidence(ctx context.Context, caller transfer.Caller, id transfer.ID, language string) ([]byte, error)
	Recipients(ctx context.Context, caller transfer.Caller, lists []string, ours ...string) ([]following.Checked, error)
	Search(ctx context.Context, caller transfer.Caller, q following.Query, cursor string, limit int) ([]following.View, string, error)
}

// Expiring withdraws, restores and extends, reminds and renews links and codes.
type Expiring interface {
	Withdraw(ctx context.Context, caller transfer.Caller, id transfer.ID, r transfer.RecipientID, erase bool) (*transfer.Dossier, error)
	Restore(ctx context.Context, caller transfer.Caller, id transfer.ID, r transfer.RecipientID) (*transfer.Dossier, error)
	Relink(ctx context.Context, caller transfer.Caller, id transfer.ID, r transfer.RecipientID) (*transfer.Dossier, error)
	Extend(ctx context.Context, caller transfer.Caller, id transfer.ID, until time.Time) (*transfer.Dossier, error)
	Remind(ctx context.Context, caller transfer.Caller, id transfer.ID, r transfer.RecipientID) (*transfer.Dossier, error)
	Recode(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error)
}

// Distributing lists and places replies.
type Distributing interface {
	Waiting(ctx context.Context, caller transfer.Caller, cursor string, limit int) ([]*transfer.Dossier, string, error)
	Place(ctx context.Context, caller transfer.Caller, id transfer.ID, mailbox, topic string) (*transfer.Dossier, error)
	DeliverAgain(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error)
}

// Receiving finds what was sent to own staff.
type Receiving interface {
	Messages(ctx context.Context, caller transfer.Caller, cursor string, limit int) ([]receiving.Received, string, error)
	Seat(ctx context.Context, caller transfer.Caller, id transfer.ID) (opening.Seat, error)
	Discard(ctx context.Context, caller transfer.Caller, id transfer.ID) error
}

// Opening reads at a seat.
type Opening interface {
	Read(ctx context.Context, at opening.Seat) (opening.Message, error)
	Checksum(ctx context.Context, at opening.Seat, id transfer.FileID) (f transfer.File, sum []byte, err error)
	Download(ctx context.Context, at opening.Seat, id transfer.FileID) (transfer.File, io.ReadSeekCloser, error)
	Body(ctx context.Context, m opening.Message) (kind string, content io.ReadSeekCloser, err error)
	Inline(ctx context.Context, at opening.Seat, contentID string) (transfer.File, io.ReadSeekCloser, error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// API serves /api/v1.
type API struct {
	Identity     Identity
	Sessions     Sessions
	Sending      Sending
	Following    Following
	Expiring     Expiring
	Receiving    Receiving
	Opening      Opening
	Distributing Distributing
	Previewing   Previewing
	Remembering  Remembering
	Gate         Gate
	Policy       func(transfer.TenantID) transfer.Policy
	Organisation func(transfer.TenantID) transfer.Organisation
	Routes       func(transfer.TenantID) *routing.Set
	Clock        func() time.Time
	Log          *slog.Logger
}

// maxJSON bounds a request body of JSON: two bodies of 4 MiB and 500 recipients.
const maxJSON = 10 << 20

// Register adds the routes to an engine.
func (a *API) Register(engine *gin.Engine) {
	engine.GET("/api/v1/openapi.yaml", func(c *gin.Context) { c.Data(http.StatusOK, "application/yaml", description) })
	v1 := engine.Group("/api/v1", web.Recover(a.Log, func(c *gin.Context, err error) { web.Problem(c, err) }), a.authenticate)
	v1.GET("/settings", a.settings)
	v1.PUT("/settings/defaults", a.putDefaults)
	v1.POST("/recipients/check", a.checkRecipients)
	v1.POST("/preview", a.preview)
	v1.PUT("/uploads/:key/:file", a.putUpload)
	tus.Protocol{Files: aheadFiles{a}, Clock: a.Clock}.Register(v1.Group("/uploads/:key"))
	v1.GET("/transfers", a.listTransfers)
	v1.POST("/transfers", a.createTransfer)
	v1.POST("/transfers/search", a.searchTransfers)
	v1.GET("/transfers/:id", a.getTransfer)
	v1.GET("/transfers/:id/progress", a.getProgress)
	v1.GET("/transfers/:id/evidence.eml", a.evidence)
	v1.POST("/transfers/:id/links", a.links)
	v1.POST("/transfers/:id/cancel", a.cancel)
	v1.POST("/transfers/:id/withdraw", a.withdraw)
	v1.POST("/transfers/:id/restore", a.restore)
	v1.POST("/transfers/:id/extend", a.extend)
	v1.POST("/transfers/:id/relink", a.relink)
	v1.POST("/transfers/:id/remind", a.remind)
	v1.POST("/transfers/:id/recode", a.recode)
	v1.GET("/received", a.listReceived)
	v1.GET("/received/:id", a.getReceived)
	v1.GET("/received/:id/body", a.receivedBody)
	v1.GET("/received/:id/files/:file", a.receivedFile)
	v1.GET("/received/:id/files/:file/sha256", a.receivedChecksum)
	v1.DELETE("/received/:id", a.discard)
	v1.GET("/manual", a.listManual)
	v1.POST("/manual/:id/place", a.place)
	v1.POST("/manual/:id/deliver", a.deliverAgain)
}

var check = func() *validator.Validate {
	v := web.Rules()
	must(v.RegisterValidation("transferid", func(f validator.FieldLevel) bool { return transfer.ID(f.Field().String()).Valid() }))
	must(v.RegisterValidation("key", func(f validator.FieldLevel) bool { return keyForm.MatchString(f.Field().String()) }))
	must(v.RegisterValidation("uploadid", func(f validator.FieldLevel) bool { return uploadForm.MatchString(f.Field().String()) }))
	return v
}()

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// valid answers whether input keeps its rules; if not, the problem names each
// field in the caller's language.
func valid(c *gin.Context, input any) bool {
	err := check.Struct(input)
	if err == nil {
		return true
	}
	web.Problem(c, transfer.Wrap(transfer.Invalid, "the input breaks a rule", err), web.Faults(err, web.Words(c))...)
	return false
}

// body reads a JSON body into input and validates it.
func body(c *gin.Context, input any) bool {
	decoder := newDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	if err := decoder.Decode(input); err != nil {
		web.Problem(c, unreadable(err))
		return false
	}
	return valid(c, input)
}
