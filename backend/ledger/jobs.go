package ledger

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// DeadJob is a job that was buried.
type DeadJob struct {
	Job      transfer.Job
	Attempts int
	Reason   transfer.Code
	At       time.Time
}

// Enqueue queues jobs apart from a record, as Put does. All jobs of one shard
// are queued together; after an error some shards' jobs may be.
func (l *Ledger) Enqueue(ctx context.Context, all ...transfer.Job) error {
	byShard := map[int][]transfer.Job{}
	for _, j := range all {
		byShard[j.ID.Shard()] = append(byShard[j.ID.Shard()], j)
	}
	for shard, some := range byShard {
		args, err := l.jobArgs(shard, some)
		if err != nil {
			return err
		}
		base := l.base(shard)
		if _, err := l.verdict(ctx, l.scripts.enqueue, base+"j", append([]any{base}, args...)...); err != nil {
			return err
		}
		l.expect(shard, some)
	}
	return nil
}

// jobArgs are the number of jobs and, for each, what the scripts need.
func (l *Ledger) jobArgs(shard int, all []transfer.Job) ([]any, error) {
	args := []any{len(all)}
	now := l.Clock()
	for _, j := range all {
		if !j.ID.Valid() || j.ID.Shard() != shard || j.Tenant == "" || j.Version < 1 {
			return nil, transfer.E(transfer.Internal, "a job needs a version, a tenant and an id of its record's shard")
		}
		body, err := json.Marshal(j)
		if err != nil {
			return nil, transfer.Wrap(transfer.Internal, "a job cannot be written", err)
		}
		args = append(args, j.Key(), j.Version, string(j.Tenant), millis(later(now, j.NotBefore)), body)
	}
	return args, nil
}

// expect tells this process's workers about jobs, so that they need not poll.
func (l *Ledger) expect(shard int, all []transfer.Job) {
	now := l.Clock()
	for _, j := range all {
		if j.Version <= l.version {
			l.schedule.expect(shard, later(now, j.NotBefore))
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Renew prolongs a lease by another JobLease. Conflict says that it was lost:
// the job may be running elsewhere.
func (l *Ledger) Renew(ctx context.Context, j transfer.Leased) error {
	return l.settle(ctx, j, "renew", l.Clock().Add(l.JobLease), "")
}

// Done ends a job. When it was asked for again meanwhile it is queued afresh.
// Conflict is as in Renew.
func (l *Ledger) Done(ctx context.Context, j transfer.Leased) error {
	return l.settle(ctx, j, "done", l.Clock(), "")
}

// Retry gives a job back, to be claimed again at a moment. Conflict is as in
// Renew.
func (l *Ledger) Retry(ctx context.Context, j transfer.Leased, at time.Time, reason transfer.Code) error {
	return l.settle(ctx, j, "retry", at, reason)
}

// Defer is a Retry of a job that could not even be tried: the try does not count,
// and the next claim says how often in a row that reason was in the way.
func (l *Ledger) Defer(ctx context.Context, j transfer.Leased, at time.Time, reason transfer.Code) error {
	return l.settle(ctx, j, "defer", at, reason)
}

// Bury moves a job to the dead letters, where it stays until Revive, until it is
// asked for again, or until its transfer or reply is erased; one that was asked for
// meanwhile is queued afresh instead. Conflict is as in Renew.
func (l *Ledger) Bury(ctx context.Context, j transfer.Leased, reason transfer.Code) error {
	return l.settle(ctx, j, "bury", l.Clock(), reason)
}

func (l *Ledger) settle(ctx context.Context, j transfer.Leased, how string, at time.Time, reason transfer.Code) error {
	if !j.Job.ID.Valid() || strings.Contains(string(reason), "|") {
		return transfer.E(transfer.Internal, "not a job of this ledger")
	}
	shard := j.Job.ID.Shard()
	base := l.base(shard)
	word, err := l.verdict(ctx, l.scripts.settle, base+"j", base, j.Job.Key(), j.Token, how,
		millis(at), string(reason), string(j.Job.Tenant))
	if err != nil {
		return err
	}
	switch word {
	case "lost":
		return transfer.E(transfer.Conflict, "the lease of the job was lost")
	case "queued":
		l.schedule.expect(shard, at)
	}
	return nil
}

// Dead lists a tenant's dead letters, the last buried first; cursors are as in
// Owned.
func (l *Ledger) Dead(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) ([]DeadJob, string, error) {
	page, next, err := l.page(ctx, "x:"+string(tenant), cursor, limit)
	if err != nil {
		return nil, "", err
	}
	states := make([]*redis.StringCmd, len(page))
	err = l.pipelined(ctx, func(p redis.Pipeliner) {
		for i, at := range page {
			states[i] = p.HGet(ctx, l.base(at.shard)+"j", at.member)
		}
	})
	if err != nil {
		return nil, "", err
	}
	var dead []DeadJob
	for i, at := range page {
		if d, is := parseDead(states[i].Val()); is {
			d.At = time.UnixMilli(at.score).UTC()
			dead = append(dead, d)
		}
	}
	return dead, next, nil
}

// GivenUp lists the transfers and replies that a job of a kind was buried for;
// cursors are as in Owned. A page may have fewer than there are dead letters.
func (l *Ledger) GivenUp(ctx context.Context, tenant transfer.TenantID, kind transfer.JobKind, cursor string, limit int) ([]transfer.ID, string, error) {
	dead, next, err := l.Dead(ctx, tenant, cursor, limit)
	var ids []transfer.ID
	for _, d := range dead {
		if d.Job.Kind == kind {
			ids = append(ids, d.Job.ID)
		}
	}
	return ids, next, err
}

// parseDead reads a state as scripts/job.lua writes it.
func parseDead(state string) (DeadJob, bool) {
	parts := strings.SplitN(state, "|", 6)
	if len(parts) != 6 || parts[2] != "x" {
		return DeadJob{}, false
	}
	d := DeadJob{Attempts: int(integer(parts[0])), Reason: transfer.Code(parts[3])}
	return d, json.Unmarshal([]byte(parts[5]), &d.Job) == nil
}

// Revive queues a tenant's dead letter again, by its job's key, with all its
// tries. NotFound says that there is none of that key.
func (l *Ledger) Revive(ctx context.Context, tenant transfer.TenantID, key string) error {
	parts := strings.Split(key, "/")
	if len(parts) < 2 || !transfer.ID(parts[1]).Valid() {
		return transfer.E(transfer.NotFound, "no such dead letter")
	}
	shard := transfer.ID(parts[1]).Shard()
	base := l.base(shard)
	word, err := l.verdict(ctx, l.scripts.revive, base+"j", base, string(tenant), key, l.now())
	if err == nil && word == "unknown" {
		return transfer.E(transfer.NotFound, "no such dead letter")
	}
	l.schedule.expect(shard, l.Clock())
	return err
}
