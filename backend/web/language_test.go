package web_test

import (
	"net/url"
	"testing"

	"senddigitally/backend/web"
)

func TestAnotherLanguageIsOnThisHost(t *testing.T) {
	for path, want := range map[string]string{
		"/":                   "/?lang=da&q=a",
		"/mailboxes":          "/mailboxes?lang=da&q=a",
		"//evil.example/":     "/?lang=da&q=a",
		"///evil.example":     "/?lang=da&q=a",
		`/\evil.example`:      "/?lang=da&q=a",
		"/replies//evil.test": "/replies//evil.test?lang=da&q=a",
	} {
		if got := web.In(path, url.Values{"q": {"a"}, "lang": {"nl"}}, "da"); got != want {
			t.Errorf("%s leads to %s", path, got)
		}
	}
}
