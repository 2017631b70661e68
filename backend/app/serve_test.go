package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Case 7: the process does not end before a request that it cut has put away
// what it had half written.
func TestACutRequestEndsBeforeTheProcess(t *testing.T) {
	var answering sync.RWMutex
	arrived, putAway := make(chan struct{}), false
	server := newServer(counted(&answering, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = r.Body.Read(make([]byte, 1))
		close(arrived)
		_, _ = io.Copy(io.Discard, r.Body) // until it is cut
		<-time.After(20 * time.Millisecond)
		putAway = true
	})))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	body, writer := io.Pipe()
	defer writer.Close()
	go func() { _, _ = writer.Write([]byte("half")) }()
	go func() {
		answer, err := http.Post("http://"+listener.Addr().String(), "text/plain", body)
		if err == nil {
			answer.Body.Close()
		}
	}()
	<-arrived
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := shutdown(over, []*http.Server{server}); err != nil {
		t.Error(err)
	}
	if !ended(&answering, time.Minute) {
		t.Error("the request did not end")
	}
	if !putAway {
		t.Error("the request is cut while it puts away")
	}
}
