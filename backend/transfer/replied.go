package transfer

import "slices"

// Replied is the entry in the journal of a transfer that a recipient's reply came,
// none when it is known already.
func (s State) Replied(recipient RecipientID, reply ID) Entry {
	if slices.Contains(s.Recipients[recipient].Replies, reply) {
		return Entry{}
	}
	return Entry{Kind: Replied, Recipient: recipient, Ref: reply}
}
