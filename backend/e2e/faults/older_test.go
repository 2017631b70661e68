package faults_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Case 77: Redis comes back as an older copy of itself: what was accepted since
// is brought back from the vault, what was erased since stays erased, what was
// extended since is not deleted, and the log reports it.
func TestCase77_AnOlderLedgerIsBroughtUpToDate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, os.Mkdir(data, 0o700))
	r := newRig(t, "--dir", data)
	r.start()
	kept, erased, extended := r.newLetter(1000), r.newLetter(1000), r.newLetter(1000)
	for _, l := range []*letter{kept, erased, extended} {
		r.story(l)
	}
	soon := r.now().Add(45 * time.Second).UTC().Format(time.RFC3339)
	later := r.now().AddDate(0, 0, 5).UTC().Format(time.RFC3339)
	extend := func(until string) error {
		_, err := r.post("/api/v1/transfers/"+extended.id+"/extend", object{"expiresAt": until}, nil, nil)
		return err
	}
	must(t, extend(soon))
	r.redis.Stop()
	older := filepath.Join(t.TempDir(), "older")
	must(t, os.CopyFS(older, os.DirFS(data)))
	must(t, r.redis.Restart(t.Context()))
	r.step("it is extended", func() error { return extend(later) })
	r.step("it is erased", func() error { return r.withdraw(erased) })
	since := r.newLetter(1000)
	r.story(since)
	r.server.kill()
	r.redis.Stop()
	must(t, os.RemoveAll(data))
	must(t, os.CopyFS(data, os.DirFS(older)))
	must(t, r.redis.Restart(t.Context()))
	r.again() // by whose clock the older expiry has passed
	r.until("the newest letter opens again", func() error { return r.open(since) })
	r.holds()
	r.server.kill()
	r.remember()
	text, err := os.ReadFile(r.at("server.log"))
	must(t, err)
	if !strings.Contains(string(text), "the vault was replayed") {
		t.Error("the log does not say that the ledger was older")
	}
}
