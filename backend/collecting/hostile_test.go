package collecting

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"senddigitally/backend/eml"
	"senddigitally/backend/eml/emltest"
	"senddigitally/backend/transfer"
)

// Whatever a mail is made of, it is taken in as it came, and what was not read of it is
// named for who gets it; no mail holds up the next.
func TestHostileMailsAreTakenInAsTheyCame(t *testing.T) {
	w := newWorld(t)
	hostile := emltest.Hostile()
	for name, raw := range hostile {
		w.office.inbox[name] = string(raw)
	}
	if n := w.collect(); n != len(hostile) {
		t.Errorf("%d of %d were taken in", n, len(hostile))
	}
	whole := map[[sha256.Size]byte]string{}
	for name, raw := range hostile {
		whole[sha256.Sum256(raw)] = name
	}
	for _, d := range w.replies() {
		f, known := d.Manifest.File("eml")
		if !known {
			t.Fatal("a reply is without its original")
		}
		delete(whole, sha256.Sum256([]byte(w.read(d, f))))
		for _, note := range d.Manifest.Origin.Notes {
			if key := "intake.note." + note; w.Words("en").Text(key, nil) == key {
				t.Errorf("note %s has no words", note)
			}
		}
	}
	for _, name := range whole {
		t.Errorf("%s did not come as it was", name)
	}
}

// What is longer than a reply may be is cut, which the reply says; the original has it.
func TestALongMailIsCutAndSaysSo(t *testing.T) {
	w := newWorld(t)
	policy := transfer.StrictPolicy()
	policy.MaxBodyBytes = 101
	w.Policy = func(transfer.TenantID) transfer.Policy { return policy }
	for id, text := range map[string]string{"fits": strings.Repeat("x", 101), "long": strings.Repeat("ø", 51)} {
		w.arrives(id, "From: citizen@post.example\nTo: intake@municipality.example\nMessage-ID: <"+id+"@post.example>\nContent-Type: text/plain; charset=utf-8\n\n"+text+"\n")
	}
	w.collect()
	cut := 0
	for _, d := range w.replies() {
		switch said := slices.Contains(d.Manifest.Origin.Notes, string(eml.TextCut)); {
		case said && d.Manifest.Body.Size == 100: // no half letter
			cut++
		case said || d.Manifest.Body.Size != 101:
			t.Errorf("%d bytes, notes %v", d.Manifest.Body.Size, d.Manifest.Origin.Notes)
		}
	}
	if cut != 1 {
		t.Errorf("%d were cut", cut)
	}
}
