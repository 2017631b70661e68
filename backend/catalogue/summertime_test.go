package catalogue

import (
	"testing"
	"time"
)

// An expiry is a span of hours; what people read is the time on their clocks, with
// the zone where the same hour comes twice.
func TestCase48AnExpiryOverAChangeOfTheClocksReadsRight(t *testing.T) {
	zone := copenhagen(t)
	for _, c := range []struct {
		sent string
		days int
		want map[string]string
	}{
		{"2026-03-27T09:30:00Z", 7, map[string]string{"en": "3 April 2026 at 11:30 (CEST)"}},    // summer time begins on 29 March
		{"2026-03-22T01:30:00Z", 7, map[string]string{"en": "29 March 2026 at 03:30 (CEST)"}},   // the hour that does not exist
		{"2026-10-18T00:30:00Z", 7, map[string]string{"en": "25 October 2026 at 02:30 (CEST)"}}, // the hour that comes twice, the first time
		{"2026-10-18T01:30:00Z", 7, map[string]string{"en": "25 October 2026 at 02:30 (CET)"}},  // and the second
		{"2026-10-24T22:30:00Z", 1, map[string]string{"en": "25 October 2026 at 23:30 (CET)"}},  // a day of 25 hours
	} {
		sent, err := time.Parse(time.RFC3339, c.sent)
		if err != nil {
			t.Fatal(err)
		}
		expires := sent.Add(time.Duration(c.days) * 24 * time.Hour)
		for language, want := range c.want {
			if got := For(language).DateTime(expires, zone); got != want {
				t.Errorf("%s and %d days: %q, not %q", c.sent, c.days, got, want)
			}
		}
	}
}
