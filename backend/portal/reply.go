package portal

import (
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/opening"
	"senddigitally/backend/replying"
	"senddigitally/backend/transfer"
	"senddigitally/backend/tus"
	"senddigitally/backend/web"
)

func newSubmission() string { return rand.Text() }

func (p *portal) submission(c *gin.Context, id string) replying.Submission {
	return replying.Submission{Seat: seat(c), ID: id, Visitor: p.visitor(c)}
}

// upload takes one file of a reply to come, raw.
func (p *portal) upload(c *gin.Context) {
	_, params, err := mime.ParseMediaType(c.GetHeader("Content-Disposition"))
	if err != nil {
		p.fail(c, transfer.Wrap(transfer.Invalid, "the file has no readable name", err))
		return
	}
	id := transfer.FileID(c.Param("file"))
	if !uploadID(id) {
		p.fail(c, transfer.E(transfer.Invalid, "not a file number"))
		return
	}
	if c.Request.ContentLength < 0 {
		p.fail(c, unmeasured)
		return
	}
	f, err := p.Replying.Upload(c, p.submission(c, c.Param("submission")),
		transfer.File{ID: id, Name: params["filename"], Type: c.ContentType(), Size: c.Request.ContentLength}, web.Patient(c, tus.Stall))
	if err != nil {
		p.fail(c, err)
		return
	}
	c.JSON(http.StatusCreated, gin.H{"id": f.ID, "name": f.Name, "size": f.Size})
}

// uploadID is "u" and a number, as the pages give.
func uploadID(id transfer.FileID) bool {
	if len(id) < 2 || len(id) > 6 || id[0] != 'u' {
		return false
	}
	_, err := strconv.ParseUint(string(id[1:]), 10, 16)
	return err == nil
}

func (p *portal) remove(c *gin.Context) {
	if err := p.Replying.Remove(c, p.submission(c, c.Param("submission")), transfer.FileID(c.Param("file"))); err != nil {
		p.fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// form is a reply as the plain form sends it. Late are files that came when the
// reply had been sent already; length is what the files to come may have, and
// next the number of the first of them.
type form struct {
	submission, text string
	late             []transfer.File
	length           int64
	next             int
}

// newForm is a reply not begun. Its numbers leave room for the files that the
// page's script uploads.
func newForm() form { return form{submission: newSubmission(), next: 1000} }

var unmeasured = transfer.E(transfer.Invalid, "the request does not say how long it is")

// sameAs reports whether a receipt has what came late: the form was sent twice
// as it was.
func (f form) sameAs(r replying.Receipt) bool {
	for _, late := range f.late {
		if !slices.ContainsFunc(r.Files, func(sent transfer.File) bool {
			return sent.Name == transfer.CleanName(late.Name) && sent.Size == late.Size
		}) {
			return false
		}
	}
	return true
}

// draftKey is the text of a reply, which every page has that says why it was not
// sent.
const draftKey = "draft"

// submit accepts the reply; what goes wrong is shown on the same page, or, where
// the message cannot be read any more, on the page that says so, with the text kept.
func (p *portal) submit(c *gin.Context) {
	f, err := p.readForm(c)
	c.Set(draftKey, f.text)
	if err == nil {
		err = valid(f.input())
	}
	if err == nil {
		err = p.accept(c, f)
	}
	if err == nil {
		c.Redirect(http.StatusSeeOther, seatPath(seat(c))+"/replies/"+f.submission)
		return
	}
	web.Note(c, err)
	if transfer.CodeOf(err) == transfer.KeyReused {
		f.submission = newSubmission()
	}
	p.showMessage(c, web.Status(transfer.CodeOf(err)), f, err)
}

func (p *portal) accept(c *gin.Context, f form) error {
	receipt, err := p.Replying.Submit(c, p.submission(c, f.submission), f.text, nil)
	if err == nil && !f.sameAs(receipt) {
		return transfer.E(transfer.KeyReused, "another reply was sent from this page before")
	}
	return err
}

// readForm streams a multipart form: files go to the vault as they arrive. A
// reply that was sent already takes no more files; Submit then says so.
func (p *portal) readForm(c *gin.Context) (form, error) {
	f := newForm()
	if f.length = c.Request.ContentLength; f.length < 0 {
		return f, unmeasured
	}
	c.Request.Body = io.NopCloser(web.Patient(c, tus.Stall))
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return f, transfer.Wrap(transfer.Invalid, "the form cannot be read", err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, transfer.Wrap(transfer.Invalid, "the form ended early", err)
		}
		if err := p.readPart(c, &f, part); err != nil {
			// A browser that still sends shows no answer.
			_, _ = io.CopyN(io.Discard, web.Patient(c, tus.Stall), p.Policy(seat(c).Tenant).MaxReplyBytes)
			return f, err
		}
	}
}

// rescue keeps the text of a reply that comes to a seat which is not open.
func (p *portal) rescue(c *gin.Context) {
	if c.Request.Method == http.MethodPost && strings.HasSuffix(c.FullPath(), "/replies") {
		c.Set(draftKey, p.unsent(c))
	}
}

// unsent is the text of a reply that came to a seat which is not open, as far as a
// page shows it. Its files are read to the end, since a browser that still sends
// shows no answer, and are kept nowhere.
func (p *portal) unsent(c *gin.Context) string {
	limits := transfer.StrictPolicy() // whose page it was is not known
	c.Request.Body = http.MaxBytesReader(c.Writer, io.NopCloser(web.Patient(c, tus.Stall)), limits.MaxReplyBytes)
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return ""
	}
	text := ""
	for {
		part, err := parts.NextPart()
		if err != nil {
			return text
		}
		if part.FormName() == "text" {
			all, _ := io.ReadAll(io.LimitReader(part, limits.MaxBodyBytes))
			text = strings.ToValidUTF8(string(all), "")
		}
	}
}

