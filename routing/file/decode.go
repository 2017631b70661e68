package file

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"senddigitally/routing"
)

// decoder fills a definition from YAML, strictly: the JSON names of its types
// are the only fields there are.
type decoder struct {
	file     string
	problems Problems
	// path is the way to the node being read; spoiled holds the JSON Pointers
	// of what could not be read, and of the mappings around it.
	path    []string
	spoiled map[string]bool
}

func (d *decoder) decode(root *yaml.Node, def *routing.Definition) {
	d.value(root, reflect.ValueOf(def).Elem())
}

func (d *decoder) note(line, column int, code routing.Code, cause, cure string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Column: column, Code: code, Cause: cause, Cure: cure})
}

// spoil notes a problem at a node and remembers that the node was not read.
func (d *decoder) spoil(n *yaml.Node, code routing.Code, cause, cure string) {
	d.note(n.Line, n.Column, code, cause, cure)
	for _, depth := range []int{len(d.path), len(d.path) - 1} {
		if depth >= 0 {
			d.spoiled[pointer(d.path[:depth])] = true
		}
	}
}

func pointer(path []string) string {
	var b strings.Builder
	for _, token := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	return b.String()
}

func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.spoil(n, CodeAlias, "anchors and aliases (& and *) are not allowed", "Write the value out; put text that begins with & or * in quotes")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem())
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Slice:
		d.list(n, v)
	case reflect.Map:
		d.names(n, v)
	default:
		d.scalar(n, v)
	}
}

// within reads a node one level further down.
func (d *decoder) within(token string, n *yaml.Node, v reflect.Value) {
	d.path = append(d.path, token)
	d.value(n, v)
	d.path = d.path[:len(d.path)-1]
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	known := fieldsOf(v.Type())
	d.entries(n, func(key, value *yaml.Node) {
		i, ok := known[key.Value]
		if !ok {
			d.path = append(d.path, key.Value)
			d.spoil(key, CodeUnknownField, fmt.Sprintf("there is no field %q here", clip(key.Value)), suggestion(key.Value, known))
			d.path = d.path[:len(d.path)-1]
			return
		}
		d.within(key.Value, value, v.Field(i))
	})
}

func (d *decoder) names(n *yaml.Node, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.entries(n, func(key, value *yaml.Node) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.within(key.Value, value, element)
		v.SetMapIndex(reflect.ValueOf(key.Value), element)
	})
}

// entries goes through a mapping whose keys are different words.
func (d *decoder) entries(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.spoil(n, CodeWrongType, "fields with values are expected here", "Write name: value, one per line")
		return
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.ShortTag() != "!!str" {
			d.spoil(key, CodeUnknownField, "a field's name must be a plain word", "Use the names of the sample")
			continue
		}
		if line, twice := seen[key.Value]; twice {
			d.spoil(key, CodeDuplicateField, fmt.Sprintf("the field %q is written twice", clip(key.Value)), "Keep one of them")
			d.problems[len(d.problems)-1].Related = line
			continue
		}
		seen[key.Value] = key.Line
		each(key, n.Content[i+1])
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.spoil(n, CodeWrongType, "a list is expected here", "Write each entry on a line of its own after a hyphen, or [a, b]")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, entry := range n.Content {
		d.within(strconv.Itoa(i), entry, v.Index(i))
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	tag := n.ShortTag()
	switch {
	case n.Kind != yaml.ScalarNode:
		d.spoil(n, CodeWrongType, "a single value is expected here", "Write one value instead of a list or fields")
	case v.Kind() == reflect.String && (tag == "!!str" || tag == "!!timestamp"):
		v.SetString(n.Value)
	case v.Kind() == reflect.String && tag == "!!null":
		d.spoil(n, CodeWrongType, "the value is missing", "Write a value, or remove the line")
	case v.Kind() == reflect.String:
		d.spoil(n, CodeWrongType, "text is expected here", "Put the value in quotes")
	case v.Kind() == reflect.Bool && tag == "!!bool":
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case v.Kind() == reflect.Bool:
		d.spoil(n, CodeWrongType, "true or false is expected here", "Write true or false, without quotes")
	default:
		d.number(n, v, tag)
	}
}

func (d *decoder) number(n *yaml.Node, v reflect.Value, tag string) {
	number, err := strconv.Atoi(n.Value)
	if tag != "!!int" || err != nil || number > maxNumber {
		d.spoil(n, CodeWrongType, "a whole number is expected here", "Write digits only, without a unit and quotes")
		return
	}
	v.SetInt(int64(number))
}

// maxNumber is the greatest number in a routing file: sizes in megabytes, up to
// the 150 MB that Outlook takes and far beyond.
const maxNumber = 1_000_000

var fieldCache sync.Map

// fieldsOf gives the fields of a struct type by their JSON names.
func fieldsOf(t reflect.Type) map[string]int {
	if known, ok := fieldCache.Load(t); ok {
		return known.(map[string]int)
	}
	known := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = i
	}
	fieldCache.Store(t, known)
	return known
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
