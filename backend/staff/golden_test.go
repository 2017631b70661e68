package staff

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/distributing"
	"senddigitally/backend/identity"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
	"senddigitally/routing/file"
)

var update = flag.Bool("update", false, "write the golden pages anew")

var (
	now   = time.Date(2026, 3, 27, 9, 30, 0, 0, time.UTC)
	id    = transfer.ID("0a" + strings.Repeat("1", 32))
	token = "TOKEN"
)

// rig is the pages with fakes behind them.
type rig struct {
	*fakeDistributing
	*fakeSessions
	handler http.Handler
	failure error // of the routing file
}

func newRig(t *testing.T) *rig {
	t.Helper()
	set, problems := file.Load("sample.yaml", file.Sample)
	if set == nil {
		t.Fatal(problems)
	}
	r := &rig{fakeDistributing: newDistributing(t, set), fakeSessions: &fakeSessions{signed: true}}
	engine := gin.New()
	(&Pages{Distributing: r, Sessions: r, Clock: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Organisation: func(transfer.TenantID) transfer.Organisation {
			return transfer.Organisation{Name: "Municipality", Zone: time.UTC}
		},
		Routes: func(transfer.TenantID) routing.State {
			return routing.State{Set: set, Failure: r.failure, FailedAt: now.Add(-time.Hour)}
		}}).Register(engine)
	r.handler = engine
	return r
}

func (r *rig) get(target string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	r.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, target, nil))
	return answer
}

func (r *rig) post(target string, form url.Values) *httptest.ResponseRecorder {
	form.Set("csrf", token)
	request := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	r.handler.ServeHTTP(answer, request)
	return answer
}

// states are the pages as staff meet them.
var states = map[string]func(r *rig, lang string) *httptest.ResponseRecorder{
	"desk": func(r *rig, l string) *httptest.ResponseRecorder { return r.get("/distribute?lang=" + l) },
	"desk-empty": func(r *rig, l string) *httptest.ResponseRecorder {
		r.waiting = nil
		return r.get("/distribute?lang=" + l)
	},
	"desk-broken": func(r *rig, l string) *httptest.ResponseRecorder {
		r.failure = errors.New("line 3")
		return r.get("/distribute?lang=" + l)
	},
	"desk-placed": func(r *rig, l string) *httptest.ResponseRecorder {
		r.refuse = "0b" + id[2:]
		return r.post("/distribute?lang="+l, url.Values{"reply": {string(id), string(r.refuse)}, "to": {"technical/roads"}})
	},
	"desk-undone": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.post("/distribute/undo?lang="+l, url.Values{"reply": {string(id)}})
	},
	"desk-again": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.post("/distribute/"+string(id)+"/deliver?lang="+l, url.Values{})
	},
	"look": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.get("/distribute/" + string(id) + "?lang=" + l)
	},
	"desk-in-quarantine": func(r *rig, l string) *httptest.ResponseRecorder {
		r.quarantine(transfer.Entry{Kind: transfer.Unchecked, Reason: transfer.Unavailable})
		return r.get("/distribute?lang=" + l)
	},
	"look-in-quarantine": func(r *rig, l string) *httptest.ResponseRecorder {
		r.quarantine(transfer.Entry{Kind: transfer.Checked, Findings: []transfer.Finding{{File: "f1", Code: transfer.Infected, Name: "Win.Test"}}})
		return r.get("/distribute/" + string(id) + "?lang=" + l)
	},
	"proposal": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.post("/distribute/"+string(id)+"/rule?lang="+l, url.Values{"to": {"technical/roads"}})
	},
	"reply": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.get("/replies/" + string(id) + "?lang=" + l)
	},
	"figures": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.get("/distribute/figures?days=30&lang=" + l)
	},
	"reply-given": func(r *rig, l string) *httptest.ResponseRecorder {
		r.given = true
		return r.get("/replies/" + string(id) + "?lang=" + l)
	},
	"mailboxes": func(r *rig, l string) *httptest.ResponseRecorder { return r.get("/mailboxes?lang=" + l) },
	"mailbox":   func(r *rig, l string) *httptest.ResponseRecorder { return r.get("/mailboxes/technical?lang=" + l) },
	"mailbox-assigned": func(r *rig, l string) *httptest.ResponseRecorder {
		r.refuse = "0b" + id[2:]
		return r.post("/mailboxes/technical?lang="+l, url.Values{"reply": {string(id), string(r.refuse)}, "who": {"me"}})
	},
	"returned": func(r *rig, l string) *httptest.ResponseRecorder {
		return r.post("/replies/"+string(id)+"/notours?lang="+l, url.Values{"why": {"For the roads"}})
	},
	"problem": func(r *rig, l string) *httptest.ResponseRecorder { return r.get("/replies/nothing?lang=" + l) },
	"left":    func(r *rig, l string) *httptest.ResponseRecorder { return r.post("/signout?lang="+l, url.Values{}) },
}

