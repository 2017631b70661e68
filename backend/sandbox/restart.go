package sandbox

import (
	"context"
	"net"
	"net/http"
	"strings"

	"senddigitally/backend/app"
)

func (s *Sandbox) work(ctx context.Context) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended, system := make(chan struct{}), s.System
	go func() { system.Work(working); close(ended) }()
	s.stopWork = func() { cancel(); <-ended }
}

// Restart ends the product as if its process were replaced: connections are cut,
// what it held in memory is gone. During down nothing answers; then it stands
// anew, at its addresses, on what was stored. The world around it goes on.
func (s *Sandbox) Restart(ctx context.Context, down func()) error {
	for _, server := range s.servers {
		if err := server.Close(); err != nil {
			return err
		}
	}
	s.stopWork()
	down()
	var err error
	if s.System, err = app.New(s.Setup); err != nil {
		return err
	}
	if err := s.System.Start(ctx); err != nil {
		return err
	}
	s.work(ctx)
	for i, at := range []struct {
		url     string
		handler http.Handler
	}{{s.StaffURL, s.System.Staff}, {s.PortalURL, s.System.Portal}} {
		l, err := net.Listen("tcp", "127.0.0.1:"+at.url[strings.LastIndexByte(at.url, ':')+1:])
		if err != nil {
			return err
		}
		s.servers[i] = s.serve(l, at.handler)
	}
	return nil
}
