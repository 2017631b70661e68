package transfer

import "time"

// Trace is what a link leads or led to: Dossier while it can be opened, Stone
// after its erasure.
type Trace struct {
	Tenant    TenantID
	ID        ID
	Recipient RecipientID // "" after the erasure
	Dossier   *Dossier
	Stone     *Tombstone
}

// AcceptedAt is when the transfer was sent.
func (t Trace) AcceptedAt() time.Time {
	if t.Dossier != nil {
		return t.Dossier.Manifest.AcceptedAt
	}
	return t.Stone.AcceptedAt
}