var (
	drawn   = regexp.MustCompile(`<code>[A-Z2-7]{16}</code>`)
	unnamed = regexp.MustCompile(`\b(staff|error)\.[a-z]+(\.[a-z]+)*\b`)
)

// TestPagesAreAsTheyWere compares every page in every language with the one
// that was looked at; -update writes them anew.
func TestPagesAreAsTheyWere(t *testing.T) {
	for name, visit := range states {
		for _, lang := range catalogue.Languages() {
			got := drawn.ReplaceAllString(visit(newRig(t), lang).Body.String(), "drawn")
			if key := unnamed.FindString(got); key != "" {
				t.Errorf("%s in %s shows the key %s", name, lang, key)
			}
			path := filepath.Join("testdata", "pages", lang, name+".html")
			if *update {
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(path); err != nil || string(want) != got {
				t.Errorf("%s is not what was looked at (%v); if it is right, run this test with -update\n%s", path, err, got)
			}
		}
	}
}

// fakeDistributing has two replies that wait.
type fakeDistributing struct {
	Distributing
	waiting []*transfer.Dossier
	refuse  transfer.ID
	given   bool // the reply was given to who reads it
	set     *routing.Set
}

func newDistributing(t *testing.T, set *routing.Set) *fakeDistributing {
	t.Helper()
	decision, err := json.Marshal(set.Decide(routing.Input{ContactPoint: "day-care-places"}))
	if err != nil {
		t.Fatal(err)
	}
	one := func(id transfer.ID, subject string) *transfer.Dossier {
		return &transfer.Dossier{
			Manifest: transfer.Manifest{Tenant: "municipality", ID: id, Kind: transfer.KindReply, Subject: subject, AcceptedAt: now.Add(-26 * time.Hour),
				Sender: transfer.Party{Name: "Citizen", Address: "citizen@post.example"},
				Files:  []transfer.File{{ID: "f1", Name: "the hole in the road, seen from the east.jpg", Size: 3_400_000}, {ID: "f2", Name: "map.pdf", Size: 120_000}}},
			State: transfer.State{Decision: decision},
		}
	}
	first, second := one(id, "A hole in the road"), one("0b"+id[2:], "Re: Decision about your application for a place in day care")
	first.State.Comments = []transfer.Comment{{At: now.Add(-time.Hour), Text: "I have asked the roads department."}}
	first.State.Claim = transfer.Claim{Name: "A colleague", Until: now.Add(time.Hour)}
	second.State.Why = "This is for the roads department"
	second.State.Seen, second.State.Answers, second.State.Assignment.To = now, []transfer.ID{id}, transfer.Party{Name: "A colleague", Address: "colleague@municipality.example"}
	return &fakeDistributing{waiting: []*transfer.Dossier{first, second}, set: set}
}

// quarantine has the first reply wait, not placed yet, for the check for malware.
func (f *fakeDistributing) quarantine(e transfer.Entry) {
	d := f.waiting[0]
	d.Manifest.Quarantine, d.State.Decision = true, nil
	e.Version, e.Seq, e.At = 1, d.State.Seq+1, now
	if err := d.State.Apply(&d.Manifest, e); err != nil {
		panic(err)
	}
}

const words = "Dear municipality,\nthere is a hole in the road before my house.\n\nWith kind regards\nCitizen"

func (f *fakeDistributing) find(want transfer.ID) (*transfer.Dossier, error) {
	for _, d := range f.waiting {
		if d.Manifest.ID == want {
			return d, nil
		}
	}
	return nil, transfer.E(transfer.NotFound, "no such reply")
}

func (f *fakeDistributing) Read(_ context.Context, _ transfer.Caller, id transfer.ID) (distributing.Opened, error) {
	d, err := f.find(id)
	if err != nil {
		return distributing.Opened{}, err
	}
	decision, err := distributing.Decision(d)
	decision.Address = "technical@municipality.example"
	return distributing.Opened{Dossier: d, Decision: decision, Member: !f.given}, err
}

func (f *fakeDistributing) Text(context.Context, *transfer.Dossier) (string, error) {
	return words, nil
}

func (f *fakeDistributing) Look(_ context.Context, _ transfer.Caller, id transfer.ID) (*transfer.Dossier, string, error) {
	d, err := f.find(id)
	return d, words, err
}

func (f *fakeDistributing) Waiting(context.Context, transfer.Caller, string, int) ([]*transfer.Dossier, string, error) {
	return f.waiting, "", nil
}

func (f *fakeDistributing) Place(_ context.Context, _ transfer.Caller, id transfer.ID, _, _ string) (*transfer.Dossier, error) {
	if id == f.refuse {
		return nil, transfer.E(transfer.Conflict, "somebody else was faster")
	}
	return f.find(id)
}

func (f *fakeDistributing) Counted(context.Context, transfer.Caller, int) ([]distributing.Row, error) {
	took := []time.Duration{12 * time.Second, 40 * time.Second, 9 * time.Minute, 3 * time.Hour}
	return []distributing.Row{
		{Mailbox: "(manual list)", By: "(default)", Received: 31},
		{Mailbox: "technical", Topic: "roads", By: "holes-in-roads", Received: 212, Delivered: 212, HandedBack: 9, Times: took},
		{Mailbox: "technical", Topic: "roads", By: "(hand)", Received: 17, Delivered: 17, Times: took[:2]},
		{Mailbox: "children", Topic: "day-care", By: "(reply)", Received: 1840, Delivered: 1838, HandedBack: 14, Times: took[:3]},
	}, nil
}

func (f *fakeDistributing) DeliverAgain(context.Context, transfer.Caller, transfer.ID) (*transfer.Dossier, error) {
	return nil, nil
}
func (f *fakeDistributing) Undo(context.Context, transfer.Caller, transfer.ID) error { return nil }

func (f *fakeDistributing) Mailbox(context.Context, transfer.Caller, string, string, int) (routing.Mailbox, []*transfer.Dossier, string, error) {
	mailbox, _ := f.set.Mailbox("technical")
	return mailbox, f.waiting, "", nil
}

func (f *fakeDistributing) Assign(_ context.Context, _ transfer.Caller, id transfer.ID, to string) error {
	d, err := f.find(id)
	if id == f.refuse || err != nil {
		return transfer.E(transfer.Conflict, "somebody else was faster")
	}
	d.State.Assignment.To = transfer.Party{Address: to}
	return nil
}

func (f *fakeDistributing) HandBack(context.Context, transfer.Caller, transfer.ID, string) error {
	return nil
}

func (f *fakeDistributing) Fetch(context.Context, transfer.Caller, transfer.ID, transfer.FileID) (transfer.File, io.ReadSeekCloser, func(context.Context) error, error) {
	return transfer.File{}, nil, nil, transfer.E(transfer.NotFound, "no such file")
}

func (f *fakeDistributing) Propose(context.Context, transfer.Caller, transfer.ID, string, string) (distributing.Proposal, error) {
	return distributing.Proposal{Diff: "+  - id: roads-of-post-example\n+    when:\n+      sender_domain: ['post.example']\n+    route: technical/roads", Waiting: 2, Placed: 1}, nil
}

// fakeSessions has a distributor signed in.
type fakeSessions struct {
	Sessions
	signed bool
}

func (f *fakeSessions) Session(*http.Request) (identity.StaffSession, error) {
	if !f.signed {
		return identity.StaffSession{}, transfer.E(transfer.Unauthenticated, "sign in")
	}
	return identity.StaffSession{CSRF: token, Until: now.Add(time.Hour), Caller: transfer.Caller{Tenant: "municipality", Name: "The distributor", Address: "distributor@municipality.example",
		Roles: []transfer.Role{transfer.Distributor}}}, nil
}

func (f *fakeSessions) End(http.ResponseWriter, *http.Request) error { return nil }

func TestFiguresAreDownloadedSafeForASpreadsheet(t *testing.T) {
	r := newRig(t)
	answer := r.get("/distribute/figures.csv?days=7")
	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || len(rows) != 5 || rows[2][0] != "technical" || rows[2][5] != "9" {
		t.Errorf("%v %v", rows, err)
	}
	if disposition := answer.Header().Get("Content-Disposition"); !strings.HasPrefix(disposition, "attachment") {
		t.Errorf("disposition %q", disposition)
	}
	if answer := r.get("/distribute/figures?days=8"); answer.Code != http.StatusBadRequest {
		t.Errorf("%d days were not refused: %d", 8, answer.Code)
	}
}
