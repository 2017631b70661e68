package distributing

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// What happens to a reply is counted by day, under a name of ids: mailbox, topic, what
// decided, and what happened. Times to delivery are counted in classes, each a quarter
// longer than the one before it.
const (
	countDecided    = "decided"
	countHandedBack = "back"
	countDelivered  = "after/" // with the number of the class
	classGrowth     = 1.25
)

// CountDecided is what a decision is counted under.
func CountDecided(d routing.Decision) string { return counted(d, countDecided) }

// CountHandedBack is what a reply is counted under that a mailbox handed back.
func CountHandedBack(d routing.Decision) string { return counted(d, countHandedBack) }

// CountDelivered is what a delivery is counted under.
func CountDelivered(d routing.Decision, after time.Duration) string {
	class := int(math.Ceil(math.Log(max(after, time.Second).Seconds()) / math.Log(classGrowth)))
	return counted(d, countDelivered+strconv.Itoa(class))
}

func counted(d routing.Decision, what string) string {
	mailbox := d.Mailbox
	if d.Manual {
		mailbox = OnManual
	}
	return strings.Join([]string{mailbox, d.Topic, By(d), what}, "|")
}

// classEnd is the longest time of a class.
func classEnd(class int) time.Duration {
	return time.Duration(math.Pow(classGrowth, float64(class)) * float64(time.Second)).Round(100 * time.Millisecond)
}

// Counted are the figures of the last days for a distributor, row by row. Each decision
// counts where it was made: a reply that was handed back and placed anew, at both.
func (x *Distributing) Counted(ctx context.Context, caller transfer.Caller, days int) ([]Row, error) {
	if err := x.Gate.Check(ctx, access.Staff(caller), access.ReadFigures, access.Resource{Tenant: caller.Tenant}); err != nil {
		return nil, err
	}
	counts, err := x.Ledger.Counted(ctx, caller.Tenant, days)
	if err != nil {
		return nil, err
	}
	t := table{}
	for name, n := range counts {
		if part := strings.Split(name, "|"); len(part) == 4 {
			t.row(part[0], part[1], part[2]).add(part[3], int(n))
		}
	}
	return t.sorted(), nil
}

func (r *Row) add(what string, n int) {
	switch class, delivered := strings.CutPrefix(what, countDelivered); {
	case what == countDecided:
		r.Received += n
	case what == countHandedBack:
		r.HandedBack += n
	case delivered:
		number, _ := strconv.Atoi(class)
		r.Delivered += n
		r.Times = append(r.Times, slices.Repeat([]time.Duration{classEnd(number)}, n)...)
	}
}

// table is rows by what they are about.
type table map[rowKey]*Row

func (t table) row(mailbox, topic, by string) *Row {
	k := rowKey{mailbox, topic, by}
	if t[k] == nil {
		t[k] = &Row{Mailbox: mailbox, Topic: topic, By: by}
	}
	return t[k]
}

func (t table) sorted() []Row {
	return slices.SortedFunc(values(t), func(a, b Row) int {
		return cmp.Or(strings.Compare(a.Mailbox, b.Mailbox), strings.Compare(a.Topic, b.Topic), strings.Compare(a.By, b.By))
	})
}

// Total is what rows come to that have something in common. What waits on the manual
// list has not come anywhere yet: once it is placed it counts where it was placed.
type Total struct {
	Name                   string
	Received, ByHand, Left int // Left on the manual list, and not among Received
	Delivered, HandedBack  int
	P50, P95               time.Duration
}

// Part is some of a whole.
type Part struct{ Some, All int }

// Share is the part as a fraction, unless there is no whole.
func (p Part) Share() (share float64, known bool) {
	return float64(p.Some) / float64(max(p.All, 1)), p.All > 0
}

// Automatic is what came to a mailbox without a person.
func (t Total) Automatic() Part { return Part{t.Received - t.ByHand, t.Received} }

// Manual is what a person placed.
func (t Total) Manual() Part { return Part{t.ByHand, t.Received} }

// Misrouted is what a mailbox handed back of what was delivered to it.
func (t Total) Misrouted() Part { return Part{t.HandedBack, t.Delivered} }

// Totals adds rows up by what name says of them, in the order of the names; rows
// without a name are left out.
func Totals(rows []Row, name func(Row) string) []Total {
	sums, times := map[string]Total{}, map[string]*Row{}
	for _, r := range rows {
		n := name(r)
		if n == "" {
			continue
		}
		if times[n] == nil {
			times[n] = &Row{}
		}
		sums[n] = sums[n].plus(r)
		times[n].Times = append(times[n].Times, r.Times...)
	}
	var all []Total
	for _, n := range slices.Sorted(maps.Keys(sums)) {
		t := sums[n]
		t.Name, t.P50, t.P95 = n, times[n].Quantile(.5), times[n].Quantile(.95)
		all = append(all, t)
	}
	return all
}

func (t Total) plus(r Row) Total {
	t.Delivered, t.HandedBack = t.Delivered+r.Delivered, t.HandedBack+r.HandedBack
	if r.Mailbox == OnManual {
		t.Left += r.Received
		return t
	}
	t.Received += r.Received
	if r.By == ByHand {
		t.ByHand += r.Received
	}
	return t
}
