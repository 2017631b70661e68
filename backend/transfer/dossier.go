package transfer

import "time"

// Dossier is one transfer or reply as opened from the vault: its manifest, the
// state that its journal adds up to, and the data key that reads its files.
type Dossier struct {
	Manifest Manifest
	State    State
	Key      DataKey
	Held     Hold // where its key record lies
}

// Link is the recipient's current link token.
func (d *Dossier) Link(r RecipientID) LinkToken {
	return d.Key.Link(d.Manifest.ID, r, d.State.Recipients[r].Generation)
}

// LiesIn is the address of the mailbox that a reply was delivered to; "" while it
// lies in none.
func (d *Dossier) LiesIn() string {
	if d.State.Delivered.IsZero() {
		return ""
	}
	return d.State.Addressed()
}

// SignsIn reports whether a recipient reads after signing in. Who is sent a new
// link has that instead: the address may be a list's, which nobody signs in as.
func (d *Dossier) SignsIn(r RecipientID) bool {
	recipient, _ := d.Manifest.Recipient(r)
	return recipient.SignsIn && d.State.Recipients[r].Generation == 0
}

// Recognises reports whether opening and fetching tell that it was the recipient: at
// a link without a code, a link scanner may have pressed the button.
func (d *Dossier) Recognises(r RecipientID) bool {
	return d.State.Code.Kind != CodeNone || d.SignsIn(r)
}

// Hold names the folder of the key container in which a key record lies: the
// day (UTC, "2006-01-02") after which nothing needs it, or HeldOpen.
type Hold string

// HeldOpen holds the key of what no passage of time may erase: a reply that
// has not been delivered, or a transfer whose bytes are still arriving.
const HeldOpen Hold = "open"

// HoldUntil is the hold for an expiry; the zero time is HeldOpen.
func HoldUntil(expiry time.Time) Hold {
	if expiry.IsZero() {
		return HeldOpen
	}
	return Hold(expiry.UTC().Format(time.DateOnly))
}

// Tombstone stays when a transfer is erased: enough to say "expired" on its
// links and to recognise its idempotency key, and nothing about a person.
type Tombstone struct {
	Version     int       `json:"v"`
	Kind        Kind      `json:"kind"`
	Tenant      TenantID  `json:"tenant"`
	ID          ID        `json:"id"`
	RequestHash []byte    `json:"requestHash"`
	Links       []string  `json:"links"` // link hashes, see Namer.LinkHash
	AcceptedAt  time.Time `json:"acceptedAt"`
	ErasedAt    time.Time `json:"erasedAt"`
	Reason      Code      `json:"reason"` // Expired or Withdrawn
	// ReplyMailbox and ReplyTopic are where replies went, or where this one did, by
	// their ids in the routing file: who asks for a new link, or answers yet, is heard
	// there.
	ReplyMailbox string `json:"replyMailbox,omitempty"`
	ReplyTopic   string `json:"replyTopic,omitempty"`
}

// Record is what the ledger holds of a transfer or reply: a projection of the
// dossier that can be thrown away and replayed. It has no personal data.
type Record struct {
	Tenant      TenantID
	ID          ID
	Kind        Kind
	Phase       Phase
	RequestHash []byte
	Owner       string // pseudonym, see Namer.Owner
	Mailbox     string // pseudonym of the mailbox written in or delivered to
	AcceptedAt  time.Time
	ExpiresAt   time.Time // zero: no clock is running
	DueAt       time.Time // when the sweep must look; zero: never
	Held        Hold
	Seq         int                    // last journal entry this record reflects
	Size        int64                  // plaintext bytes
	Progress    int64                  // plaintext bytes received so far, while Receiving
	Reason      Code                   // why it failed, while Failing
	Recipients  map[RecipientID]string // one word a recipient: see Word
	Addressees  map[RecipientID]string // in whose lists of received messages it stands: see Namer.Addressee
}

// Word is a recipient's state in one word: notified, opened, downloaded,
// replied, discarded, withdrawn, undeliverable, uncertain or waiting.
func (r RecipientState) Word() string {
	switch {
	case !r.Withdrawn.IsZero():
		return "withdrawn"
	case !r.Discarded.IsZero():
		return "discarded"
	case !r.Replied.IsZero():
		return "replied"
	case len(r.Downloaded) > 0:
		return "downloaded"
	case !r.Opened.IsZero():
		return "opened"
	case r.Uncertain:
		return "uncertain"
	case r.Failed != "":
		return "undeliverable"
	case !r.Notified.IsZero():
		return "notified"
	}
	return "waiting"
}

// Project is the ledger record that follows from a dossier.
func (d *Dossier) Project(now time.Time) Record {
	words := make(map[RecipientID]string, len(d.State.Recipients))
	for id, r := range d.State.Recipients {
		words[id] = r.Word()
	}
	return Record{
		Tenant: d.Manifest.Tenant, ID: d.Manifest.ID, Kind: d.Manifest.Kind,
		Phase: d.State.PhaseAt(d.Manifest.Kind, now), RequestHash: d.Manifest.RequestHash,
		Owner: d.Manifest.Owner, AcceptedAt: d.Manifest.AcceptedAt,
		ExpiresAt: d.State.ExpiresAt, DueAt: d.State.DueAt(), Held: HoldUntil(d.State.ExpiresAt), Seq: d.State.Seq,
		Size: d.Manifest.Size(), Recipients: words,
	}
}
