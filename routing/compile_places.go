package routing

import (
	"fmt"
	"slices"
	"strings"
)

func (c *compiler) mailboxes() {
	list := c.definition.Mailboxes
	c.mailbox = c.identifiers("mailboxes", len(list), func(i int) string { return list[i].ID })
	if len(list) == 0 {
		c.report(required("mailboxes", "Describe at least one function mailbox"), "mailboxes")
	}
	seen := map[string]int{}
	for i := range list {
		m, address := &list[i], strings.ToLower(list[i].Address)
		c.boxes = append(c.boxes, c.box(m, i))
		if first, taken := seen[address]; taken {
			c.report(note{CodeDuplicateAddress, "two mailboxes have the same address", "Keep one of them; folders and topics divide a mailbox"}, "mailboxes", i, "address")
			c.relate("mailboxes", first, "address")
		} else {
			seen[address] = i
		}
	}
	c.deputyCycles()
}

func (c *compiler) box(m *Mailbox, i int) box {
	c.address(m.Address, "mailboxes", i, "address")
	c.named(m.Names, "mailboxes", i)
	c.addresses(m.Owners, "mailboxes", i, "owners")
	if m.SizeLimitMB < 0 {
		c.report(note{CodeInvalidSize, "a size limit cannot be negative", "Write whole megabytes, or leave it out"}, "mailboxes", i, "size_limit_mb")
	}
	if m.DeputyOutsideHours && (m.Deputy == "" || len(m.Hours) == 0) {
		c.report(note{CodeDeputyMissing, "deputy_outside_hours needs opening hours and a deputy", "Add hours and deputy, or remove it"}, "mailboxes", i, "deputy_outside_hours")
	}
	return box{Mailbox: m, hours: c.hours(m.Hours, i), deputy: c.mailboxID(m.Deputy, "mailboxes", i, "deputy")}
}

func (c *compiler) hours(periods []Period, mailbox int) (open hours) {
	for j, p := range periods {
		s, err := newSpan(p.Days, p.From, p.To)
		if err != nil {
			c.report(invalidTime(err), "mailboxes", mailbox, "hours", j)
		}
		open = append(open, s)
	}
	return open
}

func invalidTime(err error) note {
	return note{CodeInvalidTime, "this is not a stretch of time", "Remember: " + err.Error()}
}

// deputyCycles reports each cycle of deputies once, at its first mailbox.
func (c *compiler) deputyCycles() {
	const walking, done = 1, 2
	state := make([]uint8, len(c.boxes))
	for start := range c.boxes {
		i := start
		for ; i >= 0 && state[i] == 0; i = c.boxes[i].deputy {
			state[i] = walking
		}
		if i >= 0 && state[i] == walking {
			c.reportCycle(i)
		}
		for i = start; i >= 0 && state[i] == walking; i = c.boxes[i].deputy {
			state[i] = done
		}
	}
}

func (c *compiler) reportCycle(first int) {
	ids := []string{c.boxes[first].ID}
	for i := c.boxes[first].deputy; ; i = c.boxes[i].deputy {
		ids = append(ids, c.boxes[i].ID)
		if i == first {
			break
		}
	}
	c.report(note{CodeDeputyCycle, "deputies stand in for each other in a circle: " + strings.Join(ids, " → "),
		"Take the deputy from one of them"}, "mailboxes", first, "deputy")
}

func (c *compiler) company() {
	own := &c.definition.Company
	c.companyNumbers = map[string]string{}
	for i, n := range own.OrganisationNumbers {
		if number := normalNumber(n); number == "" || strings.Trim(number, numberCharacters) != "" {
			c.report(note{CodeInvalidValue, "this is not an organisation number", "Write its digits and letters, in quotes"}, "company", "organisation_numbers", i)
		} else {
			c.companyNumbers[strings.ToLower(number)] = number
		}
	}
	c.addresses(own.Addresses, "company", "addresses")
	if len(own.Addresses) > 0 && len(own.OrganisationNumbers) == 0 {
		c.report(required("the company's number", "Write it under organisation_numbers"), "company")
	}
}

const numberCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// ownNumber checks that a number is one of the organisation's.
func (c *compiler) ownNumber(number string, path ...any) {
	if c.companyNumbers[strings.ToLower(number)] == "" {
		c.report(note{CodeInvalidValue, "this is not one of the organisation's own numbers", "Use one of company.organisation_numbers"}, path...)
	}
}

