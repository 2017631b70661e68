package notifying

import (
	"context"
	"strconv"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// Alert carries out one AlertJob: it tells the sender what happened since she
// was last told, in one mail, or who has not opened the message yet.
func (n *Notifying) Alert(ctx context.Context, job transfer.Job, last bool) error {
	d, err := n.begin(ctx, job, access.Alert)
	if err != nil || d.Manifest.Sender.Address == "" {
		return err
	}
	effect, lines := n.news(d)
	if job.Note == transfer.NoteUnread {
		effect, lines, err = n.unread(d)
	}
	if err != nil || len(lines) == 0 {
		return err
	}
	return n.Mailing.Once(ctx, d, n.effect(d, effect, last, func() (transfer.Mail, error) { return n.alert(d, lines) }))
}

// begin opens what a job is about, and has it audited.
func (n *Notifying) begin(ctx context.Context, job transfer.Job, action access.Action) (*transfer.Dossier, error) {
	d, err := n.Archive.Open(ctx, job.Tenant, job.ID)
	if err != nil {
		return nil, err
	}
	on := access.Resource{Tenant: job.Tenant, ID: job.ID, Owner: d.Manifest.Owner, Recipient: job.Recipient}
	return d, n.Gate.Check(ctx, access.System(string(job.Kind)), action, on)
}

func (n *Notifying) effect(d *transfer.Dossier, name string, last bool, compose func() (transfer.Mail, error)) mailing.Effect {
	m := d.Manifest
	return mailing.Effect{Name: name, Last: last, PoolKey: string(m.ID), Compose: compose,
		MessageID: n.Organisation(m.Tenant).MessageID(n.Namer, m.Tenant, m.ID, name)}
}

// news is what is untold, up to where a mail that was begun before ends.
func (n *Notifying) news(d *transfer.Dossier) (effect string, lines []string) {
	untold := d.Untold()
	if len(untold) == 0 {
		return "", nil
	}
	upTo := untold[len(untold)-1].Seq
	for i := len(untold) - 1; i >= 0; i-- {
		begun := d.State.Effects[transfer.AlertEffect(untold[i].Seq)]
		if !begun.Intended.IsZero() && begun.Outcome == "" {
			upTo = untold[i].Seq
		}
	}
	who := map[transfer.EntryKind][]transfer.RecipientID{}
	for _, one := range untold {
		if one.Seq <= upTo {
			who[one.Kind] = append(who[one.Kind], about(d, one)...)
		}
	}
	for _, kind := range []transfer.EntryKind{transfer.Sent, transfer.Checked, transfer.Unchecked, transfer.Concluded, transfer.Asked, transfer.Locked, transfer.Replied, transfer.Downloaded, transfer.Opened} {
		if len(who[kind]) > 0 {
			lines = append(lines, n.say(d, "alert."+string(kind), who[kind]))
		}
	}
	return transfer.AlertEffect(upTo), lines
}

// about is who a piece of news concerns.
func about(d *transfer.Dossier, news transfer.News) []transfer.RecipientID {
	if news.Kind != transfer.Sent {
		return []transfer.RecipientID{news.Recipient}
	}
	var notified []transfer.RecipientID
	for _, r := range d.Manifest.Recipients {
		if !d.State.Recipients[r.ID].Notified.IsZero() {
			notified = append(notified, r.ID)
		}
	}
	return notified
}

func (n *Notifying) unread(d *transfer.Dossier) (effect string, lines []string, err error) {
	if err := n.tooEarly(d); err != nil {
		return "", nil, err
	}
	var who []transfer.RecipientID
	for _, r := range d.Manifest.Recipients {
		if d.Recognises(r.ID) && d.State.Unread(r.ID) {
			who = append(who, r.ID)
		}
	}
	if len(who) == 0 || d.State.PhaseAt(d.Manifest.Kind, n.Clock()) != transfer.Live {
		return "", nil, nil
	}
	return transfer.UnreadEffect, []string{n.say(d, "alert.unread", who)}, nil
}

// tooEarly puts a job off whose moment has moved, because the expiry has.
func (n *Notifying) tooEarly(d *transfer.Dossier) error {
	wait := d.RemindAt().Sub(n.Clock())
	if wait <= 0 {
		return nil
	}
	return mailing.Later(transfer.InProgress, "it is too early to remind", wait)
}

// say is a sentence about recipients, each once, and of many the first.
func (n *Notifying) say(d *transfer.Dossier, key string, who []transfer.RecipientID) string {
	const most = 10
	words, org := n.Words(n.Language(d.Manifest.Tenant)), n.Organisation(d.Manifest.Tenant)
	seen := map[transfer.RecipientID]bool{}
	var names []string
	for _, id := range who {
		if r, known := d.Manifest.Recipient(id); known && !seen[id] {
			seen[id] = true
			names = append(names, r.Address)
		}
	}
	list := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		list = words.Text("alert.more", map[string]any{"who": list, "count": strconv.Itoa(len(names) - most)})
	}
	return words.Text(key, map[string]any{"who": list, "expires": words.DateTime(d.State.ExpiresAt, org.Zone)})
}

func (n *Notifying) alert(d *transfer.Dossier, lines []string) (transfer.Mail, error) {
	m, language := d.Manifest, n.Language(d.Manifest.Tenant)
	words, org := n.Words(language), n.Organisation(d.Manifest.Tenant)
	return n.letter(m, m.Sender, letter{Language: language, Organisation: org.Name, Subject: words.Text("alert.subject", nil),
		Lead:  words.Text("alert.lead", map[string]any{"sent": words.DateTime(m.AcceptedAt, org.Zone)}),
		Lines: lines, Foot: words.Text("alert.foot", nil)})
}
