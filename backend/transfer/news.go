package transfer

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The journal entries that a recipient's trouble with her link makes.
const (
	Locked EntryKind = "locked" // too many wrong codes, or one-time codes asked for, at Recipient's link
	Asked  EntryKind = "asked"  // Recipient asked for a new link
)

// Sent is the news that every notification has left, or could not. No entry of its
// own says so: the one after which none is outstanding does.
const Sent EntryKind = "sent"

// News is something that the sender of a transfer may want to hear about.
type News struct {
	Seq       int // of its journal entry
	At        time.Time
	Kind      EntryKind // Opened, Downloaded, Replied, Locked, Asked; Concluded for a mail that did not reach her; Checked for malware, Unchecked; Sent
	Recipient RecipientID
	File      FileID // of a download; empty when it was of all files
}

// digest is how long news waits for more, so that the sender gets one mail of
// what happens together.
const digest = 10 * time.Minute

// remember keeps what an entry tells the sender. It sees the state before the
// entry.
func (s *State) remember(m *Manifest, e Entry) {
	if m.Kind != KindTransfer {
		return
	}
	seq, told := toldUpTo(e)
	if told {
		s.Told = max(s.Told, seq)
		return
	}
	switch e.Kind {
	case Opened:
		if !s.Recipients[e.Recipient].Opened.IsZero() {
			return
		}
	case Concluded:
		if e.Recipient == "" || e.Outcome == Done {
			return
		}
	case AllFetched:
		e.Kind = Downloaded
	case Checked:
		if !s.found(e) {
			return
		}
	case Downloaded, Replied, Locked, Asked, Unchecked:
	default:
		return
	}
	s.News = append(s.News, News{Seq: e.Seq, At: e.At, Kind: e.Kind, Recipient: e.Recipient, File: e.File})
}

// noteSent keeps, for a sender who wants it confirmed, that an entry about a recipient
// has left no notification outstanding. It sees the state after the entry.
func (s *State) noteSent(m *Manifest, e Entry) {
	if !m.Options.ConfirmUpload || e.Recipient == "" || !s.Sent.IsZero() {
		return
	}
	left := false
	for id, r := range s.Recipients {
		if s.unnotified(id) {
			return
		}
		left = left || !r.Notified.IsZero()
	}
	if left {
		s.Sent = e.At
		s.News = append(s.News, News{Seq: e.Seq, At: e.At, Kind: Sent})
	}
}

// unnotified reports whether a recipient's notification is outstanding.
func (s State) unnotified(id RecipientID) bool {
	r := s.Recipients[id]
	return !r.Gone() && s.Effects[NotifyEffect(id, r.Generation)].Outcome == ""
}

// AlertEffect is the effect of telling the sender the news up to an entry.
func AlertEffect(seq int) string { return "alert/" + strconv.Itoa(seq) }

func toldUpTo(e Entry) (int, bool) {
	number, is := strings.CutPrefix(e.Effect, "alert/")
	seq, err := strconv.Atoi(number)
	return seq, is && err == nil && e.Kind == Concluded
}

// Untold is the news that the sender wants and has not been told.
func (d *Dossier) Untold() []News {
	var wanted []News
	for _, n := range d.State.News {
		over := n.Kind == Unchecked && d.State.Check.Trouble == ""
		if n.Seq > d.State.Told && !over && d.Manifest.Options.wants(n.Kind) {
			wanted = append(wanted, n)
		}
	}
	return wanted
}

func (o Options) wants(kind EntryKind) bool {
	switch kind {
	case Opened:
		return o.NotifyOnOpen
	case Downloaded:
		return o.NotifyOnDownload
	}
	return true
}

// urgent news is told at once: somebody is waiting.
func (n News) urgent() bool {
	return n.Kind == Concluded || n.Kind == Locked || n.Kind == Asked || n.Kind == Checked || n.Kind == Sent
}

// The notes of jobs: the same work under another key, so that what is urgent
// does not wait behind what is not.
const (
	NoteUrgent = "urgent"
	NoteUnread = "unread" // who has not opened the message, shortly before it expires
	NoteAsked  = "asked"  // a reminder that somebody asked for
	NoteHeld   = "held"   // that something of a reply is held back
)

// Alerts are the jobs that tell the sender what is untold.
func (d *Dossier) Alerts() []Job {
	untold := d.Untold()
	if len(untold) == 0 || d.Manifest.Options.ContactPoint != "" { // a mailbox, which gets the message itself
		return nil
	}
	job := d.job(AlertJob, "")
	job.NotBefore = untold[0].At.Add(digest)
	for _, n := range untold {
		if n.urgent() {
			job.Note, job.NotBefore = NoteUrgent, n.At
		}
	}
	return []Job{job}
}

