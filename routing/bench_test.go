package routing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var ruleCounts = []int{10, 1_000, 10_000, 100_000}

// exactTown has rules on organisation numbers, domains and case ids, in turn.
func exactTown(n int) Definition {
	def := town()
	for i := range n {
		r := Rule{ID: fmt.Sprint("r", i), Route: Route{Mailbox: "c"}}
		switch i % 3 {
		case 0:
			r.When.OrganisationNumber = []string{fmt.Sprintf("%08d", i)}
		case 1:
			r.When.SenderDomain = []string{fmt.Sprintf("company-%d.example", i)}
		case 2:
			r.When.CaseID = []string{fmt.Sprintf("27.%06d", i)}
		}
		def.Rules = append(def.Rules, r)
	}
	return def
}

// exactInputs each meet one rule, spread over all of them.
func exactInputs(n int) []Input {
	random := rand.New(rand.NewPCG(1, 2))
	inputs := make([]Input, 1024)
	for j := range inputs {
		i := random.IntN(n)
		in := Input{OrganisationNumber: "99999999", SenderDomain: "elsewhere.example", CaseID: "99.1", SenderKind: Citizen, Language: "da", Received: noon, Subject: "Re: your letter"}
		switch i % 3 {
		case 0:
			in.OrganisationNumber = fmt.Sprintf("%08d", i)
		case 1:
			in.SenderDomain = fmt.Sprintf("company-%d.example", i)
		case 2:
			in.CaseID = fmt.Sprintf("27.%06d", i)
		}
		inputs[j] = in
	}
	return inputs
}

// patternTown has rules whose subjects are words with a number, in the ways
// that people write such patterns.
func patternTown(n int) Definition {
	forms := []string{`\b%s no\.? ?%d\b`, `^(re: |sv: )?%s %d`, `%s[ -]%d`, `%s.*\b%d\b`}
	words := []string{"invoice", "faktura", "byggesag", "application", "permit", "ansøgning", "klage", "complaint"}
	def := town()
	for i := range n {
		def.Rules = append(def.Rules, Rule{ID: fmt.Sprint("r", i), Route: Route{Mailbox: "c"},
			When: Condition{Subject: []string{fmt.Sprintf(forms[i%len(forms)], words[i/4%len(words)], 10_000+i)}}})
	}
	return def
}

// patternInputs are subjects of usual length; half of them meet a rule.
func patternInputs(n int) []Input {
	random := rand.New(rand.NewPCG(3, 4))
	words := []string{"Invoice", "FAKTURA", "byggesag", "Application", "permit", "Ansøgning", "klage", "complaint"}
	inputs := make([]Input, 1024)
	for j := range inputs {
		i := random.IntN(2 * n)
		inputs[j] = Input{SenderKind: Company, Received: noon,
			Subject: fmt.Sprintf("SV: %s %d about the house at number %d, thank you", words[i/4%len(words)], 10_000+i, j%100)}
	}
	return inputs
}

// linear is the naive evaluator: one rule after the other, exact values by
// comparison and patterns by their regular expression.
func linear(s *Set, in *Input) int {
	k := s.known(in)
	return slices.IndexFunc(s.rules, func(r rule) bool {
		return !slices.ContainsFunc(r.tests, func(t test) bool {
			if t.field == fieldSubject {
				return !slices.ContainsFunc(t.patterns, func(p *pattern) bool { return p.re.MatchString(in.Subject) })
			}
			return !t.holds(&k)
		})
	})
}

func benchmark(b *testing.B, def Definition, inputs []Input) {
	set := mustCompile(b, def)
	var slow time.Duration
	const rounds = 10
	for i := range rounds {
		in := inputs[i]
		start := time.Now()
		want := linear(set, &in)
		slow += time.Since(start)
		k := set.known(&in)
		if got := set.firstMatch(&k); got != want {
			b.Fatalf("the naive evaluator finds rule %d, the engine %d", want, got)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		set.Decide(inputs[i%len(inputs)])
	}
	b.StopTimer()
	each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(float64(slow.Nanoseconds())/rounds/each, "naive/engine")
	b.ReportMetric(1e9/each, "decisions/s")
}

func BenchmarkExact(b *testing.B) {
	for _, n := range ruleCounts {
		b.Run(fmt.Sprint("rules=", n), func(b *testing.B) { benchmark(b, exactTown(n), exactInputs(n)) })
	}
}

func BenchmarkPatterns(b *testing.B) {
	for _, n := range ruleCounts[:3] {
		b.Run(fmt.Sprint("rules=", n), func(b *testing.B) { benchmark(b, patternTown(n), patternInputs(n)) })
	}
}

func BenchmarkCompile(b *testing.B) {
	for name, def := range map[string]Definition{"exact": exactTown(10_000), "patterns": patternTown(10_000)} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				mustCompile(b, def)
			}
		})
	}
}

// BenchmarkGrowth measures what 100,000 exact rules cost over 10, in batches
// that take turns, so that the machine's other work falls on both.
func BenchmarkGrowth(b *testing.B) {
	sizes := []int{ruleCounts[0], ruleCounts[len(ruleCounts)-1]}
	var sets []*Set
	var inputs [][]Input
	for _, n := range sizes {
		sets, inputs = append(sets, mustCompile(b, exactTown(n))), append(inputs, exactInputs(n))
	}
	least := []time.Duration{time.Hour, time.Hour}
	b.ResetTimer()
	for range b.N {
		for i := range sizes {
			for range 3 { // the first finds the other set in the processor's cache
				start := time.Now()
				for _, in := range inputs[i] {
					sets[i].Decide(in)
				}
				least[i] = min(least[i], time.Since(start)/time.Duration(len(inputs[i])))
			}
		}
	}
	b.ReportMetric(float64(least[0]), "ns-at-10")
	b.ReportMetric(float64(least[1]), "ns-at-100000")
	b.ReportMetric(float64(least[1]-least[0]), "growth-ns")
}
