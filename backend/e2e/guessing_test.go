package e2e_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"senddigitally/backend/app"
	"senddigitally/backend/sandbox/outlook"
)

// guesses is how many tokens are tried: 100,000 with CASE50=100000.
func guesses(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("CASE50")); err == nil {
		return n
	}
	return 1000
}

var drawnByChance = regexp.MustCompile(`[A-Za-z0-9_-]{45}|<code>[A-Z2-7]{16}</code>`)

func TestCase50_RandomTokensAreAllAlikeAndSoonRefused(t *testing.T) {
	w := newWorld(t, idle)
	link := w.notified(w.send(letter("Decision", "the text", outlook.Citizen)), outlook.Citizen)
	known := linkForm.FindStringSubmatch(link)[1]
	const proxy = "203.0.113.7"
	setup := w.Setup
	setup.Proxies = []string{proxy}
	system, err := app.New(setup)
	must(t, err)
	pages := func(visitor, token string) (int, string) {
		r := httptest.NewRequest("GET", "/l/"+token, nil)
		r.RemoteAddr = proxy + ":1"
		r.Header.Set("X-Forwarded-For", visitor)
		answer := httptest.NewRecorder()
		system.Portal.ServeHTTP(answer, r)
		return answer.Code, answer.Body.String()
	}
	seen := map[string]int{}
	near, far := []time.Duration{}, []time.Duration{}
	for i := range guesses(t) {
		token, times := random45(known), &far
		if i%2 == 0 { // all but its end is right
			token, times = known[:len(known)-4]+token[len(token)-4:], &near
		}
		begun := time.Now()
		status, body := pages(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), token)
		*times = append(*times, time.Since(begun))
		seen[fmt.Sprint(status, " ", drawnByChance.ReplaceAllString(body, "drawn"))]++
	}
	if len(seen) != 1 {
		t.Errorf("there are %d different answers", len(seen))
	}
	for answer := range seen {
		if answer[:3] != "404" {
			t.Errorf("a guess is answered with %s", answer[:3])
		}
	}
	slices.Sort(near)
	slices.Sort(far)
	if ratio := float64(near[len(near)/2]) / float64(far[len(far)/2]); ratio < 0.5 || ratio > 2 {
		t.Errorf("a token that is nearly right takes %.2f times as long", ratio)
	} else {
		t.Logf("of %d guesses the nearly right ones take %.3f times as long", guesses(t), ratio)
	}
	refused := 0
	for range 300 { // one visitor
		if status, _ := pages("192.0.2.1", random45(known)); status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 150 {
		t.Errorf("of 300 guesses of one visitor %d were refused", refused)
	}
}

// random45 is a token of the right form in the same shard.
func random45(like string) string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return like[:2] + base64.RawURLEncoding.EncodeToString(secret)
}
