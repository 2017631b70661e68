package blobtest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Tool is the path of a program that deploy/build/tools.sh has put into .tools;
// the test is skipped where it is not.
func Tool(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		found := filepath.Join(dir, ".tools", path)
		if _, err := os.Stat(found); err != nil {
			t.Skipf("%s is not installed: run make tools", filepath.Base(path))
		}
		return found
	}
	t.Skip("the repository is not around this test")
	return ""
}

// FreeAddress is a loopback address that nobody listens on at the moment.
func FreeAddress(t testing.TB) (host, port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	host, port, _ = net.SplitHostPort(l.Addr().String())
	return host, port
}

// Serve runs a server until the test ends, and returns once it listens.
func Serve(t testing.TB, address string, command *exec.Cmd) {
	t.Helper()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-tick.C {
		if c, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = c.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended at once: %v", filepath.Base(command.Path), err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen", filepath.Base(command.Path))
		}
	}
}
