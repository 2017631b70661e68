package trial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server process of ours.
type Server struct {
	URL string

	binary  string
	args    []string
	process *os.Process
	ended   chan error
}

// Start starts redis-server on dir with persistence and without eviction, and
// waits until it answers. It listens on a Unix socket in dir, or on a free
// loopback port where the path of a socket would be too long. Further settings,
// as on redis-server's command line, come last and so prevail.
func Start(ctx context.Context, dir string, settings ...string) (*Server, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	url, listen, err := address(dir)
	if err != nil {
		return nil, err
	}
	args := append(listen, "--dir", dir, "--daemonize", "no", "--appendonly", "yes", "--appendfsync", "everysec",
		"--save", "", "--maxmemory-policy", "noeviction", "--logfile", filepath.Join(dir, "redis.log"))
	s := &Server{URL: url, binary: binary, args: append(args, settings...)}
	if err := s.retire(ctx); err != nil {
		return nil, err
	}
	return s, s.Restart(ctx)
}

// address chooses where to listen. 104 bytes is the shortest limit of a
// socket's path among the systems that we run on (macOS; Linux has 108).
func address(dir string) (url string, args []string, err error) {
	if socket := filepath.Join(dir, "redis.sock"); len(socket) < 104 {
		return "unix://" + socket, []string{"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"}, nil
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	defer free.Close()
	port := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	return "redis://127.0.0.1:" + port, []string{"--port", port, "--bind", "127.0.0.1"}, nil
}

// retire ends a server that an earlier run left behind on the same socket.
func (s *Server) retire(ctx context.Context) error {
	if !strings.HasPrefix(s.URL, "unix://") {
		return nil
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	defer client.Close()
	for deadline := time.Now().Add(5 * time.Second); s.listens() && client.Ping(ctx).Err() == nil; {
		_ = client.Shutdown(ctx).Err()
		if time.Now().After(deadline) {
			return errors.New("another redis-server in this directory does not end")
		}
	}
	return nil
}

// Restart starts the process again, after Stop or Kill, on the same address.
func (s *Server) Restart(ctx context.Context) error {
	started := make(chan error)
	s.ended = make(chan error, 1)
	go s.attend(started)
	if err := <-started; err != nil {
		return fmt.Errorf("redis-server does not start: %w", err)
	}
	if err := s.await(ctx); err != nil {
		s.Kill()
		return err
	}
	return nil
}

// attend starts the process and waits for it on one thread: where the system
// ends a child with its parent, the parent is the thread.
func (s *Server) attend(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command := exec.Command(s.binary, s.args...)
	command.SysProcAttr = withParent()
	err := command.Start()
	s.process = command.Process
	started <- err
	if err == nil {
		s.ended <- command.Wait()
	}
}

func (s *Server) await(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // one that ends is noticed at once
	defer cancel()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		if s.listens() && answered(client.Ping(ctx).Err()) {
			return nil
		}
		select {
		case gone := <-s.ended:
			s.ended <- gone
			return fmt.Errorf("redis-server ended at once, see its redis.log: %v", gone)
		case <-ctx.Done():
			return errors.New("redis-server does not answer, see its redis.log")
		case <-retry.C:
		}
	}
}

// answered: a server that asks for a password has started, too.
func answered(err error) bool {
	return err == nil || redis.HasErrorPrefix(err, "NOAUTH")
}

// listens tries the address first, since the client logs what it cannot dial.
func (s *Server) listens() bool {
	network, address := "tcp", strings.TrimPrefix(s.URL, "redis://")
	if socket, is := strings.CutPrefix(s.URL, "unix://"); is {
		network, address = "unix", socket
	}
	conn, err := net.DialTimeout(network, address, time.Second)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func (s *Server) client() (*redis.Client, error) {
	o, err := redis.ParseURL(s.URL)
	if err != nil {
		return nil, err
	}
	o.MaxRetries, o.DialerRetries = -1, 1
	return redis.NewClient(o), nil
}

// PID is the process id.
func (s *Server) PID() int { return s.process.Pid }

// Stop ends the process in good order, so that nothing is lost.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends it as a crash would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

func (s *Server) end(signal syscall.Signal) {
	_ = s.process.Signal(signal)
	select {
	case err := <-s.ended:
		s.ended <- err
	case <-time.After(10 * time.Second):
		_ = s.process.Kill()
		s.ended <- <-s.ended
	}
}
