package checking_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/access"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/checking"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

// scanner answers what the test wants.
type scanner struct {
	found      string
	err        error
	signatures string
	scans      int
	begun      chan struct{} // hears of a scan that then waits for hold
	hold       chan struct{}
}

func (s *scanner) Scan(ctx context.Context, r io.Reader, _ int64) (string, error) {
	if s.hold != nil {
		s.begun <- struct{}{}
		<-s.hold
	} else {
		s.scans++
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return "", err
	}
	return s.found, s.err
}

func (s *scanner) Signatures(context.Context) (string, error) {
	if transfer.CodeOf(s.err) == transfer.Unavailable {
		return "", s.err
	}
	return s.signatures, nil
}

func (s *scanner) Dated(signatures string) bool { return strings.Contains(signatures, "/") }

var (
	down  = transfer.E(transfer.Unavailable, "down")
	large = transfer.E(transfer.TooLarge, "too large")
)

// counts is Figures.
type counts struct {
	results map[string]int
	up      bool
}

func (c *counts) Checked(_ transfer.TenantID, result string) { c.results[result]++ }
func (c *counts) Scanner(up bool)                            { c.up = up }

type files struct{ vault *vault.Vault }

func (f files) ReadFile(ctx context.Context, d *transfer.Dossier, file transfer.File) (io.ReadSeekCloser, error) {
	return f.vault.ReadFile(ctx, d, file), nil
}

type rig struct {
	*archivetest.Rig
	*checking.Checking
	scanner *scanner
	counts  *counts
}

func newRig(t testing.TB) rig {
	r := rig{Rig: archivetest.New(t), scanner: &scanner{signatures: "ClamAV 1.4.3/27500/today"}, counts: &counts{results: map[string]int{}}}
	r.Rig.Archive.Quarantine = true
	r.Checking = checking.New(checking.Checking{Scanner: r.scanner, Archive: r.Rig.Archive, Vault: files{r.Rig.Vault}, Gate: r.Rig.Gate, Figures: r.counts,
		Again: 24 * time.Hour, Clock: r.Rig.Clock, Log: r.Rig.Log})
	return r
}

// check carries the job out and answers what came of the dossier. Whatever
// comes, nothing of it counts as a try.
func (r rig) check(d *transfer.Dossier) *transfer.Dossier {
	r.T.Helper()
	err := r.Check(r.T.Context(), transfer.Job{Kind: transfer.CheckJob, Tenant: archivetest.Tenant, ID: d.Manifest.ID}, false)
	if _, tried := mailing.Wait(err); tried {
		r.T.Errorf("the job ended or counts as a try: %v", err)
	}
	return r.reopened(d)
}

// reopened is the dossier as the vault alone replays it.
func (r rig) reopened(d *transfer.Dossier) *transfer.Dossier {
	r.T.Helper()
	d, err := r.Rig.Vault.Open(r.T.Context(), archivetest.Tenant, d.Manifest.ID, d.Held)
	r.Code(err, "")
	return d
}

func (r rig) jobs(d *transfer.Dossier) (kinds []transfer.JobKind) {
	for _, job := range d.Outstanding(r.Rig.Clock()) {
		if job.NotBefore.Sub(r.Rig.Clock()) < time.Hour {
			kinds = append(kinds, job.Kind)
		}
	}
	return kinds
}

func (r rig) wantJobs(d *transfer.Dossier, want ...transfer.JobKind) {
	r.T.Helper()
	if got := r.jobs(d); !slices.Equal(got, want) {
		r.T.Errorf("outstanding is %v, not %v", got, want)
	}
}

func TestNothingLeavesBeforeItWasChecked(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.wantJobs(d, transfer.CheckJob)
	r.Code(d.Withholds("f1"), transfer.Quarantined)
	if s := d.Standing("f1"); s.Word != "checking" || !s.Held {
		t.Errorf("%+v", s)
	}
	d = r.check(d)
	r.wantJobs(d, transfer.CheckJob, transfer.NotifyJob, transfer.NotifyJob)
	r.Code(d.Withholds("f1"), "")
	if s := d.Standing("f1"); s.Word != "" || s.Held || d.InQuarantine() || !r.counts.up || r.counts.results["clean"] != 1 {
		t.Errorf("%+v, %+v", s, r.counts)
	}
	if !r.Audited(access.Scan, access.Allowed) {
		t.Error("the check is not in the audit log")
	}
}

