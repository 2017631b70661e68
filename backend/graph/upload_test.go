package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
)

// uploadHost is a Graph with one draft that takes attachments by upload session. Its
// faults are taken one by one, each by one PUT.
type uploadHost struct {
	mu        sync.Mutex // a client that was cut off asks while the cut request still runs
	t         *testing.T
	r         *rig
	faults    []string
	ranges    string // how nextExpectedRanges is written: "4", "4-" or "4-9"
	size      int64
	received  []byte
	sessions  int
	gone      bool
	attached  [][]byte
	elsewhere string
}

func (h *uploadHost) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case strings.HasSuffix(q.URL.Path, "/createUploadSession"):
		h.begin(w, q)
	case strings.HasSuffix(q.URL.Path, "/attachments"):
		list := []map[string]any{}
		for i := range h.attached {
			list = append(list, map[string]any{"@odata.type": "#microsoft.graph.fileAttachment", "id": fmt.Sprint("A", i)})
		}
		answer(w, 200, map[string]any{"value": list})
	case q.Header.Get("Authorization") != "":
		h.t.Error("a token went to the upload host")
	case h.gone || q.URL.Path != fmt.Sprint("/upload/", h.sessions):
		refuse(w, 404, "ErrorItemNotFound")
	case q.Method == http.MethodGet:
		h.state(w, 200)
	default:
		h.put(w, q)
	}
}

func (h *uploadHost) begin(w http.ResponseWriter, q *http.Request) {
	var body struct {
		AttachmentItem struct {
			AttachmentType, Name string
			Size                 int64
		}
	}
	if err := json.NewDecoder(q.Body).Decode(&body); err != nil || body.AttachmentItem.AttachmentType != "file" {
		h.t.Errorf("not an attachment item: %v %+v", err, body)
	}
	h.size, h.received, h.gone = body.AttachmentItem.Size, nil, false
	h.sessions++
	target := fmt.Sprint(h.r.graph.URL, "/upload/", h.sessions)
	if h.elsewhere != "" {
		target = h.elsewhere
	}
	answer(w, 201, map[string]any{"uploadUrl": target, "nextExpectedRanges": []string{"0-"}})
}

func (h *uploadHost) put(w http.ResponseWriter, q *http.Request) {
	var start, end, size int64
	if _, err := fmt.Sscanf(q.Header.Get("Content-Range"), "bytes %d-%d/%d", &start, &end, &size); err != nil || size != h.size {
		h.t.Errorf("content range %q", q.Header.Get("Content-Range"))
	}
	if length := end - start + 1; length != q.ContentLength || length >= 4_000_000 || end+1 < size && (end+1)%(320<<10) != 0 {
		h.t.Errorf("a chunk of %d bytes (%d stated) ends at %d", length, q.ContentLength, end)
	}
	fault := ""
	if len(h.faults) > 0 {
		fault, h.faults = h.faults[0], h.faults[1:]
	}
	if start != int64(len(h.received)) {
		refuse(w, 416, "InvalidContentRange")
		return
	}
	switch fault {
	case "refused":
		refuse(w, 500, "ErrorInternalServerError")
		return
	case "throttled":
		w.Header().Set("Retry-After", "7")
		refuse(w, 429, "ApplicationThrottled")
		return
	case "gone":
		h.gone = true
		refuse(w, 404, "ErrorItemNotFound")
		return
	case "cut":
		part, _ := io.ReadAll(io.LimitReader(q.Body, q.ContentLength/2))
		h.received = append(h.received, part...)
		panic(http.ErrAbortHandler)
	}
	chunk, err := io.ReadAll(q.Body)
	if err != nil {
		h.t.Error(err)
	}
	h.received = append(h.received, chunk...)
	if fault == "unheard" {
		h.finish()
		panic(http.ErrAbortHandler)
	}
	if h.finish() {
		w.WriteHeader(http.StatusCreated)
		return
	}
	h.state(w, 200)
}

func (h *uploadHost) finish() bool {
	if int64(len(h.received)) < h.size {
		return false
	}
	h.attached, h.gone = append(h.attached, h.received), true
	return true
}

func (h *uploadHost) state(w http.ResponseWriter, status int) {
	next := fmt.Sprint(len(h.received))
	switch h.ranges {
	case "4-":
		next += "-"
	case "4-9":
		next += fmt.Sprint("-", h.size-1)
	}
	answer(w, status, map[string]any{"nextExpectedRanges": []string{next}})
}

// upload sends content as the draft's first attachment, with faults on the way.
func upload(t *testing.T, h *uploadHost, content []byte) error {
	t.Helper()
	h.t = t
	h.r = newRig(t, h)
	s, err := h.r.application(org, service, uploadPatience)
	if err != nil {
		t.Fatal(err)
	}
	return s.attach(t.Context(), "AAA", 0, mailAttachment("large.bin", content))
}

