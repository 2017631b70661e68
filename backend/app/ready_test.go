package app

import (
	"errors"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/redistest"
	"senddigitally/backend/transfer"
)

// Readiness follows the ledger and both stores.
func TestReadiness(t *testing.T) {
	server := redistest.Start(t)
	book, err := ledger.Open(t.Context(), ledger.Options{URL: server.URL, Installation: "here", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	blobs, records := blobtest.NewMemory(), blobtest.NewMemory()
	s := Setup{Ledger: book, Blobs: blobs, KeyRecords: records}
	if err := s.fit(t.Context()); !errors.Is(err, ledger.ErrLost) {
		t.Errorf("an empty ledger: %v", err)
	}
	if err := book.Rebuilt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.fit(t.Context()); err != nil {
		t.Errorf("all is well: %v", err)
	}
	for which, store := range map[string]*blobtest.Memory{"blobs": blobs, "keys": records} {
		store.Fault = func(string, string) error { return errors.New("disk gone") }
		if err := s.fit(t.Context()); err == nil {
			t.Errorf("%s fail, and all counts as well", which)
		}
		store.Fault = nil
	}
	server.Stop()
	if err := s.fit(t.Context()); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("no Redis: %v", err)
	}
}
