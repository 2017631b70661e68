package following

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Letters that are taken for others: the confusables of Latin in Cyrillic and
// Greek small letters (Unicode Technical Standard 39), and digits for letters.
var lookalikes = strings.NewReplacer(
	"а", "a", "с", "c", "е", "e", "о", "o", "р", "p", "х", "x", "у", "y", "і", "i", "ј", "j", "ѕ", "s", "һ", "h", "ԁ", "d", "ո", "n",
	"α", "a", "ο", "o", "ν", "v", "ρ", "p", "ι", "i", "κ", "k",
	"0", "o", "1", "l", "rn", "m", "vv", "w", "-", "", "_", "")

func skeleton(s string) string { return lookalikes.Replace(norm.NFKC.String(s)) }

// confusable reports whether two different addresses in small letters could be
// taken for each other: they look the same, or one part is the same and the
// other a slip of the pen away.
func confusable(a, b string) bool {
	if a == b {
		return false
	}
	if skeleton(a) == skeleton(b) {
		return true
	}
	localA, domainA, _ := strings.Cut(a, "@")
	localB, domainB, _ := strings.Cut(b, "@")
	if domainA == domainB {
		return near(localA, localB, 1)
	}
	return localA == localB && near(domainA, domainB, 2)
}

// near reports whether two different words of five letters or more are at most
// so many slips apart: a letter more, less, another, or two exchanged.
func near(a, b string, slips int) bool {
	x, y := []rune(a), []rune(b)
	if a == b || min(len(x), len(y)) < 5 || max(len(x)-len(y), len(y)-len(x)) > slips {
		return false
	}
	return distance(x, y) <= slips
}

// distance is the optimal string alignment distance.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
