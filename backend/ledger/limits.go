package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Rate allows Limit events in each Per, spread evenly, and up to Burst at once
// (zero: Limit).
type Rate struct {
	Limit int
	Per   time.Duration
	Burst int
}

// Allow counts an event against a key's rate, or says how long to wait for the
// next. The key must not name a person: pass a keyed hash. With an error the
// answer is no.
func (l *Ledger) Allow(ctx context.Context, key string, rate Rate) (bool, time.Duration, error) {
	if rate.Limit < 1 || rate.Per <= 0 {
		return false, 0, transfer.E(transfer.Internal, "a rate needs a limit and a period")
	}
	burst := rate.Burst
	if burst < 1 {
		burst = rate.Limit
	}
	interval := max(rate.Per.Microseconds()/int64(rate.Limit), 1)
	v, err := l.run(ctx, l.scripts.allow, l.Prefix+"r:"+key, l.Prefix,
		l.Clock().UnixMicro(), interval, burst, backstop.Milliseconds())
	if err != nil {
		return false, 0, err
	}
	answer := v.([]any)
	wait, _ := answer[1].(string)
	return answer[0] == int64(1), time.Duration(integer(wait)) * time.Microsecond, nil
}

// Hold adds to what an id holds under a key if all that is held there stays
// within the limit, or says how long to wait for the first of it to lapse. It
// lapses a life after the last call for that id. More may be zero, to hold on,
// or negative, to let go. The key must not name a person: pass a keyed hash.
// With an error the answer is no.
func (l *Ledger) Hold(ctx context.Context, key, id string, more, limit int64, life time.Duration) (bool, time.Duration, error) {
	tagged := l.Prefix + "{h:" + key + "}"
	v, err := l.run(ctx, l.scripts.keep, tagged, tagged, l.Clock().UnixMilli(), id, more, limit, life.Milliseconds())
	if err != nil {
		return false, 0, err
	}
	answer := v.([]any)
	wait, _ := answer[1].(string)
	return answer[0] == int64(1), time.Duration(integer(wait)) * time.Millisecond, nil
}

// FailCode counts a wrong access code. The max-th locks the recipient out for a
// while and begins the count anew; during the lock-out nothing is counted. It
// returns how many tries are left, and the end of the lock-out when there is
// one. With an error no try is left.
func (l *Ledger) FailCode(ctx context.Context, tenant transfer.TenantID, id transfer.ID, recipient transfer.RecipientID, max int, lock time.Duration) (int, time.Time, error) {
	if !id.Valid() {
		return 0, time.Time{}, transfer.E(transfer.NotFound, unknownTransfer)
	}
	now := l.Clock()
	v, err := l.run(ctx, l.scripts.failcode, l.recordKey(id), l.base(id.Shard()), string(tenant),
		attemptsField(recipient), millis(now), strconv.Itoa(max), millis(now.Add(lock)))
	if err != nil {
		return 0, time.Time{}, err
	}
	answer := v.([]any)
	if answer[0] == "unknown" {
		return 0, time.Time{}, l.missing(ctx, id.Shard(), unknownTransfer)
	}
	left, _ := answer[1].(int64)
	until, _ := answer[2].(string)
	return int(left), moment(until), nil
}

// ClearCode forgets a recipient's wrong codes, after a right one.
func (l *Ledger) ClearCode(ctx context.Context, tenant transfer.TenantID, id transfer.ID, recipient transfer.RecipientID) error {
	if _, err := l.attempts(ctx, tenant, id, recipient); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	if err := l.client.HDel(ctx, l.recordKey(id), attemptsField(recipient)).Err(); err != nil {
		return failure(err)
	}
	return nil
}

// LockedUntil is the end of a recipient's lock-out, or the zero time. With an
// error the caller must treat her as locked out.
func (l *Ledger) LockedUntil(ctx context.Context, tenant transfer.TenantID, id transfer.ID, recipient transfer.RecipientID) (time.Time, error) {
	until, err := l.attempts(ctx, tenant, id, recipient)
	if err != nil || !l.Clock().Before(until) {
		return time.Time{}, err
	}
	return until, nil
}

func (l *Ledger) attempts(ctx context.Context, tenant transfer.TenantID, id transfer.ID, recipient transfer.RecipientID) (time.Time, error) {
	if !id.Valid() {
		return time.Time{}, transfer.E(transfer.NotFound, unknownTransfer)
	}
	called, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	found, err := l.client.HMGet(called, l.recordKey(id), "t", attemptsField(recipient)).Result()
	if err != nil {
		return time.Time{}, failure(err)
	}
	if found[0] != string(tenant) {
		return time.Time{}, l.missing(ctx, id.Shard(), unknownTransfer)
	}
	counted, _ := found[1].(string)
	return lockEnd(counted), nil
}

func attemptsField(r transfer.RecipientID) string { return "!" + string(r) }

// lockEnd reads the second half of "n:ms" as scripts/failcode.lua writes it.
func lockEnd(counted string) time.Time {
	_, until, _ := strings.Cut(counted, ":")
	return moment(until)
}
