package ledger

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// connect makes the client that a URL asks for. Every wait is bounded. The
// authorities are those that may vouch for the servers; nil are the system's.
func connect(address string, timeout time.Duration, authorities *x509.CertPool) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	scheme, kind, _ := strings.Cut(u.Scheme, "+")
	address = scheme + strings.TrimPrefix(address, u.Scheme)
	switch kind {
	case "":
		return single(address, timeout, authorities)
	case "cluster":
		return cluster(address, timeout, authorities)
	case "sentinel":
		return sentinel(address, timeout, authorities)
	}
	return nil, fmt.Errorf("unknown kind of Redis %q", kind)
}

func init() { redis.SetLogger(debug{}) }

// debug takes what the client says about its connections, which the errors of
// calls say as well.
type debug struct{}

func (debug) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, fmt.Sprintf(format, v...))
}

func trust(c *tls.Config, authorities *x509.CertPool) {
	if c != nil {
		c.RootCAs, c.MinVersion = authorities, tls.VersionTLS12
	}
}

// quiet keeps the client from asking for maintenance notices, which Redis 7.0
// does not know.
var quiet = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}

func single(address string, timeout time.Duration, authorities *x509.CertPool) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	trust(o.TLSConfig, authorities)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.ContextTimeoutEnabled = timeout, timeout, timeout, true
	o.DialerRetries, o.DisableIdentity, o.MaintNotificationsConfig = 1, true, quiet
	return redis.NewClient(o), nil
}

func cluster(address string, timeout time.Duration, authorities *x509.CertPool) (redis.UniversalClient, error) {
	o, err := redis.ParseClusterURL(address)
	if err != nil {
		return nil, err
	}
	trust(o.TLSConfig, authorities)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.ContextTimeoutEnabled = timeout, timeout, timeout, true
	o.DialerRetries, o.DisableIdentity, o.MaintNotificationsConfig = 1, true, quiet
	return redis.NewClusterClient(o), nil
}

func sentinel(address string, timeout time.Duration, authorities *x509.CertPool) (redis.UniversalClient, error) {
	o, err := redis.ParseFailoverURL(address)
	if err != nil {
		return nil, err
	}
	trust(o.TLSConfig, authorities)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.ContextTimeoutEnabled = timeout, timeout, timeout, true
	o.DialerRetries, o.DisableIdentity = 1, true
	return redis.NewFailoverClient(o), nil
}
