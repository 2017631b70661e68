package routing

import (
	"slices"
	"strings"
	"time"
)

// Set is a compiled definition. The zero Set has no mailboxes and puts every
// reply on the manual list. What its methods return must not be changed.
type Set struct {
	definition  Definition
	fingerprint string
	zone        *time.Location
	// timed is set when opening hours or windows make the time matter.
	timed bool
	// patterned is set when rules have subject patterns.
	patterned bool
	mailbox   map[string]int
	topic     map[string]int
	contact   map[string]int
	boxes     []box
	contacts  []target
	// companyNumbers are the organisation's own numbers, by their lower-case form.
	companyNumbers map[string]string
	cases          caseTable
	rules          []rule
	fallback       *target
	index          index
	words          wordFinder
}

// box is a compiled mailbox.
type box struct {
	*Mailbox
	deputy int // -1 for none
	hours  hours
}

// target is a compiled route; an absent topic is -1.
type target struct {
	mailbox, topic int
	folder         string
	categories     []string
	copies         []int
	manual         bool
}

// Tenant is the id of the organisation that the set belongs to.
func (s *Set) Tenant() string { return s.definition.Tenant }

// Fingerprint is the same for equal definitions only, on every replica.
func (s *Set) Fingerprint() string { return s.fingerprint }

// Own reports whether a mail domain is one of the organisation's.
func (s *Set) Own(domain string) bool {
	domain = normalDomain(domain)
	return slices.ContainsFunc(s.definition.Domains, func(d string) bool { return normalDomain(d) == domain })
}

// AddressedTo is what the addresses of a mail say by themselves: the contact
// point that one is tagged with, as in intake+moving-house@…, and the
// organisation's own number, if it is written to as a company.
func (s *Set) AddressedTo(addresses []string) (contactPoint, companyNumber string) {
	for _, address := range addresses {
		local, _, _ := strings.Cut(address, "@")
		_, tag, _ := strings.Cut(local, "+")
		if _, known := s.contact[strings.ToLower(tag)]; known && contactPoint == "" {
			contactPoint = strings.ToLower(tag)
		}
		if number := s.CompanyNumber(address); companyNumber == "" {
			companyNumber = number
		}
	}
	return contactPoint, companyNumber
}

// CompanyNumber is the organisation's own number that a mail's address stands
// for, or "" when the mail is to nobody's company. Of several numbers, an
// address without a tag stands for the first.
func (s *Set) CompanyNumber(address string) string {
	local, _, _ := strings.Cut(address, "@")
	if _, tag, tagged := strings.Cut(local, "+"); tagged {
		return s.companyNumbers[strings.ToLower(tag)]
	}
	own := s.definition.Company
	if slices.ContainsFunc(own.Addresses, func(a string) bool { return strings.EqualFold(a, address) }) {
		return normalNumber(own.OrganisationNumbers[0])
	}
	return ""
}

// Language is the organisation's own language.
func (s *Set) Language() string { return s.definition.Language }

// Mailbox returns the mailbox with the id.
func (s *Set) Mailbox(id string) (Mailbox, bool) {
	if i, ok := s.mailbox[id]; ok {
		return s.definition.Mailboxes[i], true
	}
	return Mailbox{}, false
}

// Topic returns the topic with the id.
func (s *Set) Topic(id string) (Topic, bool) {
	if i, ok := s.topic[id]; ok {
		return s.definition.Topics[i], true
	}
	return Topic{}, false
}

// ContactPoint returns the contact point with the id.
func (s *Set) ContactPoint(id string) (ContactPoint, bool) {
	if i, ok := s.contact[id]; ok {
		return s.definition.ContactPoints[i], true
	}
	return ContactPoint{}, false
}

// Mailboxes returns all mailboxes in the order of the definition.
func (s *Set) Mailboxes() []Mailbox { return slices.Clone(s.definition.Mailboxes) }

// Topics returns all topics in the order of the definition.
func (s *Set) Topics() []Topic { return slices.Clone(s.definition.Topics) }

// ContactFolders returns all contact folders in the order of the definition.
func (s *Set) ContactFolders() []ContactFolder { return slices.Clone(s.definition.ContactFolders) }

// ContactPoints returns all contact points in the order of the definition.
func (s *Set) ContactPoints() []ContactPoint { return slices.Clone(s.definition.ContactPoints) }

// With is the set as it would be with one rule more, behind the others.
func (s *Set) With(r Rule) (*Set, []Problem) {
	definition := s.definition
	definition.Rules = append(slices.Clone(definition.Rules), r)
	return Compile(definition)
}

// Rules returns all rules in order.
func (s *Set) Rules() []Rule { return slices.Clone(s.definition.Rules) }

// ManualList returns the manual list's names and owners.
func (s *Set) ManualList() ManualList { return s.definition.ManualList }