// Effects of courtesy: they change no recipient's state.
const (
	UnreadEffect  = "unread"
	ReceiptEffect = "receipt"
	HeldEffect    = "receipt/held"
)

// RemindEffect is the effect of reminding a recipient of her link of one generation.
func RemindEffect(r RecipientID, generation int) string {
	return "remind/" + string(r) + "/" + strconv.Itoa(generation)
}

// AskedEffect is the effect of the n-th reminder of a recipient that was asked for.
func AskedEffect(r RecipientID, n int) string {
	return "remind/" + string(r) + "/asked/" + strconv.Itoa(n)
}

// RemindAt is when a recipient who has not opened is reminded, and the sender
// told, where it is known: when a quarter of the time is left. Zero where that
// would be too soon to be of use.
func (d *Dossier) RemindAt() time.Time {
	const shortest = 24 * time.Hour
	life := d.State.ExpiresAt.Sub(d.Manifest.AcceptedAt)
	if d.State.ExpiresAt.IsZero() || life < shortest {
		return time.Time{}
	}
	return d.State.ExpiresAt.Add(-life / 4)
}

// Unread reports whether a recipient could read and has not opened her link.
func (s State) Unread(r RecipientID) bool {
	state := s.Recipients[r]
	return state.Opened.IsZero() && state.Replied.IsZero() && !state.Gone() && !state.Notified.IsZero()
}

// courtesies are the mails beyond the notification: alerts, reminders, receipts.
func (d *Dossier) courtesies(now time.Time) []Job {
	if d.Manifest.Kind == KindReply {
		return d.receipts()
	}
	jobs := d.Alerts()
	if d.State.PhaseAt(KindTransfer, now) != Live {
		return jobs
	}
	jobs = append(jobs, d.askedReminders()...)
	at := d.RemindAt()
	recognised := slices.DeleteFunc(slices.Clone(d.Manifest.Recipients), func(r Recipient) bool { return !d.Recognises(r.ID) })
	if at.IsZero() || len(recognised) == 0 {
		return jobs
	}
	if d.State.Effects[UnreadEffect].Outcome == "" {
		job := d.job(AlertJob, "")
		job.Note, job.NotBefore = NoteUnread, at
		jobs = append(jobs, job)
	}
	for _, r := range recognised {
		if state := d.State.Recipients[r.ID]; state.Opened.IsZero() && !state.Gone() && d.State.Effects[RemindEffect(r.ID, state.Generation)].Outcome == "" {
			job := d.job(RemindJob, r.ID)
			job.NotBefore = at
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// askedReminders are the reminders that were asked for and not sent yet.
func (d *Dossier) askedReminders() []Job {
	var jobs []Job
	for _, r := range d.Manifest.Recipients {
		if n := d.State.Recipients[r.ID].Reminders; n > 0 && d.State.Unread(r.ID) && d.State.Effects[AskedEffect(r.ID, n)].Outcome == "" {
			job := d.job(RemindJob, r.ID)
			job.Note = NoteAsked
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// RemindJob reminds a recipient who has not opened her link.
const RemindJob JobKind = "remind"

// receipts: whoever replied through a link gets one, and hears of it when something
// of the reply is held back. A plain mail gets none, so that two machines never thank
// each other, and nobody hears of a virus that came in her name.
func (d *Dossier) receipts() []Job {
	o := d.Manifest.Origin
	if o == nil || o.Channel != ChannelLink && o.Channel != ChannelContact || d.Manifest.Sender.Address == "" {
		return nil
	}
	var jobs []Job
	if d.State.Effects[ReceiptEffect].Outcome == "" {
		jobs = append(jobs, d.job(ReceiptJob, ""))
	}
	if d.State.Check.Holds() && d.State.Effects[HeldEffect].Outcome == "" {
		held := d.job(ReceiptJob, "")
		held.Note = NoteHeld
		jobs = append(jobs, held)
	}
	return jobs
}

// The channels that a reply comes by.
const (
	ChannelLink    = "link"    // a recipient's link, its code entered
	ChannelContact = "contact" // she wrote first, her address proven
	ChannelAsk     = "ask"     // a wish for a new link: nobody has entered a code
)

// ReceiptNumber is the short number of a reply, to quote on the telephone: three
// groups of four characters that do not say the reply's id.
func (n Namer) ReceiptNumber(id ID) string {
	h := strings.ToUpper(n.Hash("receipt", string(id)))
	return h[0:4] + "-" + h[4:8] + "-" + h[8:12]
}
