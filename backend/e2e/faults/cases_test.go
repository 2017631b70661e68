package faults_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/keys"
)

// Case 7: SIGTERM during an upload: it finishes or is refused, the process ends
// within its grace, and no temporary file is left that a restart keeps.
func TestCase07_StoppedDuringAnUpload(t *testing.T) {
	r := newRig(t)
	r.start()
	reader, writer := io.Pipe()
	uploaded := make(chan error, 1)
	go func() {
		_, err := r.api("PUT", "/api/v1/uploads/"+rand.Text()+"/u1", reader, http.Header{"Content-Type": {"application/octet-stream"},
			"Content-Disposition": {"attachment; filename=a.bin"}}, nil)
		uploaded <- err
	}()
	_, err := writer.Write(make([]byte, 1<<20))
	must(t, err)
	r.server.signal(syscall.SIGTERM)
	r.server.end(t, 15*time.Second)
	_ = writer.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-uploaded; err == nil {
		t.Error("an upload that was cut was acknowledged")
	}
	if left := r.files(filepath.Join("blobs", ".tmp")); len(left) > 0 {
		t.Errorf("temporary files are left: %d", len(left))
	}
	r.again()
	l := r.newLetter(1000)
	r.story(l)
	r.holds()
}

// onTmpfs lets the server see a small file system at one of its directories.
func (r *rig) onTmpfs(folder, size string) {
	r.t.Helper()
	if err := exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", r.at(folder)).Run(); err != nil {
		r.t.Skipf("not run: this machine does not allow mounting (unshare -m): %v", err)
	}
	r.wrap = []string{"unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=" + size + ",mode=700 none " + r.at(folder) + ` && exec "$@"`, "sh"}
}

// fill takes all the room there, as the server sees it, until free is called.
func (r *rig) fill(folder string) (free func()) {
	r.t.Helper()
	path := fmt.Sprintf("/proc/%d/root%s/lost+found", r.server.command.Process.Pid, r.at(folder))
	f, err := os.Create(path)
	must(r.t, err)
	for _, piece := range []int{1 << 16, 1 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, piece))
		}
	}
	must(r.t, f.Close())
	return func() { must(r.t, os.Remove(path)) }
}

// Case 10: the disk is full: 507, nothing is left, reads and erasures go on, and
// so does everything once there is room.
func TestCase10_TheVaultIsFull(t *testing.T) {
	r := newRig(t)
	r.onTmpfs("blobs", "16m")
	r.start()
	before, erased := r.newLetter(100_000), r.newLetter(1000)
	r.story(before)
	r.story(erased)
	free := r.fill("blobs")
	status, err := r.api("PUT", "/api/v1/uploads/"+rand.Text()+"/u1", bytes.NewReader(make([]byte, 1<<20)), http.Header{"Content-Type": {"application/octet-stream"},
		"Content-Disposition": {"attachment; filename=a.bin"}}, nil)
	if status != http.StatusInsufficientStorage {
		t.Errorf("an upload to a full disk: %d, %v", status, err)
	}
	must(t, r.download(before, 0))
	r.until("no temporary file is left", func() error { // the download may still be counted
		left, err := os.ReadDir(fmt.Sprintf("/proc/%d/root%s/.tmp", r.server.command.Process.Pid, r.at("blobs")))
		if err == nil && len(left) > 0 {
			err = errNotYet
		}
		return err
	})
	free()
	must(t, r.withdraw(erased))
	r.story(r.newLetter(100_000))
	r.holds()
}

// Case 11: no room for the audit log: nothing happens, and everything goes on
// without a restart once there is.
func TestCase11_TheAuditLogIsFull(t *testing.T) {
	r := newRig(t)
	r.onTmpfs("audit", "1m")
	r.start()
	before, after := r.newLetter(1000), r.newLetter(1000)
	r.story(before)
	free := r.fill("audit")
	r.until("reading is refused, once the page that was begun is full", func() error {
		if r.download(before, 0) == nil {
			return errNotYet
		}
		return nil
	})
	if err := r.upload(after); err == nil {
		if err := r.send(after); err == nil {
			t.Error("a letter was sent without an entry in the audit log")
		}
	}
	free()
	r.story(after)
	for _, l := range r.letters {
		r.readable(l)
		r.mailed(l)
	}
}