func TestWithoutQuarantineEverythingIsAsItWas(t *testing.T) {
	r := newRig(t)
	r.Rig.Archive.Quarantine = false
	d := r.Accepted("one")
	r.wantJobs(d, transfer.NotifyJob, transfer.NotifyJob)
	r.Code(d.Withholds("f1"), "")
}

func TestMalwareHoldsATransferBackAndItsSenderIsTold(t *testing.T) {
	r := newRig(t)
	r.scanner.found = "Bad.Thing"
	d := r.check(r.Accepted("one"))
	r.wantJobs(d, transfer.CheckJob, transfer.AlertJob)
	r.Code(d.Withholds("f1"), transfer.Infected)
	if s := d.Standing("f1"); s.Word != "infected" || s.Malware != "Bad.Thing" || len(d.Untold()) != 1 {
		t.Errorf("%+v, %v", s, d.Untold())
	}
	r.Pass(25 * time.Hour)
	if d = r.check(d); len(d.Untold()) != 1 || d.State.Seq != 1 {
		t.Errorf("the same finding is news again: %v", d.Untold())
	}
	r.scanner.found = "" // it was a false alarm
	d = r.check(d)
	r.wantJobs(d, transfer.CheckJob, transfer.NotifyJob, transfer.NotifyJob, transfer.AlertJob)
}

func TestMalwareBringsAReplyOntoTheManualListAndPlacingItLeavesTheFileBehind(t *testing.T) {
	r := newRig(t)
	r.scanner.found = "Bad.Thing"
	d := r.check(r.Replied(r.Accepted("one"), "submission"))
	if phase := d.State.PhaseAt(transfer.KindReply, r.Rig.Clock()); phase != transfer.OnManual {
		t.Errorf("the reply is %s", phase)
	}
	r.wantJobs(d, transfer.CheckJob, transfer.ReceiptJob, transfer.ReceiptJob) // and the replier hears of it
	r.Code(r.Rig.Archive.Schedule(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Decided, Actor: "distributor", Decision: []byte(`{"mailbox":"schools"}`)}, nil
	}), "")
	r.wantJobs(d, transfer.CheckJob, transfer.DeliverJob, transfer.ReceiptJob, transfer.ReceiptJob)
	r.Code(d.Withholds("f1"), transfer.Infected)
	if len(d.Given()) != 0 {
		t.Errorf("%v is given out", d.Given())
	}
}

func TestWhileTheScannerIsDownEverythingWaitsAndAfterAWhileSaysSo(t *testing.T) {
	r := newRig(t)
	r.scanner.err = down
	parent := r.Accepted("one")
	reply := r.Replied(parent, "submission")
	for range 50 {
		parent, reply = r.check(parent), r.check(reply)
	}
	if parent.State.Seq != 0 || r.counts.up {
		t.Errorf("the journal has %d entries", parent.State.Seq)
	}
	r.Pass(3 * time.Minute)
	for range 3 {
		parent, reply = r.check(parent), r.check(reply)
	}
	r.Code(parent.Withholds("f1"), transfer.Quarantined)
	if s := parent.Standing("f1"); s.Word != "unchecked" || parent.State.Seq != 1 || len(parent.Untold()) != 1 {
		t.Errorf("%+v, %d entries, news %v", s, parent.State.Seq, parent.Untold())
	}
	if phase := reply.State.PhaseAt(transfer.KindReply, r.Rig.Clock()); phase != transfer.OnManual {
		t.Errorf("the reply is %s", phase)
	}
	r.scanner.err = nil
	parent, reply = r.check(parent), r.check(reply)
	r.wantJobs(parent, transfer.CheckJob, transfer.NotifyJob, transfer.NotifyJob)
	r.wantJobs(reply, transfer.CheckJob, transfer.DeliverJob, transfer.ReceiptJob)
	if len(parent.Untold()) != 0 || !r.counts.up {
		t.Errorf("what is over is news: %v", parent.Untold())
	}
}

func TestAFileTooLargeToBeCheckedIsHeldOrPassesAsTheConfigurationSays(t *testing.T) {
	r := newRig(t)
	r.scanner.err = large
	d := r.check(r.Accepted("held"))
	r.Code(d.Withholds("f1"), transfer.Quarantined)
	r.wantJobs(d, transfer.CheckJob, transfer.AlertJob)
	if s := d.Standing("f1"); s.Word != "large" || !s.Held {
		t.Errorf("%+v", s)
	}
	r.PassLarge = true
	d = r.check(d)
	r.Code(d.Withholds("f1"), "")
	if s := d.Standing("f1"); s.Word != "passed" || s.Held || d.InQuarantine() {
		t.Errorf("%+v", s)
	}
}

