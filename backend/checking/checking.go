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
// held back, or passes with a mark, as the configuration says.
package checking

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Scanner looks at content.
type Scanner interface {
	// Scan answers the name of the malware in r, "" for none; TooLarge when r is
	// more than it takes, Unavailable when it does not answer.
	Scan(ctx context.Context, r io.Reader, size int64) (found string, err error)
	// Signatures names what it recognises malware by.
	Signatures(ctx context.Context) (string, error)
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
	Again     time.Duration // between two checks of the same files; 0 for once only
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
		return later(turn, "others are being checked")
	}
	defer func() { <-x.turns }()
	d, err := x.open(ctx, job)
	if err != nil || over(d, x.Clock()) {
		return err
	}
	if x.Scanner == nil {
		return x.release(ctx, d)
	}
	err = x.look(ctx, d)
	switch {
	case transfer.CodeOf(err) == transfer.Unavailable:
		return x.wait(ctx, d, err)
	case err != nil:
		return err
	case x.Again == 0 && !d.State.Check.Holds():
		return nil
	}
	return later(max(x.Again, retry), "they are checked again")
}

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

// look checks every file and journals what was found, where it is news.
func (x *Checking) look(ctx context.Context, d *transfer.Dossier) error {
	signatures, err := x.Scanner.Signatures(ctx)
	x.Figures.Scanner(err == nil)
	if err != nil || d.State.Check.Signatures == signatures && dated(signatures) && len(d.State.Check.Findings) == 0 {
		return err
	}
	findings, err := x.findings(ctx, d)
	if err != nil {
		return err
	}
	before := d.State.Check
	if !before.At.IsZero() && slices.Equal(before.Findings, findings) && before.Trouble == "" {
		return nil
	}
	x.report(d, findings)
	return x.Archive.Schedule(ctx, d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Checked, Findings: findings, Signatures: signatures}, nil
	})
}

// dated reports whether the signatures' name says which they are.
func dated(signatures string) bool { return strings.Contains(signatures, "/") }

func (x *Checking) findings(ctx context.Context, d *transfer.Dossier) ([]transfer.Finding, error) {
	files := d.Manifest.Files
	if d.Manifest.Body != nil {
		files = append([]transfer.File{*d.Manifest.Body}, files...)
	}
	var all []transfer.Finding
	for _, f := range files {
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
	name, err := x.Scanner.Scan(ctx, content, f.Size)
	switch code := transfer.CodeOf(err); {
	case code == transfer.TooLarge:
		return transfer.Finding{File: f.ID, Code: code, Passed: x.PassLarge}, nil
	case code == transfer.Integrity:
		return transfer.Finding{File: f.ID, Code: code}, nil
	case err != nil:
		return transfer.Finding{}, err
	case name != "":
		return transfer.Finding{File: f.ID, Code: transfer.Infected, Name: name}, nil
	}
	return transfer.Finding{}, nil
}

// report tells the operator what a check found.
func (x *Checking) report(d *transfer.Dossier, findings []transfer.Finding) {
	files := len(d.Manifest.Files)
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
		return later(recheck, "the scanner does not answer")
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
	return later(retry, "the scanner does not answer")
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

// later is an error that counts as no try (see mailing.Wait).
func later(after time.Duration, why string) error {
	return transfer.E(transfer.InProgress, why).With("retryAfter", strconv.Itoa(int(after/time.Second))).With("tried", "no")
}
