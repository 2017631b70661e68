package routing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Languages are the languages that names may be given in.
var Languages = []string{"da", "nb", "nl", "sv", "de", "en"}

// Compile checks a definition and makes it ready for decisions. It returns
// either a set or at least one problem, all that it can find, in the order of
// the definition's sections. The definition must not be changed afterwards.
func Compile(def Definition) (*Set, []Problem) {
	c := &compiler{Set: &Set{definition: def, zone: time.UTC}, domains: map[string]bool{}}
	c.general()
	c.company()
	c.mailboxes()
	c.topics()
	c.caseSeries()
	c.contactPoints()
	c.ruleList()
	c.ends()
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	c.index = newIndex(c.rules, wordsOf)
	c.Set.words = newWordFinder(&c.index)
	c.index.values[fieldSubject] = nil
	c.fingerprint = fingerprint(&c.definition)
	return c.Set, nil
}

// compiler fills a set and notes what is wrong.
type compiler struct {
	*Set
	problems []Problem
	domains  map[string]bool
	// work and freeWork are the sizes of all patterns, and of those without words.
	work, freeWork int
}

// note is a problem's code, cause and cure.
type note struct {
	code        Code
	cause, cure string
}

func (c *compiler) report(n note, path ...any) {
	c.problems = append(c.problems, Problem{Code: n.code, Path: pointer(path...), Cause: n.cause, Cure: n.cure})
}

func (c *compiler) relate(path ...any) {
	c.problems[len(c.problems)-1].Related = pointer(path...)
}

func fingerprint(def *Definition) string {
	text, err := json.Marshal(def)
	if err != nil {
		panic("routing: a definition is always JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// general checks what the definition says about the organisation.
func (c *compiler) general() {
	def := &c.definition
	c.identifier(def.Tenant, "tenant")
	if !slices.Contains(Languages, def.Language) {
		c.report(unknownLanguage(def.Language), "language")
	}
	if zone, err := time.LoadLocation(def.TimeZone); err != nil || def.TimeZone == "" || def.TimeZone == "Local" {
		c.report(note{CodeUnknownZone, fmt.Sprintf("the time zone %q is not known", def.TimeZone),
			"Write an IANA name, like Europe/Copenhagen"}, "time_zone")
	} else {
		c.zone = zone
	}
	if len(def.Domains) == 0 {
		c.report(required("domains", "List the organisation's own mail domains"), "domains")
	}
	for i, d := range def.Domains {
		if c.domain(d, "domains", i) {
			c.domains[normalDomain(d)] = true
		}
	}
}

// ends checks what is left for replies that no rule places.
func (c *compiler) ends() {
	if r := c.definition.DefaultRoute; r != nil {
		t := c.route(r, "default_route")
		c.fallback = &t
	}
	list := &c.definition.ManualList
	c.names(list.Names, "manual_list")
	c.addresses(list.Owners, "manual_list", "owners")
}

func required(field, cure string) note {
	return note{CodeRequired, field + " is missing or empty", cure}
}

func unknownLanguage(l string) note {
	return note{CodeUnknownLanguage, fmt.Sprintf("%q is not one of the languages", l), "Use one of da, nb, nl, sv, de, en"}
}
