// Package ledger keeps in Redis what the backend must find fast and agree on:
// the record of every transfer and reply with its lists and its deadline, the
// links, the jobs, recipients' sessions, rate limits and lock-outs.
//
// Everything that belongs to a transfer lies in its shard (64 of them, the two
// digits that ids and links carry, as the hash tag of every key), and each
// change is one script on one shard. So a record, its lists, its links and its
// jobs appear together or not at all, and a Redis Cluster works like a single
// server. The clock is the backend's; Redis's own expiry is only a backstop.
//
// Invariant: all of it is a projection of manifests and journals and may be
// thrown away; nothing here is personal or in the clear. A shard carries a
// marker of the installation: without it, or with another one's, no job is
// claimed and nothing is due until a rebuild has ended.
//
// Failure: every error is a [transfer.Error]. Trouble with Redis is Unavailable,
// after a bounded time; then nothing is assumed and no limit is passed. Every
// call may be repeated: a change whose answer was lost is recognised.
//
// Jobs are not a Redis stream but one sorted set a shard, scored by the moment
// when a job may be claimed next. Delay, lease, its lapse and backoff are then
// one thing, the backend's clock decides about all of them, and no consumer
// group has to be made again after a loss.
package ledger
