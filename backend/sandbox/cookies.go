package sandbox

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
)

// Cookies keeps cookies as browsers do: Secure ones also of http://localhost
// (W3C Secure Contexts, "potentially trustworthy origins").
func Cookies() http.CookieJar {
	jar, _ := cookiejar.New(nil) // without options it does not fail
	return secureOnLoopback{jar}
}

type secureOnLoopback struct{ http.CookieJar }

// Cookies answers the cookies for an address as if it were https.
func (j secureOnLoopback) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(https(u)) }

// SetCookies keeps cookies as if they came over https.
func (j secureOnLoopback) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(https(u), cookies)
}

func https(u *url.URL) *url.URL {
	secure := *u
	secure.Scheme = "https"
	return &secure
}
