// Package trail is the audit log: append-only files of JSON lines in a
// directory of their own.
//
// Every process writes one chain. A line holds a number, the event, and an HMAC
// over the line before and itself, so that an edited, removed or moved line no
// longer fits. What a chain cannot show by itself, that its end or the whole of
// it is missing, shows against heads that were kept elsewhere: see [Log.Heads]
// and [Verify]. A file holds the lines of one chain on one day (UTC) and is
// named "2026-11-22-<chain>.jsonl"; its first line continues the chain.
//
// Invariants: Append returns nil only after fsync, and many concurrent calls
// share one; a line has ids and pseudonyms only, whatever its fields hold it
// stays one line.
//
// On failure: the events of that write are refused, with StorageFull when the
// disk is full and Unavailable otherwise; the chain ends at its last durable
// line, and the next Append begins a new one. Nothing needs a restart.
package trail