func (p *portal) readPart(c *gin.Context, f *form, part *multipart.Part) error {
	switch part.FormName() {
	case "submission":
		id, err := field(part, 64)
		f.submission = id
		return err
	case "first":
		return f.number(part)
	case "text":
		text, err := field(part, p.Policy(seat(c).Tenant).MaxBodyBytes)
		f.text = text
		return err
	case "files":
		if part.FileName() == "" {
			return nil
		}
		meta := transfer.File{ID: transfer.FileID("u" + strconv.Itoa(f.next)), Name: part.FileName(), Type: part.Header.Get("Content-Type"), Size: f.length}
		file, err := p.Replying.Upload(c, p.submission(c, f.submission), meta, part)
		f.length -= file.Size
		f.next++
		if transfer.CodeOf(err) != transfer.Conflict {
			return err
		}
		meta.Size, err = io.Copy(io.Discard, part)
		f.late = append(f.late, meta)
		return err
	}
	return nil
}

// number reads the number that the page gives to the first file: above those
// that were there, and the same when the page is sent again.
func (f *form) number(part io.Reader) error {
	digits, err := field(part, 5)
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return transfer.Wrap(transfer.Invalid, "the form cannot be read", err)
	}
	f.next = int(n)
	return nil
}

func field(part io.Reader, limit int64) (string, error) {
	all, err := io.ReadAll(io.LimitReader(part, limit+1))
	if int64(len(all)) > limit {
		return "", transfer.E(transfer.TooLarge, "the text is too long").With("bytes", strconv.FormatInt(limit, 10))
	}
	return string(all), err
}

type receiptPage struct {
	page
	replying.Receipt
	Path string
}

func (p *portal) receipt(c *gin.Context) {
	receipt, err := p.Replying.Receipt(c, p.submission(c, c.Param("submission")))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	at := opening.Seat(seat(c))
	p.render(c, http.StatusOK, "receipt.html", receiptPage{page: p.page(c, p.words(c, ""), at.Tenant, "receipt.title"), Receipt: receipt, Path: seatPath(at)})
}
