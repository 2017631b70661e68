package caseworker_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/outlook"
)

// tus is one request of the protocol; at is a path or an upload's address.
func (w world) tus(method, at, body string, header ...string) *http.Response {
	w.Helper()
	if !strings.HasPrefix(at, "/api/") {
		at = "/api/v1" + at
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(w.Context()), method, w.StaffURL+at, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.Header.Set("Authorization", "Bearer "+w.UserToken(w.who))
	r.Header.Set("Tus-Resumable", "1.0.0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer
}

func TestAFileThatCameInPiecesIsSentWhole(t *testing.T) {
	w := newWorld(t, nil)
	key := rand.Text()
	begun := w.tus("POST", "/uploads/"+key, "", "Upload-Length", "11", "Upload-Metadata", "filename YS50eHQ=")
	at := begun.Header.Get("Location")
	if begun.StatusCode != 201 || !strings.HasSuffix(at, "/uploads/"+key+"/u1") {
		t.Fatalf("%d %q", begun.StatusCode, at)
	}
	patch := func(offset, body string) *http.Response {
		return w.tus("PATCH", at, body, "Content-Type", "application/offset+octet-stream", "Upload-Offset", offset)
	}
	patch("0", "hello ")
	if head := w.tus("HEAD", at, ""); head.Header.Get("Upload-Offset") != "6" {
		t.Errorf("%v", head.Header)
	}
	if gap := patch("9", "x"); gap.StatusCode != 409 {
		t.Errorf("case 43: a gap is answered %d", gap.StatusCode)
	}
	if foreign := w.as(outlook.Colleague).tus("HEAD", at, ""); foreign.StatusCode != 404 {
		t.Errorf("another's upload under the same key is answered %d", foreign.StatusCode)
	}
	if last := patch("6", "world"); last.StatusCode != 204 {
		t.Fatalf("%d", last.StatusCode)
	}
	sent := w.ask(202, "POST", "/transfers", letter("Decision", map[string]any{"uploads": []string{"u1"}}), "Idempotency-Key", key)
	path := "/transfers/" + sent["id"].(string)
	w.eventually(func() bool { return w.ask(200, "GET", path, nil)["state"] == "live" })
	file := w.ask(200, "GET", path, nil)["files"].([]any)[0].(map[string]any)
	if file["name"] != "a.txt" || file["size"] != 11.0 || !strings.Contains(w.evidence(path), "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9  a.txt") {
		t.Errorf("%v\n%s", file, w.evidence(path))
	}
}

// evidence is the mail that proves a dispatch, its folded lines in one.
func (w world) evidence(path string) string {
	w.Helper()
	status, text := w.call("GET", path+"/evidence.eml", nil)
	if status != 200 {
		w.Fatalf("the evidence answered %d: %s", status, text)
	}
	return strings.ReplaceAll(string(text), "=\r\n", "")
}

func TestAFileThatIsNotWholeIsNotSent(t *testing.T) {
	w := newWorld(t, nil)
	key := rand.Text()
	w.tus("POST", "/uploads/"+key, "", "Upload-Length", "11", "Upload-Metadata", "filename YS50eHQ=")
	sent := w.ask(202, "POST", "/transfers", letter("Decision", map[string]any{"uploads": []string{"u1"}}), "Idempotency-Key", key)
	path := "/transfers/" + sent["id"].(string)
	w.eventually(func() bool { return w.ask(200, "GET", path, nil)["state"] == "failed" })
	if inbox, err := w.Mail.LocalMessages(outlook.Citizen, "inbox"); err != nil || len(inbox) != 0 {
		t.Errorf("%d mails, %v", len(inbox), err)
	}
}

func TestTheLargestFileIsBegunAndAByteMoreIsNot(t *testing.T) {
	w := newWorld(t, nil)
	most := w.Setup.Tenants[0].Policy.MaxFileBytes
	for length, want := range map[int64]int{most - 1: 201, most: 201, most + 1: 413} {
		begun := w.tus("POST", "/uploads/"+rand.Text(), "", "Upload-Length", strconv.FormatInt(length, 10), "Upload-Metadata", "filename YS50eHQ=")
		if begun.StatusCode != want {
			t.Errorf("%d bytes of %d: %d", length, most, begun.StatusCode)
		}
	}
}

func TestAnEmptyFileIsSentLikeAnyOther(t *testing.T) {
	w := newWorld(t, nil)
	key := rand.Text()
	if begun := w.tus("POST", "/uploads/"+key, "", "Upload-Length", "0", "Upload-Metadata", "filename YS50eHQ="); begun.StatusCode != 201 {
		t.Fatal(begun.Status)
	}
	sent := w.ask(202, "POST", "/transfers", letter("Decision", map[string]any{"uploads": []string{"u1"}}), "Idempotency-Key", key)
	path := "/transfers/" + sent["id"].(string)
	w.eventually(func() bool { return w.ask(200, "GET", path, nil)["state"] == "live" })
	file := w.ask(200, "GET", path, nil)["files"].([]any)[0].(map[string]any)
	if file["name"] != "a.txt" || file["size"] != 0.0 || !strings.Contains(w.evidence(path), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt") {
		t.Errorf("%v\n%s", file, w.evidence(path))
	}
}
