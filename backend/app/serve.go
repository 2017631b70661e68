package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"senddigitally/backend/config"
)

// cutGrace is how long a request that was cut may take to put away what it had
// half written.
const cutGrace = 5 * time.Second

// Serve runs a configured system until ctx ends: it listens, works and sweeps,
// and then lets what was begun finish within its grace. A signal on reload
// reads the routing files again.
func Serve(ctx context.Context, c config.Config, log *slog.Logger, reload <-chan struct{}) error {
	opened, err := Open(ctx, c, log)
	if err != nil {
		return err
	}
	defer opened.Close()
	system, err := New(opened.Setup)
	if err != nil {
		return err
	}
	if err := system.Start(ctx); err != nil {
		return err
	}
	opened.Watch(ctx, reload)
	for _, health := range []prometheus.Collector{routingHealth{opened.Tenants}, ledgerHealth{opened.Ledger}} {
		prometheus.MustRegister(health)
		defer prometheus.Unregister(health)
	}
	return system.listenAndWork(ctx, c)
}

func (s *System) listenAndWork(ctx context.Context, c config.Config) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	handlers := map[string]http.Handler{c.Listen.Staff: s.Staff, c.Listen.Portal: s.Portal}
	if c.Listen.Metrics != "" {
		handlers[c.Listen.Metrics] = promhttp.Handler()
	}
	var servers []*http.Server
	var answering sync.RWMutex
	for address, handler := range handlers {
		server := newServer(counted(&answering, handler))
		servers = append(servers, server)
		listener, err := listen(address, c.TLS)
		if err != nil {
			return err
		}
		s.log.Info("listening", "address", listener.Addr().String())
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				stop(err)
			}
		}()
	}
	working := make(chan struct{})
	go func() { s.Work(ctx); close(working) }()
	<-ctx.Done()
	s.log.Info("stopping; what was begun may finish", "grace", c.Work.ShutdownGrace.String())
	grace, cancel := context.WithTimeout(context.Background(), time.Duration(c.Work.ShutdownGrace))
	defer cancel()
	err := shutdown(grace, servers)
	if !ended(&answering, cutGrace) {
		s.log.Warn("requests that were cut did not end; what they wrote last is swept later")
	}
	select {
	case <-working:
	case <-grace.Done():
		s.log.Warn("jobs did not finish within the grace; their leases will lapse")
	}
	if failed := context.Cause(ctx); failed != nil && !errors.Is(failed, context.Canceled) {
		return failed
	}
	return err
}

// newServer bounds how long a request may take to arrive; uploads extend it
// while something comes (web.Patient).
func newServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

func listen(address string, t config.TLS) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil || t.Certificate == "" {
		return listener, err
	}
	pair, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// counted holds answering for reading while a request is answered.
func counted(answering *sync.RWMutex, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answering.RLock()
		defer answering.RUnlock()
		next.ServeHTTP(w, r)
	})
}

// ended waits until no request is answered any more, at most so long; none
// begins afterwards.
func ended(answering *sync.RWMutex, atMost time.Duration) bool {
	none := make(chan struct{})
	go func() { answering.Lock(); close(none) }()
	select {
	case <-none:
		return true
	case <-time.After(atMost):
		return false
	}
}

// shutdown lets requests finish, and cuts those that do not within the grace.
func shutdown(grace context.Context, servers []*http.Server) error {
	var all error
	for _, server := range servers {
		if err := server.Shutdown(grace); err != nil {
			all = errors.Join(all, server.Close())
		}
	}
	return all
}
