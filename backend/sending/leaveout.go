package sending

import (
	"cmp"
	"slices"

	"senddigitally/backend/transfer"
)

// LeftOut is an attachment that is not to be sent. The id that Outlook shows an add-in
// is not the immutable one that Graph answers (Microsoft Learn, "Obtain immutable
// identifiers for Outlook resources"): then it is the one of its name, and of several
// of that name the Nth of all Of, the smallest first.
type LeftOut struct {
	ID      string
	Name    string
	Nth, Of int
}

// without takes what is left out off the attachments. What is not found exactly once
// is not guessed at, since the wrong file would be sent.
func without(all []transfer.Attachment, leftOut []LeftOut) ([]transfer.Attachment, error) {
	found := map[string]LeftOut{}
	for _, one := range leftOut {
		id, known := one.in(all)
		if before, taken := found[id]; !known || taken && before != one {
			return nil, transfer.E(transfer.DraftChanged, "an attachment that is not to be sent is not found exactly once in the draft")
		}
		found[id] = one
	}
	return slices.DeleteFunc(slices.Clone(all), func(a transfer.Attachment) bool {
		_, out := found[a.ID]
		return out
	}), nil
}

func (l LeftOut) in(all []transfer.Attachment) (id string, known bool) {
	if slices.ContainsFunc(all, func(a transfer.Attachment) bool { return a.ID == l.ID }) {
		return l.ID, true
	}
	named := slices.DeleteFunc(slices.Clone(all), func(a transfer.Attachment) bool { return a.Name != l.Name })
	if l.Nth < 1 || l.Nth > l.Of || l.Of != len(named) {
		return "", false
	}
	// Outlook and Graph state other sizes of one attachment, but rank them alike.
	slices.SortStableFunc(named, func(a, b transfer.Attachment) int { return cmp.Compare(a.Size, b.Size) })
	return named[l.Nth-1].ID, true
}
