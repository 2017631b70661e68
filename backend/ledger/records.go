package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

const (
	unknownTransfer = "unknown transfer"
	unknownLink     = "unknown link"
)

// Begin claims the reception of a transfer or reply (phase Receiving) for a
// holder, who must be new for every request. One of many equal calls begins;
// the others get the record as it stands. It begins again where an earlier
// reception failed, or where its lease lapsed. The same id with another request
// hash is KeyReused.
func (l *Ledger) Begin(ctx context.Context, r transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error) {
	if err := writable(r); err != nil {
		return transfer.Record{}, false, err
	}
	until := l.Clock().Add(lease)
	r.Phase, r.Seq, r.Reason, r.DueAt = transfer.Receiving, 0, "", until
	f := append(encode(r), "u", millis(until), "w", holder)
	args := append([]any{l.base(r.ID.Shard()), member(r.ID), l.now()}, f.args()...)
	v, err := l.run(ctx, l.scripts.begin, l.recordKey(r.ID), args...)
	if err != nil {
		return transfer.Record{}, false, err
	}
	answer := v.([]any)
	if answer[0] == "reused" {
		return transfer.Record{}, false, transfer.E(transfer.KeyReused, "this idempotency key was used for another request")
	}
	return decode(r.ID, pairs(answer[1])), answer[0] == "began", nil
}

// Heartbeat is the holder's sign of life: the plaintext bytes received so far
// and in all (negative: as before), and a longer lease. Conflict says that
// somebody else has the reception or that it has ended.
func (l *Ledger) Heartbeat(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, progress, total int64, lease time.Duration) error {
	until := l.Clock().Add(lease)
	changes := fields{"u", millis(until), "b", millis(until)}
	if progress >= 0 {
		changes = append(changes, "g", strconv.FormatInt(progress, 10))
	}
	if total >= 0 {
		changes = append(changes, "z", strconv.FormatInt(total, 10))
	}
	return l.hold(ctx, tenant, id, holder, changes)
}

// Fail ends the holder's reception without a result. The record stays for a
// grace, so that the reason can be read. Conflict is as in Heartbeat.
func (l *Ledger) Fail(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, reason transfer.Code) error {
	return l.hold(ctx, tenant, id, holder, fields{
		"p", string(transfer.Failing), "x", string(reason), "b", millis(l.Clock().Add(l.Grace))})
}

func (l *Ledger) hold(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, changes fields) error {
	if !id.Valid() {
		return transfer.E(transfer.NotFound, unknownTransfer)
	}
	args := append([]any{l.base(id.Shard()), member(id), string(tenant), holder}, changes.args()...)
	word, err := l.verdict(ctx, l.scripts.hold, l.recordKey(id), args...)
	switch {
	case err != nil:
		return err
	case word == "unknown":
		return l.missing(ctx, id.Shard(), unknownTransfer)
	case word == "lost":
		return transfer.E(transfer.Conflict, "the reception is no longer this caller's")
	}
	return nil
}

// Put writes a committed record with everything that points to it: its
// deadline, its lists, its links by hash, and the jobs that it calls for, all
// or nothing. A recipient that links does not name keeps the links she has. A
// record older than the one there (by Seq) is ignored, but not its jobs. A job
// that waits already is not queued twice; one that is being worked on will run
// once more; a dead one comes back to life. After an erasure all is ignored.
func (l *Ledger) Put(ctx context.Context, r transfer.Record, links map[string]transfer.RecipientID, jobs []transfer.Job) error {
	if r.Phase == transfer.Receiving || r.Phase == transfer.Failing || r.Phase == transfer.Erased {
		return transfer.E(transfer.Internal, "only a committed record can be put")
	}
	return l.put(ctx, r, links, jobs)
}

// Tombstoned replaces a record by what a tombstone says: its links still lead
// to a record in phase Erased, which becomes due for Remove when KeepTombstone
// has passed since the erasure. Nothing can be put over it.
func (l *Ledger) Tombstoned(ctx context.Context, t transfer.Tombstone) error {
	links := make(map[string]transfer.RecipientID, len(t.Links))
	for _, hash := range t.Links {
		links[hash] = ""
	}
	return l.put(ctx, transfer.Record{
		Tenant: t.Tenant, ID: t.ID, Kind: t.Kind, Phase: transfer.Erased, RequestHash: t.RequestHash,
		AcceptedAt: t.AcceptedAt, DueAt: t.ErasedAt.Add(l.KeepTombstone), Reason: t.Reason}, links, nil)
}

// Keeps reports whether what a tombstone says is still to be known.
func (l *Ledger) Keeps(t transfer.Tombstone) bool {
	return l.Clock().Before(t.ErasedAt.Add(l.KeepTombstone))
}

