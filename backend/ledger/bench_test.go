package ledger_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

const benchWorkers = 8

// BenchmarkJobs measures a job's whole life, alone and together with its
// record, beside a bare stream loop in the same run, round by round.
func BenchmarkJobs(b *testing.B) {
	url := redistest.Start(b).URL
	l := rebuilt(b, url, newWatch())
	bare := bareStream(b, url)
	var queue, commit, reference time.Duration
	done := 0
	const round = 2000
	for b.Loop() {
		base := done
		reference += inParallel(round, func(int) { must(b, bare.add(b.Context())) }, func() int { return bare.take(b) })
		queue += inParallel(round, func(i int) { must(b, l.Enqueue(b.Context(), job(base+i, "r1"))) }, func() int { return takeJobs(b, l) })
		commit += inParallel(round, func(i int) {
			r := live(base + i)
			must(b, l.Put(b.Context(), r, links(base+i), []transfer.Job{job(base+i, "r1")}))
		}, func() int { return takeJobs(b, l) })
		done += round
	}
	perSecond := func(d time.Duration) float64 { return float64(done) / d.Seconds() }
	if os.Getenv("LEDGER_STATS") != "" {
		info, _ := bare.client.Info(b.Context(), "commandstats").Result()
		b.Log(info)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(perSecond(reference), "stream/s")
	b.ReportMetric(perSecond(queue), "job/s")
	b.ReportMetric(perSecond(commit), "commit+job/s")
	b.ReportMetric(float64(reference)/float64(queue), "job÷stream")
	b.ReportMetric(float64(reference)/float64(commit), "commit+job÷stream")
}

// inParallel adds n pieces of work and takes them, with a few workers at each
// end, and says how long that took.
func inParallel(n int, add func(int), take func() int) time.Duration {
	began := time.Now()
	var next, taken atomic.Int64
	var all sync.WaitGroup
	for range benchWorkers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				add(int(i))
			}
		})
		all.Go(func() {
			for taken.Load() < int64(n) {
				taken.Add(int64(take()))
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

func takeJobs(b *testing.B, l *ledger.Ledger) int {
	claimed, err := l.Claim(b.Context(), "worker", 10, time.Millisecond)
	must(b, err)
	for _, j := range claimed {
		must(b, l.Done(b.Context(), j))
	}
	return len(claimed)
}

// stream is the least that a queue on a Redis stream can do.
type stream struct {
	client *redis.Client
	body   string
}

func bareStream(b *testing.B, url string) *stream {
	o, err := redis.ParseURL(url)
	must(b, err)
	s := &stream{client: redis.NewClient(o), body: strings.Repeat("x", 120)}
	b.Cleanup(func() { _ = s.client.Close() })
	must(b, s.client.XGroupCreateMkStream(b.Context(), "stream", "group", "0").Err())
	return s
}

func (s *stream) add(ctx context.Context) error {
	return s.client.XAdd(ctx, &redis.XAddArgs{Stream: "stream", Values: []string{"job", s.body}}).Err()
}

func (s *stream) take(b *testing.B) int {
	read, err := s.client.XReadGroup(b.Context(), &redis.XReadGroupArgs{Group: "group", Consumer: "worker",
		Streams: []string{"stream", ">"}, Count: 10, Block: time.Millisecond}).Result()
	if err == redis.Nil {
		return 0
	}
	must(b, err)
	for _, m := range read[0].Messages {
		must(b, s.client.XAck(b.Context(), "stream", "group", m.ID).Err())
	}
	return len(read[0].Messages)
}

// BenchmarkMemory reports what a live transfer with one recipient costs Redis,
// all its keys counted, among 10,000 of 200 owners and 20 mailboxes.
func BenchmarkMemory(b *testing.B) {
	const n = 10_000
	url := redistest.Start(b).URL
	o, err := redis.ParseURL(url)
	must(b, err)
	c := redis.NewClient(o)
	defer c.Close()
	l := rebuilt(b, url, newWatch())
	for b.Loop() {
		empty := usedMemory(b, c)
		inParallel(n, func(i int) { must(b, l.Put(b.Context(), typical(i), typicalLinks(i), nil)) }, func() int { return n })
		b.ReportMetric(float64(keysMemory(b, c))/n, "bytes/record")
		b.ReportMetric(float64(usedMemory(b, c)-empty)/n, "used/record")
		must(b, c.FlushAll(b.Context()).Err())
	}
}

func typical(i int) transfer.Record {
	r := live(i)
	r.Owner = namer.Owner(tenant, fmt.Sprint("caseworker", i%200))
	r.Mailbox = namer.Owner(tenant, fmt.Sprint("mailbox", i%20))
	r.Recipients = map[transfer.RecipientID]string{"r1": "downloaded"}
	return r
}

func typicalLinks(i int) map[string]transfer.RecipientID {
	return map[string]transfer.RecipientID{linkHash(i, "r1"): "r1"}
}

func usedMemory(b *testing.B, c *redis.Client) int64 {
	info, err := c.Info(b.Context(), "memory").Result()
	must(b, err)
	_, after, _ := strings.Cut(info, "used_memory_dataset:")
	n, err := strconv.ParseInt(after[:strings.Index(after, "\r")], 10, 64)
	must(b, err)
	return n
}

func keysMemory(b *testing.B, c *redis.Client) (sum int64) {
	kinds := map[string]int64{}
	for keys := c.Scan(b.Context(), 0, "*", 1000).Iterator(); keys.Next(b.Context()); {
		n, err := c.MemoryUsage(b.Context(), keys.Val(), 0).Result()
		must(b, err)
		_, name, _ := strings.Cut(keys.Val(), "}")
		kinds[name[:1]] += n
		sum += n
	}
	b.Logf("bytes by kind of key: %v", kinds)
	return sum
}
