package config

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Logger writes the process's log. What its attributes are named after is
// hidden where it may be a secret or a person, and no value can begin a line or
// steer a terminal.
func Logger(w io.Writer, l Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // checked before; INFO otherwise
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: harmless}
	if l.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func harmless(_ []string, a slog.Attr) slog.Attr {
	if hides(a.Key) {
		return slog.String(a.Key, "[hidden]")
	}
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(oneLine(v.String()))
	case slog.KindAny:
		switch inner := v.Any().(type) {
		case error:
			a.Value = slog.StringValue(oneLine(inner.Error()))
		case fmt.Stringer:
			a.Value = slog.StringValue(oneLine(inner.String()))
		default:
			if v := reflect.ValueOf(inner); v.Kind() == reflect.String {
				a.Value = slog.StringValue(oneLine(v.String()))
			}
		}
	}
	return a
}

var (
	hiddenNames = []string{"code", "subject", "address", "cookie", "name", "body", "to", "cc", "bcc", "from"}
	hiddenEnds  = []string{"token", "authorization", "password", "secret", "assertion"}
)

func hides(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(hiddenNames, name) ||
		slices.ContainsFunc(hiddenEnds, func(end string) bool { return strings.HasSuffix(name, end) })
}

// oneLine writes control and invisible formatting characters, such as line ends,
// escape sequences and bidirectional overrides, as their numbers.
func oneLine(s string) string {
	unsafe := func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar
	}
	if !strings.ContainsFunc(s, unsafe) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unsafe(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
