package replying_test

import (
	"errors"
	"strings"
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/opening"
	"senddigitally/backend/replying"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

type rig struct {
	*archivetest.Rig
	reply  *replying.Replying
	parent *transfer.Dossier
	s      replying.Submission
}

func newRig(t *testing.T) rig {
	r := archivetest.New(t)
	d := r.Accepted("one")
	return rig{r, &replying.Replying{Vault: r.Vault, Uploads: &uploading.Uploading{Vault: r.Vault, Ledger: r.Ledger, Holds: r.Ledger, Clock: r.Clock}, Archive: r.Archive, Gate: r.Gate,
		Namer: r.Namer, Organisation: func(transfer.TenantID) transfer.Organisation {
			return transfer.Organisation{MailDomain: "municipality.example"}
		},
		Policy: r.PolicyOf, Counts: counts{r.Ledger}, Clock: r.Clock}, d,
		replying.Submission{Seat: opening.Seat{Tenant: archivetest.Tenant, ID: d.Manifest.ID, Recipient: "r1"}, ID: "0123456789abcdef"}}
}

func (r rig) id() transfer.ID {
	return r.Namer.ReplyID(archivetest.Tenant, r.parent.Manifest.ID, "r1", r.s.ID)
}

func (r rig) upload(id transfer.FileID, content string) {
	r.T.Helper()
	_, err := r.reply.Upload(r.T.Context(), r.s, transfer.File{ID: id, Name: string(id) + ".pdf", Size: int64(len(content))}, strings.NewReader(content))
	r.Code(err, "")
}

func TestOneSubmissionIsOneReplyHoweverOftenItIsSent(t *testing.T) {
	r := newRig(t)
	r.upload("u1", "content")
	first, err := r.reply.Submit(t.Context(), r.s, " thank you ", nil)
	r.Code(err, "")
	again, err := r.reply.Submit(t.Context(), r.s, "thank you", nil)
	r.Code(err, "")
	if first.Number == "" || first.Number != again.Number || !first.AcceptedAt.Equal(again.AcceptedAt) || len(again.Files) != 1 {
		t.Errorf("the receipts are %+v and %+v", first, again)
	}
	_, err = r.reply.Submit(t.Context(), r.s, "something else", nil)
	r.Code(err, transfer.KeyReused)
	parent, err := r.Archive.Open(t.Context(), archivetest.Tenant, r.parent.Manifest.ID)
	if err != nil || len(parent.State.Recipients["r1"].Replies) != 1 {
		t.Errorf("the parent knows the replies %v: %v", parent.State.Recipients["r1"].Replies, err)
	}
}

func TestWhoOnlyLooksLeavesNothing(t *testing.T) {
	r := newRig(t)
	all, err := r.reply.Arriving(t.Context(), r.s)
	if r.Code(err, ""); len(all) != 0 {
		t.Errorf("there is %v", all)
	}
	if blobs, keys := r.Stored(r.id()); blobs != 0 || keys != 0 {
		t.Errorf("looking left %d blobs and %d keys", blobs, keys)
	}
	_, err = r.Ledger.Get(t.Context(), archivetest.Tenant, r.id())
	r.Code(err, transfer.NotFound)
}

func TestAReplyHasItsOwnKeyAndNoClock(t *testing.T) {
	r := newRig(t)
	_, err := r.reply.Submit(t.Context(), r.s, "thank you", nil)
	r.Code(err, "")
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, r.id())
	if err != nil || !d.State.ExpiresAt.IsZero() || d.Held != transfer.HeldOpen || string(d.Key.Secret()) == string(r.parent.Key.Secret()) {
		t.Errorf("the reply expires at %v, is held in %q: %v", d.State.ExpiresAt, d.Held, err)
	}
}

func TestWithoutAManifestThereIsNoReceiptAndWhatWasUploadedWaits(t *testing.T) {
	r := newRig(t)
	r.upload("u1", "content")
	r.Blobs.Fault = func(op, name string) error {
		if op == "put" && strings.HasSuffix(name, "/manifest") {
			return errors.New("the disk is gone")
		}
		return nil
	}
	receipt, err := r.reply.Submit(t.Context(), r.s, "thank you", nil)
	if transfer.CodeOf(err) != transfer.Unavailable || receipt.Number != "" {
		t.Errorf("without a manifest the answer is %+v, %v", receipt, err)
	}
	r.Blobs.Fault = nil
	receipt, err = r.reply.Submit(t.Context(), r.s, "thank you", nil)
	if err != nil || receipt.Number == "" || len(receipt.Files) != 1 {
		t.Errorf("afterwards it is %+v, %v", receipt, err)
	}
}

func TestWhatCannotBeAcceptedLeavesNothing(t *testing.T) {
	r := newRig(t)
	_, err := r.reply.Submit(t.Context(), r.s, "  \n", nil)
	r.Code(err, transfer.Empty)
	_, err = r.reply.Submit(t.Context(), r.s, "x", []transfer.FileID{"u9"})
	r.Code(err, transfer.NotFound)
	short := r.s
	short.ID = "short"
	_, err = r.reply.Submit(t.Context(), short, "x", nil)
	r.Code(err, transfer.Invalid)
	_, err = r.Archive.Open(t.Context(), archivetest.Tenant, r.id())
	r.Code(err, transfer.NotFound)
	other := r.s
	other.Seat.Recipient = "r9"
	_, err = r.reply.Submit(t.Context(), other, "x", nil)
	r.Code(err, transfer.NotFound)
	r.Pass(8 * 24 * 3600e9)
	_, err = r.reply.Submit(t.Context(), r.s, "too late", nil)
	r.Code(err, transfer.Expired)
}
