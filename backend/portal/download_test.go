package portal

import (
	"crypto/sha256"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

func TestAFileIsSavedNeverShown(t *testing.T) {
	r := newRig(t)
	answer := r.get(path + "/files/f1")
	h := answer.Header()
	if answer.Code != http.StatusOK || answer.Body.Len() != 1000 || h.Get("Content-Length") != "1000" || h.Get("Accept-Ranges") != "bytes" {
		t.Errorf("%d with %d bytes: %v", answer.Code, answer.Body.Len(), h)
	}
	if got := h.Get("Content-Disposition"); got != `attachment; filename="Decision.pdf"; filename*=UTF-8''Decision.pdf` {
		t.Errorf("disposition %q", got)
	}
	if r.opening.closed.Load() != 1 {
		t.Error("a whole download is not counted")
	}
}

func TestCase63WhatABrowserCouldRunIsBytes(t *testing.T) {
	for kind, want := range map[string]string{"image/svg+xml": "application/octet-stream", "text/html; charset=utf-8": "application/octet-stream",
		"application/xhtml+xml": "application/octet-stream", "text/javascript": "application/octet-stream", "": "application/octet-stream",
		"nonsense": "application/octet-stream", "application/pdf": "application/pdf", "image/png": "image/png"} {
		r := newRig(t)
		r.opening.message.Files[0].Type = kind
		h := r.get(path + "/files/f1").Header()
		if h.Get("Content-Type") != want || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") {
			t.Errorf("%q is served as %q with %q", kind, h.Get("Content-Type"), h.Get("Content-Security-Policy"))
		}
	}
}

func TestAChecksumIsSavedAsItsToolsReadIt(t *testing.T) {
	r := newRig(t)
	answer := r.get(path + "/files/f1/sha256")
	want := fmt.Sprintf("%x  Decision.pdf\n", sha256.Sum256(r.opening.files["f1"]))
	if answer.Body.String() != want || !strings.HasPrefix(answer.Header().Get("Content-Disposition"), `attachment; filename="Decision.pdf.sha256"`) {
		t.Errorf("%q, %v", answer.Body, answer.Header())
	}
	r.opening.broken = 500
	if damaged := r.get(path + "/files/f1/sha256"); damaged.Code < 500 || strings.Contains(damaged.Body.String(), "Decision.pdf\n") {
		t.Errorf("of a damaged file: %d %s", damaged.Code, damaged.Body)
	}
}

// What is read counts.
func TestRangesHeadAndConditionsReadNoMoreThanIsAskedFor(t *testing.T) {
	r := newRig(t)
	tag := r.get(path + "/files/f1").Header().Get("ETag")
	for name, c := range map[string]struct {
		method, header, value string
		status, length        int
		read                  int64
	}{
		"first half":    {http.MethodGet, "Range", "bytes=0-499", 206, 500, 500},
		"head":          {http.MethodHead, "Accept", "*/*", 200, 0, 0},
		"unchanged":     {http.MethodGet, "If-None-Match", tag, 304, 0, 0},
		"unsatisfiable": {http.MethodGet, "Range", "bytes=2000-", 416, -1, 0},
	} {
		r.opening.read.Store(0)
		answer := r.ask(c.method, path+"/files/f1", nil, c.header, c.value)
		if answer.Code != c.status || c.length >= 0 && answer.Body.Len() != c.length {
			t.Errorf("%s: %d with %d bytes", name, answer.Code, answer.Body.Len())
		}
		if read := r.opening.read.Load(); read != c.read {
			t.Errorf("%s: read up to %d", name, read)
		}
	}
	r.opening.message.Files[0].Parts[0].ID = "another part"
	if changed := r.get(path+"/files/f1", "If-None-Match", tag); changed.Code != http.StatusOK {
		t.Errorf("another file under the same id is answered %d", changed.Code)
	}
	r.opening.message.Files[0].Parts[0].ID = onlyPart
	resumed := r.get(path+"/files/f1", "Range", "bytes=500-", "If-Range", tag)
	if resumed.Code != http.StatusPartialContent || resumed.Body.Len() != 500 {
		t.Errorf("the resumed end: %d with %d bytes", resumed.Code, resumed.Body.Len())
	}
}

func TestCase45TheNextDownloadAfterTheExpiryIsGone(t *testing.T) {
	r := newRig(t)
	r.opening.gone = transfer.E(transfer.Expired, "this message has expired")
	for _, target := range []string{path, path + "/files/f1", path + "/body"} {
		answer := r.get(target)
		if answer.Code != http.StatusGone || !strings.Contains(answer.Body.String(), "expired") || strings.Contains(answer.Body.String(), "Decision") {
			t.Errorf("%s: %d", target, answer.Code)
		}
	}
}

