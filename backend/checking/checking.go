// Package checking has the files of what was accepted checked for malware before
// anybody gets them, and again from time to time as long as somebody may.
//
// Invariant: what was accepted into quarantine leaves it only by a journalled
// check that found nothing to hold back, or by a person's placing a reply without
// what was found. Known malware is given out by nobody, however it was found.
//
// Failure: while the scanner is down, slow or not understood, everything waits
// and is tried again without end; after a while the journal says so, so that
// sender, replier and distributor see it. A file too large for the scanner is
// held back, or passes with a mark, as the configuration says. What cannot be
// read from the storage is an error of the job's.
package checking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// Scanner looks at content.
type Scanner interface {
	// Scan answers the name of the malware in r, "" for none; TooLarge when r is
	// more than it takes, Unavailable when it does not answer.
	Scan(ctx context.Context, r io.Reader, size int64) (found string, err error)
	// Signatures names what it recognises malware by; Dated reports whether a name
	// says which signatures they are.
	Signatures(ctx context.Context) (string, error)
	Dated(signatures string) bool
}

// Archive opens and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Schedule(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Vault reads files, also those that are held back.
type Vault interface {
	ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Figures counts checked files by what came of them, and notes whether the
// scanner answers.
type Figures interface {
	Checked(tenant transfer.TenantID, result string)
	Scanner(up bool)
}

// Checking is the use case.
type Checking struct {
	Scanner   Scanner // nil: none is configured any more, and what waited for it leaves
	Archive   Archive
	Vault     Vault
	Gate      Gate
	Figures   Figures
	PassLarge bool          // a file too large for the scanner is given out, with a mark
	Again     time.Duration // between two checks of the same files; 0 for once only, and daily for what is held back
	Clock     func() time.Time
	Log       *slog.Logger

	turns chan struct{}
}

// Width is how many transfers and replies are checked at a time, so that large
// ones leave workers for everything else.
const Width = 3

// The waits.
const (
	retry    = 30 * time.Second       // for the scanner
	daily    = 24 * time.Hour         // for newer signatures to lift what is held back, where nothing else is checked again
	recheck  = 10 * time.Minute       // for the scanner, of what was checked before
	brief    = 200 * time.Millisecond // for a turn, with a worker
	turn     = 2 * time.Second        // for a turn, without one
	patience = 2 * time.Minute        // from the acceptance, before the journal says that it cannot be checked
)

// New makes a Checking that has its turns.
func New(c Checking) *Checking {
	c.turns = make(chan struct{}, Width)
	return &c
}

// Check carries out one CheckJob. The job is never done while somebody may fetch
// the files: it answers when it wants to come back.
func (x *Checking) Check(ctx context.Context, job transfer.Job, _ bool) error {
	if !x.begin(ctx) {
		return mailing.Later(transfer.InProgress, "others are being checked", turn)
	}
	defer func() { <-x.turns }()
	d, err := x.open(ctx, job)
	if err != nil || over(d, x.Clock()) {
		return err
	}
	if x.Scanner == nil {
		return x.release(ctx, d)
	}
	if x.settled(d) {
		return nil
	}
	err = x.look(ctx, d)
	switch {
	case errors.Is(err, errScanner):
		return x.wait(ctx, d, err)
	case err != nil || x.settled(d):
		return err
	}
	return mailing.Later(transfer.InProgress, "they are checked again", max(cmp.Or(x.Again, daily), retry))
}

// settled reports whether one check was enough.
func (x *Checking) settled(d *transfer.Dossier) bool { return x.Again == 0 && !d.InQuarantine() }

func (x *Checking) begin(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, brief)
	defer cancel()
	select {
	case x.turns <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (x *Checking) open(ctx context.Context, job transfer.Job) (*transfer.Dossier, error) {
	d, err := x.Archive.Open(ctx, job.Tenant, job.ID)
	if err != nil {
		return nil, err
	}
	on := access.Resource{Tenant: job.Tenant, ID: job.ID, Owner: d.Manifest.Owner}
	return d, x.Gate.Check(ctx, access.System(string(job.Kind)), access.Scan, on)
}

// over reports whether nobody may fetch the files any more. A withdrawal that is
// undone asks for the check anew.
func over(d *transfer.Dossier, now time.Time) bool {
	phase := d.State.PhaseAt(d.Manifest.Kind, now)
	return phase == transfer.Revoked || phase == transfer.OverExpiry
}

// errScanner marks what keeps the scanner from an answer: not the storage.
var errScanner = errors.New("the scanner does not answer")

// look checks every file and journals what was found, where it is news, and by
// which signatures, so that they look once.
func (x *Checking) look(ctx context.Context, d *transfer.Dossier) error {
	signatures, err := x.Scanner.Signatures(ctx)
	x.Figures.Scanner(err == nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errScanner, err)
	}
	before := d.State.Check
	newer := before.Signatures != signatures && x.Scanner.Dated(signatures)
	if x.Scanner.Dated(signatures) && !newer && len(before.Findings) == 0 {
		return nil
	}
	findings, err := x.findings(ctx, d)
	if err != nil {
		return err
	}
	if !before.At.IsZero() && slices.Equal(before.Findings, findings) && before.Trouble == "" && !newer {
		return nil
	}
	x.report(d, findings)
	return x.Archive.Schedule(ctx, d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Checked, Findings: findings, Signatures: signatures}, nil
	})
}

