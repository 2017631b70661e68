package graph

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// predicate decides about one message.
type predicate func(*mail.Message) bool

// filter compiles a $filter over messages: comparisons, contains, startswith, any over
// categories and extended properties, and, or, not and parentheses. It answers the
// properties used, in order, since $orderby may name only those.
//
// Filtering by internetMessageHeaders is refused, as Graph does; a header is found as an
// extended property of the set PS_INTERNET_HEADERS instead.
func filter(text string) (predicate, []string, error) {
	p := &parser{tokens: tokenPattern.FindAllString(text, -1)}
	if strings.TrimSpace(tokenPattern.ReplaceAllString(text, "")) != "" {
		return nil, nil, invalidFilter()
	}
	match := p.or()
	if p.failed || len(p.tokens) > 0 {
		return nil, nil, invalidFilter()
	}
	return match, p.used, nil
}

func invalidFilter() *mail.Error {
	return mail.Refuse(http.StatusBadRequest, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
}

var tokenPattern = regexp.MustCompile(`'(?:[^']|'')*'|[(),:]|[A-Za-z0-9_./+-]+(?::[0-9][0-9:.Z+-]*)?`)

// parser is a recursive descent over the tokens; after a failure it accepts nothing.
type parser struct {
	tokens []string
	used   []string
	depth  int
	failed bool
}

func never(*mail.Message) bool { return false }

func (p *parser) fail() predicate {
	p.failed, p.tokens = true, nil
	return never
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) expect(tokens ...string) {
	for _, t := range tokens {
		if !strings.EqualFold(p.next(), t) {
			p.fail()
		}
	}
}

func (p *parser) or() predicate {
	left := p.and()
	for strings.EqualFold(p.peek(), "or") {
		p.next()
		a, b := left, p.and()
		left = func(m *mail.Message) bool { return a(m) || b(m) }
	}
	return left
}

func (p *parser) and() predicate {
	left := p.term()
	for strings.EqualFold(p.peek(), "and") {
		p.next()
		a, b := left, p.term()
		left = func(m *mail.Message) bool { return a(m) && b(m) }
	}
	return left
}

func (p *parser) term() predicate {
	if p.depth++; p.depth > 100 {
		return p.fail()
	}
	defer func() { p.depth-- }()
	switch t := p.next(); strings.ToLower(t) {
	case "":
		return p.fail()
	case "(":
		inner := p.or()
		p.expect(")")
		return inner
	case "not":
		inner := p.term()
		return func(m *mail.Message) bool { return !inner(m) }
	case "contains", "startswith":
		return p.function(strings.ToLower(t))
	case "categories/any":
		return p.anyCategory()
	case "singlevalueextendedproperties/any":
		return p.anyProperty()
	default:
		return p.comparison(t)
	}
}

func (p *parser) function(name string) predicate {
	p.expect("(")
	property := p.next()
	p.expect(",")
	wanted := p.text()
	p.expect(")")
	value := p.property(property)
	test := strings.Contains
	if name == "startswith" {
		test = strings.HasPrefix
	}
	return func(m *mail.Message) bool {
		text, isText := value(m).(string)
		return isText && test(strings.ToLower(text), strings.ToLower(wanted))
	}
}

// anyCategory reads (c:c eq 'x').
func (p *parser) anyCategory() predicate {
	p.expect("(")
	variable := p.next()
	p.expect(":", variable, "eq")
	wanted := p.text()
	p.expect(")")
	return func(m *mail.Message) bool { return containsFold(m.Categories, wanted) }
}

// anyProperty reads (ep: ep/id eq 'x' and ep/value eq 'y').
func (p *parser) anyProperty() predicate {
	p.expect("(")
	variable := p.next()
	p.expect(":", variable+"/id", "eq")
	id := p.text()
	p.expect("and", variable+"/value", "eq")
	wanted := p.text()
	p.expect(")")
	return func(m *mail.Message) bool { return m.Property(id) == wanted }
}

func (p *parser) comparison(property string) predicate {
	value := p.property(property)
	operator := strings.ToLower(p.next())
	wanted := p.literal()
	test, known := map[string]func(int) bool{
		"eq": func(c int) bool { return c == 0 },
		"ne": func(c int) bool { return c != 0 },
		"gt": func(c int) bool { return c > 0 },
		"ge": func(c int) bool { return c >= 0 },
		"lt": func(c int) bool { return c < 0 },
		"le": func(c int) bool { return c <= 0 },
	}[operator]
	if !known || wanted == nil {
		return p.fail()
	}
	return func(m *mail.Message) bool {
		order, comparable := compare(value(m), wanted)
		return comparable && test(order)
	}
}

func (p *parser) property(name string) func(*mail.Message) any {
	value, known := filterable[strings.ToLower(name)]
	if !known {
		p.fail()
		return func(*mail.Message) any { return nil }
	}
	p.used = append(p.used, strings.ToLower(name))
	return value
}

func (p *parser) text() string {
	t := p.next()
	if len(t) < 2 || t[0] != '\'' {
		p.fail()
		return ""
	}
	return strings.ReplaceAll(t[1:len(t)-1], "''", "'")
}

// literal is a text, a truth value or a time; nil when it is none of them.
func (p *parser) literal() any {
	t := p.peek()
	if strings.HasPrefix(t, "'") {
		return p.text()
	}
	p.next()
	switch strings.ToLower(t) {
	case "true":
		return true
	case "false":
		return false
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, t); err == nil {
			return at
		}
	}
	return nil
}

// filterable are the properties that can be compared.
var filterable = map[string]func(*mail.Message) any{
	"id":                        func(m *mail.Message) any { return m.ID },
	"internetmessageid":         func(m *mail.Message) any { return m.InternetMessageID },
	"conversationid":            func(m *mail.Message) any { return m.ConversationID },
	"subject":                   func(m *mail.Message) any { return m.Subject },
	"importance":                func(m *mail.Message) any { return m.Priority },
	"parentfolderid":            func(m *mail.Message) any { return m.Folder },
	"from/emailaddress/address": func(m *mail.Message) any { return m.From.Address },
	"isread":                    func(m *mail.Message) any { return m.Read },
	"isdraft":                   func(m *mail.Message) any { return m.Draft },
	"hasattachments":            func(m *mail.Message) any { return m.HasAttachments() },
	"receiveddatetime":          func(m *mail.Message) any { return m.Received },
	"sentdatetime":              func(m *mail.Message) any { return m.Sent },
	"createddatetime":           func(m *mail.Message) any { return m.Created },
	"lastmodifieddatetime":      func(m *mail.Message) any { return m.Modified },
}

// compare orders two values of the same kind; texts without regard to case.
func compare(a, b any) (order int, comparable bool) {
	switch a := a.(type) {
	case string:
		b, same := b.(string)
		return strings.Compare(strings.ToLower(a), strings.ToLower(b)), same
	case time.Time:
		b, same := b.(time.Time)
		return a.Truncate(time.Second).Compare(b), same
	case bool:
		b, same := b.(bool)
		if a == b {
			return 0, same
		}
		return 1, same
	}
	return 0, false
}
