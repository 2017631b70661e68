package following_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/following"
	"senddigitally/backend/summing"
	"senddigitally/backend/transfer"
)

var (
	now    = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	namer  = transfer.NewNamer([]byte("0123456789abcdef0123456789abcdef"))
	caller = transfer.Caller{Tenant: "t", Subject: "caseworker"}
)

// shelf is a ledger and an archive of dossiers, newest first.
type shelf struct {
	dossiers []*transfer.Dossier
	records  []transfer.Record
	opened   int
	listed   int
	broken   map[transfer.ID]transfer.Code // that cannot be opened
	damaged  error                         // of every file
}

func (s *shelf) Get(_ context.Context, _ transfer.TenantID, id transfer.ID) (transfer.Record, error) {
	for _, r := range s.records {
		if r.ID == id {
			return r, nil
		}
	}
	return transfer.Record{}, transfer.E(transfer.NotFound, "unknown")
}

func (s *shelf) Owned(_ context.Context, _ transfer.TenantID, owner, cursor string, limit int) ([]transfer.ID, string, error) {
	at, _ := strconv.Atoi(cursor)
	var ids []transfer.ID
	for ; at < len(s.records) && len(ids) < limit; at++ {
		if s.records[at].Owner == owner {
			ids = append(ids, s.records[at].ID)
		}
	}
	s.listed += len(ids)
	if at == len(s.records) {
		return ids, "", nil
	}
	return ids, strconv.Itoa(at), nil
}

// Mailbox has what its records say.
func (s *shelf) Mailbox(_ context.Context, _ transfer.TenantID, mailbox, _ string, _ int) ([]transfer.ID, string, error) {
	var ids []transfer.ID
	for _, r := range s.records {
		if r.Mailbox == mailbox {
			ids = append(ids, r.ID)
		}
	}
	return ids, "", nil
}

func (s *shelf) Open(_ context.Context, _ transfer.TenantID, id transfer.ID) (*transfer.Dossier, error) {
	s.opened++
	if code := s.broken[id]; code != "" {
		return nil, transfer.E(code, "it cannot be read")
	}
	for _, d := range s.dossiers {
		if d.Manifest.ID == id {
			return d, nil
		}
	}
	return nil, transfer.E(transfer.NotFound, "unknown")
}

type gate struct{ err error }

func (g gate) Check(context.Context, access.Actor, access.Action, access.Resource) error {
	return g.err
}

func (s *shelf) add(subject string, entries ...transfer.Entry) *transfer.Dossier {
	id := namer.TransferID("t", "caseworker", strconv.Itoa(len(s.records)))
	m := transfer.Manifest{Version: 1, Kind: transfer.KindTransfer, Tenant: "t", ID: id, Subject: subject, ExpiresAt: now.Add(time.Hour),
		Owner: namer.Owner("t", "caseworker"), Files: []transfer.File{{ID: "f1", Name: "Decision.pdf"}}, Options: transfer.Options{CaseID: "2026-17"},
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Name: "A citizen", Address: "citizen@home.example"}}}}
	for i := range entries {
		entries[i].Seq, entries[i].Version = i+1, 1
	}
	state, err := transfer.Replay(&m, entries)
	if err != nil {
		panic(err)
	}
	d := &transfer.Dossier{Manifest: m, State: state}
	s.dossiers, s.records = append(s.dossiers, d), append(s.records, d.Project(now))
	return d
}

func (s *shelf) following() *following.Following {
	return &following.Following{Archive: s, Ledger: s, Files: s, Sums: summing.New(), Gate: gate{}, Namer: namer, Clock: func() time.Time { return now },
		SignsIn: func(_ transfer.TenantID, address string) bool { return strings.HasPrefix(address, "colleague@") }}
}

// ReadFile is there for every file.
func (s *shelf) ReadFile(_ context.Context, _ *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error) {
	return content{strings.NewReader("the content of " + f.Name), s.damaged}, nil
}

type content struct {
	io.ReadSeeker
	damaged error
}

func (c content) Read(b []byte) (int, error) {
	if c.damaged != nil {
		return 0, c.damaged
	}
	return c.ReadSeeker.Read(b)
}

func (content) Close() error { return nil }

func failed() transfer.Entry {
	return transfer.Entry{Kind: transfer.Concluded, Effect: transfer.NotifyEffect("r1", 0), Recipient: "r1", Outcome: transfer.Failed, Reason: transfer.MailboxMissing}
}

func library() *shelf {
	s := &shelf{}
	s.add("Waiting")
	s.add("Unreachable", failed())
	s.add("Read", transfer.Entry{Kind: transfer.Opened, Recipient: "r1", At: now})
	s.add("Taken back", transfer.Entry{Kind: transfer.WithdrawnBy, At: now, Until: now.Add(time.Hour)})
	broken := transfer.Record{Tenant: "t", ID: namer.TransferID("t", "x", "broken"), Phase: transfer.Failing, Owner: namer.Owner("t", "caseworker")}
	s.records = append(s.records, broken)
	s.add("Foreign")
	s.records[len(s.records)-1].Owner = namer.Owner("t", "somebody else")
	return s
}

