package routing

import (
	"strings"
	"unicode"
)

// foldTable holds the folded form of the letters of European alphabets.
var foldTable = func() (table [0x600]rune) {
	for r := range table {
		table[r] = foldSlowly(rune(r))
	}
	return table
}()

// foldSlowly returns the smallest of the runes that differ from r by letter
// case only (unicode.SimpleFold, as package regexp does).
func foldSlowly(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

func fold(r rune) rune {
	if r >= 0 && int(r) < len(foldTable) {
		return foldTable[r]
	}
	return foldSlowly(r)
}

// foldText removes letter case. A byte that is not UTF-8 becomes U+FFFD, which
// is also what patterns see.
func foldText(s string) string {
	var folded strings.Builder
	folded.Grow(len(s))
	for _, r := range s {
		folded.WriteRune(fold(r))
	}
	return folded.String()
}
