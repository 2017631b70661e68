package routing

import (
	"slices"
	"strings"
	"time"
)

// field is a field that conditions speak of.
type field uint8

const (
	fieldMailbox field = iota
	fieldTopic
	fieldKind
	fieldDomain
	fieldSubject
	fieldOrganisation
	fieldRecipient
	fieldCase
	fieldLanguage
	fieldReceived
	fieldCount
)

var fieldNames = [fieldCount]string{
	"reply_mailbox", "reply_topic", "sender_kind", "sender_domain", "subject",
	"organisation_number", "recipient_number", "case_id", "language", "received",
}

// rule is a compiled rule; its tests are in the order of the fields. It fills
// one line of the processor's cache: rules of the same route share a target.
type rule struct {
	id     string
	fields string
	tests  []test
	target *target
}

// test is the condition on one field.
type test struct {
	field field
	// values are compared whole.
	values []string
	// stems are starts of case ids, or domains whose subdomains are meant.
	stems    []string
	patterns []*pattern
	window   *window
}

// known is an input in the form in which conditions are compared.
type known struct {
	values [fieldCount]string
	// folded is the subject with letter case removed.
	folded string
	// received is in the set's time zone.
	received time.Time
}

func (s *Set) known(in *Input) known {
	k := known{values: [fieldCount]string{
		fieldMailbox: in.ReplyMailbox, fieldTopic: in.ReplyTopic,
		fieldKind: string(in.SenderKind), fieldDomain: normalDomain(in.SenderDomain),
		fieldSubject:      considered(in.Subject),
		fieldOrganisation: normalNumber(in.OrganisationNumber), fieldRecipient: normalNumber(in.RecipientNumber), fieldCase: normalCase(in.CaseID),
		fieldLanguage: primaryLanguage(in.Language),
	}}
	if k.values[fieldKind] == "" {
		k.values[fieldKind] = string(UnknownSender)
	}
	if s.timed && !in.Received.IsZero() {
		k.received = in.Received.In(s.zone)
	}
	if s.patterned {
		k.folded = foldText(k.values[fieldSubject])
	}
	return k
}

// matches says whether all conditions hold.
func (r *rule) matches(k *known) bool {
	for i := range r.tests {
		if !r.tests[i].holds(k) {
			return false
		}
	}
	return true
}

func (t *test) holds(k *known) bool {
	switch t.field {
	case fieldSubject:
		return slices.ContainsFunc(t.patterns, func(p *pattern) bool { return p.matches(k) })
	case fieldReceived:
		return t.window.holds(k.received)
	}
	return t.admits(k.values[t.field])
}

// admits compares one value, which is never empty in a condition.
func (t *test) admits(value string) bool {
	if value == "" {
		return false
	}
	return slices.Contains(t.values, value) ||
		slices.ContainsFunc(t.stems, func(stem string) bool { return hasStem(t.field, value, stem) })
}

// hasStem says whether a case id starts, or a domain ends below, the stem.
func hasStem(f field, value, stem string) bool {
	if f == fieldCase {
		return strings.HasPrefix(value, stem)
	}
	rest, ok := strings.CutSuffix(value, stem)
	return ok && strings.HasSuffix(rest, ".")
}
