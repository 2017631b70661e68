package outlook

import (
	"bufio"
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	spoken = regexp.MustCompile(`\bt\('([^']+)'|'word': '([^']+)'|this\.line\('([^']+)'`)
	known  = regexp.MustCompile(`(?m)^  '([^']+)': \[((?:[^\]]|\n)*?)\],`)
	phrase = regexp.MustCompile(`'[^']+'`)
)

// indirect are words that reach t through a variable.
var indirect = []string{"Inbox", "Drafts", "Sent", "Deleted", "To", "Cc", "Bcc", "{name}, signed in", "{name}, outside"}

func TestEveryWordIsKnownInSixLanguages(t *testing.T) {
	catalogue, err := web.ReadFile("web/js/catalogue.js")
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]bool{}
	for _, found := range known.FindAllStringSubmatch(string(catalogue), -1) {
		entries[found[1]] = true
		if n := len(phrase.FindAllString(found[2], -1)); n != 5 {
			t.Errorf("%q has %d translations", found[1], n)
		}
	}
	for _, word := range append(spokenWords(t), indirect...) {
		if !entries[word] {
			t.Errorf("%q has no translation", word)
		}
	}
}

func spokenWords(t *testing.T) (words []string) {
	names, err := fs.Glob(web, "web/js/*.js")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, _ := web.ReadFile(name)
		for _, found := range spoken.FindAllStringSubmatch(string(text), -1) {
			words = append(words, found[1]+found[2]+found[3])
		}
	}
	return words
}

func TestOfficeJSIsOneScriptForEveryOrigin(t *testing.T) {
	b := newBench(t, nil)
	script := b.raw("GET", "/office.js", nil)
	if script.Code != 200 || script.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(script.Body.String(), "window.Office = {") {
		t.Errorf("%d %v", script.Code, script.Header())
	}
	if page := b.raw("GET", "/", nil); page.Code != 200 || !strings.Contains(page.Body.String(), `src="/js/main.js"`) {
		t.Errorf("page: %d", page.Code)
	}
}

func TestTheEventStreamNamesWhatChanged(t *testing.T) {
	b := newBench(t, nil)
	server := httptest.NewServer(b.handler)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, "GET", server.URL+"/sim/events", nil)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Scan() // the stream is open
	b.must("POST", box(Caseworker, "drafts"), written)
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			if data != `["`+Caseworker+`"]` {
				t.Errorf("changed: %s", data)
			}
			return
		}
	}
	t.Error("the stream ended without a change")
}
