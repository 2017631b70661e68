package staff

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"senddigitally/backend/web"
)

func TestAnotherLanguageKeepsWhatWasAskedFor(t *testing.T) {
	r := newRig(t)
	for address, want := range map[string]string{
		"/distribute/figures?days=30":              `href="/distribute/figures?days=30&amp;lang=sv"`,
		"/distribute?q=roads&lang=nl&cursor=a%2Fb": `href="/distribute?cursor=a%2Fb&amp;lang=sv&amp;q=roads"`,
		"/mailboxes": `href="/mailboxes?lang=sv"`,
	} {
		if page := r.get(address).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s leads not to %s: %s", address, want, page)
		}
	}
}

func TestStaffReadTheirPagesInTheLanguageThatTheyChose(t *testing.T) {
	r := newRig(t)
	chosen := r.get("/distribute?lang=nl").Result()
	var kept *http.Cookie
	for _, cookie := range chosen.Cookies() {
		if cookie.Name == web.LanguageCookie {
			kept = cookie
		}
	}
	if kept == nil || kept.Value != "nl" || !kept.HttpOnly {
		t.Fatalf("choosing a language leaves the cookies %v", chosen.Cookies())
	}
	request := httptest.NewRequest(http.MethodGet, "/mailboxes", nil)
	request.Header.Set("Accept-Language", "da")
	request.AddCookie(kept)
	answer := httptest.NewRecorder()
	r.handler.ServeHTTP(answer, request)
	if page := answer.Body.String(); !strings.Contains(page, `<html lang="nl"`) || !strings.Contains(page, `href="/mailboxes?lang=sv"`) {
		t.Errorf("afterwards the page is %s", page)
	}
}
