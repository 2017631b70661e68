package quoting

import (
	"html"
	"slices"
	"strings"
	"testing"
)

func TestWhatADeliveryTellsStaffIsNotSentOn(t *testing.T) {
	for body, want := range map[string]string{
		`<p>Yes.</p><blockquote><p>##- Above -##</p><p>Why</p></blockquote><p>secret</p>`: `<html><head></head><body><p>Yes.</p></body></html>`,
		`<div>Yes.<blockquote>He wrote:<p><b>##-</b> Above</p></blockquote></div>`:        `<html><head></head><body><div>Yes.<blockquote>He wrote:</blockquote></div></body></html>`,
		`<p>Dear parents,</p><p>Come on Monday. ##- Above -##</p><p>Why</p>`:              `<html><head></head><body><p>Dear parents,</p><p>Come on Monday. </p></body></html>`,
		`<p>No mark</p>`:    `<p>No mark</p>`,
		`<p>##- alone</p>x`: `<html><head></head><body></body></html>`,
	} {
		if got := Read(body, "text/html").Own; got != want {
			t.Errorf("%s becomes %s", body, got)
		}
	}
	if got := Read("Yes.\n\n##- Above -##\nWhy", "text/plain").Own; got != "Yes.\n\n" {
		t.Errorf("%q", got)
	}
}

func TestAnAnswerBelowTheLineSaysNothingAboveIt(t *testing.T) {
	const quoted = `<p>##- Above -##</p><p>Why</p>Because.`
	for body, want := range map[string]bool{
		quoted: false,
		`<p>The citizen wrote:</p><blockquote>` + quoted: false,
		`<style>p {margin: 0}</style><p>&nbsp;</p><div id="divRplyFwdMsg"><b>Fra:</b> Kommunen<br><b>Sendt:</b> 2. marts<br><b>Til:</b> Byg<br><b>Emne:</b> Sag: 7</div>` + quoted: false,
		`<p>Yes.</p><p>The citizen wrote:</p><blockquote>` + quoted:                                       true,
		`<p>Yes.</p><b>From:</b> M<br><b>Sent:</b> 2 March<br><b>To:</b> B<br><b>Subject:</b> S` + quoted: true,
		`<img src="cid:1">` + quoted: true,
		`<p></p>`:                    true, // no line, nothing is cut
	} {
		if said := Read(body, "text/html").Says; said != want {
			t.Errorf("%s: %v", body, said)
		}
	}
	for body, want := range map[string]bool{"\n##- Above -##\nYes": false, "\n> Den 2. mars skrev M:\n##-\nJa": false, "Yes\n##-": true, "": true} {
		if said := Read(body, "text/plain").Says; said != want {
			t.Errorf("%q: %v", body, said)
		}
	}
}

func TestOnlyStaffsOwnWordsAreSentOn(t *testing.T) {
	for quoted, want := range map[string]string{
		"Mine.\n\n##- Write above this line -##\nbecause rule 7":                                       "Mine.",
		"Mine.\n________________________________\nFrom: x\nSent: y\nTo: z\nSubject: s\n\n##- Above":    "Mine.",
		"Mine.\n________________________________\nFrom: x\nSent: y\nTo: z\nSubject: s":                 "Mine.",
		"Mine.\r\n-----Oprindelig meddelelse-----\r\nFra: x\r\nSendt: y\r\nTil: z\r\nEmne: s\r\n> ##-": "Mine.",
		"Mine.\n________________________________\nYou may appeal before May.\n\n##- Above":             "Mine.\n________________________________\nYou may appeal before May.",
		"A.\n____________________\nB.\n____________________\nFrom: x\nSent: y\nTo: z\nSubject: s":      "A.\n____________________\nB.",
		"Name: ______________________________\nMore.":                                                  "Name: ______________________________\nMore.",
		"Mine.\n> quoted\n> more": "Mine.",
		"> theirs\nMine below.":   "> theirs\nMine below.",
		"":                        "",
	} {
		if got := Read(quoted, "text/plain").Text(); got != want {
			t.Errorf("%q gives %q", quoted, got)
		}
	}
}

func TestWhatStaffWroteBelowTheLineIsTold(t *testing.T) {
	const text = "##- Above -##\n\nThe parents wrote:\nMay he start on Monday, at eight? See https://a.example/x and mail m@post.example.\nIs lunch included?\n"
	const delivered = "<title>Yes</title><p>" + text
	quoted := func(between string) string {
		return "<p>Dear parents,</p><div>From: x</div><p>##- Above&nbsp;-##</p><p>The parents wrote:</p><p>May he start on Monday, at eight? See " +
			`<a href="https://b.example/?u=a">https://b.example/?u=a</a> and mail <a href="mailto:m@post.example">m@post.example</a>.</p>` + between + "<p>Is lunch included?</p>"
	}
	for body, want := range map[string]string{
		quoted(""):                                               "",
		quoted("<p>  </p><hr>"):                                  "",
		quoted("<p>Yes.</p>"):                                    "Yes",
		quoted("Y<b>e</b>s<br>"):                                 "Yes",
		quoted("") + "<p>No</p>":                                 "No",
		quoted(`<img src="cid:1">`):                              "picture",
		quoted("") + "<p>On Monday at eight</p>":                 "On Monday at eight",
		quoted("<p>" + strings.Repeat("Of course ", 9) + "</p>"): strings.TrimSpace(strings.Repeat("Of course ", 6)) + " …",
		"<p>No line</p>":                                         "",
	} {
		if got := Read(body, "text/html").Added(delivered); got != want {
			t.Errorf("%s adds %q", body, got)
		}
	}
	for body, want := range map[string]string{
		"Dear parents,\n\n> " + strings.ReplaceAll(text, "\n", "\n> "):                                                            "",
		"Dear parents,\n" + strings.ReplaceAll(text, "on Monday", "on\n> MONDAY\u00ad") + "m@post.example<mailto:m@post.example>": "",
		text + "Så ja\n": "Så ja",
	} {
		if got := Read(body, "text/plain").Added(delivered); got != want {
			t.Errorf("%s adds %q", body, got)
		}
	}
	if got := Read("##- a\ncafe\u0301 b", "text/plain").Added("##- a café", "b"); got != "" {
		t.Errorf("%q was added by writing it otherwise", got)
	}
}

// Between whatever lines, words that were not delivered are told, and nothing else is.
func FuzzAdded(f *testing.F) {
	f.Add("May he start?\nSee https://a.example", "Yes", 1)
	f.Fuzz(func(t *testing.T, delivered, between string, at int) {
		delivered = strings.ReplaceAll(strings.ToValidUTF8(delivered, ""), "\x00", "") // which HTML does not have
		lines := strings.Split(delivered, "\n")
		lines = slices.Insert(lines, max(0, min(at, len(lines))), between)
		for body, want := range map[string]bool{delivered: false, strings.Join(lines, "\n"): len(words(between)) > 0} {
			if got := Read("##-\n"+body, "text/plain").Added("<p>" + html.EscapeString(delivered)); (got != "") != want {
				t.Errorf("%q tells %q", body, got)
			}
		}
	})
}
