package graph_test

import (
	"encoding/base64"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// schema is Microsoft's published data model, against which every answer is checked.
type schema struct {
	types map[string]structure
	enums map[string]map[string]bool
}

// reporter is what the checks complain to.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// complaints counts instead of failing.
type complaints int

func (c *complaints) Helper()               {}
func (c *complaints) Errorf(string, ...any) { *c++ }

type structure struct {
	Name        string     `xml:"Name,attr"`
	Base        string     `xml:"BaseType,attr"`
	Properties  []property `xml:"Property"`
	Navigations []property `xml:"NavigationProperty"`
}

type property struct {
	Name string `xml:"Name,attr"`
	Type string `xml:"Type,attr"`
}

type document struct {
	Schemas []struct {
		Namespace string      `xml:"Namespace,attr"`
		Entities  []structure `xml:"EntityType"`
		Complex   []structure `xml:"ComplexType"`
		Enums     []struct {
			Name    string `xml:"Name,attr"`
			Members []struct {
				Name string `xml:"Name,attr"`
			} `xml:"Member"`
		} `xml:"EnumType"`
	} `xml:"DataServices>Schema"`
}

var readSchema = sync.OnceValues(func() (*schema, error) {
	path, err := anchor("graph/v1.0-Prod.csdl")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var d document
	if err := xml.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	s := &schema{types: map[string]structure{}, enums: map[string]map[string]bool{}}
	for _, part := range d.Schemas {
		if part.Namespace != "microsoft.graph" {
			continue
		}
		for _, t := range append(part.Entities, part.Complex...) {
			s.types["graph."+t.Name] = t
		}
		for _, e := range part.Enums {
			s.enums["graph."+e.Name] = map[string]bool{}
			for _, m := range e.Members {
				s.enums["graph."+e.Name][m.Name] = true
			}
		}
	}
	return s, nil
})

// anchor finds a file of the anchors beside the repository.
func anchor(name string) (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, "..", "shared", "anchors", name), nil
		}
		if filepath.Dir(folder) == folder {
			return "", os.ErrNotExist
		}
		folder = filepath.Dir(folder)
	}
}

// loadSchema answers nil where the anchors are absent; TestAnswersFollowTheDataModel
// then reports itself as skipped.
func loadSchema(t *testing.T) *schema {
	t.Helper()
	s, err := readSchema()
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return s
}

// check compares an answer with the type that its address promises.
func (s *schema) check(t *testing.T, path string, a answer) {
	t.Helper()
	if s == nil || a.status >= 400 {
		return
	}
	kind := promised(path, a.body)
	if kind == "" {
		return
	}
	if list, isList := a.body["value"].([]any); isList {
		for _, item := range list {
			s.object(t, kind, item.(map[string]any))
		}
		return
	}
	s.object(t, kind, a.body)
}

