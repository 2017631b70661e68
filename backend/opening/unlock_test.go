package opening_test

import (
	"context"
	"io"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

type files struct{ vault *vault.Vault }

func (f files) ReadFile(ctx context.Context, d *transfer.Dossier, file transfer.File) (io.ReadSeekCloser, error) {
	return f.vault.ReadFile(ctx, d, file), nil
}

// locked is a transfer that a generated code opens.
type locked struct {
	*archivetest.Rig
	open *opening.Opening
	d    *transfer.Dossier
	code string
}

func newLocked(t *testing.T) locked {
	t.Helper()
	r := archivetest.New(t)
	d := r.Accepted("one")
	secret := accesscode.Generate(d.Key, d.Manifest.ID, 1)
	code, err := accesscode.New(transfer.CodeGenerated, secret, d.Key, d.Manifest.ID)
	r.Code(err, "")
	r.Code(r.Archive.Change(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.CodeChanged, Code: &code}, nil
	}), "")
	return locked{r, &opening.Opening{Archive: r.Archive, Vault: files{r.Vault}, Attempts: r.Ledger, Gate: r.Gate, Verify: accesscode.Verify, Namer: r.Namer,
		Policy: r.PolicyOf, Clock: r.Clock, Log: r.Log}, d, secret}
}

// typed types a code and checks what is answered.
func (l locked) typed(code string, want transfer.Code) {
	l.T.Helper()
	_, err := l.open.Unlock(l.T.Context(), l.d.Link("r1"), code, "", "visitor")
	l.Code(err, want)
}

func (l locked) seq() int {
	l.T.Helper()
	d, err := l.Archive.Open(l.T.Context(), archivetest.Tenant, l.d.Manifest.ID)
	l.Code(err, "")
	return d.State.Seq
}

func TestOnlyATypedCodeOpensAndItIsJournalledOnce(t *testing.T) {
	l := newLocked(t)
	before := l.seq()
	face, err := l.open.Face(t.Context(), l.d.Link("r1"), "", "visitor")
	if err != nil || face.To != "c•••@p•••.example" || face.Code != transfer.CodeGenerated {
		t.Errorf("the link shows %+v: %v", face, err)
	}
	for range 2 * l.Policy.CodeAttempts { // forms sent as they stand
		l.typed("", transfer.CodeRequired)
		l.typed(" - ", transfer.CodeRequired)
	}
	if l.seq() != before {
		t.Error("a look was journalled")
	}
	l.typed(l.code, "")
	l.typed(l.code, "")
	if now := l.seq(); now != before+1 || !l.Audited(access.EnterCode, access.Allowed) {
		t.Errorf("two openings made %d journal entries", now-before)
	}
}

func TestWrongCodesLockTheLinkForAWhileAndNobodyElses(t *testing.T) {
	l := newLocked(t)
	for range l.Policy.CodeAttempts - 1 {
		l.typed("WRONG-CODE-XXXX", transfer.CodeWrong)
	}
	l.typed("WRONG-CODE-XXXX", transfer.LockedOut)
	l.typed(l.code, transfer.LockedOut)
	_, err := l.open.Unlock(t.Context(), l.d.Link("r2"), l.code, "", "visitor")
	l.Code(err, "")
	l.Pass(l.Policy.CodeLockout + time.Second)
	l.typed(l.code, "")
}

func TestWithoutItsLedgerNothingOpens(t *testing.T) {
	l := newLocked(t)
	l.Redis.SetError("down")
	l.typed(l.code, transfer.Unavailable)
}

func TestLinksThatAreOverSaySoAndUnknownOnesAreAlike(t *testing.T) {
	l := newLocked(t)
	other := l.d.Key.Link(l.d.Manifest.ID, "r9", 0)
	for _, token := range []transfer.LinkToken{other, "", "nonsense"} {
		_, err := l.open.Face(t.Context(), token, "", "visitor")
		l.Code(err, transfer.NotFound)
	}
	l.Pass(7 * 24 * time.Hour)
	_, err := l.open.Face(t.Context(), l.d.Link("r1"), "", "visitor")
	l.Code(err, transfer.Expired)
	l.typed(l.code, transfer.Expired)
}
