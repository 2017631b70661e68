package portal

import (
	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// checksum serves the SHA-256 of a file.
func (p *portal) checksum(c *gin.Context) {
	f, sum, err := p.Opening.Checksum(c, seat(c), transfer.FileID(c.Param("file")))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	web.ServeChecksum(c, f, sum)
}

// download serves a file, which is counted when its last byte went out.
func (p *portal) download(c *gin.Context) {
	f, content, complete, err := p.Opening.Download(c, seat(c), transfer.FileID(c.Param("file")))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	defer content.Close()
	if web.ServeFile(c, p.Log, f, content) {
		complete(c)
	}
}
