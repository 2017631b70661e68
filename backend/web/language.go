package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
)

// LanguageCookie remembers the language that a reader chose.
const LanguageCookie = "sd-language"

const rememberLanguage = 365 * 24 * 3600 // seconds

// Reading picks the words for a page's reader: asked for in the URL ("lang"),
// which is remembered; else of an address that names its language, remembered
// from before, another's choice for her, and the browser's. secure says that
// browsers come by https.
func Reading(c *gin.Context, secure bool, address, others string) catalogue.Words {
	asked := c.Query("lang")
	remembered, _ := c.Cookie(LanguageCookie)
	words := catalogue.For(asked, address, remembered, others, c.GetHeader("Accept-Language"))
	if asked != "" && c.Request.Method == http.MethodGet {
		http.SetCookie(c.Writer, &http.Cookie{Name: LanguageCookie, Value: words.Language(), Path: "/",
			MaxAge: rememberLanguage, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
	}
	return words
}

// Language is one that a page can be read in.
type Language struct {
	Code, Name string
	Current    bool
}

// The languages' own names.
var ownNames = map[string]string{"da": "Dansk", "nb": "Norsk", "sv": "Svenska", "de": "Deutsch", "nl": "Nederlands", "en": "English"}

// In is the address of a page in another language, with what else was asked for.
// A path that browsers would take for another host leads to the first page.
func In(path string, query url.Values, language string) string {
	asked := url.Values{"lang": {language}}
	for key, values := range query {
		if key != "lang" {
			asked[key] = values
		}
	}
	if strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		path = "/"
	}
	return path + "?" + asked.Encode()
}

// Languages are all that pages can be read in.
func Languages(current string) []Language {
	var all []Language
	for _, code := range catalogue.Languages() {
		all = append(all, Language{Code: code, Name: ownNames[code], Current: code == current})
	}
	return all
}
