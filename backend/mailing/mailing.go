// Package mailing sends one mail once: intent, draft, send, outcome.
//
// Invariant: before the outside world is touched the journal says so, and what
// the journal says to have begun is looked up before it is tried again. Only the
// draft that the journal names is ever sent, however many workers believe that
// the mail is theirs. So a mail goes out once, or is visibly uncertain; never
// silently twice.
//
// Failure: temporary trouble leaves the effect open and is returned for a later
// try; on the last try the effect is concluded as failed or uncertain.
package mailing

import (
	"context"
	"errors"
	"strconv"
	"time"

	"senddigitally/backend/transfer"
)

// Outbox is the pool of service mailboxes that mail leaves from.
type Outbox interface {
	// Pick chooses a service mailbox for a key, always the same for one key.
	Pick(tenant transfer.TenantID, key string) string
	// Begin lets a mail be worked on until end, or answers (untried, see Wait)
	// when it may be: mails of one mailbox have their turns in the order of asking.
	Begin(tenant transfer.TenantID, mailbox, messageID string, recipients int) (end func(), err error)
	Find(ctx context.Context, tenant transfer.TenantID, mailbox, messageID string) (transfer.SentMail, bool, error)
	CreateDraft(ctx context.Context, tenant transfer.TenantID, mailbox string, m transfer.Mail) (draftID string, err error)
	Send(ctx context.Context, tenant transfer.TenantID, mailbox, draftID string) error
}

// Archive journals.
type Archive interface {
	Change(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Effect is one mail to send once.
type Effect struct {
	Name      string               // in the journal, unique within the dossier
	Recipient transfer.RecipientID // whose state the outcome changes, if any
	MessageID string               // our internetMessageId, deterministic
	Copies    int                  // how many read it besides one
	PoolKey   string               // what keeps related mail in one service mailbox, hence in order
	Compose   func() (transfer.Mail, error)
	Last      bool // no further try will follow
	// Still says, on the state that an intent is journalled on, whether the mail
	// is wanted as yet; nil for always.
	Still func(transfer.State) error
	// Conclude journals the outcome where more follows from it than the plain
	// entry says; nil for the plain entry.
	Conclude func(ctx context.Context, entry transfer.Entry) error
}

// Mailing sends mails once.
type Mailing struct {
	outbox  Outbox
	archive Archive
}

// New makes a Mailing.
func New(outbox Outbox, archive Archive) *Mailing { return &Mailing{outbox: outbox, archive: archive} }

// Once carries an effect of a dossier out, or finds that it happened. What has
// an outcome is left alone. An error means: try again later.
func (m *Mailing) Once(ctx context.Context, d *transfer.Dossier, e Effect) error {
	begun := d.State.Effects[e.Name]
	if begun.Outcome != "" {
		return nil
	}
	mailbox := begun.Mail.Mailbox
	if mailbox == "" {
		mailbox = m.outbox.Pick(d.Manifest.Tenant, e.PoolKey)
	}
	end, err := m.outbox.Begin(d.Manifest.Tenant, mailbox, e.MessageID, 1+e.Copies)
	if err != nil {
		return err
	}
	defer end()
	err = m.send(ctx, d, e, mailbox)
	switch _, tried := Wait(err); {
	case err == nil:
		return m.conclude(ctx, d, e, transfer.Done, "")
	case !tried:
		return err
	case permanent(err):
		return m.conclude(ctx, d, e, transfer.Failed, transfer.CodeOf(err))
	case e.Last && transfer.CodeOf(err) == transfer.OutlookUncertain:
		return m.conclude(ctx, d, e, transfer.Uncertain, transfer.OutlookUncertain)
	case e.Last:
		return m.conclude(ctx, d, e, transfer.Failed, transfer.CodeOf(err))
	}
	return err
}

// send brings the mail from wherever an earlier try left it to "sent".
func (m *Mailing) send(ctx context.Context, d *transfer.Dossier, e Effect, mailbox string) error {
	ref, sent, err := m.resume(ctx, d, e, mailbox)
	if err != nil || sent {
		return err
	}
	if ref.DraftID == "" {
		if ref, err = m.draft(ctx, d, e, ref); err != nil {
			return err
		}
	}
	return m.outbox.Send(ctx, d.Manifest.Tenant, ref.Mailbox, ref.DraftID)
}

// resume journals the intent, or looks up what came of an earlier one.
func (m *Mailing) resume(ctx context.Context, d *transfer.Dossier, e Effect, mailbox string) (ref transfer.MailRef, sent bool, err error) {
	begun := d.State.Effects[e.Name]
	if begun.Intended.IsZero() {
		ref = transfer.MailRef{Mailbox: mailbox, MessageID: e.MessageID}
		return ref, false, m.intend(ctx, d, e, ref)
	}
	ref = begun.Mail
	found, known, err := m.outbox.Find(ctx, d.Manifest.Tenant, ref.Mailbox, ref.MessageID)
	switch {
	case err != nil:
		return ref, false, unseen(err, ref, e.Last)
	case known && found.Sent:
		return ref, true, nil
	case known && ref.DraftID == "":
		ref.DraftID = found.DraftID
		return ref, false, m.intend(ctx, d, e, ref)
	case !known && ref.DraftID != "":
		return ref, false, transfer.E(transfer.OutlookUncertain, "the draft is gone and the sent mail has not been found")
	}
	return ref, false, nil
}

// unseen is the failure of a look-up that no better one will follow: where a
// draft was there to be sent, nobody knows whether it left.
func unseen(err error, ref transfer.MailRef, last bool) error {
	if _, tried := Wait(err); !tried || ref.DraftID == "" || !last && !permanent(err) {
		return err
	}
	return transfer.Wrap(transfer.OutlookUncertain, "whether the mail was sent cannot be looked up", err)
}

func (m *Mailing) draft(ctx context.Context, d *transfer.Dossier, e Effect, ref transfer.MailRef) (transfer.MailRef, error) {
	mail, err := e.Compose()
	if err != nil {
		return ref, err
	}
	mail.MessageID, ref.Files = ref.MessageID, len(mail.Attachments)
	if ref.DraftID, err = m.outbox.CreateDraft(ctx, d.Manifest.Tenant, ref.Mailbox, mail); err != nil {
		return ref, err
	}
	return ref, m.intend(ctx, d, e, ref)
}

func (m *Mailing) intend(ctx context.Context, d *transfer.Dossier, e Effect, ref transfer.MailRef) error {
	return m.archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[e.Name].Outcome != "" {
			return transfer.Entry{}, transfer.E(transfer.Conflict, "another worker has concluded this mail")
		}
		if e.Still != nil {
			if err := e.Still(s); err != nil {
				return transfer.Entry{}, err
			}
		}
		if other := s.Effects[e.Name].Mail.DraftID; other != "" && other != ref.DraftID {
			return transfer.Entry{}, transfer.E(transfer.Conflict, "another worker has a draft of this mail")
		}
		return transfer.Entry{Kind: transfer.Intended, Effect: e.Name, Recipient: e.Recipient, Mail: &ref}, nil
	})
}

