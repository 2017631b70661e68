package accesscode

import (
	"math/big"
	"strconv"
	"strings"

	"senddigitally/backend/transfer"
)

const (
	// alphabet has no two characters that are taken for each other in print or
	// handwriting, and no vowels, so that no word appears. Twelve of its 23
	// characters are 54.3 bits, guessed against a lock-out and never offline:
	// whoever holds the verifier's key holds the data key.
	alphabet  = "CDFHJKMNPRTVWXY23456789"
	groups    = 3
	groupSize = 4
)

// Generate derives the access code of a transfer, as it is shown: three groups
// of four, "TK47-3XVP-9RMC". A higher generation gives another code.
func Generate(key transfer.DataKey, id transfer.ID, generation int) string {
	seed := key.Derive("access code", string(id), strconv.Itoa(generation))
	n, base, digit := new(big.Int).SetBytes(seed), big.NewInt(int64(len(alphabet))), new(big.Int)
	var b strings.Builder
	for i := range groups * groupSize {
		if i > 0 && i%groupSize == 0 {
			b.WriteByte('-')
		}
		n.DivMod(n, base, digit) // 256 bits against 54: no measurable bias
		b.WriteByte(alphabet[digit.Int64()])
	}
	return b.String()
}

// lookAlikes maps what people read or type instead of a character of the
// alphabet. None of the keys is in the alphabet.
var lookAlikes = map[rune]rune{
	'B': '8', 'G': '6', 'S': '5', 'Z': '2', 'U': 'V',
	'O': 'D', '0': 'D', 'Q': 'D', '1': '7', 'I': '7', 'L': '7',
}

// Normalise turns what somebody typed for a generated code into its canonical
// form: capitals, look-alikes resolved, everything but letters and digits gone.
func Normalise(typed string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		if likely, ok := lookAlikes[r]; ok {
			return likely
		}
		if ('A' <= r && r <= 'Z') || ('0' <= r && r <= '9') {
			return r
		}
		return -1
	}, typed)
}

// maxGenerations bounds the search of Recall.
const maxGenerations = 1000

// Recall finds a generated code again, for its owner: the generation is the
// one that the verifier fits. False for every other kind of code.
func Recall(code transfer.AccessCode, key transfer.DataKey, id transfer.ID) (string, bool) {
	generation, found := generationOf(code, key, id)
	if !found {
		return "", false
	}
	return Generate(key, id, generation), true
}

// Renew makes the generated access code that follows on this one. Where it was
// no generated one, it is the first.
func Renew(code transfer.AccessCode, key transfer.DataKey, id transfer.ID) (transfer.AccessCode, error) {
	next := 0
	if generation, found := generationOf(code, key, id); found {
		next = generation + 1
	}
	if next >= maxGenerations {
		return transfer.AccessCode{}, transfer.E(transfer.TooMany, "the code was replaced too often")
	}
	return New(transfer.CodeGenerated, Generate(key, id, next), key, id)
}

func generationOf(code transfer.AccessCode, key transfer.DataKey, id transfer.ID) (int, bool) {
	if code.Kind != transfer.CodeGenerated {
		return 0, false
	}
	v, err := decode(code.Verifier)
	if err != nil {
		return 0, false
	}
	for generation := range maxGenerations {
		candidate := Generate(key, id, generation)
		if v.scheme == schemeHMAC && v.matches(secretOf(code.Kind, candidate, key, id)) {
			return generation, true
		}
	}
	return 0, false
}
