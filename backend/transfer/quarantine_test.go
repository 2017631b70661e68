package transfer

import (
	"slices"
	"testing"
	"time"
)

func TestStandingsSayOnlyWhatIsToBeSaid(t *testing.T) {
	m := Manifest{Kind: KindTransfer, Quarantine: true, Body: &File{ID: "body"}, Files: []File{{ID: "u1"}, {ID: "u2"}, {ID: "u3"}, {ID: "u4"}}}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	state, err := Replay(&m, []Entry{{Version: 1, Seq: 1, At: at, Kind: Checked, Findings: []Finding{{File: "u1", Code: Infected, Name: "Bad"},
		{File: "u2", Code: TooLarge, Passed: true}, {File: "u3", Code: TooLarge}}}})
	if err != nil {
		t.Fatal(err)
	}
	d := &Dossier{Manifest: m, State: state}
	want := Standings{"u1": {"infected", "Bad", true}, "u2": {"passed", "", false}, "u3": {"large", "", true}}
	got := d.Standings()
	if len(got) != len(want) {
		t.Errorf("%+v", got)
	}
	for id, s := range want {
		if got[id] != s {
			t.Errorf("%s: %+v, not %+v", id, got[id], s)
		}
	}
	if given := d.Given(); len(given) != 2 || given[0].ID != "u2" || given[1].ID != "u4" {
		t.Errorf("given out are %v", given)
	}
	if d = (&Dossier{Manifest: m}); d.Standings().Body().Word != "checking" || len(d.Given()) != 0 {
		t.Errorf("before a check: %+v, %v", d.Standings(), d.Given())
	}
}

// A mail about a virus that came in somebody's name would go to whom it was not from.
func TestWhoRepliedThroughALinkHearsWhatIsHeldBack(t *testing.T) {
	for channel, want := range map[string]bool{ChannelLink: true, ChannelContact: true, ChannelAsk: false, "mail": false} {
		m := Manifest{Kind: KindReply, Quarantine: true, Files: []File{{ID: "u1"}}, Origin: &Origin{Channel: channel}, Sender: Party{Address: "citizen@post.example"}}
		for _, found := range []Code{"", Infected} {
			check := Entry{Version: 1, Seq: 1, Kind: Checked}
			if found != "" {
				check.Findings = []Finding{{File: "u1", Code: found}}
			}
			for _, told := range []bool{false, true} {
				journal := []Entry{check}
				if told {
					journal = append(journal, Entry{Version: 1, Seq: 2, Kind: Concluded, Effect: HeldEffect, Outcome: Done})
				}
				state, err := Replay(&m, journal)
				if err != nil {
					t.Fatal(err)
				}
				held := slices.ContainsFunc((&Dossier{Manifest: m, State: state}).Outstanding(time.Time{}), func(j Job) bool { return j.Note == NoteHeld })
				if held != (want && found != "" && !told) {
					t.Errorf("%s, %q, told %v: %v", channel, found, told, held)
				}
			}
		}
	}
}

func TestOnlyWhatIsNotOurOwnCanBeChecked(t *testing.T) {
	for name, c := range map[string]struct {
		m    Manifest
		want bool
	}{"text": {Manifest{Body: &File{}}, true}, "files": {Manifest{Files: []File{{}}}, true}, "nothing": {Manifest{}, false},
		"the beginning of a conversation": {Manifest{Body: &File{}, Options: Options{ContactPoint: "children"}}, false}} {
		if got := c.m.Checkable(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