func (m *Mailing) conclude(ctx context.Context, d *transfer.Dossier, e Effect, outcome transfer.Outcome, reason transfer.Code) error {
	entry := transfer.Entry{Kind: transfer.Concluded, Effect: e.Name, Recipient: e.Recipient, Outcome: outcome, Reason: reason}
	if e.Conclude != nil {
		return e.Conclude(ctx, entry)
	}
	return m.archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[e.Name].Outcome != "" {
			return transfer.Entry{}, nil
		}
		return entry, nil
	})
}

// permanent errors do not get better by waiting.
func permanent(err error) bool {
	switch transfer.CodeOf(err) {
	case transfer.Invalid, transfer.MailboxRefused, transfer.MailboxMissing, transfer.TooLarge, transfer.TooMany, transfer.Integrity:
		return true
	}
	return false
}

// Later is an error after which a job comes back without having been tried: it
// only waits for its turn, or for a moment.
func Later(code transfer.Code, why string, after time.Duration) error {
	seconds := int((after + time.Second - 1) / time.Second)
	return transfer.E(code, why).With("retryAfter", strconv.Itoa(seconds)).With("tried", "no")
}

// Wait reads how long Outlook asked us to wait, if it did, and whether anything
// was tried: nothing was where the limits of a mailbox were in the way, or a fault
// of our own, which says nothing about the mail.
func Wait(err error) (after time.Duration, tried bool) {
	e, ok := errors.AsType[*transfer.Error](err)
	if !ok {
		return 0, true
	}
	after, err = time.ParseDuration(e.Params["retryAfter"] + "s")
	if err != nil {
		return 0, !ours(e.Code)
	}
	return after, e.Params["tried"] != "no"
}

// ours are faults of the whole installation: its ledger, storage, audit log and
// keys, and its access to Outlook, whoever's mailbox it is.
func ours(code transfer.Code) bool {
	return code == transfer.Unavailable || code == transfer.StorageFull
}
