package bench_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// order is what the client process is told to ask for: each of the addresses
// once, so many at a time.
type order struct {
	ID       int
	Protocol string
	Method   string
	URLs     []string
	AtOnce   int
	Size     int64 // of each body sent
	Header   http.Header
	Visitors bool // every connection comes from another address
}

// outcome is what came of an order.
type outcome struct {
	ID    int
	Bytes int64           // received, in all
	Took  []time.Duration // of each request
	Error string          // the first
}

const clientMark = "SENDDIGITALLY_BENCH_CLIENT"

// TestMain is the client process when it is started as one, so that what is
// measured in this process is the servers' alone.
func TestMain(m *testing.M) {
	if os.Getenv(clientMark) == "" {
		os.Exit(m.Run())
	}
	clients, out, mu := map[string]*http.Client{}, json.NewEncoder(os.Stdout), sync.Mutex{}
	for _, p := range protocols {
		clients[p] = newClient(p)
	}
	for in := json.NewDecoder(bufio.NewReader(os.Stdin)); ; {
		var o order
		if err := in.Decode(&o); err != nil {
			return
		}
		go func() {
			client := clients[o.Protocol]
			if o.Visitors {
				client = newClient(o.Protocol)
				client.Transport.(*http.Transport).DialContext = elsewhere()
			}
			done := o.run(client)
			mu.Lock()
			defer mu.Unlock()
			_ = out.Encode(done)
		}()
	}
}

func newClient(p string) *http.Client {
	return &http.Client{Timeout: 10 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{ForceAttemptHTTP2: p == "h2", MaxIdleConnsPerHost: 256, DisableCompression: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // loopback, certificates of the run
			TLSNextProto:    nextProto(p)}}
}

// nextProto keeps a client from HTTP/2 where it is not measured.
func nextProto(p string) map[string]func(string, *tls.Conn) http.RoundTripper {
	if p == "h2" {
		return nil
	}
	return map[string]func(string, *tls.Conn) http.RoundTripper{}
}

// elsewhere dials from one loopback address after the other, so that limits for
// each visitor hold as they do for people.
func elsewhere() func(context.Context, string, string) (net.Conn, error) {
	var dialled atomic.Uint32
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		n := dialled.Add(1)
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(rand.IntN(256)), byte(n>>8), byte(n))}}
		return from.DialContext(ctx, network, address)
	}
}

func (o order) run(client *http.Client) outcome {
	result := outcome{ID: o.ID, Took: make([]time.Duration, len(o.URLs))}
	var all sync.WaitGroup
	var mu sync.Mutex
	next := make(chan int)
	for range max(1, o.AtOnce) {
		all.Go(func() {
			buffer := make([]byte, 256<<10)
			for i := range next {
				begun := time.Now()
				n, err := o.ask(client, o.URLs[i], buffer)
				result.Took[i] = time.Since(begun)
				mu.Lock()
				if result.Bytes += n; err != nil && result.Error == "" {
					result.Error = err.Error()
				}
				mu.Unlock()
			}
		})
	}
	for i := range o.URLs {
		next <- i
	}
	close(next)
	all.Wait()
	return result
}

func (o order) ask(client *http.Client, address string, buffer []byte) (int64, error) {
	var body io.Reader
	if o.Size > 0 {
		body = io.LimitReader(endless{}, o.Size)
	}
	request, err := http.NewRequest(o.Method, address, body)
	if err != nil {
		return 0, err
	}
	request.ContentLength, request.Header = o.Size, o.Header
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 300))
		return 0, fmt.Errorf("%s %s: %d %s", o.Method, address, answer.StatusCode, text)
	}
	return io.CopyBuffer(struct{ io.Writer }{io.Discard}, answer.Body, buffer)
}

// endless is a body of bytes that no disk can pack, as ciphertext is: zeros would
// let a reference that does not encrypt write less.
type endless struct{}

var noise = func() []byte {
	b := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}()

func (endless) Read(p []byte) (int, error) { return copy(p, noise), nil }

// remote is the client process, seen from here.
type remote struct {
	mu      sync.Mutex
	in      *json.Encoder
	orders  int
	waiting map[int]chan outcome
}

func startClient(t *testing.T) *remote {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), clientMark+"=1"), os.Stderr
	in, err := command.StdinPipe()
	must(t, err)
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	r := &remote{in: json.NewEncoder(in), waiting: map[int]chan outcome{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for from := json.NewDecoder(out); ; {
			var done outcome
			if err := from.Decode(&done); err != nil {
				return
			}
			r.mu.Lock()
			r.waiting[done.ID] <- done
			r.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = in.Close(); <-ended; _ = command.Wait() })
	return r
}

// do has an order carried out.
func (r *remote) do(o order) (outcome, error) {
	r.mu.Lock()
	r.orders++
	o.ID = r.orders
	answer := make(chan outcome, 1)
	r.waiting[o.ID] = answer
	err := r.in.Encode(o)
	r.mu.Unlock()
	if err != nil {
		return outcome{}, err
	}
	done := <-answer
	if done.Error != "" {
		err = errors.New(done.Error)
	}
	return done, err
}
