package file

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"senddigitally/routing"
)

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("urn:senddigitally:routing", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("urn:senddigitally:routing")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON is a file as an editor's validator sees it.
func asJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return asJSON(n.Content[0])
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = asJSON(n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := []any{}
		for _, entry := range n.Content {
			list = append(list, asJSON(entry))
		}
		return list
	}
	switch n.ShortTag() {
	case "!!bool":
		return n.Value == "true"
	case "!!int":
		return json.Number(n.Value)
	case "!!null":
		return nil
	}
	return n.Value
}

func parsed(t testing.TB, data []byte) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return &n
}

func TestSampleFollowsTheSchema(t *testing.T) {
	if err := compiledSchema(t).Validate(asJSON(parsed(t, Sample))); err != nil {
		t.Error(err)
	}
}

// The sample shows all languages, and every section of a file.
func TestSampleIsComplete(t *testing.T) {
	set := sampleSet(t)
	for _, m := range set.Mailboxes() {
		if len(m.Names) != len(routing.Languages) {
			t.Errorf("mailbox %s has %d names", m.ID, len(m.Names))
		}
	}
	root := asJSON(parsed(t, Sample)).(map[string]any)
	for name := range fieldsOf(reflect.TypeFor[routing.Definition]()) {
		if root[name] == nil {
			t.Errorf("the sample lacks %s", name)
		}
	}
}

// Schema and loader know the same fields, everywhere.
func TestSchemaHasTheFieldsOfTheLoader(t *testing.T) {
	var root struct {
		Definition
		Defs map[string]Definition `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	root.Defs["root"] = root.Definition
	for name, kind := range map[string]reflect.Type{
		"root": reflect.TypeFor[routing.Definition](), "mailbox": reflect.TypeFor[routing.Mailbox](), "period": reflect.TypeFor[routing.Period](),
		"topic": reflect.TypeFor[routing.Topic](), "caseSeries": reflect.TypeFor[routing.CaseSeries](), "contactFolder": reflect.TypeFor[routing.ContactFolder](),
		"contactPoint": reflect.TypeFor[routing.ContactPoint](), "rule": reflect.TypeFor[routing.Rule](), "condition": reflect.TypeFor[routing.Condition](),
		"window": reflect.TypeFor[routing.Window](), "route": reflect.TypeFor[routing.Route](), "manualList": reflect.TypeFor[routing.ManualList](), "company": reflect.TypeFor[routing.OwnCompany](),
	} {
		var inSchema, inLoader []string
		for field := range root.Defs[name].Properties {
			inSchema = append(inSchema, field)
		}
		for field := range fieldsOf(kind) {
			inLoader = append(inLoader, field)
		}
		slices.Sort(inSchema)
		slices.Sort(inLoader)
		if !slices.Equal(inSchema, inLoader) {
			t.Errorf("%s: schema %v, loader %v", name, inSchema, inLoader)
		}
	}
}

// Definition is what the test needs of a JSON Schema.
type Definition struct {
	Properties map[string]any `json:"properties"`
}

// In every mapping of the sample, one field too many is refused by both, and
// the loader says where.
func TestSchemaAndLoaderRefuseUnknownFields(t *testing.T) {
	schema, mappings := compiledSchema(t), 0
	walk(parsed(t, Sample), func(document, n *yaml.Node) {
		mappings++
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "unheard_of"}, &yaml.Node{Kind: yaml.ScalarNode, Value: "x"})
		if schema.Validate(asJSON(document)) == nil {
			t.Errorf("line %d: the schema lets it pass", n.Line)
		}
		data, err := yaml.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		n.Content = n.Content[:len(n.Content)-2]
		if set, problems := Load("f", data); set != nil || !strings.Contains(problems.Error(), "unheard_of") && !strings.Contains(problems.Error(), "language_unknown") {
			t.Errorf("line %d: the loader says %v", n.Line, problems)
		}
	})
	if mappings < 50 {
		t.Errorf("only %d mappings in the sample", mappings)
	}
}

// walk visits all mappings.
func walk(document *yaml.Node, visit func(document, n *yaml.Node)) {
	var down func(n *yaml.Node)
	down = func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			visit(document, n)
		}
		for _, c := range n.Content {
			down(c)
		}
	}
	down(document)
}

// What the schema refuses in a changed sample, the loader refuses too.
func TestLoaderRefusesWhatTheSchemaRefuses(t *testing.T) {
	schema, refused := compiledSchema(t), 0
	document := parsed(t, Sample)
	for where, n := range scalars(document) {
		before := *n
		for _, change := range []yaml.Node{
			{Kind: yaml.ScalarNode, Tag: "!!int", Value: "7"}, {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, {Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"},
			{Kind: yaml.ScalarNode, Value: "Not Good@", Style: yaml.DoubleQuotedStyle}, {Kind: yaml.SequenceNode}, {Kind: yaml.MappingNode},
		} {
			*n = change
			data, err := yaml.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			if schema.Validate(asJSON(parsed(t, data))) == nil {
				continue
			}
			refused++
			if set, _ := Load("f", data); set != nil {
				t.Errorf("%s: %q as %+v is refused by the schema only", where, before.Value, change)
			}
		}
		*n = before
	}
	if refused < 200 {
		t.Errorf("only %d changes were refused", refused)
	}
}

// scalars finds one value for each way of fields that leads to one, names left
// out but for one language.
func scalars(document *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	var down func(where string, n *yaml.Node)
	down = func(where string, n *yaml.Node) {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				down(where+"/"+n.Content[i].Value, n.Content[i+1])
			}
		case yaml.SequenceNode:
			for _, c := range n.Content {
				down(where+"/*", c)
			}
		default:
			if language := where[strings.LastIndexByte(where, '/')+1:]; language == "en" || !slices.Contains(routing.Languages, language) {
				found[where] = n
			}
		}
	}
	down("", document.Content[0])
	return found
}
