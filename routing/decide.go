package routing

import "slices"

// deciding is one decision in the making.
type deciding struct {
	set *Set
	in  Input
	out Decision
}

// steps is how many steps a decision usually needs room for.
const steps = 8

// Decide says where a reply goes: the first step that can place it does. It
// always answers, and the same for the same input.
func (s *Set) Decide(in Input) Decision {
	d := deciding{set: s, in: in, out: Decision{Set: s.fingerprint, Steps: make([]Step, 0, steps)}}
	_ = d.token() || d.reply() || d.caseID() || d.conversation() || d.contactPoint() ||
		d.ruleList() || d.defaultRoute() || d.manualList()
	return d.out
}

func (d *deciding) token() bool {
	return d.choice(StepToken, d.in.TokenMailbox, d.in.TokenTopic)
}

func (d *deciding) reply() bool {
	return d.choice(StepReply, d.in.ReplyMailbox, d.in.ReplyTopic)
}

// choice follows a choice of mailbox, topic or both. The mailbox chosen counts
// even if the topic belongs to another; the topic counts where the mailbox
// cannot be followed.
func (d *deciding) choice(name StepName, mailbox, topic string) bool {
	params := Params{Mailbox: shown(mailbox), Topic: shown(topic)}
	if mailbox == "" && topic == "" {
		return d.skip(name, ReasonAbsent, params)
	}
	m, mailboxKnown := d.set.mailbox[mailbox]
	t, topicKnown := d.set.topic[topic]
	if !topicKnown {
		t = -1
	}
	switch {
	case mailboxKnown && topic != "" && !topicKnown:
		return d.place(name, ReasonTopicDropped, params, target{mailbox: m, topic: t})
	case mailboxKnown && d.reachable(m):
		return d.place(name, ReasonPlaced, params, target{mailbox: m, topic: t})
	case topicKnown:
		return d.place(name, d.topicReason(mailbox), params, target{mailbox: d.set.mailboxOf(t), topic: t})
	case mailboxKnown:
		return d.skip(name, ReasonMailboxUnavailable, params)
	case mailbox != "":
		return d.skip(name, ReasonMailboxUnknown, params)
	}
	return d.skip(name, ReasonTopicUnknown, params)
}

func (d *deciding) topicReason(mailbox string) Reason {
	if mailbox == "" {
		return ReasonPlaced
	}
	return ReasonMailboxDropped
}

func (d *deciding) caseID() bool {
	if d.in.CaseID == "" {
		return d.skip(StepCase, ReasonAbsent, Params{})
	}
	entry, ok := d.set.cases.find(normalCase(d.in.CaseID))
	if !ok {
		return d.skip(StepCase, ReasonCaseUnknown, Params{})
	}
	return d.place(StepCase, ReasonPlaced, Params{Entry: entry.prefix}, entry.target)
}

func (d *deciding) conversation() bool {
	if d.in.ConversationMailbox == "" {
		return d.skip(StepConversation, ReasonAbsent, Params{})
	}
	params := Params{Mailbox: shown(d.in.ConversationMailbox)}
	m, ok := d.set.mailbox[d.in.ConversationMailbox]
	if !ok {
		return d.skip(StepConversation, ReasonMailboxUnknown, params)
	}
	return d.place(StepConversation, ReasonPlaced, params, target{mailbox: m, topic: -1})
}

func (d *deciding) contactPoint() bool {
	params := Params{Entry: shown(d.in.ContactPoint)}
	if d.in.ContactPoint == "" {
		return d.skip(StepContact, ReasonAbsent, params)
	}
	i, ok := d.set.contact[d.in.ContactPoint]
	if !ok {
		return d.skip(StepContact, ReasonContactUnknown, params)
	}
	return d.place(StepContact, ReasonPlaced, params, d.set.contacts[i])
}

func (d *deciding) ruleList() bool {
	k := d.set.known(&d.in)
	i := d.set.firstMatch(&k)
	if i < 0 {
		return d.skip(StepRules, ReasonNoRule, Params{Count: len(d.set.rules)})
	}
	r := &d.set.rules[i]
	params := Params{Rule: r.id, Fields: r.fields, Count: i + 1}
	if r.target.manual {
		d.out.Rule = r.id
		return d.toManual(StepRules, ReasonManual, params)
	}
	if !d.place(StepRules, ReasonRule, params, *r.target) {
		return false
	}
	d.out.Rule = r.id
	return true
}

func (d *deciding) defaultRoute() bool {
	switch t := d.set.fallback; {
	case t == nil:
		return d.skip(StepDefault, ReasonAbsent, Params{})
	case t.manual:
		return d.toManual(StepDefault, ReasonManual, Params{})
	default:
		return d.place(StepDefault, ReasonPlaced, Params{}, *t)
	}
}

func (d *deciding) manualList() bool {
	return d.toManual(StepManual, ReasonNothingLeft, Params{})
}

func (d *deciding) skip(name StepName, reason Reason, params Params) bool {
	return d.note(Step{Name: name, Reason: reason}, params)
}

func (d *deciding) apply(name StepName, reason Reason, params Params) bool {
	return d.note(Step{Name: name, Applied: true, Reason: reason}, params)
}

// note keeps a step. Most have no values to speak of, and take no room for them.
func (d *deciding) note(s Step, params Params) bool {
	if params != (Params{}) {
		kept := params
		s.Params = &kept
	}
	d.out.Steps = append(d.out.Steps, s)
	return s.Applied
}

func (d *deciding) toManual(name StepName, reason Reason, params Params) bool {
	d.out.Manual, d.out.Reason = true, reason
	return d.apply(name, reason, params)
}

// place delivers to the target's mailbox or whoever stands in for it; without
// either the step does not apply.
func (d *deciding) place(name StepName, reason Reason, params Params, t target) bool {
	params.Mailbox = d.set.boxes[t.mailbox].ID
	if t.topic >= 0 {
		params.Topic = d.set.definition.Topics[t.topic].ID
	}
	m, ok := d.reach(t.mailbox)
	if !ok {
		return d.skip(name, ReasonMailboxUnavailable, params)
	}
	d.apply(name, reason, params)
	d.out.Reason = reason
	if m != t.mailbox {
		d.apply(StepDeputy, d.standInReason(t.mailbox), Params{Mailbox: params.Mailbox, Deputy: d.set.boxes[m].ID})
	}
	d.deliver(t, m)
	return true
}

func (d *deciding) standInReason(m int) Reason {
	if d.available(m) {
		return ReasonClosed
	}
	return ReasonUnavailable
}

func (d *deciding) available(m int) bool {
	b := &d.set.boxes[m]
	return !b.Unavailable && (len(d.in.Unavailable) == 0 || !slices.Contains(d.in.Unavailable, b.ID))
}

func (d *deciding) reachable(m int) bool {
	_, ok := d.reach(m)
	return ok
}

// reach follows deputies from a mailbox that is unavailable, or closed and
// handing over, to one that takes the reply. A closed mailbox keeps what no
// deputy can take. Compile has excluded cycles.
func (d *deciding) reach(m int) (int, bool) {
	b, available := &d.set.boxes[m], d.available(m)
	if available && !(b.DeputyOutsideHours && !b.hours.open(d.in.Received, d.set.zone)) {
		return m, true
	}
	if b.deputy >= 0 {
		if deputy, ok := d.reach(b.deputy); ok {
			return deputy, true
		}
	}
	return m, available
}
