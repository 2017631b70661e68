// Package file reads a tenant's routing file: YAML in, a compiled routing set
// out, or every problem with file, line, column, cause and cure.
//
// Invariants: a file with any problem gives no set; a field that the schema
// does not know is a problem, never ignored; anchors, aliases and further
// documents are refused, so that a file cannot expand. Nothing is read but what
// is passed in, except by [Open] and [Watcher].
//
// On failure: [Load] returns problems and no set. [Watcher] leaves the set in
// force as it is and records the failure in the routing.Current.
package file

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	_ "time/tzdata" // a file means the same on a host without time zones

	"senddigitally/routing"
)

// MaxSize is the greatest size of a routing file, in bytes.
const MaxSize = 32 << 20

// Sample is a commented routing file of a municipality.
//
//go:embed sample.yaml
var Sample []byte

// Schema is the JSON Schema (draft 2020-12) of the routing file, for editors.
//
//go:embed schema.json
var Schema []byte

// The kinds of problems that are found before the content is checked; those of
// package routing come in addition.
const (
	CodeTooLarge       routing.Code = "file_too_large"
	CodeEmpty          routing.Code = "file_empty"
	CodeNotText        routing.Code = "file_not_text"
	CodeSyntax         routing.Code = "yaml_invalid"
	CodeAlias          routing.Code = "yaml_alias"
	CodeDocuments      routing.Code = "yaml_documents"
	CodeUnknownField   routing.Code = "field_unknown"
	CodeDuplicateField routing.Code = "field_duplicate"
	CodeWrongType      routing.Code = "field_type"
)

// Problem is one thing that is wrong with a routing file.
type Problem struct {
	File   string       `json:"file"`
	Line   int          `json:"line"`
	Column int          `json:"column"`
	Code   routing.Code `json:"code"`
	Cause  string       `json:"cause"`
	Cure   string       `json:"cure"`
	// Related is the line of the other place involved, 0 if there is none.
	Related int `json:"related,omitempty"`
}

// String gives the problem in one line, in the form that editors understand.
func (p Problem) String() string {
	related := ""
	if p.Related > 0 {
		related = fmt.Sprintf(" (see line %d)", p.Related)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s%s. %s.", p.File, p.Line, p.Column, p.Code, p.Cause, related, p.Cure)
}

// Problems are all problems of a file, in the order of its lines.
type Problems []Problem

// Error gives one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil if there are no problems, else the problems as an error.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Load reads a routing file; name is what problems call it. It returns a set,
// or at least one problem.
func Load(name string, data []byte) (*routing.Set, Problems) {
	d := &decoder{file: name, spoiled: map[string]bool{}}
	root := d.parse(data)
	if root == nil {
		return nil, d.problems
	}
	var def routing.Definition
	d.decode(root, &def)
	set, found := routing.Compile(def)
	for _, p := range found {
		d.add(root, p)
	}
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, byPosition)
		return nil, d.problems
	}
	return set, nil
}

func byPosition(a, b Problem) int {
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}
