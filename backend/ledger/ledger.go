package ledger

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/transfer"
)

// Options say where the ledger is and how it behaves. Zero durations take the
// value named at the field.
type Options struct {
	URL          string                // redis, rediss, unix; see Open
	Client       redis.UniversalClient // instead of URL; stays the caller's to close
	Authorities  *x509.CertPool        // that vouch for the servers; nil: the system's
	Prefix       string                // of every key; "sd:"
	Installation string                // whose ledger this is; required
	Clock        func() time.Time      // time.Now

	TrustPersistence bool // accept a Redis whose persistence cannot be seen or is weak

	Timeout       time.Duration // of one call, retries included; 3 s
	JobLease      time.Duration // how long a claimed job stays claimed; 60 s
	Poll          time.Duration // how often an idle worker looks for others' jobs; 500 ms
	Grace         time.Duration // after the lease of a reception, before it is due; 24 h
	KeepTombstone time.Duration // how long an erased link still says so; 90 days
}

// Ledger is the way to Redis. It is safe for concurrent use.
type Ledger struct {
	Options
	client   redis.UniversalClient
	scripts  *scripts
	schedule *schedule
	version  int // of jobs, the newest that this release knows
	owned    bool
}

// Open connects. The URL's scheme is redis, rediss (TLS) or unix for one
// server; redis+cluster or rediss+cluster, with further nodes as addr=host:port;
// redis+sentinel or rediss+sentinel, with master_name=. It does not say whether
// the ledger is fit for use: see Check.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	o = o.withDefaults()
	if o.Installation == "" || strings.ContainsAny(o.Prefix, "{}") {
		return nil, transfer.E(transfer.Internal, "the ledger needs an installation id and a prefix without braces")
	}
	l := &Ledger{Options: o, client: o.Client, version: transfer.JobVersion, schedule: newSchedule()}
	if l.client == nil {
		client, err := connect(o.URL, o.Timeout, o.Authorities)
		if err != nil {
			return nil, transfer.E(transfer.Internal, "the URL of Redis cannot be read") // the cause could name the password
		}
		l.client, l.owned = client, true
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	var err error
	if l.scripts, err = loadScripts(ctx, l.client, o.Prefix); err != nil {
		l.Close()
		return nil, failure(err)
	}
	return l, nil
}

// Close ends the connections that Open made.
func (l *Ledger) Close() error {
	if !l.owned {
		return nil
	}
	return l.client.Close()
}

func (o Options) withDefaults() Options {
	preset := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	const day = 24 * time.Hour
	preset(&o.Timeout, 3*time.Second)
	preset(&o.JobLease, time.Minute)
	preset(&o.Poll, 500*time.Millisecond)
	preset(&o.Grace, day)
	preset(&o.KeepTombstone, 90*day)
	if o.Prefix == "" {
		o.Prefix = "sd:"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// run runs a script on a shard.
func (l *Ledger) run(ctx context.Context, s *redis.Script, key string, args ...any) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	v, err := s.Run(ctx, l.client, []string{key}, args...).Result()
	if err != nil {
		return nil, failure(err)
	}
	return v, nil
}

// verdict runs a script that answers in one word.
func (l *Ledger) verdict(ctx context.Context, s *redis.Script, key string, args ...any) (string, error) {
	v, err := l.run(ctx, s, key, args...)
	if err != nil {
		return "", err
	}
	word, _ := v.(string)
	return word, nil
}

// pipelined sends commands together; missing values are no error.
func (l *Ledger) pipelined(ctx context.Context, add func(redis.Pipeliner)) error {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	_, err := l.client.Pipelined(ctx, func(p redis.Pipeliner) error { add(p); return nil })
	if err != nil && !errors.Is(err, redis.Nil) {
		return failure(err)
	}
	return nil
}

func (l *Ledger) now() string { return millis(l.Clock()) }

// failure turns trouble with Redis into an error of the domain.
func failure(err error) error {
	var answered redis.Error
	switch {
	case strings.HasPrefix(err.Error(), "LOST "):
		return transfer.Wrap(transfer.Unavailable, "the ledger was lost and is being rebuilt", ErrLost)
	case redis.HasErrorPrefix(err, "OOM"):
		return transfer.Wrap(transfer.Unavailable, "there is no room for more at the moment", err)
	case errors.As(err, &answered) && (redis.HasErrorPrefix(err, "ERR") || redis.HasErrorPrefix(err, "WRONGTYPE")):
		return transfer.Wrap(transfer.Internal, "the ledger refused a command", err)
	}
	return transfer.Wrap(transfer.Unavailable, "the ledger cannot be reached", err)
}