func promised(path string, body object) string {
	if _, session := body["nextExpectedRanges"]; session && body["uploadUrl"] != nil {
		return "graph.uploadSession"
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i := len(segments) - 1; i >= 0; i-- {
		switch segments[i] {
		case "attachments":
			return "graph.attachment"
		case "messages", "move", "copy", "delta":
			return "graph.message"
		case "mailFolders", "childFolders":
			return "graph.mailFolder"
		case "subscriptions":
			return "graph.subscription"
		case "me", "users":
			return "graph.user"
		}
	}
	return ""
}

func (s *schema) object(t reporter, kind string, body object) {
	t.Helper()
	if named, ok := body["@odata.type"].(string); ok {
		kind = "graph." + strings.TrimPrefix(named, "#microsoft.graph.")
	}
	properties := s.properties(kind)
	if properties == nil {
		t.Errorf("the data model has no type %s", kind)
		return
	}
	for name, value := range body {
		if strings.Contains(name, "@") {
			continue
		}
		declared, known := properties[name]
		if !known {
			t.Errorf("%s has no property %s", kind, name)
			continue
		}
		s.value(t, kind+"."+name, declared, value)
	}
}

// properties collects those of a type and its bases.
func (s *schema) properties(kind string) map[string]string {
	all := map[string]string{}
	for kind != "" {
		t, known := s.types[kind]
		if !known {
			return nil
		}
		for _, p := range append(t.Properties, t.Navigations...) {
			all[p.Name] = p.Type
		}
		kind = t.Base
	}
	return all
}

func (s *schema) value(t reporter, name, kind string, value any) {
	t.Helper()
	if inner, isList := strings.CutPrefix(kind, "Collection("); isList {
		list, ok := value.([]any)
		if !ok {
			t.Errorf("%s is %T, want a list", name, value)
		}
		for _, item := range list {
			s.value(t, name, strings.TrimSuffix(inner, ")"), item)
		}
		return
	}
	if value == nil {
		return
	}
	if members, isEnum := s.enums[kind]; isEnum {
		if text, _ := value.(string); !members[text] {
			t.Errorf("%s is %v, which %s does not have", name, value, kind)
		}
		return
	}
	if body, ok := value.(map[string]any); ok {
		s.object(t, kind, body)
		return
	}
	if !primitive(kind, value) {
		t.Errorf("%s is %T %v, want %s", name, value, value, kind)
	}
}

func primitive(kind string, value any) bool {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	_, isBool := value.(bool)
	switch kind {
	case "Edm.String":
		return isText
	case "Edm.Boolean":
		return isBool
	case "Edm.Int32":
		return isNumber && number == float64(int32(number))
	case "Edm.Int64":
		return isNumber && number == float64(int64(number))
	case "Edm.DateTimeOffset":
		_, err := time.Parse(time.RFC3339, text)
		return isText && err == nil
	case "Edm.Binary":
		_, err := base64.StdEncoding.DecodeString(text)
		return isText && err == nil
	}
	return false
}

func TestAnswersFollowTheDataModel(t *testing.T) {
	s := loadSchema(t)
	if s == nil {
		t.Skip("not run: ../shared/anchors/graph/v1.0-Prod.csdl is absent")
	}
	wrong := []struct {
		kind string
		body object
	}{
		{"graph.message", object{"invented": "x"}},
		{"graph.message", object{"isRead": "true"}},
		{"graph.message", object{"body": object{"contentType": "rtf"}}},
		{"graph.message", object{"toRecipients": []any{object{"address": "x"}}}},
		{"graph.attachment", object{"@odata.type": "#microsoft.graph.referenceAttachment", "sourceUrl": "x"}},
	}
	for _, c := range wrong {
		var probe complaints
		s.object(&probe, c.kind, c.body)
		if probe == 0 {
			t.Errorf("%v passes as %s", c.body, c.kind)
		}
	}

	r := newRig(t)
	id := r.draft(asCaseworker(), "/me", everything())
	for _, path := range []string{
		"/me", "/users/" + caseworker, "/me/mailFolders", "/me/mailFolders/inbox", "/me/messages", "/me/messages/" + id,
		"/me/messages/" + id + "?$expand=attachments,singleValueExtendedProperties($filter=id%20eq%20'String%200x1042')&$select=internetMessageHeaders,subject",
		"/me/messages/" + id + "/attachments?$expand=microsoft.graph.itemAttachment/item",
		"/me/mailFolders/drafts/messages/delta",
	} {
		r.ask(asCaseworker(), "GET", path, nil).want(200)
	}
}

// everything is a draft with every property that the product writes.
func everything() object {
	return object{
		"subject": "All of it", "body": object{"contentType": "html", "content": "<p>Hello</p>"},
		"toRecipients": to(citizen), "ccRecipients": to(building), "bccRecipients": to(private), "replyTo": to(service),
		"categories": []string{"Permit"}, "importance": "high", "internetMessageId": "<own@municipality.example>",
		"internetMessageHeaders":        []any{object{"name": "x-case", "value": "26/17"}},
		"singleValueExtendedProperties": []any{object{"id": "String 0x1042", "value": "<earlier@home.example>"}},
		"attachments": []any{
			object{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": []byte("hello")},
			object{"@odata.type": "#microsoft.graph.fileAttachment", "name": "i.png", "isInline": true, "contentId": "img1", "contentBytes": []byte("png")},
			object{"@odata.type": "#microsoft.graph.itemAttachment", "name": "old mail", "item": object{"@odata.type": "#microsoft.graph.message", "subject": "Old"}},
		},
	}
}
