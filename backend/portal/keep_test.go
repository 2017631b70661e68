package portal

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

// conversing is a rig with two files and an earlier reply.
func conversing(t *testing.T) *rig {
	r := newRig(t)
	r.opening.files["f2"] = []byte("second")
	r.opening.message.Files = append(r.opening.message.Files, transfer.File{ID: "f2", Name: "Decision.pdf", Type: "application/pdf", Size: 6})
	r.opening.message.Replies = []transfer.ID{"x"}
	r.opening.history = []opening.Past{{Number: "A1B2-C3D4-E5F6", AcceptedAt: now.Add(-time.Minute), Text: "My {{first}} <answer>",
		Files: []transfer.File{{Name: "form.pdf", Size: 1000}}}}
	return r
}

func TestAllFilesComeInOneOfAKnownLength(t *testing.T) {
	r := conversing(t)
	answer := r.get(path + "/all.zip")
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Length") != fmt.Sprint(answer.Body.Len()) {
		t.Fatalf("%d with %d bytes, announced %s", answer.Code, answer.Body.Len(), answer.Header().Get("Content-Length"))
	}
	archive, err := zip.NewReader(bytes.NewReader(answer.Body.Bytes()), int64(answer.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ name, content string }{{"Decision.pdf", string(r.opening.files["f1"])}, {"Decision (2).pdf", "second"}} {
		f, err := archive.File[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != want.content || archive.File[i].Name != want.name || archive.File[i].Method != zip.Store {
			t.Errorf("%s: %d bytes, %v", archive.File[i].Name, len(got), err)
		}
	}
	if r.opening.closed.Load() != 2 {
		t.Error("the files of the archive are not counted")
	}
	r.opening.read.Store(0)
	if head := r.ask(http.MethodHead, path+"/all.zip", nil); head.Header().Get("Content-Length") != fmt.Sprint(answer.Body.Len()) || r.opening.read.Load() != 0 {
		t.Error("HEAD says something else, or reads")
	}
}

func TestAnArchiveThatBreaksIsNotTakenForWhole(t *testing.T) {
	for _, name := range []string{"/all.zip", "/message.eml"} {
		r := conversing(t)
		r.opening.broken = 400
		server := httptest.NewServer(r)
		answer, err := http.Get(server.URL + path + name)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		server.Close()
		if err == nil || !strings.Contains(r.log.String(), "broke off") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheLengthOfAnArchiveIsKnownBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []transfer.File
		for i := range rapid.IntRange(0, 12).Draw(t, "files") {
			files = append(files, transfer.File{ID: transfer.FileID(fmt.Sprint(i)), Name: transfer.CleanName(rapid.String().Draw(t, "name")),
				Size: rapid.Int64Range(0, 3000).Draw(t, "size")})
		}
		checkZip(t, files)
	})
}

// Thousands of one name, as a mail may have, are named apart at the cost of
// thousands, not of their square.
func TestManyFilesOfOneNameAreNamedApartInBoundedTime(t *testing.T) {
	files := make([]transfer.File, 2000)
	for i := range files {
		files[i].Name = []string{"image.png", "Image.png"}[i%2]
	}
	checkZip(t, files)
	each := testing.AllocsPerRun(1, func() { zipEntries(files) }) / float64(len(files))
	if each > 20 {
		t.Errorf("%.0f allocations for each", each)
	}
}

func TestNamesInAnArchiveAreApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []transfer.File
		for range rapid.IntRange(0, 12).Draw(t, "files") {
			files = append(files, transfer.File{Name: rapid.SampledFrom([]string{"a", "A", "a (2)", "a (3)", "a.b", "a (2).b", "a (2) (2)", ".b"}).Draw(t, "name")})
		}
		checkZip(t, files)
	})
}

// tester is testing.T or rapid.T.
type tester interface {
	Fatalf(string, ...any)
}

func checkZip(t tester, files []transfer.File) {
	entries, out := zipEntries(files), &size{}
	names := map[string]bool{}
	for _, e := range entries {
		if names[strings.ToLower(e.name)] {
			t.Fatalf("%q is there twice", e.name)
		}
		names[strings.ToLower(e.name)] = true
	}
	err := writeZip(out, entries, now, func(f transfer.File) (io.ReadSeekCloser, error) { return &zeros{left: f.Size}, nil })
	if want := zipSize(entries); err != nil || out.n != want {
		t.Fatalf("%d bytes, expected %d: %v", out.n, want, err)
	}
}

