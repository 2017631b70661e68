package config

import (
	"encoding"
	"reflect"
	"regexp"
	"strings"
)

// field is one setting, or a section of them, as the struct describes it.
type field struct {
	path    string // "tenants[].entra.client_id"
	depth   int    // of sections around it
	section bool
	list    bool // of a section: there may be several
	secret  bool
	mapping bool // its keys are the operator's
	many    bool // it is a list of values
	def     string
	example string
	doc     string
	must    bool
}

// prefix begins the name of every environment variable.
const prefix = "SENDDIGITALLY_"

var schema = fieldsOf(reflect.TypeFor[Config](), "", 0)

func fieldsOf(t reflect.Type, path string, depth int) []field {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get
		f := field{path: path + tag("koanf"), depth: depth, def: tag("default"), example: tag("example"), doc: tag("doc"),
			secret: sf.Type == reflect.TypeFor[Secret](), mapping: sf.Type.Kind() == reflect.Map, many: sf.Type.Kind() == reflect.Slice,
			must: strings.HasPrefix(tag("validate"), "required") && tag("default") == ""}
		inner, list := section(sf.Type)
		if inner == nil {
			out = append(out, f)
			continue
		}
		f.section, f.list = true, list
		if list {
			f.path += "[]"
		}
		out = append(append(out, f), fieldsOf(inner, f.path+".", depth+1)...)
	}
	return out
}

// section is the struct behind a field that has settings of its own.
func section(t reflect.Type) (inner reflect.Type, list bool) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
		return t.Elem(), true
	}
	if t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return t, false
	}
	return nil, false
}

// name is the last part of the path.
func (f field) name() string {
	path := strings.TrimSuffix(f.path, "[]")
	return path[strings.LastIndex(path, ".")+1:]
}

// env is the environment variable that sets it; of the first in a list.
func (f field) env() string {
	return prefix + strings.ToUpper(strings.NewReplacer("[]", "_0", ".", "_").Replace(f.path))
}

// setBy is the path that an environment variable sets, if it sets this field,
// with the number in a list as a part of it: "tenants.0.name".
func (f field) setBy(variable string) (string, bool) {
	if f.section || f.mapping {
		return "", false
	}
	form := strings.ToUpper(strings.NewReplacer("[]", `_([0-9]{1,3})`, ".", "_").Replace(f.path))
	found := regexp.MustCompile("^" + prefix + form + "$").FindStringSubmatch(variable)
	if found == nil {
		return "", false
	}
	path := f.path
	for _, number := range found[1:] {
		path = strings.Replace(path, "[]", "."+number, 1)
	}
	return path, true
}
