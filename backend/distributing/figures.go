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

// Row is what became of the replies of one mailbox, topic and rule that are
// still readable.
type Row struct {
	Mailbox, Topic, By string // By is empty in a row of what a mailbox handed back
	Received           int
	Delivered          int
	HandedBack         int
	Times              []time.Duration // from acceptance to delivery
}

type rowKey struct{ mailbox, topic, by string }

// Table counts replies, row by row in the order of their names.
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
			t.row("(handed back)", "", by).HandedBack++
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
// (OWASP, "CSV Injection").
func WriteCSV(out io.Writer, rows []Row) error {
	w := csv.NewWriter(out)
	lines := [][]string{{"mailbox", "topic", "decided by", "received", "delivered", "handed back", "share placed by hand", "share misrouted", "seconds to delivery (p50)", "seconds to delivery (p95)"}}
	shares := sharesOf(rows)
	for _, r := range rows {
		lines = append(lines, []string{inert(r.Mailbox), inert(r.Topic), inert(r.By), strconv.Itoa(r.Received), strconv.Itoa(r.Delivered), strconv.Itoa(r.HandedBack), share(shares.hand[place{r.Mailbox, r.Topic}]), share(shares.back[r.By]),
			strconv.FormatFloat(r.Quantile(.5).Seconds(), 'f', 1, 64), strconv.FormatFloat(r.Quantile(.95).Seconds(), 'f', 1, 64)})
	}
	return w.WriteAll(lines)
}

// place is a mailbox and one of its topics.
type place struct{ mailbox, topic string }

// part is how many of how many.
type part struct{ some, all int }

// shares are, for each place, the replies that a person put there, and for each
// rule or step, those that it sent where they were handed back.
type shares struct {
	hand map[place]part
	back map[string]part
}

func sharesOf(rows []Row) shares {
	s := shares{map[place]part{}, map[string]part{}}
	for _, r := range rows {
		hand, back := s.hand[place{r.Mailbox, r.Topic}], s.back[r.By]
		hand.all += r.Received
		if r.By == ByHand {
			hand.some += r.Received
		}
		back.some, back.all = back.some+r.HandedBack, back.all+r.HandedBack+r.Received
		s.hand[place{r.Mailbox, r.Topic}], s.back[r.By] = hand, back
	}
	return s
}

func share(p part) string {
	if p.all == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(p.some)/float64(p.all), 'f', 3, 64)
}

// inert keeps a cell from being taken for a formula.
func inert(cell string) string {
	if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
		return "'" + cell
	}
	return cell
}
