package config

import (
	"net/url"
	"slices"
	"strings"
)

// Connection is the URL with the credentials in it, for the ledger to open and
// nobody else.
func (r Redis) Connection() string {
	u, err := url.Parse(r.URL)
	if err != nil || r.Password == "" {
		return r.URL
	}
	u.User = url.UserPassword(r.User, r.Password.Reveal())
	if r.sentinel(u) {
		// go-redis takes the URL's own credentials for the sentinels, and those of
		// the servers behind them from the query.
		q := u.Query()
		q.Set("username", r.User)
		q.Set("password", r.Password.Reveal())
		u.RawQuery = q.Encode()
	}
	return u.String()
}

func (Redis) sentinel(u *url.URL) bool { return strings.HasSuffix(u.Scheme, "+sentinel") }

// checkRedis holds the rules for the way to Redis (case 26): over a network it
// is encrypted and asks for a password, in production and in trials.
func (c *Config) checkRedis(p *Problems) {
	u, err := url.Parse(c.Redis.URL)
	if err != nil {
		return // the tag's rule has said so
	}
	scheme, kind, _ := strings.Cut(u.Scheme, "+")
	if !slices.Contains([]string{"redis", "rediss", "unix"}, scheme) || !slices.Contains([]string{"", "cluster", "sentinel"}, kind) {
		p.add("redis.url", "redis_kind", nil)
		return
	}
	if u.User != nil || u.Query().Has("password") {
		p.add("redis.url", "redis_credentials", nil)
	}
	if c.Redis.User != "" && c.Redis.Password == "" {
		p.add("redis.password", "redis_password", nil)
	}
	if scheme == "unix" || onlyLoopback(u) {
		return
	}
	if scheme != "rediss" {
		p.add("redis.url", "redis_tls", nil)
	}
	if c.Redis.Password == "" {
		p.add("redis.password", "redis_open", nil)
	}
}

// onlyLoopback looks at the nodes that a cluster's or sentinel's URL adds, too.
func onlyLoopback(u *url.URL) bool {
	hosts := []string{u.Hostname()}
	for _, address := range u.Query()["addr"] {
		for part := range strings.SplitSeq(address, ",") {
			node, err := url.Parse("//" + part)
			if err != nil {
				return false
			}
			hosts = append(hosts, node.Hostname())
		}
	}
	return !slices.ContainsFunc(hosts, func(h string) bool { return !loopback(h) })
}
