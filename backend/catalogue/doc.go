// Package catalogue holds the words for persons, in the six languages that the
// product speaks.
//
// The words lie in locales/<language>/<area>.toml, one file per language and
// area, in the form of go-i18n: a key is a path ("error.expired.title"), a
// placeholder is {{.name}}, and a message that counts has the forms one and
// other with {{.count}}. A new area is a new file in each of the six folders;
// the tests hold that every language has the same keys and placeholders.
//
// Invariants: what callers pass in is text and never a template; every
// transfer.Code has words; a text has no markup, so escape it where it is shown.
//
// On failure: a key that does not exist gives the key itself, so that a page
// still renders; files that do not parse stop the program at its first word,
// which no build that passed its tests does.
package catalogue
