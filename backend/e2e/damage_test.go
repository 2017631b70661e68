package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

// damage changes a stored file behind the product's back.
func damage(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(name)
	must(t, err)
	must(t, os.Chmod(name, 0o600))
	must(t, os.WriteFile(name, change(content), 0o600))
}

func flip(at func(size int) int) func([]byte) []byte {
	return func(b []byte) []byte { b[at(len(b))] ^= 0x10; return b }
}

// blob is the one blob of a transfer whose name begins so.
func (w *world) blob(id transfer.ID, prefix string) string {
	w.t.Helper()
	blobs, _ := w.storedBlobs(id)
	for _, name := range blobs {
		if strings.HasPrefix(filepath.Base(name), prefix) {
			return name
		}
	}
	w.t.Fatalf("%s has no blob %s", id, prefix)
	return ""
}

// filed sends a letter with a file of two segments and more.
func (w *world) filed(to string, content []byte) (s sent, c citizen) {
	w.t.Helper()
	key := submission()
	if a := w.upload(key, "u1", "decision.pdf", "application/pdf", content); a.status != http.StatusCreated {
		w.t.Fatalf("the upload is answered %d %s", a.status, a.body)
	}
	request := letter("Decision", "", to)
	request["uploads"] = []string{"u1"}
	s = w.accepted(w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w).ID)
	c = w.citizen()
	c.open(w.link(to, 0), s.Code)
	return s, c
}

func TestCase09_DamagedAndExchangedBytesAreRefused(t *testing.T) {
	const segment = 256 << 10
	content := random(3 * segment)
	for name, harm := range map[string]func(w *world, part string){
		"a bit of the first segment": func(w *world, part string) { damage(w.t, part, flip(func(int) int { return 100 })) },
		"a bit of the last segment":  func(w *world, part string) { damage(w.t, part, flip(func(size int) int { return size - 1 })) },
		"the version":                func(w *world, part string) { damage(w.t, part, flip(func(int) int { return 3 })) },
		"cut short":                  func(w *world, part string) { damage(w.t, part, func(b []byte) []byte { return b[:len(b)-10] }) },
		"gone":                       func(w *world, part string) { must(w.t, os.Remove(part)) },
		"two segments exchanged": func(w *world, part string) {
			damage(w.t, part, func(b []byte) []byte {
				const sealed, head = segment + 28, 4
				first := string(b[head : head+sealed])
				copy(b[head:], b[head+sealed:head+2*sealed])
				copy(b[head+sealed:], first)
				return b
			})
		},
		"another transfer's part": func(w *world, part string) {
			other, _ := w.filed("other@post.example", random(len(content)))
			theirs, err := os.ReadFile(w.blob(other.ID, "part."))
			must(w.t, err)
			damage(w.t, part, func([]byte) []byte { return theirs })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s, c := w.filed(outlook.Citizen, content)
			harm(w, w.blob(s.ID, "part."))
			a := c.get(w.seat(s.ID) + "/files/" + s.Files[0].ID)
			if a.broken == nil && a.status == http.StatusOK {
				t.Errorf("%d bytes arrived as if they were the file", len(a.body))
			}
			if !strings.HasPrefix(string(content), a.body) && a.status == http.StatusOK {
				t.Error("bytes arrived that were never sent")
			}
			w.alarmed(s.ID)
			if got := w.transfer(s.ID).Recipients[0].State; got == "downloaded" {
				t.Error("the broken download counts")
			}
		})
	}
}

// alarmed checks that the damage was reported, by id and without content, in the
// log and in the audit log.
func (w *world) alarmed(id transfer.ID) {
	w.t.Helper()
	w.until("the damage is in the audit log", func() bool {
		for _, name := range w.files("audit") {
			text, err := os.ReadFile(name)
			must(w.t, err)
			for line := range strings.Lines(string(text)) {
				if strings.Contains(line, `"action":"damage"`) && strings.Contains(line, `"reason":"integrity"`) && strings.Contains(line, string(id)) {
					return true
				}
			}
		}
		return false
	})
	w.until("the damage is logged", func() bool {
		for line := range strings.Lines(w.log.String()) {
			if strings.Contains(line, `"level":"ERROR"`) && strings.Contains(line, "integrity") && strings.Contains(line, string(id)) {
				return true
			}
		}
		return false
	})
}

func TestCase09_DamagedManifestsAndJournalsAreRefused(t *testing.T) {
	for _, record := range []string{"manifest", "journal.0000000001"} {
		t.Run(record, func(t *testing.T) {
			w := newWorld(t)
			s, c := w.filed(outlook.Citizen, random(1000))
			other := w.posted("Another", "other@post.example")
			damage(t, w.blob(s.ID, record), flip(func(size int) int { return size / 2 }))
			for _, a := range []answer{c.get(w.seat(s.ID)), c.get(w.link(outlook.Citizen, 0)), w.api("GET", "/api/v1/transfers/"+string(s.ID), nil, nil)} {
				if a.status != http.StatusInternalServerError || strings.Contains(a.body, "Decision") {
					t.Errorf("the answer is %d %s", a.status, a.body)
				}
			}
			w.alarmed(s.ID)
			if page := w.citizen().open(other.links[0], other.Code); !strings.Contains(page.body, "Another") {
				t.Errorf("another transfer answers %d", page.status)
			}
		})
	}
}
