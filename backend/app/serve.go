package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"senddigitally/backend/config"
)

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
	health := routingHealth{opened.Tenants}
	prometheus.MustRegister(health)
	defer prometheus.Unregister(health)
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
	for address, handler := range handlers {
		server := newServer(handler)
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

func shutdown(grace context.Context, servers []*http.Server) error {
	var all error
	for _, server := range servers {
		if err := server.Shutdown(grace); err != nil {
			all = errors.Join(all, server.Close())
		}
	}
	return all
}
