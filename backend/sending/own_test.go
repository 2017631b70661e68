package sending

import "testing"

func TestWhatADeliveryTellsStaffIsNotSentOn(t *testing.T) {
	for body, want := range map[string]string{
		`<p>Yes.</p><blockquote><p>##- Above -##</p><p>Why</p></blockquote><p>secret</p>`: `<html><head></head><body><p>Yes.</p></body></html>`,
		`<div>Yes.<blockquote>He wrote:<p><b>##-</b> Above</p></blockquote></div>`:        `<html><head></head><body><div>Yes.<blockquote>He wrote:</blockquote></div></body></html>`,
		`<p>No mark</p>`:    `<p>No mark</p>`,
		`<p>##- alone</p>x`: `<html><head></head><body></body></html>`,
	} {
		if got, _ := own(body, "text/html"); got != want {
			t.Errorf("%s becomes %s", body, got)
		}
	}
	if got, _ := own("Yes.\n\n##- Above -##\nWhy", "text/plain"); got != "Yes.\n\n" {
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
		if _, said := own(body, "text/html"); said != want {
			t.Errorf("%s: %v", body, said)
		}
	}
	for body, want := range map[string]bool{"\n##- Above -##\nYes": false, "\n> Den 2. mars skrev M:\n##-\nJa": false, "Yes\n##-": true, "": true} {
		if _, said := own(body, "text/plain"); said != want {
			t.Errorf("%q: %v", body, said)
		}
	}
}