func (c *compiler) topics() {
	list := c.definition.Topics
	c.topic = c.identifiers("topics", len(list), func(i int) string { return list[i].ID })
	for i, t := range list {
		c.named(t.Names, "topics", i)
		if t.Mailbox == "" {
			c.report(required("the topic's mailbox", "Name the mailbox that the topic belongs to"), "topics", i, "mailbox")
		}
		c.mailboxID(t.Mailbox, "topics", i, "mailbox")
	}
}

func (c *compiler) caseSeries() {
	var entries []caseEntry
	seen := map[string]int{}
	for i, s := range c.definition.Cases {
		prefix := normalCase(s.Prefix)
		if prefix == "" {
			c.report(required("the prefix", "Write how the case ids begin"), "cases", i, "prefix")
		}
		if first, taken := seen[prefix]; taken {
			c.report(note{CodeDuplicateCase, fmt.Sprintf("the prefix %q is listed twice", s.Prefix), "Keep one of them"}, "cases", i, "prefix")
			c.relate("cases", first, "prefix")
		} else {
			seen[prefix] = i
		}
		entries = append(entries, caseEntry{prefix, c.destination(s.Mailbox, s.Topic, "cases", i)})
	}
	c.cases = newCaseTable(entries)
}

func (c *compiler) contactPoints() {
	def := &c.definition
	folders := c.identifiers("contact_folders", len(def.ContactFolders), func(i int) string { return def.ContactFolders[i].ID })
	for i, f := range def.ContactFolders {
		c.named(f.Names, "contact_folders", i)
	}
	c.contact = c.identifiers("contact_points", len(def.ContactPoints), func(i int) string { return def.ContactPoints[i].ID })
	for i, p := range def.ContactPoints {
		c.named(p.Names, "contact_points", i)
		if p.Folder == "" {
			c.report(required("the folder", "Name the contact folder that it stands in"), "contact_points", i, "folder")
		}
		c.reference(folders, note{CodeUnknownFolder, fmt.Sprintf("there is no contact folder %q", p.Folder),
			"Use the id of an entry under contact_folders"}, p.Folder, []any{"contact_points", i, "folder"})
		c.contacts = append(c.contacts, c.destination(p.Mailbox, p.Topic, "contact_points", i))
	}
	c.overlaps()
}

// overlaps reports contact points that lead to the same place from the same
// folder, or that a person could not tell apart there.
func (c *compiler) overlaps() {
	type place struct{ folder, language, name string }
	seen := map[place]int{}
	for i, p := range c.definition.ContactPoints {
		t := c.contacts[i]
		keys := []place{{p.Folder, "", fmt.Sprint(t.mailbox, " ", t.topic)}}
		for _, language := range Languages {
			if name := foldText(strings.Join(strings.Fields(p.Names[language]), " ")); name != "" {
				keys = append(keys, place{p.Folder, language, name})
			}
		}
		if first := slices.IndexFunc(keys, func(k place) bool { _, taken := seen[k]; return taken }); first >= 0 {
			other := seen[keys[first]]
			c.report(note{CodeContactOverlap, fmt.Sprintf("the contact points %q and %q in one folder lead to the same place or have the same name", c.definition.ContactPoints[other].ID, p.ID),
				"Keep one, or give them different names and places"}, "contact_points", i)
			c.relate("contact_points", other)
		}
		for _, k := range keys {
			if _, taken := seen[k]; !taken {
				seen[k] = i
			}
		}
	}
}

// destination resolves a mailbox, or the mailbox of a topic.
func (c *compiler) destination(mailbox, topic string, path ...any) target {
	t := target{
		mailbox: c.mailboxID(mailbox, slices.Concat(path, []any{"mailbox"})...),
		topic:   c.topicID(topic, slices.Concat(path, []any{"topic"})...),
	}
	if mailbox == "" && topic == "" {
		c.report(note{CodeNoDestination, "no destination is named", "Name a mailbox or a topic"}, path...)
	}
	if mailbox == "" && t.topic >= 0 {
		if m, ok := c.mailbox[c.definition.Topics[t.topic].Mailbox]; ok {
			t.mailbox = m
		}
	}
	return t
}