func TestAnArchiveBeyond4GiBAndOfManyFilesHasItsLengthToo(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes more than 8 GiB to nowhere")
	}
	checkZip(t, []transfer.File{{Name: "small", Size: 10}, {Name: "large", Size: math.MaxUint32}, {Name: "behind.txt", Size: 5}})
	checkZip(t, []transfer.File{{Name: "just below", Size: math.MaxUint32 - 1}, {Name: "behind.txt", Size: 5}})
	var many []transfer.File
	for i := range math.MaxUint16 {
		many = append(many, transfer.File{Name: fmt.Sprint(i)})
	}
	checkZip(t, many)
}

type size struct{ n int64 }

func (s *size) Write(b []byte) (int, error) { s.n += int64(len(b)); return len(b), nil }

// zeros is a file of zeros.
type zeros struct{ left int64 }

func (z *zeros) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), z.left)
	z.left -= n
	return int(n), nil
}
func (*zeros) Seek(int64, int) (int64, error) { return 0, nil }
func (*zeros) Close() error                   { return nil }

func TestAMailFileHasTheMessageWithItsFiles(t *testing.T) {
	r := conversing(t)
	r.opening.kind, r.opening.body = "text/html", strings.Repeat("<p>Kære borger, <img src=cid:logo></p>", 50)
	r.opening.message.Subject = "Afgørelse\r\nBcc: all@post.example"
	r.opening.message.Sender.Name = "Sagsbehandler\r\nX-Evil: 1"
	r.opening.message.Files[0].Name = "Afgørelse \"2026\".pdf"
	r.opening.message.Files[1].ContentID = "logo>\r\nX-Evil: 1"
	answer := r.get(path + "/message.eml")
	m, err := mail.ReadMessage(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if subject != "Afgørelse Bcc: all@post.example" || m.Header.Get("Bcc") != "" || m.Header.Get("X-Evil") != "" {
		t.Errorf("headers %v", m.Header)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	wants := []struct{ name, content string }{{"", r.opening.body}, {"Afgørelse \"2026\".pdf", string(r.opening.files["f1"])}, {"Decision.pdf", "second"}}
	for _, want := range wants {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(part)
		for line := range strings.Lines(string(raw)) {
			if len(strings.TrimRight(line, "\r\n")) > 76 {
				t.Fatalf("a line of %d", len(line))
			}
		}
		got, _ := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(raw)))
		if err != nil || part.FileName() != want.name || string(got) != want.content || part.Header.Get("X-Evil") != "" {
			t.Errorf("part %q: %v %d bytes, %v", want.name, part.Header, len(got), err)
		}
	}
	if r.opening.closed.Load() != 2 {
		t.Error("the files in the mail are not counted")
	}
}

func TestABodyAsText(t *testing.T) {
	for body, want := range map[string]string{
		"<p>Dear  citizen,</p><p>please <b>read</b> this.</p>":             "Dear citizen,\n\nplease read this.",
		"<style>p{}</style><script>x()</script>Hello<br>there &lt;you&gt;": "Hello\nthere <you>",
		"<ul><li>one</li><li>two</li></ul>":                                "- one\n- two",
		`See <a href="https://municipality.example/x">our site</a>.`:       "See our site <https://municipality.example/x>.",
		`<a href="javascript:x()">no</a>`:                                  "no",
		"<table><tr><td>a</td><td>b</td></tr></table>":                     "ab",
		"": "",
	} {
		if got := textOf(body); got != want {
			t.Errorf("%q gives %q, not %q", body, got, want)
		}
	}
}

func FuzzTextOf(f *testing.F) {
	f.Add("<p>a<script>b</p>")
	f.Add("</a><a href=x></p></a><li>")
	f.Fuzz(func(t *testing.T, body string) { textOf(body) })
}

func TestAskingAboutAllInOneCountsNothing(t *testing.T) {
	for _, address := range []string{"/all.zip", "/message.eml"} {
		r := conversing(t)
		r.ask(http.MethodHead, path+address, nil)
		if r.opening.claimed.Load() != 0 {
			t.Errorf("HEAD %s is counted", address)
		}
		r.get(path + address)
		if r.opening.claimed.Load() != 1 {
			t.Errorf("GET %s is not counted before it is given out", address)
		}
	}
}
