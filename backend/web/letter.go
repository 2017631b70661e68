package web

import (
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/microcosm-cc/bluemonday"

	"senddigitally/backend/transfer"
)

// letterPolicy keeps a message in its frame: no script, no form, no request to
// anywhere; links open outside. Having our origin lets our script measure it, and
// gives the body nothing, since nothing in it runs.
const letterPolicy = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const letterStart = "<!doctype html><meta charset=utf-8><base target=_blank><style>body{font:16px/1.5 system-ui,sans-serif;margin:12px;color:#1a1f24;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}</style>"

// Inline opens an image of a message by its content id.
type Inline func(contentID string) (transfer.File, io.ReadSeekCloser, error)

// ServeLetter shows the text of a message, of any media type, as a document for
// a frame: sanitised, with its own images in it, so that it needs nothing from
// anywhere. An error is that of reading the text; then nothing was answered.
func ServeLetter(c *gin.Context, kind string, content io.Reader, inline Inline) error {
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", letterPolicy)
	body := `<pre style="font:inherit;white-space:pre-wrap;margin:0">` + html.EscapeString(string(text)) + "</pre>"
	if strings.HasPrefix(kind, "text/html") {
		body = sanitiser.Sanitize(withImages(string(text), inline))
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(letterStart+body))
	return nil
}

var sanitiser = func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowAttrs("bgcolor", "cellpadding", "cellspacing", "border", "width", "height", "align", "valign").OnElements("table", "tr", "td", "th")
	p.AllowStyles("color", "background-color", "font-family", "font-size", "font-weight", "font-style", "text-align", "text-decoration",
		"margin", "margin-left", "margin-right", "margin-top", "margin-bottom", "padding", "padding-left", "border", "border-left", "width").Globally()
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowURLSchemeWithCustomPolicy("data", func(u *url.URL) bool { return shows(u.Opaque) })
	p.RewriteSrc(func(u *url.URL) {
		if u.Scheme != "data" {
			*u = url.URL{}
		}
	})
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}()

var cid = regexp.MustCompile(`(?i)(src\s*=\s*["'])cid:([^"']{1,200})(["'])`)

// Bounds of a body with its images: what all of them add to the page, in bytes,
// and how many there are.
const (
	maxImages     = 16 << 20
	maxImageCount = 50
)

// withImages puts the message's own images into its body. What goes beyond the
// bounds is shown as missing.
func withImages(body string, inline Inline) string {
	images, left := map[string]string{}, maxImages
	return cid.ReplaceAllStringFunc(body, func(match string) string {
		parts := cid.FindStringSubmatch(match)
		shown, known := images[parts[2]]
		if !known && len(images) < maxImageCount {
			shown = image(inline, parts[2])
			images[parts[2]] = shown
		}
		if left -= len(shown); left < 0 {
			shown = ""
		}
		return parts[1] + shown + parts[3]
	})
}

// shows reports whether a media type is an image's that holds no script.
func shows(kind string) bool {
	kind = strings.ToLower(kind)
	return strings.HasPrefix(kind, "image/") && !strings.Contains(kind, "svg")
}

// image is an image as a data URL (RFC 2397), "" when it cannot be had or is none
// that is shown within a body.
func image(inline Inline, contentID string) string {
	f, content, err := inline(contentID)
	if err != nil {
		return ""
	}
	defer content.Close()
	if f.Size > transfer.MaxInline || !shows(f.Type) {
		return ""
	}
	bytes, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return "data:" + f.Type + ";base64," + base64.StdEncoding.EncodeToString(bytes)
}
