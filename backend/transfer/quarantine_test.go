package transfer

import (
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
