package transfer

import (
	"regexp"
	"strings"
)

// e164 is an international telephone number (ITU-T E.164, 6.2.1: a country code,
// which never begins with 0, and fifteen digits at most).
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// ParsePhone reads a telephone number as people write it and answers its
// international form, "+4512345678". One without a country code gets country
// ("+45"; "" for none), less the 0 that is dialled before it at home.
func ParsePhone(typed, country string) (string, bool) {
	number := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0\t-/.()", r) {
			return -1
		}
		return r
	}, typed)
	switch {
	case strings.HasPrefix(number, "+"):
	case strings.HasPrefix(number, "00"):
		number = "+" + number[2:]
	case country != "":
		number = country + strings.TrimPrefix(number, "0")
	}
	return number, e164.MatchString(number)
}

// MaskPhone keeps what the owner of a number recognises: "•••• 78".
func MaskPhone(number string) string {
	return "•••• " + number[max(0, len(number)-2):]
}
