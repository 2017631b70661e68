package faults_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/file"
	"senddigitally/backend/keys"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

// A rebuild streams: whatever the number of transfers, its memory is bounded and
// it tells how far it is.
func TestARebuildOfManyTransfersIsBounded(t *testing.T) {
	r := newRig(t)
	r.start()
	r.story(r.newLetter(1000))
	r.server.kill()
	few, _, _ := r.rebuilt()
	r.generate(*transfers)
	many, took, text := r.rebuilt()
	t.Logf("rebuild of %d transfers: %s, peak memory %d MiB, %d MiB with hardly any", *transfers, took.Round(time.Millisecond), many>>20, few>>20)
	if !strings.Contains(text, fmt.Sprintf("%d restored", *transfers+2)) { // and the letter with its reply
		t.Errorf("it ends with %s", text[max(0, len(text)-200):])
	}
	if took > 3*time.Second && !strings.Contains(text, " …\n") {
		t.Error("it does not say how far it is")
	}
	if many > few+(64<<20) {
		t.Error("its memory grows with the transfers")
	}
}

// rebuilt empties Redis, rebuilds it and tells the peak of memory in bytes.
func (r *rig) rebuilt() (peak int64, took time.Duration, text string) {
	r.t.Helper()
	must(r.t, r.direct().FlushAll(r.t.Context()).Err())
	began := time.Now()
	p := r.command([]string{"rebuild"})
	p.end(r.t, 45*time.Minute)
	if p.err != nil {
		r.t.Fatalf("rebuild: %v\n%s", p.err, p.output)
	}
	return p.command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10, time.Since(began), p.output.String()
}

// generate puts transfers into the vault, each opened once.
func (r *rig) generate(n int) {
	r.t.Helper()
	ring, err := keys.Load(r.at("keyring.json"))
	must(r.t, err)
	container := keys.NewContainer(r.unsynced("keys", ring), ring)
	v := vault.New(r.unsynced("blobs", ring), container, ring.Namer(), r.now)
	for i := range n {
		m := transfer.Manifest{Kind: transfer.KindTransfer, Tenant: sandbox.TenantID, ID: ring.Namer().TransferID(sandbox.TenantID, "caseworker", fmt.Sprint(i)),
			AcceptedAt: r.now(), ExpiresAt: r.now().Add(7 * 24 * time.Hour), Owner: ring.Namer().Owner(sandbox.TenantID, "caseworker"),
			Subject: "Decision", RequestHash: []byte("hash"), Options: transfer.Options{Language: "en", Code: transfer.AccessCode{Kind: transfer.CodeNone}},
			Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Address: fmt.Sprintf("citizen-%d@post.example", i)}, Field: "to"}}}
		hold := transfer.HoldUntil(m.ExpiresAt)
		key, err := container.Create(r.t.Context(), m.Tenant, m.ID, hold)
		must(r.t, err)
		must(r.t, v.Commit(r.t.Context(), key, m))
		d, err := v.Open(r.t.Context(), m.Tenant, m.ID, hold)
		must(r.t, err)
		must(r.t, v.Append(r.t.Context(), d, func(transfer.State) (transfer.Entry, error) {
			return transfer.Entry{Kind: transfer.Opened, Recipient: "r1"}, nil
		}))
	}
}

// unsynced is a directory of the server's, as the file driver lays it out, that
// is quick to fill.
func (r *rig) unsynced(folder string, ring *keys.Ring) blob.Store {
	r.t.Helper()
	s, err := file.Open(r.at(folder), ring.Installation(), r.now)
	must(r.t, err)
	return unsynced{s, r.at(folder)}
}

type unsynced struct {
	blob.Store
	root string
}

func (u unsynced) Put(_ context.Context, name string, content io.Reader) (int64, error) {
	path := filepath.Join(u.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return io.Copy(f, content)
}
