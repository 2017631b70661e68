package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"senddigitally/routing"
)

// parse reads the only document of a file; nil if it has problems.
func (d *decoder) parse(data []byte) *yaml.Node {
	switch {
	case len(data) > MaxSize:
		d.note(1, 1, CodeTooLarge, fmt.Sprintf("the file has %d bytes", len(data)), fmt.Sprintf("Keep it to %d", MaxSize))
		return nil
	case !utf8.Valid(data):
		d.note(lineOfInvalid(data), 1, CodeNotText, "the file is not UTF-8 text", "Save it as UTF-8")
		return nil
	}
	reader := yaml.NewDecoder(bytes.NewReader(data))
	var document, further yaml.Node
	if err := reader.Decode(&document); errors.Is(err, io.EOF) || err == nil && document.Kind == 0 {
		d.note(1, 1, CodeEmpty, "the file is empty", "Start from the sample")
		return nil
	} else if err != nil {
		d.syntax(err)
		return nil
	}
	if err := reader.Decode(&further); err == nil {
		d.note(further.Line, further.Column, CodeDocuments, "the file holds more than one document", "Keep one file per tenant")
		return nil
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err)
		return nil
	}
	return document.Content[0]
}

func lineOfInvalid(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

// yamlMessage is how the YAML reader words its errors; the line is missing for some.
var yamlMessage = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)

func (d *decoder) syntax(err error) {
	line, cause := 1, err.Error()
	if m := yamlMessage.FindStringSubmatch(cause); m != nil {
		cause = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = max(n, 1)
		}
	}
	d.note(line, 1, CodeSyntax, "this is not valid YAML: "+oneLine(cause), "Correct it here or in the lines before; look at indentation, colons and quotes")
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

// add places a problem of the definition in the file. What merely follows from
// a field that could not be read is left out.
func (d *decoder) add(root *yaml.Node, p routing.Problem) {
	parent := p.Path[:strings.LastIndexByte(p.Path, '/')]
	if d.spoiled[p.Path] || d.spoiled[parent] && followsFromAbsence[p.Code] {
		return
	}
	where := locate(root, p.Path)
	d.note(where.Line, where.Column, p.Code, p.Cause, p.Cure)
	if p.Related != "" {
		d.problems[len(d.problems)-1].Related = locate(root, p.Related).Line
	}
}

var followsFromAbsence = map[routing.Code]bool{
	routing.CodeRequired: true, routing.CodeNoDestination: true, routing.CodeUnknownLanguage: true,
	routing.CodeUnknownZone: true, routing.CodeNoCondition: true, routing.CodeInvalidAddress: true, routing.CodeDeputyMissing: true,
}

// locate finds the node that a JSON Pointer leads to, or the last one on the way.
func locate(n *yaml.Node, pointer string) *yaml.Node {
	for _, token := range strings.Split(pointer, "/")[1:] {
		next := child(n, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
		if next == nil {
			break
		}
		n = next
	}
	return n
}

func child(n *yaml.Node, token string) *yaml.Node {
	switch n.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == token {
				return n.Content[i+1]
			}
		}
	}
	return nil
}
