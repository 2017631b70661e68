package transfer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Phase is where a transfer or reply stands.
type Phase string

// The phases. Receiving, Failing and Erased are known to the ledger only;
// the others follow from manifest and journal.
const (
	Receiving   Phase = "receiving"   // bytes are arriving, no manifest yet
	Failing     Phase = "failed"      // receiving ended without a manifest: send again
	Live        Phase = "live"        // accepted and readable
	Revoked     Phase = "withdrawn"   // withdrawn from everybody; bytes wait out the undo window
	OverExpiry  Phase = "expired"     // past the expiry, waiting for the sweep
	Undelivered Phase = "undelivered" // a reply on its way
	OnManual    Phase = "manual"      // a reply that waits for the distributor
	DeadLetter  Phase = "dead"        // a reply whose delivery failed for good; a person must look
	Delivered   Phase = "delivered"   // a reply in its function mailbox
	Erased      Phase = "erased"      // only the tombstone is left
)

// RecipientState is what happened at one recipient.
type RecipientState struct {
	Notified   time.Time      `json:"notified,omitzero"`
	Opened     time.Time      `json:"opened,omitzero"`
	Downloaded map[FileID]int `json:"downloaded,omitempty"`
	Replied    time.Time      `json:"replied,omitzero"`
	Replies    []ID           `json:"replies,omitempty"`
	Withdrawn  time.Time      `json:"withdrawn,omitzero"`
	Failed     Code           `json:"failed,omitempty"` // why the notification cannot reach her
	Uncertain  bool           `json:"uncertain,omitempty"`
	Generation int            `json:"generation,omitempty"` // of her link
	Relinked   time.Time      `json:"relinked,omitzero"`    // when that link was made
	Reminders  int            `json:"reminders,omitempty"`  // that were asked for
	Reminded   time.Time      `json:"reminded,omitzero"`    // when the last one was asked for
	Discarded  time.Time      `json:"discarded,omitzero"`   // when she deleted it from her list
}

// Gone reports whether the message is nothing to the recipient any more: withdrawn
// from her, or deleted by her.
func (r RecipientState) Gone() bool { return !r.Withdrawn.IsZero() || !r.Discarded.IsZero() }

// Effect is one touch of the outside world: intended, then concluded.
type Effect struct {
	Mail     MailRef   `json:"mail"`
	Intended time.Time `json:"intended"`
	Outcome  Outcome   `json:"outcome,omitempty"`
	Reason   Code      `json:"reason,omitempty"`
}

// State is what manifest and journal add up to.
type State struct {
	Seq        int
	ExpiresAt  time.Time // zero: no clock is running
	Holds      []Hold    // in which the key record was to lie, each once
	Withdrawn  time.Time
	UndoUntil  time.Time // of the withdrawal
	Code       AccessCode
	Recipients map[RecipientID]RecipientState
	Effects    map[string]Effect
	Decision   json.RawMessage
	Input      json.RawMessage // what the decision was made from
	Decisions  int             // how often it was decided where the reply goes
	Hold       time.Time       // before which a decision of hand is not carried out
	Claim      Claim           // which distributor deals with it
	Comments   []Comment
	Assignment Assignment // who in the mailbox deals with it
	Answers    []ID       // transfers that answer it
	Misrouted  []string   // rules, or steps, that sent the reply where it was handed back
	Why        string     // what the mailbox wrote that handed it back last
	Refused    []string   // mailboxes that could not take it, by id, since a person last decided
	Manual     bool
	Delivered  time.Time
	Seen       time.Time
	Ended      time.Time // its erasure has begun
	Recoded    time.Time // when the access code was last replaced
	News       []News    // what the sender may want to hear, in order
	Told       int       // the journal entry up to which she was told
	Sent       time.Time // when no notification was outstanding any more, where she wants to hear of that
	Check      Check     // for malware
}

