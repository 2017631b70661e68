package portal

import (
	"io"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/tus"
)

// replyFiles are the files of a reply to come.
type replyFiles struct{ *portal }

func (p *portal) tus(seat *gin.RouterGroup) {
	tus.Protocol{Files: replyFiles{p}, Clock: p.Clock}.Register(seat.Group("/replies/:submission/uploads"))
}

func (f replyFiles) Announce(c *gin.Context, meta transfer.File, length int64) (transfer.Arriving, error) {
	return f.Replying.Announce(c, f.submission(c, c.Param("submission")), meta, length)
}

func (f replyFiles) Append(c *gin.Context, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	return f.Replying.Append(c, f.submission(c, c.Param("submission")), file, at, content)
}

func (f replyFiles) Arriving(c *gin.Context) ([]transfer.Arriving, error) {
	return f.Replying.Arriving(c, f.submission(c, c.Param("submission")))
}

func (f replyFiles) Abandon(c *gin.Context, file transfer.FileID) error {
	return f.Replying.Remove(c, f.submission(c, c.Param("submission")), file)
}

func (f replyFiles) MaxBytes(c *gin.Context) int64 { return f.Policy(seat(c).Tenant).MaxFileBytes }
