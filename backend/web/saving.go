package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
)

// noBytes is a range that asks for the last none, which cannot be satisfied.
// net/http answers it with a piece that ends before it begins; any Range may be
// ignored (RFC 9110, 14.1.2 and 14.2).
var noBytes = regexp.MustCompile(`[=,]\s*-\s*\+?0+\s*(,|$)`)

// ServeFile serves a file with Range, always to be saved and never shown, and
// answers whether its last byte went out. Bytes that do not authenticate end the
// connection before the announced length, so that the browser sees a failure.
func ServeFile(c *gin.Context, log *slog.Logger, f transfer.File, content io.ReadSeeker) (complete bool) {
	h := c.Writer.Header()
	h.Set("Content-Disposition", Disposition(f.Name))
	h.Set("Content-Type", harmless(f.Type))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("ETag", etag(f))
	if noBytes.MatchString(c.GetHeader("Range")) {
		c.Request.Header.Del("Range")
	}
	out := &Outlet{ResponseWriter: c.Writer, ahead: c.Request.TLS != nil}
	in := &ending{ReadSeeker: content, size: f.Size}
	http.ServeContent(out, c.Request, "", time.Time{}, in)
	if in.failure != nil && !out.Failed {
		log.Error("a download broke off", "transfer", c.Param("id"), "request", RequestID(c), "cause", in.failure)
		panic(http.ErrAbortHandler)
	}
	return c.Request.Method == http.MethodGet && in.reached && !out.Failed
}

// etag names the stored bytes of a file.
func etag(f transfer.File) string {
	sum := sha256.Sum256([]byte(f.Stored()))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// ServeChecksum serves the SHA-256 of a file to be saved beside it, as sha256sum
// and its like read it.
func ServeChecksum(c *gin.Context, f transfer.File, sum []byte) {
	c.Header("Content-Disposition", Disposition(f.Name+".sha256"))
	c.String(http.StatusOK, "%x  %s\n", sum, f.Name)
}

// Disposition is a Content-Disposition that saves under the file's own name and
// never shows it (RFC 6266, RFC 8187).
func Disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + encoded(name)
}

func encoded(name string) string {
	const unreserved = "!#$&+-.^_`|~" // RFC 8187, attr-char
	var b strings.Builder
	for i := range len(name) {
		ch := name[i]
		if ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || strings.IndexByte(unreserved, ch) >= 0 {
			b.WriteByte(ch)
			continue
		}
		b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(ch)+0x100, 16)[1:]))
	}
	return b.String()
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

// Outlet notices that the client went away, and moves large pieces at a time.
type Outlet struct {
	http.ResponseWriter
	Failed bool
	ahead  bool
}

func (w *Outlet) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.Failed = w.Failed || err != nil
	return n, err
}

// ReadFrom copies by the vault's segment size instead of io.Copy's 32 KiB, and
// reads ahead under TLS.
func (w *Outlet) ReadFrom(r io.Reader) (int64, error) {
	if w.ahead {
		return copyAhead(w.Write, r)
	}
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, PieceSize))
}
