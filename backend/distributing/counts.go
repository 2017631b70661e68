package distributing

import (
	"cmp"
	"context"
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

// Total is what rows come to that have something in common.
type Total struct {
	Name                                 string
	Received, ByHand, Manual, HandedBack int
	Delivered                            int
	P50, P95                             time.Duration
}

// Share is a part of a whole; 0 of nothing.
func Share(some, all int) float64 { return float64(some) / float64(max(all, 1)) }

// Automatic is how many were neither placed by a person nor left for one.
func (t Total) Automatic() int { return t.Received - t.ByHand - t.Manual }

// Totals adds rows up by what name says of them, in the order of the names; rows
// without a name are left out.
func Totals(rows []Row, name func(Row) string) []Total {
	sums := map[string]*Row{}
	hand, manual := map[string]int{}, map[string]int{}
	for _, r := range rows {
		n := name(r)
		if n == "" {
			continue
		}
		if sums[n] == nil {
			sums[n] = &Row{}
		}
		s := sums[n]
		s.Received, s.Delivered, s.HandedBack = s.Received+r.Received, s.Delivered+r.Delivered, s.HandedBack+r.HandedBack
		s.Times = append(s.Times, r.Times...)
		switch {
		case r.By == ByHand:
			hand[n] += r.Received
		case r.Mailbox == OnManual:
			manual[n] += r.Received
		}
	}
	var all []Total
	for n, s := range sums {
		all = append(all, Total{n, s.Received, hand[n], manual[n], s.HandedBack, s.Delivered, s.Quantile(.5), s.Quantile(.95)})
	}
	slices.SortFunc(all, func(a, b Total) int { return strings.Compare(a.Name, b.Name) })
	return all
}
