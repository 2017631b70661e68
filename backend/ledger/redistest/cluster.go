package redistest

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is how many a Redis Cluster has (Redis Cluster Specification).
const slots = 16384

// Cluster starts a Redis Cluster of n masters for the duration of a test and
// returns its URL, as ledger.Open takes it.
func Cluster(t testing.TB, n int) string {
	t.Helper()
	var nodes []*redis.Client
	var addresses []string
	for range n {
		port, bus := freePort(t), freePort(t)
		Start(t, "--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", bus)
		c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
		t.Cleanup(func() { _ = c.Close() })
		nodes, addresses = append(nodes, c), append(addresses, "127.0.0.1:"+port+"@"+bus)
	}
	for i, c := range nodes {
		first, last := i*slots/n, (i+1)*slots/n-1
		if err := c.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", first, last).Err(); err != nil {
			t.Fatal(err)
		}
		host, bus, _ := strings.Cut(addresses[0], "@")
		if err := c.Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", host[strings.Index(host, ":")+1:], bus).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range nodes {
		agree(t, c, n)
	}
	url := "redis+cluster://" + nodes[0].Options().Addr
	for i, c := range nodes[1:] {
		url += fmt.Sprintf("%caddr=%s", "?&"[min(i, 1)], c.Options().Addr)
	}
	return url
}

// agree waits until a node sees all slots served and knows every other.
func agree(t testing.TB, c *redis.Client, n int) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		info := c.ClusterInfo(t.Context()).Val()
		if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(n)) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no cluster: %s", info)
		}
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
