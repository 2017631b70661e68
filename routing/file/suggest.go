package file

import (
	"maps"
	"slices"
	"strings"
)

// suggestion tells what could be written instead of an unknown field.
func suggestion(word string, known map[string]int) string {
	names := slices.Sorted(maps.Keys(known))
	best, least := "", 3
	for _, name := range names {
		if n := distance(clip(word), name); n < least {
			best, least = name, n
		}
	}
	if best != "" {
		return "Did you mean " + best + "?" + " Else remove it"
	}
	return "Use one of " + strings.Join(names, ", ")
}

// distance is the number of letters to insert, delete or replace to get from a
// to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
