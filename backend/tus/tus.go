// Package tus takes files by the protocol tus 1.0.0 (tus.io/protocols/resumable-upload):
// the core and its extensions creation, termination and expiration. There is no
// checksum extension: every stored segment authenticates.
//
// Invariant: who may upload, and how much, the Files behind it decide, at every
// request.
//
// Failure: what arrived before a connection broke is kept; the client asks for
// the offset and goes on from there.
package tus

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

const (
	version    = "1.0.0"
	extensions = "creation,termination,expiration"
	piece      = "application/offset+octet-stream"
)

// Keep is how long an upload that was interrupted can be resumed. It is what the
// ledger keeps receptions without a manifest for.
const Keep = 24 * time.Hour

// Stall is how long a piece may pause before it is given up.
const Stall = 30 * time.Second

// Files are the uploads under one address, as this request's sender may use them.
type Files interface {
	Announce(c *gin.Context, meta transfer.File, length int64) (transfer.Arriving, error)
	Append(c *gin.Context, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error)
	Arriving(c *gin.Context) ([]transfer.Arriving, error)
	Abandon(c *gin.Context, file transfer.FileID) error
	MaxBytes(c *gin.Context) int64 // of one file
}

// Protocol speaks tus for some Files.
type Protocol struct {
	Files Files
	Clock func() time.Time
}

// Register adds the routes below the address of the uploads.
func (p Protocol) Register(uploads *gin.RouterGroup) {
	uploads = uploads.Group("", speaks)
	uploads.OPTIONS("", p.options)
	uploads.GET("", p.list)
	uploads.POST("", p.create)
	uploads.HEAD("/:file", p.offset)
	uploads.PATCH("/:file", p.add)
	uploads.DELETE("/:file", p.end)
}

// speaks refuses another version of the protocol. Reading the list is ours, and
// so is ending an upload without a word of tus.
func speaks(c *gin.Context) {
	c.Header("Tus-Resumable", version)
	said, needed := c.GetHeader("Tus-Resumable"), c.Request.Method == http.MethodPost || c.Request.Method == http.MethodHead || c.Request.Method == http.MethodPatch
	if said == version || said == "" && !needed {
		c.Next()
		return
	}
	c.Header("Tus-Version", version)
	c.AbortWithStatus(http.StatusPreconditionFailed)
}

func (p Protocol) options(c *gin.Context) {
	c.Header("Tus-Version", version)
	c.Header("Tus-Extension", extensions)
	c.Header("Tus-Max-Size", strconv.FormatInt(p.Files.MaxBytes(c), 10))
	c.Status(http.StatusNoContent)
}

type arrivingView struct {
	ID     transfer.FileID `json:"id"`
	Name   string          `json:"name"`
	Size   int64           `json:"size"`
	Offset int64           `json:"offset"`
}

// list lets a page that was closed and opened again go on where it was.
func (p Protocol) list(c *gin.Context) {
	all, err := p.Files.Arriving(c)
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

func (p Protocol) create(c *gin.Context) {
	length, err := strconv.ParseInt(c.GetHeader("Upload-Length"), 10, 64)
	meta, ok := metadata(c.GetHeader("Upload-Metadata"))
	if err != nil || length < 0 || !ok {
		web.Problem(c, transfer.E(transfer.Invalid, "the upload has no length or no readable description"))
		return
	}
	a, err := p.Files.Announce(c, transfer.File{Name: meta["filename"], Type: meta["filetype"]}, length)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Location", c.Request.URL.Path+"/"+string(a.File.ID))
	p.expires(c, a)
	c.Status(http.StatusCreated)
}

func (p Protocol) expires(c *gin.Context, a transfer.Arriving) {
	if !a.Whole() {
		c.Header("Upload-Expires", p.Clock().Add(Keep).UTC().Format(http.TimeFormat))
	}
}

func (p Protocol) offset(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	all, err := p.Files.Arriving(c)
	if err != nil {
		c.AbortWithStatus(web.Status(transfer.CodeOf(err)))
		return
	}
	for _, a := range all {
		if string(a.File.ID) == c.Param("file") {
			c.Header("Upload-Offset", strconv.FormatInt(a.File.Size, 10))
			c.Header("Upload-Length", strconv.FormatInt(a.Length, 10))
			p.expires(c, a)
			c.Status(http.StatusOK)
			return
		}
	}
	c.AbortWithStatus(http.StatusNotFound)
}

func (p Protocol) add(c *gin.Context) {
	if c.ContentType() != piece {
		c.AbortWithStatus(http.StatusUnsupportedMediaType)
		return
	}
	at, err := strconv.ParseInt(c.GetHeader("Upload-Offset"), 10, 64)
	id := transfer.FileID(c.Param("file"))
	if err != nil || at < 0 || !isUpload(id) {
		web.Problem(c, transfer.E(transfer.Invalid, "the piece does not say where it belongs"))
		return
	}
	a, err := p.Files.Append(c, id, at, web.Patient(c, Stall))
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Upload-Offset", strconv.FormatInt(a.File.Size, 10))
	p.expires(c, a)
	c.Status(http.StatusNoContent)
}

func (p Protocol) end(c *gin.Context) {
	id := transfer.FileID(c.Param("file"))
	err := error(nil)
	if !isUpload(id) {
		err = transfer.E(transfer.Invalid, "no upload is called that")
	} else {
		err = p.Files.Abandon(c, id)
	}
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// isUpload holds the ids that Uploading gives: u and up to four digits.
func isUpload(id transfer.FileID) bool {
	digits, is := strings.CutPrefix(string(id), "u")
	return is && digits != "" && len(digits) <= 4 && strings.Trim(digits, "0123456789") == ""
}

// metadata reads Upload-Metadata: pairs of a key and a value in base64,
// separated by commas.
func metadata(header string) (map[string]string, bool) {
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
