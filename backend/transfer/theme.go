package transfer

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
)

// Colour is "#rrggbb".
type Colour string

// White and Black are what text on a colour is chosen from.
const (
	White Colour = "#ffffff"
	Black Colour = "#000000"
)

// Valid reports whether it is written as it should be.
func (c Colour) Valid() bool {
	_, err := strconv.ParseUint(string(c[min(1, len(c)):]), 16, 24)
	return err == nil && len(c) == 7 && c[0] == '#'
}

func (c Colour) channels() [3]float64 {
	n, _ := strconv.ParseUint(string(c[1:]), 16, 24)
	return [3]float64{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}
}

// Mix is the colour with a share, 0 to 1, of another in it.
func (c Colour) Mix(other Colour, share float64) Colour {
	a, b := c.channels(), other.channels()
	at := func(i int) int { return int(math.Round(a[i] + (b[i]-a[i])*share)) }
	return Colour(fmt.Sprintf("#%02x%02x%02x", at(0), at(1), at(2)))
}

// luminance is the relative luminance of WCAG 2.2.
func (c Colour) luminance() float64 {
	var sum float64
	for i, weight := range [3]float64{0.2126, 0.7152, 0.0722} {
		v := c.channels()[i] / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// Contrast is the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast
// ratio").
func (c Colour) Contrast(other Colour) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// On is the colour of text on this one: black or white, of which one always has
// a contrast above 4.5.
func (c Colour) On() Colour {
	if c.Contrast(White) >= c.Contrast(Black) {
		return White
	}
	return Black
}

// Theme is how an organisation looks to recipients. An empty colour is the
// product's own.
type Theme struct {
	Accent     Colour // of buttons and links
	AccentDark Colour // of the same, where the reader's system is dark
	Bar        Colour // of the top of a page, in light and dark; empty: as the page
	Logo       []byte // SVG or PNG, shown in the bar
}

// The product's own colours, and the grounds that pages have: Designsystemet's.
const (
	accent     Colour = "#0062ba"
	accentDark Colour = "#93c0f0"
)

// The grounds that text is read on. The last of each has a tint of the accent in
// it, where a button is pressed.
var (
	grounds     = []Colour{"#f3f3f4", "#ffffff"}
	groundsDark = []Colour{"#17181a", "#1e2022", "#26282b"}
)

// Complete has every colour but the bar's.
func (t Theme) Complete() Theme {
	t.Accent, t.AccentDark = cmp.Or(t.Accent, accent), cmp.Or(t.AccentDark, accentDark)
	return t
}

// TextContrast is the least contrast of text (WCAG 2.2, 1.4.3); what else has to
// be seen, such as a button's border, needs 3 and has the same colour (1.4.11).
const TextContrast = 4.5

// Tint is the largest share of the accent in a ground.
const Tint = 0.1

// Unreadable is the ground that a colour of text cannot be read on, and the
// contrast that it has there; "" where all is well.
func Unreadable(text Colour, dark bool) (ground Colour, contrast float64) {
	on := grounds
	if dark {
		on = groundsDark
	}
	for _, ground := range append(on, on[len(on)-1].Mix(text, Tint)) {
		if c := text.Contrast(ground); c < TextContrast {
			return ground, c
		}
	}
	return "", 0
}
