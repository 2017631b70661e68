package vault

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/transfer"
)

// Any size, in parts of any size, from a reader that gives any amount at a time,
// comes back whole, and any range of it as that range.
func TestAnyFileAndAnyRangeOfIt(t *testing.T) {
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		edge := rapid.SampledFrom([]int{0, 1, segmentSize, 2 * segmentSize, 3 * segmentSize, 5 * segmentSize}).Draw(rt, "edge")
		size := max(0, edge+rapid.IntRange(-2, 2).Draw(rt, "off the edge"))
		w.PartSize = int64(rapid.IntRange(1, 4).Draw(rt, "segments a part")) * segmentSize
		content := blobtest.Fill(size, uint64(n))
		id := w.id(fmt.Sprint(n))
		key := w.begin(id)
		var r io.Reader = bytes.NewReader(content)
		if rapid.Bool().Draw(rt, "in pieces") {
			r = iotest.DataErrReader(iotest.HalfReader(r))
		}
		f, err := w.WriteFile(t.Context(), tenant, id, key, transfer.File{ID: "f1"}, r, int64(size), nil)
		if err != nil || f.Size != int64(size) {
			rt.Fatalf("%v: %+v", err, f)
		}
		d := &transfer.Dossier{Manifest: w.manifestOf(id, f), Key: key}
		if got, err := w.readAll(d, f); err != nil || !bytes.Equal(got, content) {
			rt.Fatalf("%d of %d bytes came back, %v", len(got), size, err)
		}
		reader := w.ReadFile(t.Context(), d, f)
		defer reader.Close()
		for range 5 {
			from := rapid.IntRange(0, size).Draw(rt, "from")
			length := rapid.IntRange(0, size-from).Draw(rt, "length")
			part := make([]byte, length)
			if _, err := reader.Seek(int64(from)-int64(size), io.SeekEnd); err != nil {
				rt.Fatal(err)
			}
			if _, err := io.ReadFull(reader, part); err != nil || !bytes.Equal(part, content[from:from+length]) {
				rt.Fatalf("range %d+%d: %v", from, length, err)
			}
		}
	})
}

func TestRangesAtEveryBoundary(t *testing.T) {
	w := newWorld(t)
	w.PartSize = 2 * segmentSize
	const size = 5*segmentSize + 10
	content := blobtest.Fill(size, 1)
	d := w.send("a", content)
	var edges []int
	for edge := 0; edge <= size; edge += segmentSize {
		edges = append(edges, edge-1, edge, edge+1)
	}
	edges = append(edges, size-1, size)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		r := w.ReadFile(in.Context(), d, d.Manifest.Files[0])
		defer r.Close()
		out.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(out, in, "", time.Time{}, r)
	}))
	defer server.Close()
	for _, from := range edges {
		for _, to := range edges {
			if from < 0 || to < from || to >= size {
				continue
			}
			request, _ := http.NewRequest(http.MethodGet, server.URL, nil)
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != http.StatusPartialContent || !bytes.Equal(got, content[from:to+1]) {
				t.Fatalf("range %d-%d: %d, %d bytes, %v", from, to, response.StatusCode, len(got), err)
			}
		}
	}
}

// Case 8 over HTTP: the client of a damaged file sees a failure, never a short
// success.
func TestADamagedFileBreaksTheDownload(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", blobtest.Fill(8*segmentSize, 1))
	f := d.Manifest.Files[0]
	w.blobs.Tamper(blobOf(d, f.Parts[0]), func(b []byte) []byte { return b[:len(b)-1] })
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		r := w.ReadFile(in.Context(), d, f)
		defer r.Close()
		out.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(out, in, "", time.Time{}, r)
	}))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); err == nil {
		t.Errorf("%d bytes and no error", n)
	}
}

func TestAReaderThatIsWrittenOut(t *testing.T) {
	w := newWorld(t)
	content := blobtest.Fill(4*segmentSize+9, 1)
	d := w.send("a", content)
	r := w.ReadFile(t.Context(), d, d.Manifest.Files[0])
	var out bytes.Buffer
	if _, err := r.Seek(100, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := r.WriteTo(&out); err != nil || n != int64(len(content)-100) || !bytes.Equal(out.Bytes(), content[100:]) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("a position before the start")
	}
	if n, err := r.Seek(0, io.SeekCurrent); n != int64(len(content)) || err != nil {
		t.Errorf("at %d, %v", n, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(make([]byte, 1)); err == nil {
		t.Error("a closed reader reads")
	}
}

// Case 45 at this level: bytes that go while they are read end the stream with
// the reason.
func TestAnErasureDuringADownloadSaysSo(t *testing.T) {
	w := newWorld(t)
	w.PartSize = segmentSize
	d := w.send("a", blobtest.Fill(6*segmentSize, 1))
	r := w.ReadFile(t.Context(), d, d.Manifest.Files[0])
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	w.erase(d, transfer.Withdrawn)
	if _, err := w.RemoveBytes(t.Context(), tenant, d.Manifest.ID); err != nil {
		t.Fatal(err)
	}
	_, err := io.Copy(io.Discard, r)
	wantCode(t, err, transfer.Withdrawn)
}
