package catalogue

import (
	"strconv"
	"time"

	"golang.org/x/text/number"
)

// Date is a day in words, "22. november 2026", as it is in a time zone.
func (w Words) Date(t time.Time, zone *time.Location) string {
	return w.Text("format.date", w.day(t.In(zone)))
}

// DateTime is a moment in words, "22. november 2026 kl. 14.05 (CET)", as it is
// in a time zone. The zone is named, since readers may be in another.
func (w Words) DateTime(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	params := w.day(t)
	params["hour"], params["minute"], params["zone"] = t.Format("15"), t.Format("04"), t.Format("MST")
	return w.Text("format.date_time", params)
}

func (w Words) day(t time.Time) map[string]any {
	month := w.Text("format.month."+strconv.Itoa(int(t.Month())), nil)
	return map[string]any{"day": t.Day(), "month": month, "year": t.Year()}
}

// Size is a number of bytes in units of 1000, as operating systems and
// providers state sizes: "1,5 GB". The space does not break.
func (w Words) Size(bytes int64) string {
	const step = 1000
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, unit := float64(bytes), 0
	for value >= step-0.05 && unit < len(units)-1 { // 999.95 would round to "1000.0"
		value /= step
		unit++
	}
	digits := 1
	if unit == 0 {
		digits = 0
	}
	return w.printer.Sprint(number.Decimal(value, number.MaxFractionDigits(digits))) + "\u00a0" + units[unit]
}

// Percent is a share of one with a digit behind the separator: "97,7 %". Where
// the language has a space before the sign it does not break.
func (w Words) Percent(share float64) string {
	return w.printer.Sprint(number.Percent(share, number.MinFractionDigits(1), number.MaxFractionDigits(1)))
}
