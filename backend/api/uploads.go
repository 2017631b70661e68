package api

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/backend/tus"
	"senddigitally/backend/uploading"
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
	meta := transfer.File{ID: transfer.FileID(c.Param("file")), Name: name, Type: mediaType(c.ContentType())}
	who, id, err := a.upload(c, meta.ID)
	var file transfer.File
	if err == nil {
		file, err = a.put(c, who, id, meta)
	}
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.JSON(http.StatusCreated, fileView(file))
}

func (a *API) put(c *gin.Context, who transfer.Caller, id transfer.ID, meta transfer.File) (transfer.File, error) {
	length := c.Request.ContentLength
	if length < 0 {
		length = a.Policy(who.Tenant).MaxFileBytes
	}
	if err := a.hold(c, who, id, length); err != nil {
		return transfer.File{}, err
	}
	file, err := a.Uploading.Put(c, who.Tenant, id, meta, web.Patient(c, tus.Stall), a.limits(who))
	return file, errors.Join(err, a.hold(c, who, id, file.Size-length))
}

// Holds counts what is uploaded and not sent; see replying.Counts.
type Holds interface {
	Hold(ctx context.Context, key, id string, more, limit int64, life time.Duration) (ok bool, wait time.Duration, err error)
}

// hold counts what a caller has uploaded for a transfer and not sent.
func (a *API) hold(c *gin.Context, who transfer.Caller, id transfer.ID, more int64) error {
	limit := a.Policy(who.Tenant).Quotas.Caller.UnsentBytes
	if limit == 0 {
		return nil
	}
	ok, wait, err := a.Holds.Hold(c, "quota/"+a.Namer.Hash("quota", string(who.Tenant), "caller", who.Subject), string(id), more, limit, transfer.UnsentLife)
	if err == nil && !ok {
		err = transfer.E(transfer.QuotaReached, "as much has been uploaded as is allowed without sending it").
			With("until", a.Clock().Add(wait).UTC().Format(time.RFC3339))
	}
	return err
}

// sent lets go of what a caller has uploaded for a transfer. What cannot be let
// go lapses.
func (a *API) sent(c *gin.Context, who transfer.Caller, id transfer.ID) {
	_ = a.hold(c, who, id, math.MinInt64/2)
}

// upload is the id of the transfer to come, when the caller may upload for it.
func (a *API) upload(c *gin.Context, file transfer.FileID) (transfer.Caller, transfer.ID, error) {
	who := caller(c)
	if !keyForm.MatchString(c.Param("key")) {
		return who, "", transfer.E(transfer.Invalid, "this cannot be an idempotency key").With("field", "key")
	}
	id := a.Namer.TransferID(who.Tenant, who.Subject, c.Param("key"))
	on := access.Resource{Tenant: who.Tenant, ID: id, Owner: a.Namer.Owner(who.Tenant, who.Subject), File: file}
	return who, id, a.Gate.Check(c, access.Staff(who), access.Upload, on)
}

func (a *API) limits(who transfer.Caller) uploading.Limits {
	policy := a.Policy(who.Tenant)
	return uploading.Limits{Bytes: policy.MaxTransferBytes, FileBytes: policy.MaxFileBytes, Files: policy.MaxFiles}
}

func mediaType(declared string) string {
	if declared == "" {
		return "application/octet-stream"
	}
	return declared
}

// aheadFiles are the files of a transfer to come.
type aheadFiles struct{ *API }

func (f aheadFiles) Announce(c *gin.Context, meta transfer.File, length int64) (transfer.Arriving, error) {
	who, id, err := f.upload(c, "")
	if err != nil {
		return transfer.Arriving{}, err
	}
	if err := f.hold(c, who, id, length); err != nil {
		return transfer.Arriving{}, err
	}
	meta.Type = mediaType(meta.Type)
	a, err := f.Uploading.Announce(c, who.Tenant, id, meta, length, f.limits(who))
	if err != nil {
		err = errors.Join(err, f.hold(c, who, id, -length))
	}
	return a, err
}

func (f aheadFiles) Append(c *gin.Context, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	who, id, err := f.upload(c, file)
	if err == nil {
		err = f.hold(c, who, id, 0)
	}
	if err != nil {
		return transfer.Arriving{}, err
	}
	return f.Uploading.Append(c, who.Tenant, id, file, at, content)
}

func (f aheadFiles) Arriving(c *gin.Context) ([]transfer.Arriving, error) {
	who, id, err := f.upload(c, "")
	if err != nil {
		return nil, err
	}
	return f.Uploading.Arriving(c, who.Tenant, id)
}

func (f aheadFiles) Abandon(c *gin.Context, file transfer.FileID) error {
	who, id, err := f.upload(c, file)
	if err != nil {
		return err
	}
	length, err := f.Uploading.Abandon(c, who.Tenant, id, file)
	if err != nil {
		return err
	}
	return f.hold(c, who, id, -length)
}

func (f aheadFiles) MaxBytes(c *gin.Context) int64 { return f.Policy(caller(c).Tenant).MaxFileBytes }
