package routing

import (
	"errors"
	"slices"
	"time"
)

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// span is a stretch of the day, in minutes after midnight, on some days. When
// it ends before it starts it lasts into the next day.
type span struct {
	days     uint8 // a bit per time.Weekday
	from, to int
}

const everyDay = 1<<7 - 1

const minutesPerDay = 24 * 60

var (
	errDay   = errors.New("days are mon, tue, wed, thu, fri, sat, sun")
	errClock = errors.New("times are written HH:MM, from 00:00 to 24:00, and differ")
	errDate  = errors.New("days are written YYYY-MM-DD, and the last is not before the first")
)

func newSpan(days []string, from, to string) (span, error) {
	s := span{days: everyDay, to: minutesPerDay}
	if len(days) > 0 {
		s.days = 0
	}
	for _, name := range days {
		i := slices.Index(dayNames, name)
		if i < 0 {
			return s, errDay
		}
		s.days |= 1 << i
	}
	var ok bool
	if s.from, ok = minutes(from, 0); !ok || s.from == minutesPerDay {
		return s, errClock
	}
	if s.to, ok = minutes(to, minutesPerDay); !ok || s.from == s.to {
		return s, errClock
	}
	return s, nil
}

// minutes reads HH:MM; an empty text is the default.
func minutes(text string, empty int) (int, bool) {
	if text == "" {
		return empty, true
	}
	if text == "24:00" {
		return minutesPerDay, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil && len(text) == len("15:04")
}

// holds says whether the local time lies in the span.
func (s span) holds(local time.Time) bool {
	minute, today := local.Hour()*60+local.Minute(), local.Weekday()
	if s.from < s.to {
		return s.on(today) && minute >= s.from && minute < s.to
	}
	return s.on(today) && minute >= s.from || s.on((today+6)%7) && minute < s.to
}

func (s span) on(day time.Weekday) bool { return s.days&(1<<day) != 0 }

// hours are opening hours; none means always open.
type hours []span

func (h hours) open(at time.Time, zone *time.Location) bool {
	if len(h) == 0 || at.IsZero() {
		return true
	}
	local := at.In(zone)
	return slices.ContainsFunc(h, func(s span) bool { return s.holds(local) })
}

// window is a compiled Window; first and last are days as YYYYMMDD, 0 for none.
type window struct {
	span
	first, last int
}

func newWindow(w *Window) (*window, error) {
	s, err := newSpan(w.Days, w.From, w.To)
	if err != nil {
		return nil, err
	}
	first, ok := date(w.FirstDay)
	last, ok2 := date(w.LastDay)
	if !ok || !ok2 || last != 0 && last < first {
		return nil, errDate
	}
	return &window{s, first, last}, nil
}

func date(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	t, err := time.Parse(time.DateOnly, text)
	return dayNumber(t), err == nil
}

func dayNumber(t time.Time) int {
	return t.Year()*10000 + int(t.Month())*100 + t.Day()
}

func (w *window) holds(local time.Time) bool {
	if local.IsZero() {
		return false
	}
	day := dayNumber(local)
	return w.span.holds(local) && day >= w.first && (w.last == 0 || day <= w.last)
}