func (l *Ledger) put(ctx context.Context, r transfer.Record, links map[string]transfer.RecipientID, jobs []transfer.Job) error {
	if err := writable(r); err != nil {
		return err
	}
	shard := r.ID.Shard()
	hashes := make(fields, 0, 2*len(links))
	for hash, recipient := range links {
		hashes = append(hashes, pack(hash), string(recipient))
	}
	queued, err := l.jobArgs(shard, jobs)
	if err != nil {
		return err
	}
	args := append([]any{l.base(shard), member(r.ID)}, encode(r).args()...)
	args = append(append(args, hashes.args()...), queued...)
	word, err := l.verdict(ctx, l.scripts.put, l.recordKey(r.ID), args...)
	if err == nil && word == "foreign" {
		return transfer.E(transfer.Conflict, "the id belongs to another tenant")
	}
	if err == nil {
		l.expect(shard, jobs)
	}
	return err
}

func writable(r transfer.Record) error {
	if !r.ID.Valid() || r.Tenant == "" || strings.Contains(string(r.Tenant), "|") {
		return transfer.E(transfer.Internal, "a record needs a tenant and an id")
	}
	return nil
}

// Get reads a record. NotFound also answers another tenant's id. A reception
// that Redis may have forgotten the end of is Unavailable until the replay.
func (l *Ledger) Get(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.Record, error) {
	if !id.Valid() {
		return transfer.Record{}, transfer.E(transfer.NotFound, unknownTransfer)
	}
	found, err := l.Records(ctx, tenant, id)
	if err == nil && len(found) == 0 {
		err = l.missing(ctx, id.Shard(), unknownTransfer)
	}
	if err == nil && (found[0].Phase == transfer.Receiving || found[0].Phase == transfer.Failing) {
		err = l.replayed(ctx)
	}
	if err != nil {
		return transfer.Record{}, err
	}
	return found[0], nil
}

// Records reads many records in one round trip, in the order of the ids, and
// leaves out what is gone or another tenant's.
func (l *Ledger) Records(ctx context.Context, tenant transfer.TenantID, ids ...transfer.ID) ([]transfer.Record, error) {
	all, err := l.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	mine := all[:0]
	for _, r := range all {
		if r.Tenant == tenant {
			mine = append(mine, r)
		}
	}
	return mine, nil
}

func (l *Ledger) read(ctx context.Context, ids []transfer.ID) ([]transfer.Record, error) {
	hashes := make([]*redis.MapStringStringCmd, len(ids))
	err := l.pipelined(ctx, func(p redis.Pipeliner) {
		for i, id := range ids {
			if id.Valid() {
				hashes[i] = p.HGetAll(ctx, l.recordKey(id))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	records := make([]transfer.Record, 0, len(ids))
	for i, id := range ids {
		if hashes[i] != nil && len(hashes[i].Val()) > 0 {
			records = append(records, decode(id, hashes[i].Val()))
		}
	}
	return records, nil
}

// FindLink finds whose link a hash is. The recipient is empty when the transfer
// has been erased. A hash that is not indexed is NotFound.
func (l *Ledger) FindLink(ctx context.Context, shard int, hash string) (transfer.TenantID, transfer.ID, transfer.RecipientID, error) {
	if shard < 0 || shard >= transfer.Shards || hash == "" {
		return "", "", "", transfer.E(transfer.NotFound, unknownLink)
	}
	called, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	packed := pack(hash)
	target, err := l.client.HGet(called, l.bucket(shard, packed), packed).Result()
	if err == redis.Nil {
		return "", "", "", l.missing(ctx, shard, unknownLink)
	}
	if err != nil {
		return "", "", "", failure(err)
	}
	if len(target) < memberSize {
		return "", "", "", transfer.E(transfer.Internal, "a link cannot be read")
	}
	recipient, tenant, _ := strings.Cut(target[memberSize:], "/")
	return transfer.TenantID(tenant), unpackMember(shard, target[:memberSize]), transfer.RecipientID(recipient), nil
}

// Remove forgets a record and everything that points to it. It is for what the
// sweep has finished with. A reception whose lease is alive is Conflict.
func (l *Ledger) Remove(ctx context.Context, tenant transfer.TenantID, id transfer.ID) error {
	if !id.Valid() {
		return nil
	}
	word, err := l.verdict(ctx, l.scripts.remove, l.recordKey(id), l.base(id.Shard()), member(id), string(tenant), l.now())
	if err == nil && word == "held" {
		return transfer.E(transfer.Conflict, "the transfer is being received")
	}
	return err
}

func pairs(v any) map[string]string {
	flat, _ := v.([]any)
	m := make(map[string]string, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		name, _ := flat[i].(string)
		m[name], _ = flat[i+1].(string)
	}
	return m
}
