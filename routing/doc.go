// Package routing decides where a reply goes: into one function mailbox, or on
// the manual list.
//
// A [Definition] is what an organisation writes down: mailboxes, topics,
// contact points, rules in order, a default route. [Compile] checks it and
// turns it into a [Set]; [Set.Decide] answers with a [Decision] that explains
// itself step by step. The package is pure: it knows neither files nor mail nor
// clocks, and imports the standard library only.
//
// Invariants: a decision is total (every [Input] ends in exactly one place),
// deterministic (the same set and input give the same bytes of JSON), and its
// time is bounded by the limits below, whatever the patterns and the subject
// are. A compiled set never changes and is safe for concurrent use.
//
// On failure: a definition with any [Problem] gives no set at all. A set in
// force is replaced only by another valid one; see [Current].
package routing

// Limits of a definition. Together they bound the memory of a set and the time
// of a decision; Compile refuses what exceeds them.
const (
	// MaxRules is the greatest number of rules in one set.
	MaxRules = 100_000
	// MaxPatternLength is the greatest length of a subject pattern, in bytes.
	MaxPatternLength = 256
	// MaxPatternSize is the greatest size of one compiled pattern, in
	// instructions of the matcher.
	MaxPatternSize = 1_000
	// MaxPatternWork is the greatest size of all patterns of a set together,
	// in instructions; alternatives of mere words are free. RE2 needs at most
	// one visit per instruction and byte, so the worst subject for the worst
	// set costs about half a second of one core; a usual one microseconds.
	MaxPatternWork = 400_000
	// MaxFreePatternWork is the part of MaxPatternWork that patterns without
	// a fixed word may use: they have to be tried on every subject.
	MaxFreePatternWork = 20_000
	// SubjectLimit is how much of a subject the patterns see, in bytes.
	// Outlook's own limit is 255 characters.
	SubjectLimit = 320
)
