package municipality

import (
	"flag"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"senddigitally/backend/distributing"
	"senddigitally/backend/transfer"
)

var (
	delivered = flag.Int("delivered", 300, "replies of the day that the product delivers")
	backlog   = flag.Int("backlog", 150, "replies that wait all at once")
)

// pool is how many service mailboxes send: 60,000 mails a day, 180 a minute.
const pool = 6

// outcome is what became of one reply.
type outcome struct {
	reply
	id    transfer.ID
	d     *transfer.Dossier
	after time.Duration // from acceptance to delivery; 0 when it was not delivered
	in    string        // mailbox
}

func (o *office) outcomes(day []reply, ids []transfer.ID) []outcome {
	all := make([]outcome, len(day))
	for i, id := range ids {
		d, err := o.archive.Open(o.t.Context(), org, id)
		o.must(err)
		decision, err := distributing.Decision(d)
		o.must(err)
		all[i] = outcome{reply: day[i], id: id, d: d, in: decision.Mailbox}
		if !d.State.Delivered.IsZero() {
			all[i].after = d.State.Delivered.Sub(d.Manifest.AcceptedAt)
		}
	}
	return all
}

// nothingIsLost holds every reply against what lies in Outlook: it is in one function
// mailbox once, or waits for a person and is in none.
func (o *office) nothingIsLost(all []outcome) {
	o.t.Helper()
	arrived := o.arrived()
	for _, one := range all {
		want := 1
		switch phase := one.d.State.PhaseAt(transfer.KindReply, time.Now()); phase {
		case transfer.OnManual:
			want = 0
		case transfer.Delivered:
		default:
			o.t.Errorf("a reply is %s", phase)
		}
		if arrived[string(one.id)] != want {
			o.t.Errorf("%d copies of a reply that is to be there %d times", arrived[string(one.id)], want)
		}
	}
	if len(o.book.buried) > 0 {
		o.t.Errorf("%d jobs were given up", len(o.book.buried))
	}
}

// withinLimits says what Outlook had to refuse.
func (o *office) withinLimits() {
	o.t.Helper()
	var requests, refused, early int
	for _, mailbox := range o.senders {
		traffic := o.graph.Traffic(mailbox)
		requests, refused, early = requests+traffic.Requests, refused+traffic.Refused, early+traffic.Early
		if traffic.Highest > 4 || traffic.Discarded > 0 {
			o.t.Errorf("%d requests at once, %d too many", traffic.Highest, traffic.Discarded)
		}
	}
	o.t.Logf("the pool of %d: %d requests, %d refused with Retry-After, %d before its time was over", len(o.senders), requests, refused, early)
}

// times logs how long deliveries took, and how many there were in a minute.
func times(t testing.TB, what string, all []outcome) (p95 time.Duration) {
	var took []time.Duration
	var first, last time.Time
	for _, one := range all {
		if one.after == 0 {
			continue
		}
		took = append(took, one.after)
		if first.IsZero() || one.d.Manifest.AcceptedAt.Before(first) {
			first = one.d.Manifest.AcceptedAt
		}
		if one.d.State.Delivered.After(last) {
			last = one.d.State.Delivered
		}
	}
	slices.Sort(took)
	if len(took) == 0 {
		t.Fatal("nothing was delivered")
	}
	at := func(share float64) time.Duration {
		return took[int(share*float64(len(took)-1))].Round(time.Millisecond)
	}
	t.Logf("%s: %d delivered in %v, %.0f a minute; to delivery p50 %v, p95 %v, p99 %v, longest %v", what, len(took), last.Sub(first).Round(time.Second),
		float64(len(took))/max(last.Sub(first).Minutes(), 1./60), at(.5), at(.95), at(.99), at(1))
	return at(.95)
}

// inOrder holds the deliveries of each conversation against the order of acceptance.
func inOrder(t testing.TB, all []outcome, conversation func(int) int) {
	t.Helper()
	last := map[int]time.Time{}
	for i, one := range all {
		if c := conversation(i); c >= 0 && one.after > 0 {
			if one.d.State.Delivered.Before(last[c]) {
				t.Errorf("a reply of conversation %d overtook the one before it", c)
			}
			last[c] = one.d.State.Delivered
		}
	}
}