// Case 13: what the disk did not take is never acknowledged.
func TestCase13_TheDiskFails(t *testing.T) {
	r := newRig(t)
	r.start("SENDDIGITALLYFAULT_SYNC=blobs")
	l := r.newLetter(1000)
	if err := r.upload(l); err == nil {
		t.Error("an upload was acknowledged")
	}
	r.server.kill()
	r.again()
	r.story(l)
	r.holds()
}

// Cases 17, 19, 26 and 75: the start is refused, with the reason.
func TestCase17And19And26And75_AnUnsafeStartIsRefused(t *testing.T) {
	refuses := func(r *rig, words ...string) {
		t.Helper()
		p := r.command([]string{"serve"})
		p.end(t, 20*time.Second)
		for _, word := range words {
			if p.err == nil || !strings.Contains(p.output.String(), word) {
				t.Errorf("%v: no %q in %s", p.err, word, p.output)
			}
		}
	}
	refuses(newRig(t, "--appendonly", "no"), "appendonly")
	refuses(newRig(t, "--maxmemory-policy", "allkeys-lru"), "noeviction")

	open := newRig(t)
	open.environ = append(open.environ, "SENDDIGITALLY_REDIS_URL=redis://redis.municipality.example")
	refuses(open, "redis.url", "TLS", "redis.password")

	wrong := newRig(t)
	wrong.start()
	wrong.story(wrong.newLetter(100))
	wrong.server.kill()
	must(t, os.Rename(wrong.at("keyring.json"), wrong.at("kept.json")))
	refuses(wrong, "storage.keyring")
	must(t, keys.Init(wrong.at("keyring.json")))
	refuses(wrong, "another installation")
	must(t, os.Rename(wrong.at("kept.json"), wrong.at("keyring.json")))
	wrong.again()
	wrong.holds()
}

// Case 75, the clocks: one that is a year ahead erases nothing.
func TestCase75_AClockAYearAhead(t *testing.T) {
	r := newRig(t)
	r.start()
	l := r.newLetter(1000)
	r.story(l)
	r.server.kill()
	ahead := r.ahead
	r.ahead = 366 * 24 * time.Hour
	r.start()
	time.Sleep(3 * time.Second) // three sweeps
	if r.swept(l) == nil {
		t.Error("everything was erased")
	}
	r.server.kill()
	r.ahead = ahead
	r.again()
	r.holds()
}

// Case 16: Redis is killed under load and comes back.
func TestCase16_RedisIsKilledUnderLoad(t *testing.T) {
	r := newRig(t)
	r.start()
	work := r.load(4)
	for range 2 {
		time.Sleep(time.Duration(r.random.IntN(int(500 * time.Millisecond)))) // the moment is what is random
		r.redis.Kill()
		must(t, r.redis.Restart(t.Context()))
	}
	t.Log(work.stop())
	r.holds()
}

// Case 20: FLUSHALL: not ready, no sweep and no worker; rebuild brings all back,
// and nothing twice.
func TestCase20_FlushedAndRebuilt(t *testing.T) {
	r := newRig(t)
	r.start()
	kept, erased := r.newLetter(1000), r.newLetter(1000)
	r.story(kept)
	r.story(erased)
	must(t, r.withdraw(erased))
	must(t, r.direct().FlushAll(t.Context()).Err())
	if err := r.healthy(r.staff + "/readyz"); err == nil {
		t.Error("it is ready without a ledger")
	}
	if text, err := r.tool("rebuild"); err != nil || !strings.Contains(text, "restored") {
		t.Fatalf("rebuild: %v\n%s", err, text)
	}
	r.until("it is ready again", func() error { return r.healthy(r.staff + "/readyz") })
	r.holds()
}