// At a link without a code nobody is known not to have opened it.
func TestWhatNeedsNoCodeIsNotCalledUnopened(t *testing.T) {
	for kind, want := range map[transfer.CodeKind]int{transfer.CodeGenerated: 1, transfer.CodeNone: 0} {
		s := &shelf{}
		s.add("Waiting", transfer.Entry{Kind: transfer.CodeChanged, Code: &transfer.AccessCode{Kind: kind}})
		found, _, err := s.following().Search(t.Context(), caller, following.Query{Filter: following.Unopened}, "", 20)
		if err != nil || len(found) != want {
			t.Errorf("%s: %d are found, %v", kind, len(found), err)
		}
	}
}

func TestSearch(t *testing.T) {
	for _, c := range []struct {
		name  string
		query following.Query
		want  []string
	}{
		{"everything", following.Query{}, []string{"Waiting", "Unreachable", "Read", "Taken back", "-"}},
		{"attention", following.Query{Filter: following.Attention}, []string{"Unreachable", "-"}},
		{"unopened", following.Query{Filter: following.Unopened}, []string{"Waiting", "Unreachable"}},
		{"available", following.Query{Filter: following.Available}, []string{"Waiting", "Unreachable", "Read"}},
		{"ended", following.Query{Filter: following.Ended}, []string{"Taken back"}},
		{"a word of the subject", following.Query{Text: "wait"}, []string{"Waiting"}},
		{"words of address, case and file", following.Query{Text: "CITIZEN@home 2026-17 decision taken"}, []string{"Taken back"}},
		{"a word that is nowhere", following.Query{Text: "waiting nowhere"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			views, next, err := library().following().Search(context.Background(), caller, c.query, "", 20)
			if err != nil || next != "" {
				t.Fatal(next, err)
			}
			if got := subjects(views); !equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func subjects(views []following.View) []string {
	var all []string
	for _, v := range views {
		if v.Dossier == nil {
			all = append(all, "-")
		} else {
			all = append(all, v.Dossier.Manifest.Subject)
		}
	}
	return all
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestTheCursorMissesNothingAndRepeatsNothing(t *testing.T) {
	s := &shelf{}
	for i := range 50 {
		s.add("Letter " + strconv.Itoa(i))
	}
	var found []string
	cursor := ""
	for pages := 0; ; pages++ {
		views, next, err := s.following().Search(context.Background(), caller, following.Query{Text: "letter 4"}, cursor, 3)
		if err != nil || len(views) > 3 || pages > 50 {
			t.Fatal(len(views), err)
		}
		found = append(found, subjects(views)...)
		if cursor = next; next == "" {
			break
		}
	}
	var want []string
	for i := range 50 {
		if name := "Letter " + strconv.Itoa(i); strings.Contains(name, "4") {
			want = append(want, name)
		}
	}
	if !equal(found, want) {
		t.Errorf("found %q", found)
	}
}

func TestOneSearchReadsABoundedNumber(t *testing.T) {
	s := &shelf{}
	for range 500 {
		s.add("Plain")
	}
	views, next, err := s.following().Search(context.Background(), caller, following.Query{Text: "nowhere"}, "", 20)
	if err != nil || len(views) != 0 || next == "" || s.listed > 220 {
		t.Errorf("%d found, next %q, %d read, %v", len(views), next, s.listed, err)
	}
}

// Case 9: one transfer whose bytes are damaged, or that a newer release has
// written to, does not take the others out of sight.
func TestWhatCannotBeReadHidesNothingElse(t *testing.T) {
	for _, code := range []transfer.Code{transfer.Integrity, transfer.UnsupportedVersion} {
		s := library()
		s.broken = map[transfer.ID]transfer.Code{s.records[0].ID: code}
		views, _, err := s.following().Search(context.Background(), caller, following.Query{}, "", 20)
		if err != nil || len(views) != 5 || views[0].Dossier != nil || views[1].Dossier == nil {
			t.Errorf("%s: %d found, %v", code, len(views), err)
		}
		known, err := s.following().Recipients(context.Background(), caller, []string{"citizen@home.example"})
		if err != nil || len(known) != 1 || len(known[0].Marks) != 1 {
			t.Errorf("%s: the recipients are %+v, %v", code, known, err)
		}
	}
}

func TestAttentionOpensOnlyWhatNeedsIt(t *testing.T) {
	s := library()
	if _, _, err := s.following().Search(context.Background(), caller, following.Query{Filter: following.Attention}, "", 20); err != nil || s.opened != 1 {
		t.Errorf("%d dossiers opened, %v", s.opened, err)
	}
}

func TestASearchThatIsDeniedReadsNothing(t *testing.T) {
	s := library()
	f := s.following()
	f.Gate = gate{transfer.E(transfer.Forbidden, "no")}
	if _, _, err := f.Search(context.Background(), caller, following.Query{}, "", 20); transfer.CodeOf(err) != transfer.Forbidden || s.listed != 0 {
		t.Errorf("%d read, %v", s.listed, err)
	}
}
