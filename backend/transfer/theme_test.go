package transfer_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
)

// The ratios are those of WCAG 2.2's definition, worked out by hand for pairs
// that are often quoted.
func TestContrastIsWCAGs(t *testing.T) {
	for _, pair := range []struct {
		a, b transfer.Colour
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#767676", "#ffffff", 4.54}, {"#0062ba", "#ffffff", 6.08}, {"#abcdef", "#abcdef", 1}} {
		if got := pair.a.Contrast(pair.b); math.Abs(got-pair.want) > 0.02 {
			t.Errorf("%s on %s: %.2f, not %.2f", pair.a, pair.b, got, pair.want)
		}
		if pair.a.Contrast(pair.b) != pair.b.Contrast(pair.a) {
			t.Errorf("%s and %s differ from the other side", pair.a, pair.b)
		}
	}
}

func TestTextOnAnyColourCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := transfer.Colour(rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "colour"))
		if !c.Valid() || c.Contrast(c.On()) < transfer.TextContrast {
			t.Errorf("%s on %s: %.2f", c.On(), c, c.Contrast(c.On()))
		}
	})
}

func TestOnlyColoursAreValid(t *testing.T) {
	for _, bad := range []transfer.Colour{"", "#", "#fff", "0062ba", "#0062bg", "#0062ba0", "red", "# 062ba"} {
		if bad.Valid() {
			t.Errorf("%q is valid", bad)
		}
	}
}

func TestTheProductsOwnColoursCanBeRead(t *testing.T) {
	own := transfer.Theme{}.Complete()
	for dark, c := range map[bool]transfer.Colour{false: own.Accent, true: own.AccentDark} {
		if ground, ratio := transfer.Unreadable(c, dark); ground != "" {
			t.Errorf("%s on %s: %.2f", c, ground, ratio)
		}
	}
	if ground, _ := transfer.Unreadable("#ffd166", false); ground == "" {
		t.Error("yellow on white can be read")
	}
}
