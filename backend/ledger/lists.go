package ledger

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// Owned lists what an owner (by pseudonym) sent, newest first. The cursor is
// empty for the first page, and the returned one empty after the last.
func (l *Ledger) Owned(ctx context.Context, tenant transfer.TenantID, owner, cursor string, limit int) ([]transfer.ID, string, error) {
	return l.ids(ctx, "o:"+string(tenant)+":"+pack(owner), cursor, limit)
}

// Mailbox lists what was written in or delivered to a mailbox (by pseudonym),
// newest first; cursors are as in Owned.
func (l *Ledger) Mailbox(ctx context.Context, tenant transfer.TenantID, mailbox, cursor string, limit int) ([]transfer.ID, string, error) {
	return l.ids(ctx, "m:"+string(tenant)+":"+pack(mailbox), cursor, limit)
}

// Addressed lists what an addressee (by pseudonym) has received, newest first;
// cursors are as in Owned.
func (l *Ledger) Addressed(ctx context.Context, tenant transfer.TenantID, addressee, cursor string, limit int) ([]transfer.ID, string, error) {
	return l.ids(ctx, "a:"+string(tenant)+":"+pack(addressee), cursor, limit)
}

// Manual lists the replies that wait for the distributor, newest first;
// cursors are as in Owned.
func (l *Ledger) Manual(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) ([]transfer.ID, string, error) {
	return l.ids(ctx, "p:"+string(transfer.OnManual)+":"+string(tenant), cursor, limit)
}

// DeadLetters lists the replies whose delivery failed for good, newest first;
// cursors are as in Owned.
func (l *Ledger) DeadLetters(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) ([]transfer.ID, string, error) {
	return l.ids(ctx, "p:"+string(transfer.DeadLetter)+":"+string(tenant), cursor, limit)
}

func (l *Ledger) ids(ctx context.Context, list, cursor string, limit int) ([]transfer.ID, string, error) {
	page, next, err := l.page(ctx, list, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	ids := make([]transfer.ID, len(page))
	for i, p := range page {
		ids[i] = unpackMember(p.shard, p.member)
	}
	return ids, next, nil
}

// place is where an entry stands in a list that is spread over all shards. The
// order is total: score, then shard, then member, each descending.
type place struct {
	score  int64
	shard  int
	member string
}

func (p place) after(other place) int {
	switch {
	case p.score != other.score:
		return sign(p.score < other.score)
	case p.shard != other.shard:
		return sign(p.shard < other.shard)
	}
	return -strings.Compare(p.member, other.member)
}

func sign(later bool) int {
	if later {
		return 1
	}
	return -1
}

func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString(
		[]byte(strconv.FormatInt(p.score, 10) + "|" + strconv.Itoa(p.shard) + "|" + p.member))
}

func parseCursor(cursor string) (place, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.SplitN(string(raw), "|", 3)
	if err != nil || len(parts) != 3 {
		return place{}, transfer.E(transfer.Invalid, "this is not a cursor")
	}
	score, err1 := strconv.ParseInt(parts[0], 10, 64)
	shard, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return place{}, transfer.E(transfer.Invalid, "this is not a cursor")
	}
	return place{score, shard, parts[2]}, nil
}

// maxPage bounds a page, whatever was asked for.
const maxPage = 1000

// page merges one page of a list from all shards. A shard is asked for a few
// entries first, and again, for twice as many, only when these were all taken:
// what is read is a small multiple of the page.
func (l *Ledger) page(ctx context.Context, list, cursor string, limit int) ([]place, string, error) {
	limit = min(max(limit, 1), maxPage)
	m := &merge{ledger: l, list: list}
	if cursor != "" {
		after, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		m.after = &after
	}
	for s := range m.shards {
		m.shards[s].chunk = limit/transfer.Shards + 4
	}
	var page []place
	for len(page) < limit {
		if err := m.fill(ctx); err != nil {
			return nil, "", err
		}
		next, more := m.take()
		if !more {
			return page, "", nil
		}
		page = append(page, next)
	}
	if err := m.fill(ctx); err != nil {
		return nil, "", err
	}
	if _, more := m.take(); !more {
		return page, "", nil
	}
	return page, page[limit-1].cursor(), nil
}

type merge struct {
	ledger *Ledger
	list   string
	after  *place
	shards [transfer.Shards]struct {
		waiting []place
		offset  int // entries asked for so far
		chunk   int // entries to ask for next
		ended   bool
	}
}

// fill asks every shard that has nothing waiting and has not ended.
func (m *merge) fill(ctx context.Context) error {
	for {
		asked := map[int]*redis.ZSliceCmd{}
		err := m.ledger.pipelined(ctx, func(p redis.Pipeliner) {
			for s := range m.shards {
				if at := &m.shards[s]; len(at.waiting) == 0 && !at.ended {
					asked[s] = m.ask(ctx, p, s)
				}
			}
		})
		if err != nil || len(asked) == 0 {
			return err
		}
		for s, answer := range asked {
			m.accept(s, answer.Val())
		}
	}
}

func (m *merge) ask(ctx context.Context, p redis.Pipeliner, s int) *redis.ZSliceCmd {
	newest := "+inf"
	if m.after != nil {
		newest = strconv.FormatInt(m.after.score, 10)
	}
	at := m.shards[s]
	return p.ZRevRangeByScoreWithScores(ctx, m.ledger.base(s)+m.list,
		&redis.ZRangeBy{Min: "-inf", Max: newest, Offset: int64(at.offset), Count: int64(at.chunk)})
}

func (m *merge) accept(s int, answer []redis.Z) {
	at := &m.shards[s]
	at.ended = len(answer) < at.chunk
	at.offset += len(answer)
	at.chunk = min(2*at.chunk, maxPage)
	for _, z := range answer {
		name, _ := z.Member.(string)
		if p := (place{int64(z.Score), s, name}); m.after == nil || p.after(*m.after) > 0 {
			at.waiting = append(at.waiting, p)
		}
	}
}

// take takes the newest of the shards' first entries.
func (m *merge) take() (place, bool) {
	var heads []place
	for s := range m.shards {
		if len(m.shards[s].waiting) > 0 {
			heads = append(heads, m.shards[s].waiting[0])
		}
	}
	if len(heads) == 0 {
		return place{}, false
	}
	newest := slices.MinFunc(heads, place.after)
	at := &m.shards[newest.shard]
	at.waiting = at.waiting[1:]
	return newest, true
}