// direct is a connection to Redis past the server.
func (r *rig) direct() *redis.Client {
	o, err := redis.ParseURL("redis://" + r.toRedis.Upstream)
	must(r.t, err)
	c := redis.NewClient(o)
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Case 21: a Redis that comes back without its last writes is replayed into.
func TestCase21_ARedisThatForgotIsReplayedInto(t *testing.T) {
	r := newRig(t)
	r.start()
	l := r.newLetter(1000)
	r.story(l)
	c := r.direct()
	records, err := c.Keys(t.Context(), "*}t*").Result()
	must(t, err)
	links, err := c.Keys(t.Context(), "*}l*").Result()
	must(t, err)
	must(t, c.Del(t.Context(), append(records, links...)...).Err())
	if err := r.open(l); err == nil {
		t.Fatal("the record is still there: this test proves nothing")
	}
	r.redis.Stop()
	must(t, r.redis.Restart(t.Context()))
	r.until("the link leads somewhere again", func() error { return r.open(l) })
	r.holds()
}

// Case 22: a Redis that takes two seconds for everything: refused in time, and
// well again afterwards.
func TestCase22_RedisIsSlow(t *testing.T) {
	r := newRig(t)
	r.start()
	l := r.newLetter(1000)
	r.story(l)
	_, err := r.toRedis.Toxics.AddToxicJson(strings.NewReader(`{"name":"slow","type":"latency","stream":"downstream","toxicity":1,"attributes":{"latency":4000}}`))
	must(t, err)
	began := time.Now()
	answers := make(chan error, 40)
	for range cap(answers) {
		go func() { answers <- r.healthy(r.staff + "/readyz") }()
	}
	for range cap(answers) {
		if err := <-answers; err == nil {
			t.Error("it is ready with a Redis that does not answer in time")
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("40 requests took %s", took)
	}
	must(t, r.toRedis.Toxics.RemoveToxic(t.Context(), "slow"))
	r.until("it is ready again", func() error { return r.healthy(r.staff + "/readyz") })
	r.story(r.newLetter(1000))
	r.holds()
}

// Case 29, on the wire: Graph is away for a while: the letter is accepted, and
// its mail leaves once.
func TestCase29_GraphIsAway(t *testing.T) {
	r := newRig(t)
	r.start()
	r.toGraph.Stop()
	l := r.newLetter(1000)
	r.step("the file is uploaded", func() error { return r.upload(l) })
	r.step("the letter is accepted", func() error { return r.send(l) })
	if err := r.notified(l); err == nil {
		t.Fatal("a mail left through nothing")
	}
	must(t, r.toGraph.Start())
	r.step("the recipient is notified", func() error { return r.notified(l) })
	r.holds()
}

// The keys of a running installation are rotated, and the old one leaves.
func TestKeysAreRotatedUnderAServer(t *testing.T) {
	r := newRig(t)
	r.start()
	l := r.newLetter(1000)
	r.story(l)
	ring, err := keys.Load(r.at("keyring.json"))
	must(t, err)
	old := ring.Primary("")
	if text, err := r.tool("keys", "rotate", "--add-only"); err != nil {
		t.Errorf("a key is added: %v\n%s", err, text)
	}
	if text, err := r.tool("keys", "drop", old); err == nil {
		t.Errorf("a key in use was dropped: %s", text)
	}
	for _, args := range [][]string{{"keys", "rotate", "--rewrap-only"}, {"keys", "rotate"}, {"keys", "drop", old}, {"keys", "verify"}, {"doctor"}, {"audit", "verify"}} {
		if text, err := r.tool(args...); err != nil {
			t.Errorf("%v: %v\n%s", args, err, text)
		}
	}
	var audit []byte
	for _, content := range r.files("audit") {
		audit = append(audit, content...)
	}
	for _, actor := range []string{"operator:keys rotate", "operator:keys rewrap", "operator:keys drop", "operator:audit verify"} {
		if !bytes.Contains(audit, []byte(`"`+actor+`"`)) {
			t.Errorf("%s is not in the audit log", actor)
		}
	}
	if text, err := r.tool("keys", "list"); err != nil || strings.Contains(text, old) || !strings.Contains(text, "wraps 1") {
		t.Errorf("keys list: %v\n%s", err, text)
	}
	must(t, r.open(l))
	r.story(r.newLetter(1000))
	r.server.kill()
	r.again()
	r.story(r.newLetter(1000))
	r.holds()
}
