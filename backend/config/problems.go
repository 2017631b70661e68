package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"
	"github.com/go-viper/mapstructure/v2"
)

// Problem is one thing that keeps the product from starting.
type Problem struct {
	Setting string // "tenants[0].entra.client_id", or an environment variable, or a file
	Wrong   string // what is wrong; never the value
	Write   string // what to write
}

func (p Problem) String() string { return p.Setting + " " + p.Wrong + "; " + p.Write }

// Problems is everything that is wrong, as an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, 0, len(p)+1)
	lines = append(lines, fmt.Sprintf("the configuration has %d problem(s):", len(p)))
	for _, one := range p {
		lines = append(lines, "  "+one.String())
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(setting, wrong, write string) {
	*p = append(*p, Problem{setting, wrong, write})
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
	if !ok {
		if inner := errors.Unwrap(err); inner != nil {
			p.undecodable(inner)
		}
		return
	}
	write := "write what the reference shows"
	if errors.Is(one, errDuration) || errors.Is(one, errSize) {
		write = one.Unwrap().Error()
	}
	p.add(one.Name(), "cannot be read", write)
}

// broken says in words which of the rules in the struct's tags is broken.
func (p *Problems) broken(err error) {
	found, _ := errors.AsType[validator.ValidationErrors](err)
	for _, e := range found {
		_, setting, _ := strings.Cut(e.Namespace(), ".")
		wrong, write := words(e)
		if example := exampleOf(setting); example != "" && write == "" {
			write = "write one such as " + example
		}
		p.add(setting, wrong, cmp.Or(write, "write what the reference shows"))
	}
}

func words(e validator.FieldError) (wrong, write string) {
	switch e.Tag() {
	case "required":
		return "is missing", ""
	case "oneof":
		return "is not one of the choices", "write one of " + strings.ReplaceAll(e.Param(), " ", ", ")
	case "email":
		return "is not an e-mail address", "write one such as post@municipality.example"
	case "uuid":
		return "is not a GUID", ""
	case "cidr|ip":
		return "is not a network or address", "write one such as 10.0.0.5/32"
	case "url", "http_url":
		return "is not an address", ""
	case "unique":
		return "has something twice", "write each once"
	case "timezone":
		return "is not a time zone", "write an IANA name such as Europe/Oslo"
	case "fqdn", "hostname_rfc1123":
		return "is not a host name", ""
	case "gt", "min":
		return "is too small", "write more than " + least(e)
	case "max":
		return "is too large or too long", "write at most " + e.Param()
	}
	return "is not valid", ""
}

func least(e validator.FieldError) string {
	if e.Tag() == "min" {
		return e.Param() + ", or just that"
	}
	return e.Param()
}

func exampleOf(setting string) string {
	for _, f := range schema {
		if f.path == general(setting) {
			return f.example
		}
	}
	return ""
}
