package routing

import (
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
)

//go:embed words.json
var wordsJSON []byte

// phrases holds, per language, a title for each step and a sentence for each
// reason. In a sentence {name} stands for a parameter, and what is in brackets
// is left out when its parameter is empty.
var phrases = sync.OnceValue(func() (table map[string]map[string]string) {
	if err := json.Unmarshal(wordsJSON, &table); err != nil {
		panic("routing: words.json: " + err.Error())
	}
	return table
})

// Explain tells the decision in words, a sentence per step. The language is a
// BCP 47 tag; one that is not among Languages gives English.
func (d Decision) Explain(language string) []string {
	sentences := make([]string, len(d.Steps))
	for i, s := range d.Steps {
		sentences[i] = s.Explain(language)
	}
	return sentences
}

// Explain tells one step in words.
func (s Step) Explain(language string) string {
	words, params := wordsIn(language), Params{}
	if s.Params != nil {
		params = *s.Params
	}
	return words[string(s.Name)] + ": " + params.fill(words[string(s.Reason)])
}

// In is a step's title in a language; "" for a step that there is not.
func (n StepName) In(language string) string { return wordsIn(language)[string(n)] }

func wordsIn(language string) map[string]string {
	language = primaryLanguage(language)
	if language == "no" || language == "nn" {
		language = "nb"
	}
	if words, ok := phrases()[language]; ok {
		return words
	}
	return phrases()["en"]
}

// fill puts the parameters into a sentence.
func (p Params) fill(sentence string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sentence, "[")
		b.WriteString(p.replace(before))
		if !found {
			return b.String()
		}
		optional, after, _ := strings.Cut(rest, "]")
		if filled := p.replace(optional); p.complete(optional) {
			b.WriteString(filled)
		}
		sentence = after
	}
}

func (p Params) values() map[string]string {
	values := map[string]string{
		"mailbox": p.Mailbox, "topic": p.Topic, "rule": p.Rule,
		"entry": p.Entry, "deputy": p.Deputy, "fields": p.Fields,
	}
	if p.Count > 0 {
		values["count"] = strconv.Itoa(p.Count)
	}
	return values
}

// replace substitutes in one pass, so that values are taken literally.
func (p Params) replace(text string) string {
	var pairs []string
	for name, value := range p.values() {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// complete says whether no parameter that the text speaks of is empty.
func (p Params) complete(text string) bool {
	values := p.values()
	for {
		_, rest, found := strings.Cut(text, "{")
		if !found {
			return true
		}
		name, after, _ := strings.Cut(rest, "}")
		if values[name] == "" {
			return false
		}
		text = after
	}
}