// pairs answers to which conversation each reply belongs, -1 for none: two answers to
// transfers that follow one another are of one citizen.
func pairs(day []reply) func(int) int {
	of, answers := make([]int, len(day)), 0
	for i, r := range day {
		of[i] = -1
		if r.kind == "answer to a transfer" {
			of[i] = answers / 2
			answers++
		}
	}
	return func(i int) int { return of[i] }
}

// receive accepts replies as they come, each in its conversation.
func (o *office) receive(day []reply, conversation func(int) int, wait func(reply)) []transfer.ID {
	ids, parents := make([]transfer.ID, len(day)), map[int]*transfer.Dossier{}
	o.work(func() {
		for i, r := range day {
			wait(r)
			c := conversation(i)
			if c >= 0 && parents[c] == nil {
				parents[c] = o.transfer(c)
			}
			ids[i] = o.accept(i, r, parents[c])
		}
	})
	return ids
}

func TestADaysRepliesAreDelivered(t *testing.T) {
	w := newTown(t, *seed)
	day := w.day(*delivered)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(day[0].input.Received))
		o := newOffice(t, w, pool)
		conversation := pairs(day)
		ids := o.receive(day, conversation, func(r reply) { time.Sleep(time.Until(r.input.Received)) })
		all := o.outcomes(day, ids)
		counts := map[string]*tally{"in all": {}}
		for _, one := range all {
			decision, err := distributing.Decision(one.d)
			o.must(err)
			w.count(counts, one.reply, decision)
		}
		show(t, counts)
		p95 := times(t, "the day", all)
		o.withinLimits()
		o.nothingIsLost(all)
		inOrder(t, all, conversation)
		if p95 > time.Minute {
			t.Errorf("p95 is %v", p95)
		}
		if c := counts["in all"]; share(c.right, c) < 75 || share(c.wrong, c) > 12 {
			t.Errorf("right %.1f %%, misrouted %.1f %%", share(c.right, c), share(c.wrong, c))
		}
		byRules := w.distribute(day)
		for kind, c := range counts {
			if *c != *byRules[kind] {
				t.Errorf("%s: the product placed %+v, the rules %+v", kind, *c, *byRules[kind])
			}
		}
	})
}

// Replies that all wait at once drain as fast as Outlook lets the pool send, five to a
// conversation in their order; the mailboxes that make trouble hold up nobody else.
func TestABacklogDrainsInOrder(t *testing.T) {
	w := newTown(t, *seed)
	day := w.day(*backlog)
	for i := range day {
		day[i].kind = "answer to a transfer"
		day[i].input.ReplyMailbox, day[i].input.ReplyTopic = name("mailbox", w.mailbox[i%topics]), name("topic", i%topics)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(day[0].input.Received))
		o := newOffice(t, w, pool)
		conversation := func(i int) int { return i / 5 }
		all := o.outcomes(day, o.receive(day, conversation, func(reply) {}))
		trouble, others := split(all)
		p95 := times(t, "mailboxes without trouble", others)
		if len(trouble) > 0 {
			times(t, "mailboxes with trouble", trouble)
		}
		o.withinLimits()
		o.nothingIsLost(all)
		inOrder(t, all, conversation)
		ideal := time.Duration(len(all)) * time.Minute / (pool * 30)
		t.Logf("at 30 a minute and service mailbox it takes %v at least", ideal.Round(time.Second))
		if p95 > ideal*3/2+2*time.Minute {
			t.Errorf("p95 is %v", p95)
		}
	})
}

// split tells replies to mailboxes that make trouble from the others.
func split(all []outcome) (trouble, others []outcome) {
	bad := map[string]bool{name("mailbox", deputy): true}
	for i := range troubled {
		bad[name("mailbox", i)] = true
	}
	for _, one := range all {
		if bad[one.in] {
			trouble = append(trouble, one)
		} else {
			others = append(others, one)
		}
	}
	return trouble, others
}

func TestTwoDaysOfOneSeedAreAlike(t *testing.T) {
	day := newTown(t, 3).day(40)
	placed := func() map[int]string {
		at := map[int]string{}
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(t, newTown(t, 3), pool)
			for i, one := range o.outcomes(day, o.receive(day, pairs(day), func(reply) {})) {
				at[i] = one.in
			}
		})
		return at
	}
	if !maps.Equal(placed(), placed()) {
		t.Error("the same seed places replies elsewhere")
	}
}
