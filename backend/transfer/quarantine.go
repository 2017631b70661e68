package transfer

import (
	"slices"
	"time"
)

// The journal entries of the check for malware.
const (
	Checked   EntryKind = "checked"   // all files were looked at; Findings is what was found
	Unchecked EntryKind = "unchecked" // they could not be, for Reason; it is tried again
)

// CheckJob has the files of a transfer or reply checked for malware, and from
// time to time again, as long as somebody may fetch them.
const CheckJob JobKind = "check"

// Finding is what a check has to say about a file that it does not call clean.
type Finding struct {
	File   FileID `json:"file"`
	Code   Code   `json:"code"`             // Infected, TooLarge to be checked, or Integrity
	Name   string `json:"name,omitempty"`   // of the malware
	Passed bool   `json:"passed,omitempty"` // the policy gives it out all the same, with a mark
}

// Check is what is known of a transfer's or reply's files.
type Check struct {
	At         time.Time // of the latest check that the journal has
	Cleared    time.Time // when a check first held nothing back
	Signatures string    // that the latest check was made with
	Findings   []Finding
	Trouble    Code // why it cannot be checked at the moment; it is tried again
}

// Finding is what was found in a file; the zero Finding for nothing.
func (c Check) Finding(id FileID) Finding {
	i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.File == id })
	if i < 0 {
		return Finding{}
	}
	return c.Findings[i]
}

// Holds reports whether a finding keeps a file from everybody.
func (c Check) Holds() bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return !f.Passed })
}

// Checkable reports whether there is something that could be malware: what a
// conversation begins with that a recipient began is our own.
func (m *Manifest) Checkable() bool {
	return m.Options.ContactPoint == "" && (m.Body != nil || len(m.Files) > 0)
}

// InQuarantine reports whether nothing may leave: no notification and no
// delivery. A reply that a person has placed leaves without what is held back.
func (d *Dossier) InQuarantine() bool {
	placed := d.State.Decision != nil && !d.State.Check.At.IsZero()
	return d.Manifest.Quarantine && d.State.Check.Cleared.IsZero() && !placed
}

// Unchecked reports whether no check of the files has come to an end yet.
func (d *Dossier) Unchecked() bool { return d.Manifest.Quarantine && d.State.Check.At.IsZero() }

// Withholds says why a file is given to nobody, or nil: Quarantined until it has
// been checked or where it was too large for that, Infected, Integrity.
func (d *Dossier) Withholds(id FileID) error {
	if !d.Manifest.Quarantine {
		return nil
	}
	found := d.State.Check.Finding(id)
	switch {
	case d.Unchecked():
		return E(Quarantined, "the file has not been checked for malware yet")
	case found.Code == "" || found.Passed:
		return nil
	case found.Code == TooLarge:
		return E(Quarantined, "the file is too large to be checked for malware")
	}
	return E(found.Code, "the file is held back").With("name", found.Name)
}

// Standing is how a file stands in the check, for persons.
type Standing struct {
	Word    string // "" for nothing to be said, checking, unchecked, infected, damaged, large or passed
	Malware string // its name
	Held    bool   // nobody gets the file
}

// Standing is how a file of the dossier stands in the check.
func (d *Dossier) Standing(id FileID) Standing {
	found := d.State.Check.Finding(id)
	s := Standing{Malware: found.Name, Held: d.Withholds(id) != nil}
	switch {
	case found.Passed:
		s.Word = "passed"
	case s.Held && found.Code == Infected:
		s.Word = "infected"
	case s.Held && found.Code == TooLarge:
		s.Word = "large"
	case s.Held && found.Code != "":
		s.Word = "damaged"
	case s.Held && d.State.Check.Trouble != "":
		s.Word = "unchecked"
	case s.Held:
		s.Word = "checking"
	}
	return s
}

// Standings are those of which there is something to say.
type Standings map[FileID]Standing

// Body is the body's.
func (s Standings) Body() Standing { return s["body"] }

// Standings are those of body and files.
func (d *Dossier) Standings() Standings {
	all := Standings{}
	for _, f := range d.Manifest.Contents() {
		if s := d.Standing(f.ID); s != (Standing{}) {
			all[f.ID] = s
		}
	}
	return all
}

// Given are the files that are given out.
func (d *Dossier) Given() []File {
	return slices.DeleteFunc(slices.Clone(d.Manifest.Files), func(f File) bool { return d.Withholds(f.ID) != nil })
}

// GivenSize is the plaintext size of the body and the files that are given out, in
// bytes.
func (d *Dossier) GivenSize() int64 {
	given := Manifest{Body: d.Manifest.Body, Files: d.Given()}
	return given.Size()
}

// checks is the job that looks at the files; it comes back by itself.
func (d *Dossier) checks() []Job {
	if !d.Manifest.Quarantine {
		return nil
	}
	return []Job{d.job(CheckJob, "")}
}

func (s *State) checked(m *Manifest, e Entry) {
	s.Check.At, s.Check.Signatures, s.Check.Findings, s.Check.Trouble = e.At, e.Signatures, e.Findings, ""
	if !s.Check.Holds() {
		first(&s.Check.Cleared, e.At)
	}
	s.lay(m)
}

func (s *State) unchecked(m *Manifest, e Entry) {
	s.Check.Trouble = e.Reason
	s.lay(m)
}

// lay puts a reply on the manual list whose check holds it up, and takes it off
// when nothing does any more. What was decided otherwise stays.
func (s *State) lay(m *Manifest) {
	if m.Kind == KindReply && s.Decision == nil {
		s.Manual = s.Check.Cleared.IsZero()
	}
}

// found reports whether a check found malware that the one before it had not.
func (s State) found(e Entry) bool {
	return slices.ContainsFunc(e.Findings, func(f Finding) bool {
		return !f.Passed && s.Check.Finding(f.File).Code != f.Code
	})
}
