package design_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web/design"
)

var value = regexp.MustCompile(`--ds-color-accent-([a-z-]+):(#[0-9a-f]{6});`)

// colours are the values of one part of a theme's style sheet.
func colours(part string) map[string]transfer.Colour {
	found := map[string]transfer.Colour{}
	for _, m := range value.FindAllStringSubmatch(part, -1) {
		found[m[1]] = transfer.Colour(m[2])
	}
	return found
}

// Whatever colour passes the check at load: text on buttons in each state, and
// links and secondary buttons on each ground, can be read (WCAG 2.2, 1.4.3).
func TestWhatThemeEverIsAcceptedCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := transfer.Colour(rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "accent"))
		dark := rapid.Bool().Draw(t, "dark")
		if ground, _ := transfer.Unreadable(c, dark); ground != "" {
			t.Skip("refused")
		}
		parts := strings.SplitN(design.Style(transfer.Theme{Accent: c, AccentDark: c}), "@media", 2)
		all := colours(parts[map[bool]int{false: 0, true: 1}[dark]])
		for _, state := range []string{"base-default", "base-hover", "base-active"} {
			if ratio := all[state].Contrast(all["base-contrast-default"]); ratio < transfer.TextContrast {
				t.Errorf("%s of %s: %.2f", state, c, ratio)
			}
		}
		for _, ground := range []string{"surface-default", "surface-tinted", "surface-hover", "surface-active", "background-default", "background-tinted"} {
			if ratio := all["text-subtle"].Contrast(all[ground]); ratio < transfer.TextContrast {
				t.Errorf("%s on %s: %.2f", c, ground, ratio)
			}
		}
	})
}

func ask(serve func(c *gin.Context)) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(answer)
	c.Request = httptest.NewRequest("GET", "/?v=1", nil)
	serve(c)
	return answer
}

func TestALogoIsServedAsWhatItIsAndRunsNothing(t *testing.T) {
	for kind, logo := range map[string]string{"image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>`, "image/png": "\x89PNG\r\n\x1a\n"} {
		look := design.For("municipality", transfer.Theme{Logo: []byte(logo), Bar: "#123456"})
		answer := ask(func(c *gin.Context) { look.Serve(c, "logo") })
		if got := answer.Header().Get("Content-Type"); got != kind || answer.Body.String() != logo {
			t.Errorf("%s is served as %s", kind, got)
		}
		if kind == "image/svg+xml" && !strings.HasPrefix(answer.Header().Get("Content-Security-Policy"), "sandbox;") {
			t.Error("a script in a logo could run")
		}
		if !strings.Contains(ask(func(c *gin.Context) { look.Serve(c, "theme.css") }).Body.String(), "--bar:#123456;--bar-text:#ffffff") {
			t.Error("the bar has not its colour")
		}
	}
	if design.For("municipality", transfer.Theme{}).Serve(nil, "logo") {
		t.Error("a logo is served that there is not")
	}
}

func TestAnotherThemeHasAnotherAddress(t *testing.T) {
	seen := map[string]bool{}
	for _, theme := range []transfer.Theme{{}, {Accent: "#123456"}, {AccentDark: "#abcdef"}, {Bar: "#123456"}, {Logo: []byte("<svg/>")}} {
		version := design.For("x", theme).Version
		if seen[version] {
			t.Errorf("%+v has the version of another", theme)
		}
		seen[version] = true
	}
}

func TestTheStyleSheetAsksForNothingFromElsewhere(t *testing.T) {
	style := ask(func(c *gin.Context) { design.Asset(c, "style.css") }).Body.String()
	for _, bad := range []string{"@import", "http:", "https:", "//"} {
		if strings.Contains(regexp.MustCompile(`url\("?data:[^)]*\)|/\*[^*]*\*/`).ReplaceAllString(style, ""), bad) {
			t.Errorf("the style sheet has %q", bad)
		}
	}
}
