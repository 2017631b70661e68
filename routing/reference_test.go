package routing

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// verdict is what the reference says: the place, and who decided.
type verdict struct {
	mailbox, topic, rule string
	by                   StepName
}

// reference decides straight from the written definition, one thing after the
// other, without anything compiled. It knows no opening hours of mailboxes.
type reference struct {
	def Definition
	in  Input
}

func (r reference) decide() verdict {
	type choice struct {
		by             StepName
		mailbox, topic string
	}
	choices := []choice{
		{StepToken, r.in.TokenMailbox, r.in.TokenTopic},
		{StepReply, r.in.ReplyMailbox, r.in.ReplyTopic},
	}
	if s := r.longestCase(); s != nil {
		choices = append(choices, choice{StepCase, s.Mailbox, s.Topic})
	}
	choices = append(choices, choice{StepConversation, r.in.ConversationMailbox, ""})
	for _, p := range r.def.ContactPoints {
		if p.ID == r.in.ContactPoint {
			choices = append(choices, choice{StepContact, p.Mailbox, p.Topic})
		}
	}
	for _, c := range choices {
		lenient := c.by == StepToken || c.by == StepReply
		if v, ok := r.follow(c.mailbox, c.topic, lenient); ok {
			v.by = c.by
			return v
		}
	}
	return r.afterChoices()
}

func (r reference) afterChoices() verdict {
	for _, rule := range r.def.Rules {
		if !r.holds(rule.When) {
			continue
		}
		if rule.Route.Manual {
			return verdict{rule: rule.ID, by: StepRules}
		}
		if v, ok := r.follow(rule.Route.Mailbox, rule.Route.Topic, false); ok {
			v.rule, v.by = rule.ID, StepRules
			return v
		}
		break
	}
	if d := r.def.DefaultRoute; d != nil && d.Manual {
		return verdict{by: StepDefault}
	} else if d != nil {
		if v, ok := r.follow(d.Mailbox, d.Topic, false); ok {
			v.by = StepDefault
			return v
		}
	}
	return verdict{by: StepManual}
}

// follow finds the mailbox for a choice. A lenient one falls back to the topic's.
func (r reference) follow(mailbox, topic string, lenient bool) (verdict, bool) {
	t := slices.IndexFunc(r.def.Topics, func(t Topic) bool { return t.ID == topic && topic != "" })
	v := verdict{}
	if t >= 0 {
		v.topic = topic
		if mailbox == "" {
			mailbox = r.def.Topics[t].Mailbox
		}
	}
	v.mailbox = r.standIn(mailbox)
	if v.mailbox == "" && lenient && t >= 0 {
		v.mailbox = r.standIn(r.def.Topics[t].Mailbox)
	}
	return v, v.mailbox != ""
}

func (r reference) standIn(id string) string {
	for _, m := range r.def.Mailboxes {
		if m.ID != id {
			continue
		}
		if !m.Unavailable && !slices.Contains(r.in.Unavailable, id) {
			return id
		}
		return r.standIn(m.Deputy)
	}
	return ""
}

func (r reference) longestCase() (best *CaseSeries) {
	for i, s := range r.def.Cases {
		if strings.HasPrefix(strings.ToUpper(r.in.CaseID), strings.ToUpper(s.Prefix)) && (best == nil || len(s.Prefix) > len(best.Prefix)) {
			best = &r.def.Cases[i]
		}
	}
	return best
}

func (r reference) holds(w Condition) bool {
	kind := string(r.in.SenderKind)
	if kind == "" {
		kind = "unknown"
	}
	kinds := make([]string, len(w.SenderKind))
	for i, k := range w.SenderKind {
		kinds[i] = string(k)
	}
	equal := func(condition, value string) bool { return strings.EqualFold(condition, value) }
	return anyHolds(w.ReplyMailbox, r.in.ReplyMailbox, equal) && anyHolds(w.ReplyTopic, r.in.ReplyTopic, equal) &&
		anyHolds(kinds, kind, equal) && anyHolds(w.SenderDomain, r.in.SenderDomain, domainHolds) &&
		(len(w.Subject) == 0 || slices.ContainsFunc(w.Subject, func(p string) bool {
			return regexp.MustCompile("(?i)" + p).MatchString(r.in.Subject)
		})) &&
		anyHolds(w.OrganisationNumber, r.in.OrganisationNumber, equal) && anyHolds(w.RecipientNumber, r.in.RecipientNumber, equal) && anyHolds(w.CaseID, r.in.CaseID, caseHolds) &&
		anyHolds(w.Language, r.in.Language, equal) && (w.Received == nil || r.within(w.Received))
}

func anyHolds(conditions []string, value string, holds func(condition, value string) bool) bool {
	return len(conditions) == 0 || value != "" &&
		slices.ContainsFunc(conditions, func(c string) bool { return holds(c, value) })
}

func domainHolds(condition, value string) bool {
	if below, ok := strings.CutPrefix(condition, "*"); ok {
		return strings.HasSuffix(strings.ToLower(value), below)
	}
	return strings.EqualFold(condition, value)
}

func caseHolds(condition, value string) bool {
	if start, ok := strings.CutSuffix(condition, "*"); ok {
		return strings.HasPrefix(strings.ToUpper(value), strings.ToUpper(start))
	}
	return strings.EqualFold(condition, value)
}

// within knows windows on days and hours that do not span midnight.
func (r reference) within(w *Window) bool {
	zone, err := time.LoadLocation(r.def.TimeZone)
	if err != nil || r.in.Received.IsZero() {
		return false
	}
	local := r.in.Received.In(zone)
	day, clock := strings.ToLower(local.Weekday().String()[:3]), local.Format("15:04")
	return (len(w.Days) == 0 || slices.Contains(w.Days, day)) && clock >= w.From && (w.To == "" || clock < w.To) &&
		local.Format(time.DateOnly) >= w.FirstDay && (w.LastDay == "" || local.Format(time.DateOnly) <= w.LastDay)
}
