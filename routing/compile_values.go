package routing

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const (
	maxIDLength  = 64
	idCharacters = "abcdefghijklmnopqrstuvwxyz0123456789._-"
)

var (
	idForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	domainForm = regexp.MustCompile(`^([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$`)
)

func (c *compiler) identifier(id string, path ...any) {
	switch {
	case id == "":
		c.report(required("the id", "Give it an id that stays the same for ever"), path...)
	case !idForm.MatchString(id):
		c.report(note{CodeInvalidID, fmt.Sprintf("the id %q is not well formed", id),
			"Use at most 64 of a-z, 0-9, dot, hyphen and underscore, beginning with a letter or digit"}, path...)
	}
}

// identifiers checks the ids of a section and returns their positions. The
// first of two equal ids counts.
func (c *compiler) identifiers(section string, n int, id func(int) string) map[string]int {
	positions := make(map[string]int, n)
	for i := range n {
		c.identifier(id(i), section, i, "id")
		if first, taken := positions[id(i)]; taken && id(i) != "" {
			c.report(note{CodeDuplicateID, fmt.Sprintf("the id %q is used twice", id(i)), "Give each its own id"}, section, i, "id")
			c.relate(section, first, "id")
		} else {
			positions[id(i)] = i
		}
	}
	delete(positions, "")
	return positions
}

func (c *compiler) names(names Names, path ...any) {
	for _, language := range slices.Sorted(maps.Keys(names)) {
		where := slices.Concat(path, []any{"names", language})
		if !slices.Contains(Languages, language) {
			c.report(unknownLanguage(language), where...)
		}
		if strings.TrimSpace(names[language]) == "" {
			c.report(required("the name", "Write the name, or leave the language out"), where...)
		}
	}
}

// named insists on a name in the organisation's own language.
func (c *compiler) named(names Names, path ...any) {
	c.names(names, path...)
	if own := c.definition.Language; names[own] == "" && slices.Contains(Languages, own) {
		c.report(required(fmt.Sprintf("the name in the organisation's language (%s)", own),
			"Add it under names"), slices.Concat(path, []any{"names"})...)
	}
}

func (c *compiler) domain(d string, path ...any) bool {
	ok := len(d) <= 253 && domainForm.MatchString(d)
	if !ok {
		c.report(note{CodeInvalidDomain, fmt.Sprintf("%q is not a mail domain", d), "Write it like municipality.example"}, path...)
	}
	return ok
}

func (c *compiler) addresses(addresses []string, path ...any) {
	for i, a := range addresses {
		c.address(a, slices.Concat(path, []any{i})...)
	}
}

// address checks that an address is one, and the organisation's own.
func (c *compiler) address(address string, path ...any) {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || len(address) > 254 || strings.ContainsAny(address, " \t\r\n<>()[],;:\\\"") || !domainForm.MatchString(domain) {
		c.report(note{CodeInvalidAddress, "this is not a mail address", "Write it like name@municipality.example, without a display name"}, path...)
		return
	}
	if domain = normalDomain(domain); len(c.domains) > 0 && !c.domains[domain] {
		c.report(note{CodeForeignAddress, fmt.Sprintf("the address lies in %s, which is not among the organisation's domains", domain),
			"Use an address of the organisation, or add the domain to domains"}, path...)
	}
}

func (c *compiler) mailboxID(id string, path ...any) int {
	return c.reference(c.mailbox, note{CodeUnknownMailbox, fmt.Sprintf("there is no mailbox %q", id),
		"Use the id of an entry under mailboxes"}, id, path)
}

func (c *compiler) topicID(id string, path ...any) int {
	return c.reference(c.topic, note{CodeUnknownTopic, fmt.Sprintf("there is no topic %q", id),
		"Use the id of an entry under topics"}, id, path)
}

// reference resolves an id; it returns -1 for one that is empty or unknown.
func (c *compiler) reference(positions map[string]int, unknown note, id string, path []any) int {
	if id == "" {
		return -1
	}
	i, ok := positions[id]
	if !ok {
		c.report(unknown, path...)
		return -1
	}
	return i
}
