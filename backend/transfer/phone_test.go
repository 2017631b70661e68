package transfer_test

import (
	"testing"

	"senddigitally/backend/transfer"
)

func TestANumberIsReadAsPeopleWriteIt(t *testing.T) {
	for _, c := range []struct{ typed, country, want string }{
		{"+45 12 34 56 78", "", "+4512345678"},
		{"0045 12345678", "", "+4512345678"},
		{"12 34 56 78", "+45", "+4512345678"},
		{"(070) 123-45 67", "+46", "+46701234567"},
		{"+46 70/123.45.67", "+45", "+46701234567"},
		{"12 34 56 78", "", ""},
		{"+0123456789", "", ""},
		{"+451234567890123456", "", ""},
		{"call me", "+45", ""},
		{"+45 1234567８", "", ""},
		{"+4512345678\r\nTo: +4511111111", "", ""},
		{"", "+45", ""},
	} {
		got, ok := transfer.ParsePhone(c.typed, c.country)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q at home in %q is %q, %t; wanted %q", c.typed, c.country, got, ok, c.want)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	f.Add("+45 12 34 56 78", "+45")
	f.Add("0701234567", "+46")
	f.Fuzz(func(t *testing.T, typed, country string) {
		number, ok := transfer.ParsePhone(typed, country)
		if !ok {
			return
		}
		again, still := transfer.ParsePhone(number, "")
		if !still || again != number || len(number) > 16 {
			t.Errorf("%q was read as %q and then as %q", typed, number, again)
		}
	})
}
