package transfer

import (
	"slices"
	"time"
)

// Readable says whether a recipient may read at a moment: nil, or Expired or
// Withdrawn, which is also what she has deleted herself. It is the one place
// that decides.
func (s State) Readable(r RecipientID, now time.Time) error {
	state, known := s.Recipients[r]
	switch {
	case !known:
		return E(NotFound, "unknown recipient")
	case !s.Withdrawn.IsZero() || !state.Withdrawn.IsZero():
		return E(Withdrawn, "the sender has withdrawn this message")
	case !state.Discarded.IsZero():
		return E(Withdrawn, "the recipient has deleted this message")
	case s.ExpiredAt(now):
		return E(Expired, "this message has expired")
	}
	return nil
}

// Spent reports whether a recipient has sent the one reply that she was asked for.
func (d *Dossier) Spent(n Namer, r RecipientID) bool {
	return d.Manifest.Options.Request == RequestOnce && slices.Contains(d.State.Recipients[r].Replies, d.ReplyID(n, r, ""))
}

// ReplyID is the id of what a recipient submits through her link. Where one
// reply is asked for, every submission is that one: a second cannot be accepted
// beside it.
func (d *Dossier) ReplyID(n Namer, r RecipientID, submission string) ID {
	if d.Manifest.Options.Request == RequestOnce {
		submission = string(RequestOnce)
	}
	return n.ReplyID(d.Manifest.Tenant, d.Manifest.ID, r, submission)
}

// Admits is Readable for who opened the link at a moment: a new link or code
// since then has to be opened again (CodeRequired).
func (s State) Admits(r RecipientID, opened, now time.Time) error {
	if err := s.Readable(r, now); err != nil {
		return err
	}
	if opened.Before(s.Recoded) || opened.Before(s.Recipients[r].Relinked) {
		return E(CodeRequired, "there is a new link or code; open it again")
	}
	return nil
}

// ExpiredAt reports whether the expiry has passed. Without a running clock
// nothing expires.
func (s State) ExpiredAt(now time.Time) bool {
	return !s.Ended.IsZero() || !s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt)
}

// DueAt is when the sweep must look: at the expiry, or at the end of the undo
// window of a withdrawal; zero means never.
func (s State) DueAt() time.Time {
	if !s.Withdrawn.IsZero() && (s.ExpiresAt.IsZero() || s.UndoUntil.Before(s.ExpiresAt)) {
		return s.UndoUntil
	}
	return s.ExpiresAt
}

// PhaseAt is the phase at a moment.
func (s State) PhaseAt(kind Kind, now time.Time) Phase {
	switch {
	case !s.Withdrawn.IsZero():
		return Revoked
	case s.ExpiredAt(now):
		return OverExpiry
	case kind == KindTransfer:
		return Live
	case !s.Delivered.IsZero():
		return Delivered
	case s.Manual:
		return OnManual
	case s.Delivery().Outcome == Failed || s.Delivery().Outcome == Uncertain:
		return DeadLetter
	}
	return Undelivered
}
