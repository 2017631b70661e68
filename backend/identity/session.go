package identity

import (
	"crypto/subtle"
	"slices"
	"time"

	"senddigitally/backend/transfer"
)

// SessionLink is a recipient's link that a session has opened.
type SessionLink struct {
	Tenant     transfer.TenantID    `json:"tenant"`
	ID         transfer.ID          `json:"id"`
	Recipient  transfer.RecipientID `json:"recipient"`
	UnlockedAt time.Time            `json:"unlockedAt"`
}

// Session is what a browser has opened: one link or several, of one
// organisation or several of this installation.
type Session struct {
	Links     []SessionLink `json:"links"`
	CSRF      string        `json:"csrf"` // to be sent back with every form
	CreatedAt time.Time     `json:"createdAt"`
}

// maxLinks bounds a session; the link that was opened first goes first.
const maxLinks = 20

// Link finds the link to a transfer that the session has opened.
func (s Session) Link(tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) (SessionLink, bool) {
	for _, l := range s.Links {
		if l.Tenant == tenant && l.ID == id && l.Recipient == r {
			return l, true
		}
	}
	return SessionLink{}, false
}

// Confirms reports whether a form's token is the session's.
func (s Session) Confirms(token string) bool {
	return s.CSRF != "" && subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(token)) == 1
}

// with is the session that has opened one link more, or the same again.
func (s Session) with(link SessionLink) Session {
	s.Links = slices.DeleteFunc(slices.Clone(s.Links), func(l SessionLink) bool {
		return l.Tenant == link.Tenant && l.ID == link.ID && l.Recipient == link.Recipient
	})
	s.Links = append(s.Links, link)
	s.Links = s.Links[max(0, len(s.Links)-maxLinks):]
	return s
}
