package portal

import (
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// download serves a file with Range, always to be saved and never shown. It is
// counted when its last byte went out. Bytes that do not authenticate end the
// connection before the announced length, so that the browser sees a failure.
func (p *portal) download(c *gin.Context) {
	f, content, complete, err := p.Opening.Download(c, seat(c), transfer.FileID(c.Param("file")))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	defer content.Close()
	h := c.Writer.Header()
	h.Set("Content-Disposition", disposition(f.Name))
	h.Set("Content-Type", harmless(f.Type))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("ETag", `"`+hex.EncodeToString(f.SHA256)+`"`)
	out := &counting{ResponseWriter: c.Writer, ahead: c.Request.TLS != nil}
	in := &ending{ReadSeeker: content, size: f.Size}
	http.ServeContent(out, c.Request, "", timeless, in)
	switch {
	case in.failure != nil && !out.failed:
		p.Log.Error("a download broke off", "transfer", seat(c).ID, "request", web.RequestID(c), "cause", in.failure)
		panic(http.ErrAbortHandler)
	case c.Request.Method == http.MethodGet && in.reached && !out.failed:
		complete(c)
	}
}

// harmless is a media type that no browser runs.
func harmless(kind string) string {
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	for _, active := range []string{"html", "xml", "svg", "script", "multipart"} {
		if strings.Contains(kind, active) {
			return "application/octet-stream"
		}
	}
	if !strings.Contains(kind, "/") {
		return "application/octet-stream"
	}
	return kind
}

// ending notices that the end of the file was read, or why it was not.
type ending struct {
	io.ReadSeeker
	size, at int64
	reached  bool
	failure  error // other than the end
}

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.ReadSeeker.Read(b)
	e.at += int64(n)
	e.reached = e.reached || n > 0 && e.at == e.size || e.size == 0
	if err != nil && err != io.EOF {
		e.failure = err
	}
	return n, err
}

func (e *ending) Seek(offset int64, whence int) (int64, error) {
	at, err := e.ReadSeeker.Seek(offset, whence)
	e.at = at
	return at, err
}

// counting notices that the client went away, and moves large pieces at a time.
type counting struct {
	http.ResponseWriter
	failed bool
	ahead  bool
}

func (w *counting) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.failed = w.failed || err != nil
	return n, err
}

// ReadFrom copies by the vault's segment size instead of io.Copy's 32 KiB, and
// reads ahead under TLS.
func (w *counting) ReadFrom(r io.Reader) (int64, error) {
	if w.ahead {
		return copyAhead(w.Write, r)
	}
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, pieceSize))
}
