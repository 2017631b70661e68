package graph

import (
	"testing"

	"senddigitally/backend/sandbox/mail"
)

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"subject eq 'It''s'", "not (isRead eq true) and contains(subject,'x')", "categories/any(c:c eq 'y')",
		"singleValueExtendedProperties/any(ep: ep/id eq 'String 0x1042' and ep/value eq 'z')",
		"receivedDateTime ge 2026-10-01T10:00:00Z", "((((", "'", "a/b:c", "not not not",
	} {
		f.Add(seed)
	}
	m := mail.Message{Subject: "x"}
	f.Fuzz(func(t *testing.T, text string) {
		match, _, err := filter(text)
		if (match == nil) != (err != nil) {
			t.Fatalf("%q gives a predicate with an error, or neither", text)
		}
		if err == nil {
			match(&m)
		}
	})
}

func FuzzOptions(f *testing.F) {
	for _, seed := range []string{"attachments($select=id,name),x", "a(b(c;d=e))", "a(", "a('(')", ",;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if all, err := parseExpand(text); err == nil && all == nil {
			t.Fatal("nothing and no error")
		}
	})
}
