package portal

import (
	"net/http"
	"strings"
	"testing"
)

const uploads = "/replies/" + submission + "/uploads"

var tus100 = []string{"Tus-Resumable", "1.0.0"}

const tusPiece = "application/offset+octet-stream"

func TestTusCreatesTakesPiecesAndEnds(t *testing.T) {
	r := newRig(t)
	created := r.ask(http.MethodPost, path+uploads, nil, append(tus100, "Upload-Length", "11", "Upload-Metadata", "filename YmzDpWLDpnIudHh0,filetype dGV4dC9wbGFpbg==")...)
	at := created.Header().Get("Location")
	if created.Code != http.StatusCreated || at != path+uploads+"/u1" || created.Header().Get("Upload-Expires") == "" || r.replying.arriving[0].File.Name != "blåbær.txt" {
		t.Fatalf("%d %v %v", created.Code, created.Header(), r.replying.arriving)
	}
	piece := append(tus100, "Content-Type", tusPiece, "Upload-Offset")
	first := r.ask(http.MethodPatch, at, strings.NewReader("hello "), append(piece, "0")...)
	if first.Code != http.StatusNoContent || first.Header().Get("Upload-Offset") != "6" {
		t.Errorf("the first piece: %d %v", first.Code, first.Header())
	}
	if gap := r.ask(http.MethodPatch, at, strings.NewReader("x"), append(piece, "7")...); gap.Code != http.StatusConflict {
		t.Errorf("case 43, a gap: %d", gap.Code)
	}
	head := r.ask(http.MethodHead, at, nil, tus100...)
	if head.Code != http.StatusOK || head.Header().Get("Upload-Offset") != "6" || head.Header().Get("Upload-Length") != "11" || head.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", head.Code, head.Header())
	}
	last := r.ask(http.MethodPatch, at, strings.NewReader("world"), append(piece, "6")...)
	if last.Header().Get("Upload-Offset") != "11" || last.Header().Get("Upload-Expires") != "" || r.replying.content["u1"] != "hello world" {
		t.Errorf("%v %v", last.Header(), r.replying.content)
	}
	if list := r.get(path+uploads, "Accept", "application/json"); !strings.Contains(list.Body.String(), `{"id":"u1","name":"blåbær.txt","size":11,"offset":11}`) {
		t.Errorf("the list is %s", list.Body)
	}
	if gone := r.ask(http.MethodDelete, at, nil, tus100...); gone.Code != http.StatusNoContent || r.replying.content["u1"] != "" {
		t.Errorf("terminated: %d", gone.Code)
	}
}

func TestTusRefusesWhatItDoesNotSpeak(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		method, target string
		headers        []string
		status         int
	}{
		"another version":   {http.MethodPost, uploads, []string{"Tus-Resumable", "0.2.2", "Upload-Length", "1"}, 412},
		"no version":        {http.MethodHead, uploads + "/u1", nil, 412},
		"no length":         {http.MethodPost, uploads, tus100, 400},
		"negative":          {http.MethodPost, uploads, append(tus100, "Upload-Length", "-1"), 400},
		"bad description":   {http.MethodPost, uploads, append(tus100, "Upload-Length", "1", "Upload-Metadata", "filename %%%"), 400},
		"another type":      {http.MethodPatch, uploads + "/u1", append(tus100, "Content-Type", "text/plain", "Upload-Offset", "0"), 415},
		"no offset":         {http.MethodPatch, uploads + "/u1", append(tus100, "Content-Type", tusPiece), 400},
		"unknown":           {http.MethodPatch, uploads + "/u7", append(tus100, "Content-Type", tusPiece, "Upload-Offset", "0"), 404},
		"unknown, asked":    {http.MethodHead, uploads + "/u7", tus100, 404},
		"hostile id":        {http.MethodPatch, uploads + "/body", append(tus100, "Content-Type", tusPiece, "Upload-Offset", "0"), 400},
		"from another site": {http.MethodPost, uploads, append(tus100, "Upload-Length", "1", "Origin", "https://evil.example"), 403},
	} {
		if answer := r.ask(c.method, path+c.target, nil, c.headers...); answer.Code != c.status {
			t.Errorf("%s: %d, not %d", name, answer.Code, c.status)
		}
	}
	options := r.ask(http.MethodOptions, path+uploads, nil)
	if options.Code != http.StatusNoContent || options.Header().Get("Tus-Extension") != "creation,termination,expiration" || options.Header().Get("Tus-Max-Size") != "2000000000" {
		t.Errorf("%d %v", options.Code, options.Header())
	}
	r.sessions.seats = nil
	if answer := r.ask(http.MethodPost, path+uploads, nil, append(tus100, "Upload-Length", "1")...); answer.Code != http.StatusForbidden {
		t.Errorf("without a session: %d", answer.Code)
	}
}
