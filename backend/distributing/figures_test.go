package distributing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// counted remembers what was counted.
type counted []string

func (c *counted) Decided(_ transfer.TenantID, d routing.Decision) {
	*c = append(*c, "decided "+d.Mailbox+" "+By(d))
}
func (c *counted) Delivered(_ transfer.TenantID, d routing.Decision, after time.Duration) {
	*c = append(*c, "delivered "+d.Mailbox+" "+after.String())
}
func (c *counted) HandedBack(_ transfer.TenantID, mailbox, by string) {
	*c = append(*c, "back "+mailbox+" "+by)
}

func TestWhatHappensIsCountedAgainstWhatDecided(t *testing.T) {
	w := newWorld(t)
	w.Members = members{"member": service}
	d := w.reply(w.transfer("k1"), "s1", transfer.Origin{SenderKind: "company"})
	d.Manifest.Subject = "invoice"
	w.set = nil
	w.routes(strings.Replace(sampleRouting(), `subject: ['\b(invoice|faktura|factuur|rechnung)\b']`, "subject: ['decision']", 1))
	w.now = w.now.Add(90 * time.Second)
	for range 2 {
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	}
	w.must(w.HandBack(t.Context(), colleague, d.Manifest.ID, "=HYPERLINK(1)"))
	if _, err := w.Place(t.Context(), outsider, d.Manifest.ID, "technical", "roads"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(UndoTime)
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	want := counted{"decided citizen-service invoices-from-companies", "delivered citizen-service 1m30s",
		"back citizen-service invoices-from-companies", "decided technical (hand)", "delivered technical 1m40s"}
	if !slices.Equal(w.figures, want) {
		t.Errorf("counted %q", w.figures)
	}
	rows, err := (&Recording{Keys: w.container, Vault: w.vault, Gate: w.Gate}).Table(t.Context(), org)
	w.must(err)
	var out strings.Builder
	w.must(WriteCSV(&out, rows))
	if lines := strings.Split(out.String(), "\n"); len(lines) != 4 || lines[1] != "(handed back),,invoices-from-companies,0,0,1,,1.000,0.0,0.0" ||
		lines[2] != "technical,roads,(hand),1,1,0,1.000,0.000,100.0,100.0" {
		t.Errorf("table\n%s", out.String())
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, cell := range []string{"=1+1", "+1", "-1", "@x", "\tx"} {
		if inert(cell)[0] != '\'' {
			t.Errorf("%q stays a formula", cell)
		}
	}
	if inert("roads") != "roads" || inert("") != "" {
		t.Error("harmless cells are changed")
	}
}

func TestSharesAreOfAPlaceAndOfARule(t *testing.T) {
	s := sharesOf([]Row{
		{Mailbox: "a", Topic: "x", By: "r1", Received: 6}, {Mailbox: "a", Topic: "x", By: byHand, Received: 2},
		{Mailbox: "b", By: "r1", Received: 1}, {Mailbox: "(handed back)", By: "r1", HandedBack: 3},
	})
	if s.hand[place{"a", "x"}] != (part{2, 8}) || s.hand[place{"b", ""}] != (part{0, 1}) || s.back["r1"] != (part{3, 10}) || s.back[byHand].some != 0 {
		t.Errorf("%+v", s)
	}
}
