package sending

import "testing"

func TestWhatADeliveryTellsStaffIsNotSentOn(t *testing.T) {
	for body, want := range map[string]string{
		`<p>Yes.</p><blockquote><p>##- Above -##</p><p>Why</p></blockquote><p>secret</p>`: `<html><head></head><body><p>Yes.</p></body></html>`,
		`<div>Yes.<blockquote>He wrote:<p><b>##-</b> Above</p></blockquote></div>`:        `<html><head></head><body><div>Yes.<blockquote>He wrote:</blockquote></div></body></html>`,
		`<p>No mark</p>`:    `<p>No mark</p>`,
		`<p>##- alone</p>x`: `<html><head></head><body></body></html>`,
	} {
		if got := own(body, "text/html"); got != want {
			t.Errorf("%s becomes %s", body, got)
		}
	}
	if got := own("Yes.\n\n##- Above -##\nWhy", "text/plain"); got != "Yes.\n\n" {
		t.Errorf("%q", got)
	}
}
