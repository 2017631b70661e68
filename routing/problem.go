package routing

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a definition.
type Problem struct {
	Code Code `json:"code"`
	// Path is the JSON Pointer (RFC 6901) to the place in the definition.
	Path string `json:"path"`
	// Related points to the other place involved, if there is one.
	Related string `json:"related,omitempty"`
	// Cause says what is wrong, Cure what to do about it. Neither names an address.
	Cause string `json:"cause"`
	Cure  string `json:"cure"`
}

// Code names a kind of problem. Codes are stable; tools may rely on them.
type Code string

// The kinds of problems that Compile finds.
const (
	CodeRequired         Code = "value_required"
	CodeInvalidID        Code = "id_invalid"
	CodeDuplicateID      Code = "id_duplicate"
	CodeUnknownMailbox   Code = "mailbox_unknown"
	CodeUnknownTopic     Code = "topic_unknown"
	CodeUnknownFolder    Code = "contact_folder_unknown"
	CodeUnknownLanguage  Code = "language_unknown"
	CodeUnknownZone      Code = "time_zone_unknown"
	CodeInvalidAddress   Code = "address_invalid"
	CodeForeignAddress   Code = "address_foreign"
	CodeDuplicateAddress Code = "address_duplicate"
	CodeDeputyMissing    Code = "deputy_missing"
	CodeDeputyCycle      Code = "deputy_cycle"
	CodeInvalidTime      Code = "time_invalid"
	CodeInvalidSize      Code = "size_limit_invalid"
	CodeInvalidDomain    Code = "domain_invalid"
	CodeDuplicateCase    Code = "case_duplicate"
	CodeContactOverlap   Code = "contact_overlap"
	CodeNoDestination    Code = "route_without_destination"
	CodeContradiction    Code = "route_contradictory"
	CodeNoCondition      Code = "rule_without_condition"
	CodeInvalidValue     Code = "value_invalid"
	CodeInvalidPattern   Code = "pattern_invalid"
	CodeLongPattern      Code = "pattern_too_long"
	CodeComplexPattern   Code = "pattern_too_complex"
	CodePatternWork      Code = "patterns_too_complex"
	CodeTooManyRules     Code = "rules_too_many"
	CodeShadowed         Code = "rule_shadowed"
)

// Error gives the problem in one line.
func (p Problem) Error() string {
	return fmt.Sprintf("%s: %s: %s. %s.", p.Path, p.Code, p.Cause, p.Cure)
}

// pointer makes the JSON Pointer of a place.
func pointer(parts ...any) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(fmt.Sprint(part)))
	}
	return b.String()
}
