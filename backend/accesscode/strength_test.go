package accesscode

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
)

func TestMeasure(t *testing.T) {
	for _, tc := range []struct {
		password string
		score    int
		weakness Weakness
	}{
		{"", 0, TooShort},
		{"Kaffe7!", 0, TooShort},
		{"       x", 0, TooShort},
		{"Sommer2026!", 0, Common},
		{"p@ssw0rd", 0, Common},
		{"Kodeord1", 0, Common},
		{"0101701234", 1, OnlyDigits},
		{"abababab", 1, Repeated},
		{"xyzqvxyzqv", 1, Repeated},
		{"qwertyuiå", 1, Sequence},
		{"98765432x", 1, Sequence},
		{"tavlehorn", 2, ""},
		{"Tavle-horn7", 3, ""},
		{"grøn bænk under linden", 3, ""},
		{"Grøn bænk under 3 linde!", 4, ""},
	} {
		if got := Measure(tc.password); got.Score != tc.score || got.Weakness != tc.weakness {
			t.Errorf("Measure(%q) = %+v, want %d %q", tc.password, got, tc.score, tc.weakness)
		}
	}
}

func TestAcceptable(t *testing.T) {
	for _, tc := range []struct {
		password string
		minimum  int
		reason   string
		least    string
	}{
		{"tavlehorn", 8, "", ""},
		{"tavlehorn", 10, "too_short", "10"},
		{"kort", 1, "too_short", "8"},
		{"0101701234", 8, "only_digits", "8"},
	} {
		err := Acceptable(tc.password, tc.minimum)
		if (err == nil) != (tc.reason == "") {
			t.Errorf("%q: %v", tc.password, err)
		}
		if e, ok := errors.AsType[*transfer.Error](err); ok {
			if e.Code != transfer.CodeTooWeak || e.Params["reason"] != tc.reason || e.Params["minimum"] != tc.least {
				t.Errorf("%q: %v %v", tc.password, err, e.Params)
			}
		}
	}
}

func TestScoreAndWeaknessAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Measure(rapid.String().Draw(t, "password"))
		if s.Score < 0 || s.Score > 4 || (s.Weakness == "") != (s.Score >= leastScore) {
			t.Fatalf("%+v", s)
		}
	})
}
