package distributing

import (
	"context"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// What stands in a figure's place where no mailbox or rule does.
const (
	ByHand   = "(hand)"
	OnManual = "(manual list)"
	gaveBack = "(handed back)" // a mailbox that a reply does not lie in any more
)

// By is what decided: a rule's id in the routing file, a step of the decision
// order in parentheses, or "(hand)" for the distributor.
func By(d routing.Decision) string {
	if d.Rule != "" {
		return d.Rule
	}
	for _, s := range d.Steps {
		switch {
		case s.Applied && s.Name == routing.StepToken:
			return ByHand
		case s.Applied && s.Name != routing.StepDeputy:
			return "(" + string(s.Name) + ")"
		}
	}
	return "(none)"
}

// Row is what became of the replies of one mailbox, topic and rule.
type Row struct {
	Mailbox, Topic, By string
	Received           int // decided to go there, or left there
	Delivered          int
	HandedBack         int
	Times              []time.Duration // from acceptance to delivery
}

type rowKey struct{ mailbox, topic, by string }

// Table counts the replies that are still readable, row by row in the order of their
// names: each where it is now, and what was handed back also in a row of its own.
func (x *Recording) Table(ctx context.Context, tenant transfer.TenantID) ([]Row, error) {
	t := table{}
	err := x.each(ctx, tenant, func(d *transfer.Dossier) error {
		decision, err := Decision(d)
		if err != nil {
			return err
		}
		mailbox := decision.Mailbox
		if d.State.Manual || mailbox == "" {
			mailbox = OnManual
		}
		r := t.row(mailbox, decision.Topic, By(decision))
		r.Received++
		if !d.State.Delivered.IsZero() {
			r.Delivered++
			r.Times = append(r.Times, d.State.Delivered.Sub(d.Manifest.AcceptedAt))
		}
		for _, by := range d.State.Misrouted {
			back := t.row(gaveBack, "", by)
			back.Delivered, back.HandedBack = back.Delivered+1, back.HandedBack+1
		}
		return nil
	})
	return t.sorted(), err
}

func values(rows map[rowKey]*Row) func(yield func(Row) bool) {
	return func(yield func(Row) bool) {
		for r := range maps.Values(rows) {
			if !yield(*r) {
				return
			}
		}
	}
}

// Quantile is the time within which a share of the deliveries happened; 0
// without any.
func (r Row) Quantile(share float64) time.Duration {
	if len(r.Times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.Times))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// WriteCSV writes a table that a spreadsheet can open without running any of it
// (OWASP, "CSV Injection"). The share placed by hand is of a row's mailbox and topic,
// the share misrouted of what decided.
func WriteCSV(out io.Writer, rows []Row) error {
	w := csv.NewWriter(out)
	lines := [][]string{{"mailbox", "topic", "decided by", "received", "delivered", "handed back", "share placed by hand", "share misrouted", "seconds to delivery (p50)", "seconds to delivery (p95)"}}
	places, deciders := totals(rows, Row.place), totals(rows, func(r Row) string { return r.By })
	for _, r := range rows {
		lines = append(lines, []string{inert(r.Mailbox), inert(r.Topic), inert(r.By), strconv.Itoa(r.Received), strconv.Itoa(r.Delivered), strconv.Itoa(r.HandedBack), fraction(places[r.place()].Manual()), fraction(deciders[r.By].Misrouted()),
			strconv.FormatFloat(r.Quantile(.5).Seconds(), 'f', 1, 64), strconv.FormatFloat(r.Quantile(.95).Seconds(), 'f', 1, 64)})
	}
	return w.WriteAll(lines)
}

// place is the mailbox and its topic in one word.
func (r Row) place() string { return r.Mailbox + "|" + r.Topic }

// totals are those of a table by their names.
func totals(rows []Row, name func(Row) string) map[string]Total {
	all := map[string]Total{}
	for _, t := range Totals(rows, name) {
		all[t.Name] = t
	}
	return all
}

func fraction(p Part) string {
	share, known := p.Share()
	if !known {
		return ""
	}
	return strconv.FormatFloat(share, 'f', 3, 64)
}

// inert keeps a cell from being taken for a formula.
func inert(cell string) string {
	if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
		return "'" + cell
	}
	return cell
}
