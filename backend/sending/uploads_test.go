package sending_test

import (
	"strings"
	"testing"
	"time"

	"senddigitally/backend/transfer"
)

func TestWhatWasUploadedIsCountedUntilItIsAccepted(t *testing.T) {
	r := newRig(t)
	r.Policy.Quotas.Caller.UnsentBytes = 100
	upload := func(key string) error {
		_, err := r.send.Upload(t.Context(), r.Caseworker(), key, transfer.File{ID: "u1", Name: "a", Size: 60}, strings.NewReader(strings.Repeat("x", 60)))
		return err
	}
	const another = "another-key-0123456"
	r.Code(upload(key), "")
	r.Code(upload(another), transfer.QuotaReached)
	r.outlook.fail = transfer.E(transfer.Unavailable, "Outlook does not answer")
	draft := request()
	draft.Uploads = []transfer.FileID{"u1"}
	record, err := r.sent(draft)
	if r.Code(err, ""); record.Phase != transfer.Failing {
		t.Fatalf("the transfer is %q", record.Phase)
	}
	r.Code(upload(another), transfer.QuotaReached) // the bytes are still there
	r.outlook.fail = nil
	if record, err = r.sent(draft); err != nil || record.Phase != transfer.Live {
		t.Fatalf("the transfer is %q: %v", record.Phase, err)
	}
	r.Code(upload(another), "")
}

func TestWhoGoesOnWithAFileKeepsItsPlace(t *testing.T) {
	r := newRig(t)
	r.Policy.Quotas.Caller.UnsentBytes = 100
	a, err := r.send.Announce(t.Context(), r.Caseworker(), key, transfer.File{Name: "a"}, 60)
	r.Code(err, "")
	r.Pass(20 * time.Hour)
	_, err = r.send.Append(t.Context(), r.Caseworker(), key, a.File.ID, 0, strings.NewReader("begun"))
	r.Code(err, "")
	r.Pass(20 * time.Hour)
	_, err = r.send.Announce(t.Context(), r.Caseworker(), "another-key-0123456", transfer.File{Name: "b"}, 41)
	r.Code(err, transfer.QuotaReached)
	r.Code(r.send.Remove(t.Context(), r.Caseworker(), key, a.File.ID), "")
	_, err = r.send.Announce(t.Context(), r.Caseworker(), "another-key-0123456", transfer.File{Name: "b"}, 41)
	r.Code(err, "")
}
