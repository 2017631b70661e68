package portal

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/replying"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// Resumable upload is tus 1.0.0 (tus.io/protocols/resumable-upload): the core
// and its extensions creation, termination and expiration. There is no checksum
// extension: every stored segment authenticates.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,termination,expiration"
	tusPiece      = "application/offset+octet-stream"
)

// Keep is how long an upload that was interrupted can be resumed. It is what the
// ledger keeps receptions without a manifest for.
const Keep = 24 * time.Hour

func (p *portal) tus(seat *gin.RouterGroup) {
	uploads := seat.Group("/replies/:submission/uploads", p.speaksTus)
	uploads.OPTIONS("", p.tusOptions)
	uploads.GET("", p.tusList)
	uploads.POST("", p.tusCreate)
	uploads.HEAD("/:file", p.tusOffset)
	uploads.PATCH("/:file", p.tusAppend)
	uploads.DELETE("/:file", p.remove)
}

// speaksTus refuses another version of the protocol. Reading the list is ours.
func (p *portal) speaksTus(c *gin.Context) {
	c.Header("Tus-Resumable", tusVersion)
	if c.Request.Method == http.MethodOptions || c.Request.Method == http.MethodGet || c.GetHeader("Tus-Resumable") == tusVersion {
		c.Next()
		return
	}
	c.Header("Tus-Version", tusVersion)
	c.AbortWithStatus(http.StatusPreconditionFailed)
}

func (p *portal) tusOptions(c *gin.Context) {
	c.Header("Tus-Version", tusVersion)
	c.Header("Tus-Extension", tusExtensions)
	c.Header("Tus-Max-Size", strconv.FormatInt(p.Policy(seat(c).Tenant).MaxFileBytes, 10))
	c.Status(http.StatusNoContent)
}

type arrivingView struct {
	ID     transfer.FileID `json:"id"`
	Name   string          `json:"name"`
	Size   int64           `json:"size"`
	Offset int64           `json:"offset"`
}

// tusList lets a page that was closed and opened again go on where it was.
func (p *portal) tusList(c *gin.Context) {
	all, err := p.Replying.Arriving(c, p.tusSubmission(c))
	if err != nil {
		web.Problem(c, err)
		return
	}
	views := []arrivingView{}
	for _, a := range all {
		views = append(views, arrivingView{a.File.ID, a.File.Name, a.Length, a.File.Size})
	}
	c.JSON(http.StatusOK, gin.H{"files": views})
}

func (p *portal) tusSubmission(c *gin.Context) replying.Submission {
	return p.submission(c, c.Param("submission"))
}

func (p *portal) tusCreate(c *gin.Context) {
	length, err := strconv.ParseInt(c.GetHeader("Upload-Length"), 10, 64)
	meta, ok := tusMetadata(c.GetHeader("Upload-Metadata"))
	if err != nil || length < 0 || !ok {
		web.Problem(c, transfer.E(transfer.Invalid, "the upload has no length or no readable description"))
		return
	}
	a, err := p.Replying.Announce(c, p.tusSubmission(c), transfer.File{Name: meta["filename"], Type: meta["filetype"]}, length)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Location", c.Request.URL.Path+"/"+string(a.File.ID))
	p.tusExpires(c, a)
	c.Status(http.StatusCreated)
}

func (p *portal) tusExpires(c *gin.Context, a transfer.Arriving) {
	if !a.Whole() {
		c.Header("Upload-Expires", p.Clock().Add(Keep).UTC().Format(http.TimeFormat))
	}
}

func (p *portal) tusOffset(c *gin.Context) {
	all, err := p.Replying.Arriving(c, p.tusSubmission(c))
	if err != nil {
		c.AbortWithStatus(web.Status(transfer.CodeOf(err)))
		return
	}
	for _, a := range all {
		if string(a.File.ID) == c.Param("file") {
			c.Header("Upload-Offset", strconv.FormatInt(a.File.Size, 10))
			c.Header("Upload-Length", strconv.FormatInt(a.Length, 10))
			p.tusExpires(c, a)
			c.Status(http.StatusOK)
			return
		}
	}
	c.AbortWithStatus(http.StatusNotFound)
}

func (p *portal) tusAppend(c *gin.Context) {
	if c.ContentType() != tusPiece {
		c.AbortWithStatus(http.StatusUnsupportedMediaType)
		return
	}
	at, err := strconv.ParseInt(c.GetHeader("Upload-Offset"), 10, 64)
	id := transfer.FileID(c.Param("file"))
	if err != nil || at < 0 || !uploadID(id) {
		web.Problem(c, transfer.E(transfer.Invalid, "the piece does not say where it belongs"))
		return
	}
	a, err := p.Replying.Append(c, p.tusSubmission(c), id, at, web.Patient(c, stall))
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Upload-Offset", strconv.FormatInt(a.File.Size, 10))
	p.tusExpires(c, a)
	c.Status(http.StatusNoContent)
}

// tusMetadata reads Upload-Metadata: pairs of a key and a value in base64,
// separated by commas.
func tusMetadata(header string) (map[string]string, bool) {
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, false
		}
		pairs[key] = string(value)
	}
	return pairs, true
}
