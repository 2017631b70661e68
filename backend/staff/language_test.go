package staff

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"senddigitally/backend/web"
)

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
