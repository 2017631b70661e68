// Package archivetest gives the use cases' tests what they stand on: a real
// vault and key container over stores in memory, a real ledger on an embedded
// Redis, a real gate whose trail can be read, and a clock that the test moves.
//
// Invariant: nothing of one test is seen by another. Failure: what cannot be
// made ends the test.
package archivetest

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"senddigitally/backend/access"
	"senddigitally/backend/archive"
	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/keys"
	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

// Tenant is the rig's organisation.
const Tenant transfer.TenantID = "municipality"

// Rig is an archive and all that it is made of.
type Rig struct {
	T       testing.TB
	Blobs   *blobtest.Memory
	Records *blobtest.Memory // of the key container
	Keys    *keys.Container
	Vault   *vault.Vault
	Redis   *miniredis.Miniredis
	Ledger  *ledger.Ledger
	Archive *archive.Archive
	Gate    *access.Gate
	Namer   transfer.Namer
	Log     *slog.Logger
	Policy  transfer.Policy

	mu    sync.Mutex
	now   time.Time
	trail []access.Event
}

// New makes a rig whose ledger is ready.
func New(t testing.TB) *Rig {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	must(t, keys.Init(path))
	ring, err := keys.Load(path)
	must(t, err)
	r := &Rig{T: t, Blobs: blobtest.NewMemory(), Records: blobtest.NewMemory(), Redis: miniredis.RunT(t), Namer: ring.Namer(),
		Log: slog.New(slog.DiscardHandler), Policy: transfer.StrictPolicy(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	r.Redis.SetTime(r.now)
	r.Keys = keys.NewContainer(r.Records, ring)
	r.Vault = vault.New(r.Blobs, r.Keys, r.Namer, r.Clock)
	r.Ledger, err = ledger.Open(t.Context(), ledger.Options{URL: "redis://" + r.Redis.Addr(), Installation: ring.Installation(),
		Clock: r.Clock, TrustPersistence: true, Poll: 5 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { _ = r.Ledger.Close() })
	must(t, r.Ledger.Rebuilt(t.Context()))
	r.Archive = archive.New(r.Vault, r.Keys, r.Ledger, r.Namer, r.Clock)
	r.Gate = access.New(r, r.Namer)
	return r
}

// Clock is the rig's time.
func (r *Rig) Clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// Pass moves the time, in Redis too.
func (r *Rig) Pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
	r.Redis.SetTime(r.now)
}

// PolicyOf answers the rig's policy for every tenant.
func (r *Rig) PolicyOf(transfer.TenantID) transfer.Policy { return r.Policy }

// Append makes the rig a trail.
func (r *Rig) Append(_ context.Context, e access.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trail = append(r.trail, e)
	return nil
}

// Audited reports whether the trail has an action with an outcome.
func (r *Rig) Audited(action access.Action, outcome access.Outcome) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.trail, func(e access.Event) bool { return e.Action == action && e.Outcome == outcome })
}

// Caseworker is a caller who may send.
func (r *Rig) Caseworker() transfer.Caller {
	return transfer.Caller{Tenant: Tenant, Subject: "caseworker", Name: "Caseworker", Address: "caseworker@municipality.example",
		Roles: []transfer.Role{transfer.Caseworker}}
}

// Accepted commits a transfer of the caseworker to two recipients with one
// file, which expires in a week.
func (r *Rig) Accepted(key string) *transfer.Dossier {
	r.T.Helper()
	return r.Written(key, transfer.Options{Language: "en", Code: transfer.AccessCode{Kind: transfer.CodeNone}},
		transfer.Party{Address: "citizen@post.example"}, transfer.Party{Address: "company@firm.example"})
}

// Written is Accepted with other options and recipients: the first in To, the
// others in Bcc.
func (r *Rig) Written(key string, options transfer.Options, to ...transfer.Party) *transfer.Dossier {
	r.T.Helper()
	var recipients []transfer.Recipient
	for i, party := range to {
		recipients = append(recipients, transfer.Recipient{ID: transfer.RecipientID("r" + strconv.Itoa(i+1)), Party: party, Field: "bcc"})
	}
	recipients[0].Field = "to"
	return r.AcceptedFor(key, options, recipients...)
}

// AcceptedFor is Accepted with other options and for these recipients.
func (r *Rig) AcceptedFor(key string, options transfer.Options, recipients ...transfer.Recipient) *transfer.Dossier {
	r.T.Helper()
	return r.acceptedFrom(r.Caseworker(), key, options, recipients)
}

// AcceptedFrom is Accepted from a colleague of the caseworker.
func (r *Rig) AcceptedFrom(address string) *transfer.Dossier {
	r.T.Helper()
	return r.acceptedFrom(transfer.Caller{Tenant: Tenant, Subject: address, Address: address}, "key",
		transfer.Options{Language: "en", Code: transfer.AccessCode{Kind: transfer.CodeNone}},
		[]transfer.Recipient{{ID: "r1", Party: transfer.Party{Address: "citizen@post.example"}, Field: "to"}})
}

func (r *Rig) acceptedFrom(caller transfer.Caller, key string, options transfer.Options, recipients []transfer.Recipient) *transfer.Dossier {
	r.T.Helper()
	return r.commit(transfer.Manifest{Kind: transfer.KindTransfer, ID: r.Namer.TransferID(Tenant, caller.Subject, key), ExpiresAt: r.Clock().Add(7 * 24 * time.Hour),
		Sender: transfer.Party{Address: caller.Address}, Owner: r.Namer.Owner(Tenant, caller.Subject), Subject: "Decision",
		RequestHash: []byte("hash of " + key), Options: options, Recipients: recipients})
}

// Replied commits a reply to a transfer, which nothing has delivered yet.
func (r *Rig) Replied(to *transfer.Dossier, submission string) *transfer.Dossier {
	r.T.Helper()
	return r.commit(transfer.Manifest{Kind: transfer.KindReply, ID: r.Namer.ReplyID(Tenant, to.Manifest.ID, "r1", submission), Subject: "Re: Decision",
		Sender: transfer.Party{Address: "citizen@post.example"}, RequestHash: []byte("hash"), Origin: &transfer.Origin{Channel: "link", Transfer: to.Manifest.ID, Recipient: "r1"}})
}

func (r *Rig) commit(m transfer.Manifest) *transfer.Dossier {
	r.T.Helper()
	m.Tenant, m.AcceptedAt = Tenant, r.Clock()
	key, err := r.Vault.Begin(r.T.Context(), Tenant, m.ID, transfer.HeldOpen)
	must(r.T, err)
	file, err := r.Vault.WriteFile(r.T.Context(), Tenant, m.ID, key, transfer.File{ID: "f1", Name: "decision.pdf"}, strings.NewReader("content"), -1, nil)
	must(r.T, err)
	m.Files = []transfer.File{file}
	d, err := r.Archive.Commit(r.T.Context(), key, m)
	must(r.T, err)
	return d
}

// Stored counts the blobs of an id, tombstones left out, and its key records.
func (r *Rig) Stored(id transfer.ID) (blobs, keys int) {
	for _, name := range r.Blobs.Names() {
		if strings.Contains(name, "/t/") && strings.Contains(name, string(id)) {
			blobs++
		}
	}
	for _, name := range r.Records.Names() {
		if strings.Contains(name, string(id)) {
			keys++
		}
	}
	return blobs, keys
}

// Code fails the test unless an error has a code; "" is no error.
func (r *Rig) Code(err error, want transfer.Code) {
	r.T.Helper()
	if got := transfer.CodeOf(err); got != want {
		r.T.Errorf("the error is %q (%v), not %q", got, err, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
