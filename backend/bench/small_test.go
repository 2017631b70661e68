package bench_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"

	"senddigitally/backend/bench/floor"
)

// Many small files, those of five messages, eight at a time. A file is durable
// when its name is, too (fsync(2)), so the floor syncs the folder; beside it, one
// that does not.
func TestBenchSmallFiles(t *testing.T) {
	const small, messages, files = 100 << 10, 5, 80
	r := newRig(t)
	staff := r.serve("http", r.sandbox.System.Staff)
	floors := map[string]string{"floor": r.serve("http", floor.Server{Dir: r.dir, Sync: true, Name: true}),
		"nameless": r.serve("http", floor.Server{Dir: r.dir, Sync: true})}
	for round := range *rounds {
		uploads := r.upload("http", staff, rand.Text(), 1, files, small, 8)
		for range messages - 1 {
			uploads.URLs = append(uploads.URLs, r.upload("http", staff, rand.Text(), 1, files, small, 8).URLs...)
		}
		r.measure("product", uploads)
		for name, base := range floors {
			o := put("http", "", small)
			o.URLs, o.AtOnce = nil, 8
			for i := range messages * files {
				o.URLs = append(o.URLs, fmt.Sprintf("%s/%s-%d-%d", base, name, round, i))
			}
			r.measure(name, o)
		}
	}
	r.ratio("files of 100 KiB, 8 at a time ÷ floor with fsync", "product", "floor", 0.9, 0.8)
	r.ratio("the same ÷ floor that leaves the name to chance", "product", "nameless", 0.9, 0.8)
}

// A resumable upload in one piece beside a raw PUT of the same recipient's to
// the same vault.
func TestBenchTus(t *testing.T) {
	r, n := newRig(t), *size<<20/2
	s := r.send(1, 1)
	portal := r.serve("http", r.sandbox.System.Portal)
	for range *rounds {
		reply := portal + s.seat() + "/replies/" + rand.Text()
		at := r.announce(reply+"/uploads", s.cookie, n)
		piece := order{Protocol: "http", Method: http.MethodPatch, URLs: []string{portal + at}, Size: n, Header: s.cookie.Clone()}
		piece.Header.Set("Tus-Resumable", "1.0.0")
		piece.Header.Set("Upload-Offset", "0")
		piece.Header.Set("Content-Type", "application/offset+octet-stream")
		r.measure("tus", piece)
		raw := put("http", portal+s.seat()+"/replies/"+rand.Text()+"/files/u1", n)
		raw.Header = s.cookie.Clone()
		raw.Header.Set("Content-Disposition", "attachment; filename=file.bin")
		r.measure("raw", raw)
	}
	r.ratio("tus upload ÷ raw PUT to the same vault", "tus", "raw", 1, 0.9)
}

// announce creates a tus upload and returns its path.
func (r *rig) announce(address string, cookie http.Header, n int64) string {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodPost, address, nil)
	must(r.t, err)
	request.Header = cookie.Clone()
	request.Header.Set("Tus-Resumable", "1.0.0")
	request.Header.Set("Upload-Length", fmt.Sprint(n))
	request.Header.Set("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("file.bin")))
	answer, err := http.DefaultClient.Do(request)
	must(r.t, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		r.t.Fatalf("announced: %d", answer.StatusCode)
	}
	return answer.Header.Get("Location")
}

// A ZIP of many files beside one file of the same length.
func TestBenchZip(t *testing.T) {
	r, n, files := newRig(t), *size<<20/2, 20
	if full() {
		files = 1000
	}
	one, many := r.send(1, n), r.send(files, n/int64(files))
	portal := r.serve("http", r.sandbox.System.Portal)
	for range *rounds {
		r.measure("zip", get("http", portal+many.seat()+"/all.zip", many.cookie))
		r.measure("file", get("http", portal+one.seat()+"/files/"+one.Files[0].ID, one.cookie))
	}
	r.ratio(fmt.Sprintf("ZIP of %d files ÷ one file as long", files), "zip", "file", 1, 0.8)
}
