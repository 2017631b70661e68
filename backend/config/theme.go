package config

import (
	"bytes"
	"fmt"
	"os"

	"senddigitally/backend/transfer"
)

// Theme is how recipients' and staff's pages and mails look.
type Theme struct {
	Accent     transfer.Colour `koanf:"accent" default:"#0062ba" doc:"Colour of buttons and links, as #rrggbb. It has to be readable on white (WCAG 2.2, contrast 4.5), or the product does not start."`
	AccentDark transfer.Colour `koanf:"accent_dark" default:"#93c0f0" doc:"The same where the reader's system is dark; it has to be readable on nearly black."`
	Bar        transfer.Colour `koanf:"bar" example:"#0b3d5c" doc:"Colour of the bar at the top, in light and dark alike; text on it is black or white by itself. Empty: as the page."`
	Logo       string          `koanf:"logo" example:"/etc/senddigitally/logo.svg" validate:"omitempty,filepath" doc:"File with the logo, SVG or PNG of at most 64 KiB, drawn for the bar's colour, which must be set with it."`
}

// maxLogo bounds what every page loads, in bytes.
const maxLogo = 64 << 10

func (o Theme) check(p *Problems, at string) {
	for setting, colour := range map[string]transfer.Colour{"accent": o.Accent, "accent_dark": o.AccentDark, "bar": o.Bar} {
		if colour == "" {
			continue
		}
		if !colour.Valid() {
			p.add(at+setting, "not_colour", nil)
		} else if ground, ratio := transfer.Unreadable(colour, setting == "accent_dark"); ground != "" && setting != "bar" {
			p.add(at+setting, "unreadable_colour", Params{"ground": ground, "ratio": fmt.Sprintf("%.1f", ratio), "least": fmt.Sprint(transfer.TextContrast)})
		}
	}
	if o.Logo == "" {
		return
	}
	if _, err := o.logo(); err != nil {
		p.add(at+"logo", "not_logo", nil)
	}
	if o.Bar == "" {
		p.add(at+"bar", "logo_without_bar", nil)
	}
}

func (o Theme) logo() ([]byte, error) {
	content, err := os.ReadFile(o.Logo)
	svg := bytes.HasPrefix(bytes.TrimSpace(content), []byte("<"))
	if err == nil && (len(content) > maxLogo || !svg && !bytes.HasPrefix(content, []byte("\x89PNG\r\n"))) {
		err = fmt.Errorf("%s is no SVG or PNG of at most %d bytes", o.Logo, maxLogo)
	}
	return content, err
}

// Domain is the theme in the domain's terms, with its logo read.
func (o Theme) Domain() (transfer.Theme, error) {
	out := transfer.Theme{Accent: o.Accent, AccentDark: o.AccentDark, Bar: o.Bar}
	if o.Logo == "" {
		return out, nil
	}
	logo, err := o.logo()
	out.Logo = logo
	return out, err
}
