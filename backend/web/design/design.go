// Package design is how the recipients' and staff's pages look: one style sheet,
// built from Designsystemet (the public sector's design system of Norway) in
// source, and the organisation's theme on top of it.
//
// Invariant: a theme only gives other values to the style sheet's own colours,
// and text on them is chosen so that it can be read; nothing comes from
// elsewhere, and there is no style inside a page.
//
// Failure: a file that does not exist is NotFound; a colour that is not one
// never gets here, since the configuration refuses it.
package design

import (
	"bytes"
	"embed"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
)

//go:embed style.css icon.svg design-licence.txt
var files embed.FS

// Version names the style sheet as it is, for addresses that may be kept.
var Version = sum(must("style.css"))

var timeless time.Time // a file of the binary has none

func must(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return content
}

func sum(content []byte) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE(content))
}

// Asset answers one of the design's files, and whether there is one.
func Asset(c *gin.Context, name string) bool {
	content, err := files.ReadFile(name)
	if err != nil {
		return false
	}
	serve(c, name, content)
	return true
}

func serve(c *gin.Context, name string, content []byte) {
	kept := "public, max-age=3600"
	if c.Query("v") != "" {
		kept = "public, max-age=31536000, immutable"
	}
	c.Header("Cache-Control", kept)
	http.ServeContent(c.Writer, c.Request, name, timeless, bytes.NewReader(content))
}

// Look is an organisation's theme as pages name it.
type Look struct {
	Tenant  transfer.TenantID
	Logo    bool
	Version string // changes with the theme
	theme   transfer.Theme
}

// For is an organisation's look.
func For(tenant transfer.TenantID, theme transfer.Theme) Look {
	style := Style(theme)
	return Look{Tenant: tenant, Logo: len(theme.Logo) > 0, Version: sum(append([]byte(style), theme.Logo...)), theme: theme}
}

// Serve answers "theme.css" or "logo" of a look, and whether there is one.
func (l Look) Serve(c *gin.Context, name string) bool {
	switch {
	case name == "theme.css":
		serve(c, name, []byte(Style(l.theme)))
	case name == "logo" && l.Logo && svg(l.theme.Logo):
		c.Header("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
		serve(c, "logo.svg", l.theme.Logo)
	case name == "logo" && l.Logo:
		serve(c, "logo.png", l.theme.Logo)
	default:
		return false
	}
	return true
}

func svg(logo []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(logo), []byte("<")) }

// Style is the theme's style sheet: the values of Designsystemet's accent
// colours, light and dark, and of the bar.
func Style(theme transfer.Theme) string {
	theme = theme.Complete()
	var b strings.Builder
	fmt.Fprintf(&b, ":root{%s}\n", accents(theme.Accent, transfer.White, transfer.Black))
	fmt.Fprintf(&b, "@media (prefers-color-scheme:dark){:root{%s}}\n", accents(theme.AccentDark, darkGround, transfer.White))
	if theme.Bar != "" {
		fmt.Fprintf(&b, ":root{--bar:%s;--bar-text:%s}\n", theme.Bar, theme.Bar.On())
	}
	return b.String()
}

// darkGround is what tints are mixed into where the reader's system is dark:
// Designsystemet's surface.
const darkGround transfer.Colour = "#26282b"

// accents are the colours that follow from one: hovering takes a button away
// from the colour of its text, tints take it towards the ground.
func accents(c, ground, strong transfer.Colour) string {
	away := transfer.Black
	if c.On() == transfer.Black {
		away = transfer.White
	}
	var b strings.Builder
	for _, one := range []struct {
		name  string
		value transfer.Colour
	}{
		{"base-default", c}, {"base-hover", c.Mix(away, .15)}, {"base-active", c.Mix(away, .3)},
		{"base-contrast-default", c.On()}, {"base-contrast-subtle", c.On()},
		{"text-subtle", c}, {"text-default", c.Mix(strong, .4)},
		{"border-default", c}, {"border-strong", c}, {"border-subtle", c.Mix(ground, .6)},
		{"background-default", ground}, {"surface-default", ground},
		{"background-tinted", ground.Mix(c, .04)}, {"surface-tinted", ground.Mix(c, .06)},
		{"surface-hover", ground.Mix(c, .08)}, {"surface-active", ground.Mix(c, transfer.Tint)},
	} {
		fmt.Fprintf(&b, "--ds-color-accent-%s:%s;", one.name, one.value)
	}
	return b.String()
}
