package transfer

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNameBytes is the longest file name kept, as on common file systems.
const MaxNameBytes = 255

// CleanName makes a file name from outside fit to be shown and offered for
// saving: no folders, no control or direction-changing characters, a bounded
// length that keeps the ending, never empty. Storage never uses it.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "�"), `\`, "/"))
	name = strings.TrimSpace(strings.Map(printable, name))
	name = strings.TrimRight(name, ". ")
	if name == "" || name == "/" || strings.Trim(name, ".") == "" {
		return "file"
	}
	return shorten(name, MaxNameBytes)
}

func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
		return -1
	}
	return r
}

func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	ending := path.Ext(name)
	if len(ending) > 20 {
		ending = ""
	}
	stem := name[:limit-len(ending)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ending
}