func TestNewerSignaturesFindWhatWasThereAllAlong(t *testing.T) {
	r := newRig(t)
	d := r.check(r.Accepted("one"))
	r.scanner.found = "Bad.Thing"
	scans := r.scanner.scans
	if d = r.check(d); r.scanner.scans != scans || d.State.Seq != 1 {
		t.Error("the same signatures have looked again")
	}
	r.scanner.signatures = "ClamAV 1.4.3/27501/tomorrow"
	r.Pass(24 * time.Hour)
	d = r.check(d)
	r.Code(d.Withholds("f1"), transfer.Infected)
	r.wantJobs(d, transfer.CheckJob, transfer.NotifyJob, transfer.NotifyJob, transfer.AlertJob)
	if d.InQuarantine() || r.counts.results["infected"] != 1 {
		t.Errorf("it was given out before, and is in quarantine; %v", r.counts.results)
	}
	r.scanner.err = down
	if d = r.check(d); d.State.Check.Trouble != "" {
		t.Error("a scanner that is down is news for what was checked before")
	}
}

// job carries the check out as it comes and answers when it wants to come back.
func (r rig) job(d *transfer.Dossier) (again time.Duration, err error) {
	r.T.Helper()
	err = r.Check(r.T.Context(), transfer.Job{Kind: transfer.CheckJob, Tenant: archivetest.Tenant, ID: d.Manifest.ID}, false)
	again, _ = mailing.Wait(err)
	return again, err
}

func TestCheckedOnceIsOnceAndWhatIsHeldComesBackDaily(t *testing.T) {
	r := newRig(t)
	r.Again = 0
	clean, held := r.Accepted("clean"), r.Accepted("held")
	_, err := r.job(clean)
	r.Code(err, "")
	r.scanner.found, r.scanner.signatures = "Bad.Thing", "ClamAV 1.4.3/27501/tomorrow"
	if _, err = r.job(clean); err != nil || r.scanner.scans != 1 {
		t.Errorf("what was cleared was scanned %d times: %v", r.scanner.scans, err)
	}
	for range 2 {
		if again, err := r.job(held); again != 24*time.Hour {
			t.Errorf("what is held is looked at again after %v: %v", again, err)
		}
	}
	r.scanner.found = ""
	_, err = r.job(held)
	r.Code(err, "")
	r.wantJobs(r.reopened(held), transfer.CheckJob, transfer.NotifyJob, transfer.NotifyJob, transfer.AlertJob)
}

func TestSignaturesThatFoundTheSameLookOnce(t *testing.T) {
	r := newRig(t)
	d := r.check(r.Accepted("one"))
	r.scanner.signatures = "ClamAV 1.4.3/27501/tomorrow"
	for range 3 {
		d = r.check(d)
	}
	if r.scanner.scans != 2 || d.State.Seq != 2 {
		t.Errorf("two signatures made %d scans and %d entries", r.scanner.scans, d.State.Seq)
	}
	r.scanner.signatures = "ClamAV 1.4.3" // without signatures' version nothing can be remembered
	for range 3 {
		d = r.check(d)
	}
	if r.scanner.scans != 5 || d.State.Seq != 2 {
		t.Errorf("undated ones made %d scans and %d entries", r.scanner.scans-2, d.State.Seq)
	}
}

func TestAStorageThatDoesNotAnswerIsNoScannerThatDoesNot(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Pass(3 * time.Minute)
	r.Blobs.Fault = func(op, name string) error {
		if strings.Contains(name, "/part.") {
			return errors.New("the disk is gone")
		}
		return nil
	}
	_, err := r.job(d)
	r.Code(err, transfer.Unavailable)
	if wait, tried := mailing.Wait(err); tried || wait != 0 || !r.counts.up {
		t.Errorf("it counts as a try, or as the scanner's: %v", err)
	}
	r.Blobs.Fault = nil
	if d = r.check(d); d.State.Seq != 1 || d.InQuarantine() {
		t.Errorf("the journal has %d entries", d.State.Seq)
	}
}