// Replay computes the state from a manifest and its journal. It fails with
// Integrity on a gap in the numbers and with UnsupportedVersion on an entry
// that a newer release wrote.
func Replay(m *Manifest, journal []Entry) (State, error) {
	s := State{ExpiresAt: m.ExpiresAt, Holds: []Hold{HoldUntil(m.ExpiresAt)}, Code: m.Options.Code,
		Recipients: map[RecipientID]RecipientState{}, Effects: map[string]Effect{}}
	for _, r := range m.Recipients {
		s.Recipients[r.ID] = RecipientState{}
	}
	for _, e := range journal {
		if err := s.Apply(m, e); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Apply adds the next journal entry.
func (s *State) Apply(m *Manifest, e Entry) error {
	if e.Seq != s.Seq+1 {
		return E(Integrity, "the journal has a gap")
	}
	if e.Version > FormatVersion {
		return E(UnsupportedVersion, "the journal was written by a newer release")
	}
	apply, known := changes[e.Kind]
	if !known {
		return E(UnsupportedVersion, "the journal has an entry of an unknown kind")
	}
	s.remember(m, e)
	apply(s, m, e)
	s.noteSent(m, e)
	if hold := HoldUntil(s.ExpiresAt); !slices.Contains(s.Holds, hold) {
		s.Holds = append(slices.Clone(s.Holds), hold)
	}
	s.Seq = e.Seq
	return nil
}

var changes = map[EntryKind]func(*State, *Manifest, Entry){
	Opened: func(s *State, _ *Manifest, e Entry) {
		s.recipient(e.Recipient, func(r *RecipientState) { first(&r.Opened, e.At) })
	},
	Downloaded: func(s *State, _ *Manifest, e Entry) { s.downloaded(e.Recipient, File{ID: e.File}) },
	AllFetched: func(s *State, m *Manifest, e Entry) {
		s.downloaded(e.Recipient, m.Attachments()...)
	},
	Extended:    func(s *State, _ *Manifest, e Entry) { s.ExpiresAt = e.Until },
	Locked:      func(*State, *Manifest, Entry) {},
	Asked:       func(*State, *Manifest, Entry) {},
	WithdrawnBy: (*State).withdraw,
	Restored:    (*State).restore,
	CodeChanged: func(s *State, _ *Manifest, e Entry) {
		if e.Code != nil {
			s.Code, s.Recoded = *e.Code, e.At
		}
	},
	Relinked: func(s *State, _ *Manifest, e Entry) {
		s.recipient(e.Recipient, func(r *RecipientState) { r.Generation++; r.Relinked, r.Failed = e.At, "" })
	},
	Reminded: func(s *State, _ *Manifest, e Entry) {
		s.recipient(e.Recipient, func(r *RecipientState) { r.Reminders++; r.Reminded = e.At })
	},
	Discarded: func(s *State, _ *Manifest, e Entry) {
		s.recipient(e.Recipient, func(r *RecipientState) { first(&r.Discarded, e.At) })
	},
	Replied: func(s *State, _ *Manifest, e Entry) {
		s.recipient(e.Recipient, func(r *RecipientState) {
			r.Replied = e.At
			if !slices.Contains(r.Replies, e.Ref) {
				r.Replies = append(slices.Clone(r.Replies), e.Ref)
			}
		})
	},
	Intended: func(s *State, _ *Manifest, e Entry) {
		effect := s.Effects[e.Effect]
		first(&effect.Intended, e.At)
		if e.Mail != nil {
			effect.Mail = *e.Mail
		}
		effect.Outcome, effect.Reason = "", ""
		s.Effects[e.Effect] = effect
	},
	Concluded: (*State).conclude,
	Decided:   (*State).decide,
	Returned:  (*State).takeBack,
	Claimed:   func(s *State, _ *Manifest, e Entry) { s.Claim = Claim{By: e.Actor, Name: e.Text, Until: e.Until} },
	Assigned:  (*State).assign,
	Answered: func(s *State, _ *Manifest, e Entry) {
		if !slices.Contains(s.Answers, e.Ref) {
			s.Answers = append(slices.Clone(s.Answers), e.Ref)
		}
	},
	Commented: func(s *State, _ *Manifest, e Entry) {
		s.Comments = append(slices.Clone(s.Comments), Comment{At: e.At, By: e.Actor, Text: e.Text})
	},
	Ended:     func(s *State, _ *Manifest, e Entry) { first(&s.Ended, e.At) },
	Seen:      (*State).see,
	Checked:   (*State).checked,
	Unchecked: (*State).unchecked,
}

// Claim is a distributor's hold on a waiting reply, by pseudonym.
type Claim struct {
	By    string
	Name  string // as the others know her
	Until time.Time
}

// Others reports whether somebody else has the claim at a moment.
func (c Claim) Others(who string, now time.Time) bool { return c.By != who && now.Before(c.Until) }

// Assignment is who is to deal with a delivered reply; N counts how often it was
// assigned.
type Assignment struct {
	To Party
	At time.Time
	N  int
}

func (s *State) assign(_ *Manifest, e Entry) {
	s.Assignment = Assignment{At: e.At, N: s.Assignment.N + 1}
	if e.Party != nil {
		s.Assignment.To = *e.Party
	}
}

// Comment is what somebody wrote about a reply, for the next one who looks.
type Comment struct {
	At   time.Time
	By   string // pseudonym
	Text string
}

// decide begins another delivery. A person's decision forgets what failed before.
func (s *State) decide(_ *Manifest, e Entry) {
	s.Decision, s.Input, s.Manual = e.Decision, e.Input, e.Manual
	s.Decisions++
	s.Hold, s.Claim = e.Until, Claim{}
	if e.Actor != "" {
		s.Refused = nil
	}
}

// takeBack stops the clock of a reply that is not where it should be.
func (s *State) takeBack(_ *Manifest, e Entry) {
	s.Delivered, s.Seen, s.ExpiresAt, s.Manual = time.Time{}, time.Time{}, time.Time{}, e.Manual
	s.Why, s.Assignment = e.Text, Assignment{N: s.Assignment.N}
	if e.Reason == NotOurs {
		s.Misrouted = append(slices.Clone(s.Misrouted), e.Rule)
	}
	effect := s.Delivery()
	effect.Outcome, effect.Reason = Failed, e.Reason
	s.Effects[DeliverEffect(s.Decisions)] = effect
	s.refuse(e.Mailbox)
}

// see notes that the mailbox has opened the reply; with Until it has fetched
// all of it, and the clock starts that waited for that.
func (s *State) see(_ *Manifest, e Entry) {
	first(&s.Seen, e.At)
	if s.Fetching() && !e.Until.IsZero() {
		s.ExpiresAt = e.Until
	}
}

// Fetching reports whether a reply was delivered as a link and still waits for
// members of the mailbox to fetch its files.
func (s State) Fetching() bool { return !s.Delivered.IsZero() && s.ExpiresAt.IsZero() }

func (s *State) refuse(mailbox string) {
	if mailbox != "" && !slices.Contains(s.Refused, mailbox) {
		s.Refused = append(slices.Clone(s.Refused), mailbox)
	}
}

func (s *State) withdraw(_ *Manifest, e Entry) {
	if e.Recipient == "" {
		first(&s.Withdrawn, e.At)
		if s.UndoUntil.IsZero() || e.Until.Before(s.UndoUntil) {
			s.UndoUntil = e.Until
		}
		return
	}
	s.recipient(e.Recipient, func(r *RecipientState) { first(&r.Withdrawn, e.At) })
}

func (s *State) restore(_ *Manifest, e Entry) {
	if e.Recipient == "" {
		s.Withdrawn, s.UndoUntil = time.Time{}, time.Time{}
		return
	}
	s.recipient(e.Recipient, func(r *RecipientState) { r.Withdrawn = time.Time{} })
}

func (s *State) conclude(m *Manifest, e Entry) {
	effect := s.Effects[e.Effect]
	effect.Outcome, effect.Reason = e.Outcome, e.Reason
	s.Effects[e.Effect] = effect
	if e.Recipient != "" {
		s.recipient(e.Recipient, func(r *RecipientState) {
			r.Uncertain = e.Outcome == Uncertain
			r.Failed = ""
			switch e.Outcome {
			case Done:
				first(&r.Notified, e.At)
			case Failed:
				r.Failed = e.Reason
			}
		})
	}
	if m.Kind != KindReply || e.Effect != DeliverEffect(s.Decisions) {
		return
	}
	if e.Outcome == Done {
		s.Delivered, s.Manual = e.At, false
		s.ExpiresAt = e.Until
	}
	s.refuse(e.Mailbox)
}

func (s *State) downloaded(id RecipientID, files ...File) {
	s.recipient(id, func(r *RecipientState) {
		counts := maps.Clone(r.Downloaded)
		if counts == nil {
			counts = map[FileID]int{}
		}
		for _, f := range files {
			counts[f.ID]++
		}
		r.Downloaded = counts
	})
}

func (s *State) recipient(id RecipientID, change func(*RecipientState)) {
	r := s.Recipients[id]
	change(&r)
	s.Recipients[id] = r
}

func first(t *time.Time, at time.Time) {
	if t.IsZero() {
		*t = at
	}
}

// DeliverEffect is the effect of bringing a reply to where its n-th decision
// says: each decision is a mail of its own.
func DeliverEffect(n int) string { return nth("deliver", n) }

// ClassifyEffect is the effect of giving the mail of the n-th decision its
// category and folder.
func ClassifyEffect(n int) string { return nth("classify", n) }

// AssignEffect is the effect of telling a caseworker of the n-th assignment.
func AssignEffect(n int) string { return nth("assign", n) }

// Addressed is the address of the mailbox that the latest decision names, "" for
// none. It reads the one field of routing's decision that the ledger lists by.
func (s State) Addressed() string {
	var decision struct {
		Address string `json:"address"`
	}
	if s.Decision == nil || json.Unmarshal(s.Decision, &decision) != nil {
		return ""
	}
	return decision.Address
}

func nth(effect string, n int) string {
	if n <= 1 {
		return effect
	}
	return fmt.Sprintf("%s/%d", effect, n)
}

// Delivery is the delivery that the latest decision calls for.
func (s State) Delivery() Effect { return s.Effects[DeliverEffect(s.Decisions)] }

// NotifyEffect is the effect of mailing a recipient her link of one generation.
func NotifyEffect(r RecipientID, generation int) string {
	return fmt.Sprintf("notify/%s/%d", r, generation)
}
