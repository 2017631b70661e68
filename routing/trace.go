package routing

// Verdict is what one rule says to a reply.
type Verdict struct {
	Rule string `json:"rule"`
	// Number is the rule's position, from 1.
	Number  int  `json:"number"`
	Matched bool `json:"matched"`
	// Failed is the key of the first condition that did not hold.
	Failed string `json:"failed,omitempty"`
}

// Trace asks the rules one by one, up to the first that matches, whether or not
// a decision would come to the rules. It is for explaining, not for deciding:
// its time grows with the number of rules.
func (s *Set) Trace(in Input) []Verdict {
	k := s.known(&in)
	verdicts := make([]Verdict, 0, len(s.rules))
	for i := range s.rules {
		v := Verdict{Rule: s.rules[i].id, Number: i + 1, Failed: s.rules[i].failing(&k)}
		v.Matched = v.Failed == ""
		verdicts = append(verdicts, v)
		if v.Matched {
			break
		}
	}
	return verdicts
}

func (r *rule) failing(k *known) string {
	for i := range r.tests {
		if !r.tests[i].holds(k) {
			return fieldNames[r.tests[i].field]
		}
	}
	return ""
}