func TestTheMessageItselfCountsAsWell(t *testing.T) {
	r := newRig(t)
	m := r.Accepted("one").Manifest
	m.ID = r.Namer.TransferID(archivetest.Tenant, "caseworker", "with a body")
	key, err := r.Rig.Vault.Begin(t.Context(), archivetest.Tenant, m.ID, transfer.HeldOpen)
	r.Code(err, "")
	m.Files = nil
	for _, id := range []transfer.FileID{"body", "f1"} {
		f, err := r.Rig.Vault.WriteFile(t.Context(), archivetest.Tenant, m.ID, key, transfer.File{ID: id}, strings.NewReader("text"), -1, nil)
		if r.Code(err, ""); id == "body" {
			m.Body = &f
		} else {
			m.Files = append(m.Files, f)
		}
	}
	d, err := r.Rig.Archive.Commit(t.Context(), key, m)
	r.Code(err, "")
	r.check(d)
	if r.scanner.scans != 2 || r.counts.results["clean"] != 2 {
		t.Errorf("%d scans, counted %v", r.scanner.scans, r.counts.results)
	}
}

func TestWhatNobodyMayFetchIsNotCheckedAnyMore(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	r.Pass(8 * 24 * time.Hour)
	r.Code(r.Check(t.Context(), transfer.Job{Kind: transfer.CheckJob, Tenant: archivetest.Tenant, ID: d.Manifest.ID}, false), "")
	if r.scanner.scans != 0 || len(r.jobs(d)) != 0 {
		t.Errorf("%d scans, outstanding %v", r.scanner.scans, r.jobs(d))
	}
}

func TestADamagedFileIsHeldBackAndNoReasonToTryForEver(t *testing.T) {
	r := newRig(t)
	d := r.Accepted("one")
	for _, name := range r.Blobs.Names() {
		if strings.Contains(name, "/part.") {
			r.Blobs.Tamper(name, func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		}
	}
	d = r.check(d)
	r.Code(d.Withholds("f1"), transfer.Integrity)
}

func TestWithoutAScannerWhatWaitedLeavesAndWhatWasFoundStays(t *testing.T) {
	r := newRig(t)
	waiting, found := r.Accepted("waiting"), r.Accepted("found")
	r.scanner.found = "Bad.Thing"
	found = r.check(found)
	r.Checking.Scanner = nil
	for _, d := range []*transfer.Dossier{waiting, found} {
		r.Code(r.Check(t.Context(), transfer.Job{Kind: transfer.CheckJob, Tenant: archivetest.Tenant, ID: d.Manifest.ID}, false), "")
	}
	r.Code(r.reopened(waiting).Withholds("f1"), "")
	r.Code(r.reopened(found).Withholds("f1"), transfer.Infected)
}

func TestLargeChecksLeaveWorkersForEverythingElse(t *testing.T) {
	r := newRig(t)
	r.scanner.hold, r.scanner.begun = make(chan struct{}), make(chan struct{})
	ended := make(chan error, checking.Width)
	for n := range checking.Width {
		d := r.Accepted(string(rune('a' + n)))
		go func() {
			ended <- r.Check(t.Context(), transfer.Job{Kind: transfer.CheckJob, Tenant: archivetest.Tenant, ID: d.Manifest.ID}, false)
		}()
	}
	for range checking.Width {
		<-r.scanner.begun
	}
	one := r.check(r.Accepted("one more"))
	if one.State.Seq != 0 {
		t.Error("more are checked at a time than may be")
	}
	close(r.scanner.hold)
	for range checking.Width {
		<-ended
	}
}

// Whatever the scanner says, in whichever order: a file is given out only if the
// last whole check called it clean or let it pass, and nobody is notified before
// a check held nothing back.
func TestAFileIsGivenOutOnlyAfterAVerdict(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		d := r.Accepted("one")
		var held, cleared bool
		held = true
		for step := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			r.Pass(time.Duration(rapid.IntRange(0, 300).Draw(rt, "seconds")) * time.Second)
			r.PassLarge = rapid.Bool().Draw(rt, "pass")
			r.scanner.signatures = "ClamAV 1/" + string(rune('a'+step))
			r.scanner.found, r.scanner.err = "", nil
			switch rapid.SampledFrom([]string{"clean", "infected", "large", "down"}).Draw(rt, "answer") {
			case "clean":
				held = false
			case "infected":
				r.scanner.found, held = "Bad", true
			case "large":
				r.scanner.err, held = large, !r.PassLarge
			case "down":
				r.scanner.err = down
			}
			cleared = cleared || !held
			d = r.check(d)
			if got := d.Withholds("f1") != nil; got != held {
				rt.Fatalf("held %v, not %v: %+v", got, held, d.State.Check)
			}
			if got := slices.Contains(r.jobs(d), transfer.NotifyJob); got != cleared {
				rt.Fatalf("notified %v, not %v: %+v", got, cleared, d.State.Check)
			}
		}
	})
}
