package accesscode

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"senddigitally/backend/transfer"
)

// Weakness is why a password is weak, as a stable code for the words to say it.
type Weakness string

// The weaknesses, in the order in which they are reported. None of them is "".
const (
	TooShort   Weakness = "too_short"
	Common     Weakness = "common"      // on every attacker's list, or little more
	OnlyDigits Weakness = "only_digits" // a date, a telephone or an identity number
	Repeated   Weakness = "repeated"    // a few characters over and over
	Sequence   Weakness = "sequence"    // neighbours of alphabet, digits or keyboard
)

// Strength is what a password is worth.
type Strength struct {
	Score    int      // 0 (worthless) to 4 (strong); 2 is the least that is accepted
	Weakness Weakness // why it is below 2; "" from 2 on
}

const (
	leastLength = 8 // below it nothing is acceptable, whatever a policy says
	leastScore  = 2
)

// Measure judges a chosen password.
func Measure(password string) Strength {
	text := strings.ToLower(canonical(transfer.CodePassword, password))
	length := utf8.RuneCountInString(text)
	switch {
	case length < leastLength:
		return Strength{Score: 0, Weakness: TooShort}
	case common(text):
		return Strength{Score: 0, Weakness: Common}
	case !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) }):
		return Strength{Score: 1, Weakness: OnlyDigits}
	case distinct(text) < 5 || period(text):
		return Strength{Score: 1, Weakness: Repeated}
	case sequential(text):
		return Strength{Score: 1, Weakness: Sequence}
	}
	return Strength{Score: min(4, leastScore+length/12+(classes(password)-1)/2)}
}

// Acceptable is nil or CodeTooWeak, with the parameters "minimum" (characters)
// and "reason" (a Weakness).
func Acceptable(password string, minimum int) error {
	minimum = max(minimum, leastLength)
	s := Measure(password)
	if utf8.RuneCountInString(canonical(transfer.CodePassword, password)) < minimum {
		s = Strength{Weakness: TooShort}
	}
	if s.Weakness == "" {
		return nil
	}
	return transfer.E(transfer.CodeTooWeak, "the password is too easy to guess").
		With("minimum", strconv.Itoa(minimum)).With("reason", string(s.Weakness))
}

//go:embed common.txt
var commonWords string

var commonSet = func() map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(commonWords) {
		set[word] = true
	}
	return set
}()

// common also catches a listed word with digits or signs around it, such as
// "Sommer2026!", and the usual substitutions ("p@ssw0rd").
func common(text string) bool {
	plain := strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(text)
	for _, candidate := range []string{text, plain, letters(text), letters(plain)} {
		if commonSet[candidate] && len(text)-len(candidate) <= maxAffix {
			return true
		}
	}
	return false
}

// maxAffix is how many characters around a listed word add nothing.
const maxAffix = 6

func letters(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// period reports whether text is one block of at most half its length, repeated.
func period(text string) bool {
	return strings.Contains((text + text)[1:len(text)*2-1], text)
}

var rows = []string{"abcdefghijklmnopqrstuvwxyzæøå", "0123456789", "qwertyuiopåasdfghjkløæzxcvbnm", "qwertzuiopüasdfghjklöäyxcvbnm", "azertyuiopqsdfghjklmwxcvbn"}

// sequential reports whether nearly all neighbouring characters are neighbours
// in an alphabet or on a keyboard, in either direction.
func sequential(text string) bool {
	runes := []rune(text)
	steps := 0
	for i := 1; i < len(runes); i++ {
		if neighbours(string(runes[i-1:i+1])) || neighbours(string([]rune{runes[i], runes[i-1]})) {
			steps++
		}
	}
	return steps*4 >= (len(runes)-1)*3
}

func neighbours(pair string) bool {
	for _, row := range rows {
		if strings.Contains(row, pair) {
			return true
		}
	}
	return false
}

func classes(password string) int {
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}
