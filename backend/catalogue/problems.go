package catalogue

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"senddigitally/backend/transfer"
)

// Error is the title and the sentence for a person about an error. A foreign
// error is Internal. Parameters of a transfer.Error that the catalogue knows
// add a sentence each:
//
//	file      the name of the file concerned
//	mailbox   the mailbox concerned
//	limit     the limit, a number
//	bytes     the limit in bytes; shown in readable units
//	minimum   the least number of characters
//	minutes   how long to wait
//	left      how many tries are left
//	until     a moment (RFC 3339), shown in the zone of Words.In
//	reason    an accesscode.Weakness
func (w Words) Error(err error) (title, detail string) {
	code := transfer.CodeOf(err)
	if code == "" {
		return "", ""
	}
	if !w.has("error." + string(code) + ".title") {
		code = transfer.Internal
	}
	sentences := []string{w.Text("error."+string(code)+".text", nil)}
	if e, ok := errors.AsType[*transfer.Error](err); ok {
		sentences = append(sentences, w.more(e.Params)...)
	}
	return w.Text("error."+string(code)+".title", nil), strings.Join(sentences, " ")
}

// more is the additional sentences for an error's parameters.
func (w Words) more(params map[string]string) []string {
	var out []string
	for _, name := range []string{"file", "mailbox", "limit"} {
		if value, ok := params[name]; ok {
			out = append(out, w.Text("error.more."+name, map[string]any{name: value}))
		}
	}
	if n, err := strconv.ParseInt(params["bytes"], 10, 64); err == nil {
		out = append(out, w.Text("error.more.limit", map[string]any{"limit": w.Size(n)}))
	}
	for _, name := range []string{"minimum", "minutes", "left"} {
		if n, err := strconv.Atoi(params[name]); err == nil {
			out = append(out, w.Plural("error.more."+name, n, nil))
		}
	}
	if until, err := time.Parse(time.RFC3339, params["until"]); err == nil {
		out = append(out, w.Text("error.more.until", map[string]any{"until": w.DateTime(until, w.zone)}))
	}
	if key := "error.weak." + params["reason"]; params["reason"] != "" && w.has(key) {
		out = append(out, w.Text(key, nil))
	}
	return out
}

// Field is the sentence about one field that validator v10 found wrong, to be
// shown beside the field.
func (w Words) Field(e validator.FieldError) string {
	param := map[string]any{"param": strings.ReplaceAll(e.Param(), " ", ", ")}
	switch e.Tag() {
	case "min", "gte", "max", "lte", "len":
		bound := map[string]string{"min": "min", "gte": "min", "max": "max", "lte": "max", "len": "len"}[e.Tag()]
		key := "field." + bound + "_" + measure(e.Kind())
		if n, err := strconv.Atoi(e.Param()); err == nil {
			return w.Plural(key, n, nil)
		}
		return w.Text("field.invalid", nil)
	}
	if key := "field." + e.Tag(); w.has(key) {
		return w.Text(key, param)
	}
	return w.Text("field.invalid", nil)
}

// measure is what validator's bounds count for a kind of value.
func measure(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "text"
	case reflect.Slice, reflect.Array, reflect.Map:
		return "items"
	}
	return "number"
}
