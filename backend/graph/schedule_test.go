package graph

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var dawn = time.Date(2026, 9, 16, 6, 0, 0, 0, time.UTC)

// drain lets n mails ask for their turn at once, and come back when they are told,
// until all have gone. It answers when each went.
func drain(t *schedule, n, recipients int) (went []time.Time) {
	due := make([]time.Time, n)
	for i := range due {
		due[i] = dawn
	}
	for now := dawn; len(went) < n; {
		for i := range due {
			if due[i].IsZero() || due[i].After(now) {
				continue
			}
			end, wait := t.begin(fmt.Sprint(i), recipients, now)
			if due[i] = now.Add(wait); end != nil {
				end()
				due[i] = time.Time{}
				went = append(went, now)
			}
		}
		later := slices.DeleteFunc(slices.Clone(due), time.Time.IsZero)
		if len(later) > 0 {
			now = slices.MinFunc(later, time.Time.Compare)
		}
	}
	return went
}

// most is the greatest number of moments in any stretch of time.
func most(all []time.Time, stretch time.Duration) (n int) {
	from := 0
	for i := range all {
		for all[i].Sub(all[from]) >= stretch {
			from++
		}
		n = max(n, i-from+1)
	}
	return n
}

func TestAMailboxIsNeverAskedForMoreThanItMaySend(t *testing.T) {
	went := drain(new(schedule), 600, 1)
	if n := most(went, time.Minute); n > messagesPerMinute {
		t.Errorf("%d in a minute", n)
	}
	if took := went[len(went)-1].Sub(dawn); took > 20*time.Minute {
		t.Errorf("600 mails took %v", took)
	}
	many := drain(new(schedule), 300, 100) // 30,000 recipients
	if n := 100 * most(many, 24*time.Hour); n > recipientsPerDay {
		t.Errorf("%d recipients in a day", n)
	}
	if took := many[len(many)-1].Sub(dawn); took > 49*time.Hour {
		t.Errorf("300 mails took %v", took)
	}
}

// Turns are in the order of the first asking, whatever happens between.
func TestMailsAreWorkedOnInTheOrderOfAsking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all schedule
		now := dawn
		last := time.Time{}
		for i := range rapid.IntRange(1, 120).Draw(t, "mails") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "later")) * time.Millisecond)
			end, wait := all.begin(fmt.Sprint(i), 1, now)
			if end != nil {
				end()
			}
			at := now.Add(wait)
			if at.Before(last) {
				t.Fatalf("mail %d goes %v before the one that asked earlier", i, last.Sub(at))
			}
			last = at
		}
	})
}

// What a person waits for does not stand in line: it counts, and takes no place from
// those that have one.
func TestAMailThatAPersonWaitsForIsCountedAheadOfABacklog(t *testing.T) {
	var all schedule
	ask := func(mail string) time.Duration {
		end, wait := all.begin(mail, 1, dawn)
		if end != nil {
			end()
		}
		return wait
	}
	for i := range messagesPerMinute - 1 {
		if wait := ask(fmt.Sprint(i)); wait != 0 {
			t.Fatalf("mail %d waits %v", i, wait)
		}
	}
	all.pass(1, dawn)
	first, second := ask("first"), ask("second")
	if first != time.Minute || second <= first {
		t.Errorf("they wait %v and %v", first, second)
	}
	all.pass(100, dawn.Add(time.Second))
	if ask("first") != first || ask("second") != second {
		t.Error("a place in line was taken")
	}
	if !slices.IsSortedFunc(all.minute, time.Time.Compare) || !slices.IsSortedFunc(all.day, time.Time.Compare) || len(all.day) != messagesPerMinute+102 {
		t.Errorf("counted %v and %d recipients", all.minute, len(all.day))
	}
}

// One mailbox that does not answer keeps two workers, and no more.
func TestAStuckMailboxLeavesTheOthersAlone(t *testing.T) {
	var stuck, other schedule
	for i := range atOnce {
		if end, _ := stuck.begin(fmt.Sprint("stuck", i), 1, dawn); end == nil {
			t.Fatal("refused too early")
		}
	}
	if end, wait := stuck.begin("one more", 1, dawn); end != nil || wait <= 0 {
		t.Errorf("a third mail is worked on, wait %v", wait)
	}
	if end, _ := stuck.hand(); end != nil {
		t.Error("a third hand")
	}
	end, _ := other.begin("else", 1, dawn)
	if end == nil {
		t.Error("another mailbox waits")
	}
}

func TestAMailThatNeverCameBackIsForgotten(t *testing.T) {
	var all schedule
	for i := range 2 * messagesPerMinute {
		if end, _ := all.begin(fmt.Sprint(i), 1, dawn); end != nil {
			end()
		}
	}
	if len(all.given) == 0 {
		t.Fatal("nobody waits")
	}
	for i := range 2 * messagesPerMinute {
		all.begin(fmt.Sprint("next day", i), 1, dawn.Add(24*time.Hour))
	}
	for mail := range all.given {
		if mail[0] != 'n' {
			t.Errorf("%s is still remembered", mail)
		}
	}
}
