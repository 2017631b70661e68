package distributing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// heard is a Figures that remembers what it was told.
type heard []string

func (c *heard) Decided(_ transfer.TenantID, d routing.Decision) {
	*c = append(*c, "decided "+d.Mailbox+" "+By(d))
}
func (c *heard) Delivered(_ transfer.TenantID, d routing.Decision, after time.Duration) {
	*c = append(*c, "delivered "+d.Mailbox+" "+after.String())
}
func (c *heard) HandedBack(_ transfer.TenantID, d routing.Decision) {
	*c = append(*c, "back "+d.Mailbox+" "+By(d))
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
	want := heard{"decided citizen-service invoices-from-companies", "delivered citizen-service 1m30s",
		"back citizen-service invoices-from-companies", "decided technical (hand)", "delivered technical 1m40s"}
	if !slices.Equal(w.figures, want) {
		t.Errorf("heard %q", w.figures)
	}
	rows, err := (&Recording{Keys: w.container, Vault: w.vault, Gate: w.Gate}).Table(t.Context(), org)
	w.must(err)
	var out strings.Builder
	w.must(WriteCSV(&out, rows))
	if lines := strings.Split(out.String(), "\n"); len(lines) != 4 || lines[1] != "(handed back),,invoices-from-companies,0,1,1,,1.000,0.0,0.0" ||
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

// What is counted by day comes out as what a page and a spreadsheet show: times to a
// quarter, and a reply that a person has placed once, where it was placed. A name that
// is none of ours is left alone.
func TestCountsBecomeFigures(t *testing.T) {
	w := newWorld(t)
	roads := routing.Decision{Mailbox: "technical", Topic: "roads", Rule: "holes"}
	manual := routing.Decision{Manual: true, Steps: []routing.Step{{Name: routing.StepManual, Applied: true}}}
	placed := routing.Decision{Mailbox: "technical", Topic: "roads", Steps: []routing.Step{{Name: routing.StepToken, Applied: true}}}
	w.book.counts = map[string]int64{CountDecided(roads): 8, CountDelivered(roads, 10*time.Second): 6, CountDelivered(roads, time.Hour): 2,
		CountHandedBack(roads): 1, CountDecided(manual): 3, CountDecided(placed): 2, CountDelivered(placed, time.Minute): 2, "something else": 9}
	distributor := transfer.Caller{Tenant: org, Subject: "d", Roles: []transfer.Role{transfer.Distributor}}
	rows, err := w.Counted(t.Context(), distributor, 7)
	w.must(err)
	all := Totals(rows, func(Row) string { return "all" })
	if len(all) != 1 || all[0].Automatic() != (Part{8, 10}) || all[0].Manual() != (Part{2, 10}) || all[0].Left != 3 || all[0].Misrouted() != (Part{1, 10}) {
		t.Fatalf("%+v", all)
	}
	for got, want := range map[time.Duration]time.Duration{all[0].P50: 10 * time.Second, all[0].P95: time.Hour} {
		if got < want || got > want*5/4 {
			t.Errorf("%v for %v", got, want)
		}
	}
	if by := Totals(rows, func(r Row) string { return r.Topic }); len(by) != 1 || by[0].Name != "roads" {
		t.Errorf("by topic %+v", by)
	}
	var out strings.Builder
	w.must(WriteCSV(&out, rows))
	for _, line := range []string{"(manual list),,(manual),3,0,0,,,", "technical,roads,(hand),2,2,0,0.200,0.000,", "technical,roads,holes,8,8,1,0.200,0.125,"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no line %q in\n%s", line, out.String())
		}
	}
	if _, err := w.Counted(t.Context(), colleague, 7); transfer.CodeOf(err) != transfer.Forbidden {
		t.Errorf("a caseworker reads figures: %v", err)
	}
	if CountDelivered(roads, 0) == "" || CountDelivered(roads, time.Nanosecond) != CountDelivered(roads, time.Second) {
		t.Error("very short times have no class")
	}
}
