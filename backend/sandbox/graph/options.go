package graph

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

// options are OData's system query options (Microsoft Learn, "Use query parameters to
// customize Microsoft Graph responses").
type options struct {
	sel        []string
	expand     map[string]options
	filterText string
	orderBy    string
	top, skip  int // -1: not given
	count      bool
}

// parseOptions reads a query string.
func parseOptions(q url.Values) (options, error) {
	o := options{filterText: q.Get("$filter"), orderBy: q.Get("$orderby"), count: q.Get("$count") == "true"}
	if q.Get("$select") != "" {
		o.sel = splitList(q.Get("$select"))
	}
	var err error
	if o.expand, err = parseExpand(q.Get("$expand")); err != nil {
		return o, err
	}
	if o.top, err = number(q, "$top"); err != nil {
		return o, err
	}
	o.skip, err = number(q, "$skip")
	return o, err
}

// parseExpand reads "a,b($select=x;$filter=y)".
func parseExpand(text string) (map[string]options, error) {
	all := map[string]options{}
	for _, part := range splitOutside(text, ',') {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, inner, has := strings.Cut(part, "(")
		q := url.Values{}
		if has {
			if !strings.HasSuffix(inner, ")") {
				return nil, malformed("The $expand option cannot be read.")
			}
			for _, option := range splitOutside(strings.TrimSuffix(inner, ")"), ';') {
				key, value, _ := strings.Cut(option, "=")
				q.Set(strings.TrimSpace(key), value)
			}
		}
		o, err := parseOptions(q)
		if err != nil {
			return nil, err
		}
		all[name] = o
	}
	return all, nil
}

// splitOutside cuts at a separator outside of quotes and parentheses.
func splitOutside(text string, separator rune) []string {
	var parts []string
	depth, quoted, start := 0, false, 0
	for i, r := range text {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == separator && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

func splitList(text string) []string {
	list := strings.Split(text, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func number(q url.Values, name string) (int, error) {
	if !q.Has(name) {
		return -1, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return -1, mail.Refuse(http.StatusBadRequest, "ErrorInvalidUrlQuery", "The query option "+name+" is not a number.")
	}
	return n, nil
}

func (o options) everything() bool { return len(o.sel) == 0 }

// selects tells an explicit selection; a derived type's property may carry its type's
// name in front.
func (o options) selects(name string) bool {
	return slices.ContainsFunc(o.sel, func(s string) bool {
		if at := strings.LastIndex(s, "/"); at >= 0 {
			s = s[at+1:]
		}
		return strings.EqualFold(s, name)
	})
}

// pick leaves what was selected, or everything.
func (o options) pick(full map[string]any) map[string]any {
	if o.everything() {
		return full
	}
	picked := map[string]any{}
	for name, value := range full {
		if o.selects(name) {
			picked[name] = value
		}
	}
	return picked
}

// expandsItem tells $expand=microsoft.graph.itemAttachment/item, in any case.
func (o options) expandsItem() bool {
	for name := range o.expand {
		if strings.EqualFold(name, "microsoft.graph.itemAttachment/item") {
			return true
		}
	}
	return false
}