func TestCase9BytesThatDoNotAuthenticateBreakTheConnection(t *testing.T) {
	r := newRig(t)
	r.opening.broken = 400
	server := httptest.NewServer(r)
	defer server.Close()
	answer, err := http.Get(server.URL + path + "/files/f1")
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("the browser takes it for whole")
	}
	if !strings.Contains(r.log.String(), "does not authenticate") {
		t.Error("the damage is not in the log")
	}
}

func TestABodyIsSanitisedAndNeedsNothingFromAnywhere(t *testing.T) {
	r := newRig(t)
	r.opening.kind = "text/html"
	r.opening.body = `<p style="color:red;position:fixed" onclick="x()">Dear {{.}} ${7*7}</p><script>alert(1)</script><img src="cid:logo">` +
		`<img src="cid:other"><img src="https://evil.example/pixel.gif"><form action="https://evil.example"><input name=a></form><a href="https://municipality.example">site</a><a href="javascript:x()">no</a>` +
		`<a href="data:text/html,sign in here">no</a><img src="data:image/svg+xml,no"><img src="data:image/bmp;base64,Ym1w">`
	page := r.get(path + "/body").Body.String()
	for _, bad := range []string{"<script", "onclick", "position", "evil.example", "<form", "<input", "javascript:", "data:text", "svg"} {
		if strings.Contains(page, bad) {
			t.Errorf("the body has %q", bad)
		}
	}
	for _, good := range []string{"Dear {{.}} ${7*7}", "color: red", "data:image/png;base64,cG5n", "data:image/bmp;base64,Ym1w", `href="https://municipality.example"`, "noopener"} {
		if !strings.Contains(page, good) {
			t.Errorf("the body lacks %q: %s", good, page)
		}
	}
	frame := r.get(path).Body.String()
	if !strings.Contains(frame, `sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"`) || strings.Contains(frame, "Dear {{.}}") {
		t.Error("an HTML body is shown outside its frame")
	}
}

func TestCase67TextIsLiteralWhateverItLooksLike(t *testing.T) {
	r := newRig(t)
	hostile := "{{.}} ${7*7} <%= 7*7 %> <b>bold</b>"
	r.opening.body, r.opening.message.Subject, r.opening.message.Sender.Name = hostile, hostile, hostile
	r.opening.message.Files[0].Name = hostile
	page := r.get(path).Body.String()
	if n := strings.Count(page, "{{.}} ${7*7} &lt;%= 7*7 %&gt; &lt;b&gt;bold&lt;/b&gt;"); n < 5 {
		t.Errorf("the literal text is there %d times: %s", n, page)
	}
	if strings.Contains(page, "<b>bold") || strings.Contains(page, "${49}") {
		t.Error("the text was carried out")
	}
}

// Whatever a client asks for, what comes is the file, the pieces of it that the
// answer says, or a refusal, for which nothing is read.
func FuzzRange(f *testing.F) {
	r := newRig(f)
	whole := string(r.opening.files["f1"])
	for _, value := range []string{"bytes=0-499", "bytes=-1", "bytes=500-", "bytes=0-0,-1", "bytes=9-3", "bytes=0-99999999999999999999", "bytes=0-,0-,0-,0-", "bytes=-0", "bytes=0-0, -00", "bytes=- +0", "lines=1-2", "\x00"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r.opening.read.Store(0)
		answer := r.get(path+"/files/f1", "Range", value)
		got := answer.Body.String()
		switch answer.Code {
		case http.StatusOK:
			if got != whole {
				t.Errorf("%q: %d bytes as the whole file", value, len(got))
			}
		case http.StatusPartialContent:
			checkPieces(t, value, answer.Header(), got, whole)
		case http.StatusRequestedRangeNotSatisfiable:
			if strings.Contains(got, whole[:50]) || r.opening.read.Load() != 0 {
				t.Errorf("%q is refused with bytes, or after some were read", value)
			}
		default:
			t.Errorf("%q: %d", value, answer.Code)
		}
	})
}

func checkPieces(t *testing.T, value string, h http.Header, got, whole string) {
	kind, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if kind != "multipart/byteranges" {
		checkPiece(t, value, h.Get("Content-Range"), got, whole)
		return
	}
	pieces := multipart.NewReader(strings.NewReader(got), params["boundary"])
	for {
		piece, err := pieces.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		content, err := io.ReadAll(piece)
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		checkPiece(t, value, piece.Header.Get("Content-Range"), string(content), whole)
	}
}

func checkPiece(t *testing.T, value, says, got, whole string) {
	var from, to, size int
	if _, err := fmt.Sscanf(says, "bytes %d-%d/%d", &from, &to, &size); err != nil || size != len(whole) ||
		from < 0 || to < from || to >= size || got != whole[from:to+1] {
		t.Errorf("%q: %d bytes as %q", value, len(got), says)
	}
}