func mailAttachment(name string, content []byte) transfer.MailAttachment {
	return transfer.MailAttachment{Name: name, Type: "application/octet-stream", Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return b
}

// Cases 31 and 32: an upload goes on where it was cut, with a new session when the old
// one is gone, and never leaves two attachments.
func TestUploadSurvives(t *testing.T) {
	content := randomBytes(10_000_001)
	for name, c := range map[string]struct {
		faults   []string
		sessions int
	}{
		"nothing":                    {nil, 1},
		"a cut connection":           {[]string{"", "cut"}, 1},
		"two cut connections":        {[]string{"cut", "cut"}, 1},
		"a server error":             {[]string{"refused", "", "refused"}, 1},
		"throttling":                 {[]string{"", "throttled"}, 1},
		"an expired session":         {[]string{"", "gone"}, 2},
		"two expired sessions":       {[]string{"gone", "", "gone"}, 3},
		"an unheard success":         {[]string{"", "", "unheard"}, 1},
		"an unheard chunk":           {[]string{"", "unheard"}, 1},
		"a cut, then an unheard end": {[]string{"cut", "", "", "unheard"}, 1},
	} {
		forms := []string{"4"} // as Outlook writes it
		if name == "a cut connection" {
			forms = []string{"4", "4-", "4-9"}
		}
		for _, ranges := range forms {
			h := &uploadHost{faults: c.faults, ranges: ranges}
			if err := upload(t, h, content); err != nil {
				t.Errorf("%s (%s): %v", name, ranges, err)
				continue
			}
			if len(h.attached) != 1 || !bytes.Equal(h.attached[0], content) || h.sessions != c.sessions {
				t.Errorf("%s (%s): %d attachments in %d sessions, or other bytes", name, ranges, len(h.attached), h.sessions)
			}
		}
	}
}

func TestUploadGivesUp(t *testing.T) {
	content := randomBytes(maxSimpleAttachment)
	always := func(fault string) []string { return strings.Split(strings.Repeat(fault+" ", 50), " ") }
	for name, h := range map[string]*uploadHost{
		"always refused":   {faults: always("refused")},
		"always gone":      {faults: always("gone")},
		"another host":     {elsewhere: "https://evil.example/upload/1"},
		"plain HTTP":       {elsewhere: "http://evil.example/upload/1"},
		"no URL":           {elsewhere: "::"},
		"userinfo trick":   {elsewhere: "https://127.0.0.1@evil.example/upload/1"},
		"another protocol": {elsewhere: "ftp://127.0.0.1/upload/1"},
	} {
		err := upload(t, h, content)
		if code := transfer.CodeOf(explain(err)); code != transfer.OutlookBusy && code != transfer.Internal {
			t.Errorf("%s: %v", name, err)
		}
		if len(h.attached) != 0 || h.sessions > uploadSessions {
			t.Errorf("%s: %d attachments, %d sessions", name, len(h.attached), h.sessions)
		}
	}
}

func TestAnAttachmentOfAnotherLengthIsNotSent(t *testing.T) {
	for _, size := range []int{0, 10, maxSimpleAttachment - 1, maxSimpleAttachment, uploadChunk, uploadChunk + 1, 2 * uploadChunk} {
		for _, delta := range []int{-1, 1} {
			if size+delta < 0 {
				continue
			}
			h := &uploadHost{}
			h.t, h.r = t, nil
			h.r = newRig(t, h)
			s, _ := h.r.application(org, service, uploadPatience)
			a := mailAttachment("x", randomBytes(size+delta))
			a.Size = int64(size)
			if err := s.attach(t.Context(), "AAA", 0, a); transfer.CodeOf(err) != transfer.Integrity || len(h.attached) != 0 {
				t.Errorf("%d%+d bytes: %v, %d attachments", size, delta, err, len(h.attached))
			}
		}
	}
}

func TestABrokenSourceIsNamed(t *testing.T) {
	broken := errors.New("the vault is down")
	h := &uploadHost{}
	h.t = t
	h.r = newRig(t, h)
	s, _ := h.r.application(org, service, uploadPatience)
	a := transfer.MailAttachment{Name: "x", Size: 9_000_000, Open: func() (io.ReadCloser, error) { return nil, broken }}
	if err := s.attach(t.Context(), "AAA", 0, a); !errors.Is(err, broken) {
		t.Error(err)
	}
	a.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, 5_000_000)), failing{broken})), nil
	}
	if err := s.attach(t.Context(), "AAA", 0, a); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A source answers the right bytes whatever order a server asks in.
func TestSourceProperty(t *testing.T) {
	content := randomBytes(2*uploadChunk + 12345)
	rapid.Check(t, func(t *rapid.T) {
		s := &source{attachment: mailAttachment("x", content)}
		defer s.close()
		for _, offset := range rapid.SliceOfN(rapid.IntRange(0, len(content)-1), 1, 6).Draw(t, "offsets") {
			got, err := s.at(int64(offset))
			if err != nil || len(got) == 0 || !bytes.Equal(got, content[offset:offset+len(got)]) {
				t.Fatalf("at %d: %d bytes, %v", offset, len(got), err)
			}
		}
	})
}

func FuzzExpected(f *testing.F) {
	for _, seed := range []string{`{"nextExpectedRanges":["4"]}`, `{"nextExpectedRanges":["4-9"]}`, `{"nextExpectedRanges":["-1"]}`, `{}`, `x`, `{"nextExpectedRanges":["99999999999999999999"]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		next, err := expected(bytes.NewReader(body), 5, 10)
		if err == nil && (next < 0 || next > 10) {
			t.Errorf("%q leads to %d", body, next)
		}
	})
}
