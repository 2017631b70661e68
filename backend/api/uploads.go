package api

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/tus"
	"senddigitally/backend/web"
)

// putUpload takes a file in one piece; the protocol tus under the same address
// takes it in several.
func (a *API) putUpload(c *gin.Context) {
	if !valid(c, struct {
		Key  string `json:"key" validate:"key"`
		File string `json:"file" validate:"uploadid"`
	}{c.Param("key"), c.Param("file")}) {
		return
	}
	name, err := fileName(c.GetHeader("Content-Disposition"))
	if err != nil {
		web.Problem(c, err)
		return
	}
	who := caller(c)
	meta := transfer.File{ID: transfer.FileID(c.Param("file")), Name: name, Type: mediaType(c.ContentType()), Size: c.Request.ContentLength}
	if meta.Size < 0 {
		meta.Size = a.Policy(who.Tenant).MaxFileBytes
	}
	file, err := a.Sending.Upload(c, who, c.Param("key"), meta, web.Patient(c, tus.Stall))
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusCreated, fileView(file))
}

func mediaType(declared string) string {
	if declared == "" {
		return "application/octet-stream"
	}
	return declared
}

// aheadFiles are the files of a transfer to come.
type aheadFiles struct{ *API }

// ahead is the key that the files are uploaded under.
func ahead(c *gin.Context) (string, error) {
	key := c.Param("key")
	if !keyForm.MatchString(key) {
		return "", transfer.E(transfer.Invalid, "this cannot be an idempotency key").With("field", "key")
	}
	return key, nil
}

func (f aheadFiles) Announce(c *gin.Context, meta transfer.File, length int64) (transfer.Arriving, error) {
	key, err := ahead(c)
	if err != nil {
		return transfer.Arriving{}, err
	}
	meta.Type = mediaType(meta.Type)
	return f.Sending.Announce(c, caller(c), key, meta, length)
}

func (f aheadFiles) Append(c *gin.Context, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	key, err := ahead(c)
	if err != nil {
		return transfer.Arriving{}, err
	}
	return f.Sending.Append(c, caller(c), key, file, at, content)
}

func (f aheadFiles) Arriving(c *gin.Context) ([]transfer.Arriving, error) {
	key, err := ahead(c)
	if err != nil {
		return nil, err
	}
	return f.Sending.Arriving(c, caller(c), key)
}

func (f aheadFiles) Abandon(c *gin.Context, file transfer.FileID) error {
	key, err := ahead(c)
	if err != nil {
		return err
	}
	return f.Sending.Remove(c, caller(c), key, file)
}

func (f aheadFiles) MaxBytes(c *gin.Context) int64 { return f.Policy(caller(c).Tenant).MaxFileBytes }
