package blob

import (
	"strings"

	"senddigitally/backend/transfer"
)

// Names are made of elements joined by "/". An element has 1 to 128 letters,
// digits, dots, hyphens and underscores of ASCII and starts with a letter or
// digit; a name has at most 512 bytes. So no name climbs out of a directory,
// hides, or means something else on another driver.
const (
	maxName    = 512
	maxElement = 128
)

// CheckName refuses, with Invalid, what is not a blob name.
func CheckName(name string) error {
	if len(name) > maxName {
		return refused()
	}
	for element := range strings.SplitSeq(name, "/") {
		if !ValidElement(element) {
			return refused()
		}
	}
	return nil
}

// CheckPrefix refuses, with Invalid, what no blob name can start with. The
// empty prefix is the whole store.
func CheckPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return CheckName(strings.TrimSuffix(prefix, "/"))
}

// ValidElement reports whether s may stand between the slashes of a name.
func ValidElement(s string) bool {
	if s == "" || len(s) > maxElement || !alphanumeric(s[0]) {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) && !strings.ContainsRune("._-", rune(s[i])) {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func refused() error { return transfer.E(transfer.Invalid, "not a name for stored bytes") }