func (x *Checking) findings(ctx context.Context, d *transfer.Dossier) ([]transfer.Finding, error) {
	var all []transfer.Finding
	for _, f := range d.Manifest.Contents() {
		found, err := x.finding(ctx, d, f)
		if err != nil {
			return nil, err
		}
		if found.Code != "" {
			all = append(all, found)
		}
	}
	return all, nil
}

// finding is the zero Finding for a file that is clean.
func (x *Checking) finding(ctx context.Context, d *transfer.Dossier, f transfer.File) (transfer.Finding, error) {
	content, err := x.Vault.ReadFile(ctx, d, f)
	if err != nil {
		return transfer.Finding{}, err
	}
	defer content.Close()
	stored := &stored{Reader: content}
	name, err := x.Scanner.Scan(ctx, stored, f.Size)
	switch {
	case transfer.CodeOf(stored.failure) == transfer.Integrity:
		return transfer.Finding{File: f.ID, Code: transfer.Integrity}, nil
	case stored.failure != nil:
		return transfer.Finding{}, stored.failure
	case transfer.CodeOf(err) == transfer.TooLarge:
		return transfer.Finding{File: f.ID, Code: transfer.TooLarge, Passed: x.PassLarge}, nil
	case err != nil:
		return transfer.Finding{}, fmt.Errorf("%w: %w", errScanner, err)
	case name != "":
		return transfer.Finding{File: f.ID, Code: transfer.Infected, Name: name}, nil
	}
	return transfer.Finding{}, nil
}

// stored notes what reading fails with, apart from what the scanner makes of it.
type stored struct {
	io.Reader
	failure error
}

func (s *stored) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err != nil && err != io.EOF {
		s.failure = err
	}
	return n, err
}

// report tells the operator what a check found.
func (x *Checking) report(d *transfer.Dossier, findings []transfer.Finding) {
	files := len(d.Manifest.Contents())
	for _, f := range findings {
		files--
		x.Figures.Checked(d.Manifest.Tenant, string(f.Code))
		if f.Code == transfer.Infected && d.State.Check.Finding(f.File).Code != f.Code {
			x.Log.Error("malware was found; the file is held back", "tenant", d.Manifest.Tenant, "transfer", d.Manifest.ID, "file", f.File, "malware", f.Name)
		}
	}
	for range files {
		x.Figures.Checked(d.Manifest.Tenant, "clean")
	}
}

// wait journals, after a while, that the files cannot be checked, and comes back.
func (x *Checking) wait(ctx context.Context, d *transfer.Dossier, cause error) error {
	if !d.Unchecked() {
		return mailing.Later(transfer.InProgress, errScanner.Error(), recheck)
	}
	x.Log.Warn("files cannot be checked for malware; they wait", "transfer", d.Manifest.ID, "cause", cause)
	if d.State.Check.Trouble == "" && x.Clock().Sub(d.Manifest.AcceptedAt) >= patience {
		err := x.Archive.Schedule(ctx, d, func(s transfer.State) (transfer.Entry, error) {
			if s.Check.Trouble != "" || !s.Check.At.IsZero() {
				return transfer.Entry{}, nil
			}
			return transfer.Entry{Kind: transfer.Unchecked, Reason: transfer.Unavailable}, nil
		})
		if err != nil {
			return err
		}
	}
	return mailing.Later(transfer.InProgress, errScanner.Error(), retry)
}

// release lets go what waited for a scanner that is not configured any more.
// What was found before stays found.
func (x *Checking) release(ctx context.Context, d *transfer.Dossier) error {
	if !d.Unchecked() {
		return nil
	}
	x.Log.Warn("files leave quarantine unchecked: no scanner is configured any more", "transfer", d.Manifest.ID)
	return x.Archive.Schedule(ctx, d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Checked}, nil
	})
}
