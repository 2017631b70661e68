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

// download serves a file with Range.
func (p *portal) download(c *gin.Context) {
	f, content, err := p.Opening.Download(c, seat(c), transfer.FileID(c.Param("file")))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	defer content.Close()
	web.ServeFile(c, p.Log, f, content)
}
