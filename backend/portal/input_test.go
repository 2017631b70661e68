package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestARuleThatInputBreaksIsSaidInTheReadersWords(t *testing.T) {
	for lang, want := range map[string]string{"en": "Please enter at most 200 characters.", "da": "Indtast højst 200 tegn."} {
		r := newRig(t)
		answer := r.post("/l/"+string(token)+"?lang="+lang, url.Values{"code": {strings.Repeat("x", 201)}})
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), want) || r.opening.unlocks.Load() != 0 {
			t.Errorf("a code of 201 characters: %d, %d tries, without %q", answer.Code, r.opening.unlocks.Load(), want)
		}
	}
	r := newRig(t)
	answer := r.send(strings.Repeat("é", 100_001), nil)
	if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "Please enter at most 100,000 characters.") || len(r.replying.sent) != 0 {
		t.Errorf("a reply of 100,001 characters: %d, %d sent", answer.Code, len(r.replying.sent))
	}
	if answer := newRig(t).send(strings.Repeat("é\r\n", 50_000), nil); answer.Code != http.StatusSeeOther {
		t.Errorf("a reply of 50,000 lines: %d", answer.Code)
	}
}
