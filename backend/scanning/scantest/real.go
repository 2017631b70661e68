package scantest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Signature is what the real clamd of a test finds, as TestMalware; it is harmless.
const Signature = "senddigitally: this text stands for malware in tests"

// TestMalware is the name that the real clamd gives what it finds.
const TestMalware = "SendDigitally.Test.UNOFFICIAL"

// Real starts Debian's clamd with a signature database of the test's own, and
// answers the path of its socket. Nothing is fetched.
func Real(t testing.TB, options ...string) string {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/clamd"); err != nil {
			t.Skip("clamd is not installed (Debian: clamav-daemon)")
		}
	}
	dir, err := os.MkdirTemp("", "clamd") // a socket's path may have 107 characters (unix(7))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "clamd.sock")
	config := fmt.Sprintf("Foreground yes\nLocalSocket %s\nDatabaseDirectory %s\nTemporaryDirectory %s\nAlertExceedsMax yes\nStreamMaxLength 4M\nMaxFileSize 4M\nMaxScanSize 8M\nSelfCheck 0\n", socket, dir, dir)
	for _, o := range options {
		config += o + "\n"
	}
	// A body signature (ClamAV, "Signatures based on content"): name, any type, any
	// place, content in hexadecimal.
	signature := fmt.Sprintf("SendDigitally.Test:0:*:%x\n", Signature)
	for name, content := range map[string]string{"clamd.conf": config, "test.ndb": signature} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	clamd := exec.Command(program, "--config-file="+filepath.Join(dir, "clamd.conf"))
	if err := clamd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- clamd.Wait() }()
	t.Cleanup(func() { _ = clamd.Process.Kill(); <-ended })
	await(t, socket, ended)
	return socket
}

func await(t testing.TB, socket string, ended chan error) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- errors.New("gone")
			t.Fatalf("clamd did not start: %v", err)
		default:
		}
	}
	t.Fatal("clamd did not begin to listen")
}
