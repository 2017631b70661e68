package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"
	"github.com/go-viper/mapstructure/v2"

	"senddigitally/backend/catalogue"
)

// Problem is one thing that keeps the product from starting.
type Problem struct {
	Setting string // "tenants[0].entra.client_id", or an environment variable, or a file
	Wrong   Phrase // what is wrong; never the value
	Write   Phrase // what to write
}

// Phrase is words of the catalogue, to be said in the reader's language.
type Phrase struct {
	Key    string
	Params Params
}

// Params fill the placeholders of a phrase.
type Params map[string]any

// In says the phrase.
func (p Phrase) In(w catalogue.Words) string { return w.Text("config."+p.Key, p.Params) }

// In says the problem in one line.
func (p Problem) In(w catalogue.Words) string {
	return p.Setting + " " + p.Wrong.In(w) + "; " + p.Write.In(w)
}

// Problems is everything that is wrong, as an error in English.
type Problems []Problem

func (p Problems) Error() string { return p.In(catalogue.For("en")) }

// In says everything, a line each.
func (p Problems) In(w catalogue.Words) string {
	lines := []string{w.Plural("config.wrong", len(p), nil)}
	for _, one := range p {
		lines = append(lines, "  "+one.In(w))
	}
	return strings.Join(lines, "\n")
}

// add notes a problem under its key in the catalogue.
func (p *Problems) add(setting, key string, params Params) {
	*p = append(*p, Problem{setting, Phrase{key + ".wrong", params}, Phrase{key + ".write", params}})
}

// tidy sorts, and keeps the first of several about one setting: the later ones
// follow from it.
func (p Problems) tidy() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int { return cmp.Compare(a.Setting, b.Setting) })
	return slices.CompactFunc(p, func(a, b Problem) bool { return a.Setting == b.Setting })
}

// undecodable takes apart what the decoder joined.
func (p *Problems) undecodable(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			p.undecodable(one)
		}
		return
	}
	one, ok := errors.AsType[*mapstructure.DecodeError](err)
	switch {
	case !ok:
		p.undecodable(errors.Unwrap(err))
	case errors.Is(one, errDuration):
		p.add(one.Name(), "duration", nil)
	case errors.Is(one, errSize):
		p.add(one.Name(), "size", nil)
	default:
		p.add(one.Name(), "unreadable", nil)
	}
}

// broken says in words which of the rules in the struct's tags is broken.
func (p *Problems) broken(err error) {
	found, _ := errors.AsType[validator.ValidationErrors](err)
	for _, e := range found {
		_, setting, _ := strings.Cut(e.Namespace(), ".")
		key := phrases[e.Tag()]
		params := Params{"param": strings.ReplaceAll(e.Param(), " ", ", ")}
		p.add(setting, cmp.Or(key, "invalid"), params)
		if slices.Contains(exemplified, key) {
			(*p)[len(*p)-1].Write = byExample(setting)
		}
	}
}

// phrases are the keys of the validator's rules.
var phrases = map[string]string{"required": "required", "oneof": "oneof", "email": "email", "uuid": "uuid", "cidr|ip": "network",
	"url": "url", "http_url": "url", "unique": "unique", "timezone": "timezone", "fqdn": "host", "hostname_rfc1123": "host",
	"gt": "gt", "min": "min", "max": "max"}

// exemplified are those whose cure is the setting's own example.
var exemplified = []string{"required", "uuid", "url", "host", ""}

func byExample(setting string) Phrase {
	if example := exampleOf(setting); example != "" {
		return Phrase{"example", Params{"example": example}}
	}
	return Phrase{Key: "reference"}
}

func exampleOf(setting string) string {
	for _, f := range schema {
		if f.path == general(setting) {
			return f.example
		}
	}
	return ""
}
