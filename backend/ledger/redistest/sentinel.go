package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/ledger/trial"
)

// Watched is a master and its replica under a Sentinel.
type Watched struct {
	URL             string // as ledger.Open takes it
	Master, Replica *trial.Server
}

// Sentinel starts a master, a replica that has caught up, and a Sentinel that
// promotes the replica when the master has not answered for a second.
func Sentinel(t testing.TB) Watched {
	t.Helper()
	master, replica, watcher := freePort(t), freePort(t), freePort(t)
	w := Watched{URL: "redis+sentinel://127.0.0.1:" + watcher + "?master_name=ledger"}
	w.Master = Start(t, "--port", master, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
	w.Replica = Start(t, "--port", replica, "--bind", "127.0.0.1", "--replicaof", "127.0.0.1 "+master)
	dir := t.TempDir()
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor ledger 127.0.0.1 %s 1\n"+
		"sentinel down-after-milliseconds ledger 1000\nsentinel failover-timeout ledger 3000\n", watcher, dir, filepath.Join(dir, "log"), master)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("redis-server", conf, "--sentinel")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	until(t, "127.0.0.1:"+master, "INFO", "replication", "state=online")
	until(t, "127.0.0.1:"+watcher, "INFO", "sentinel", "slaves=1,sentinels=1")
	return w
}

// until waits until a server's answer to a command has a text in it.
func until(t testing.TB, address, command, argument, text string) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1, DialerRetries: 1})
	defer c.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-tick.C {
		said, err := c.Do(t.Context(), command, argument).Text()
		if err == nil && strings.Contains(said, text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s %s of %s: %v, %s", command, argument, address, err, said)
		}
	}
}
