package opening

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/summing"
	"senddigitally/backend/transfer"
)

const tenant = transfer.TenantID("municipality")

var (
	now   = time.Date(2026, 3, 27, 9, 30, 0, 0, time.UTC)
	namer = transfer.NewNamer(make([]byte, 32))
	here  = Seat{Tenant: tenant, ID: namer.TransferID(tenant, "caseworker", "key"), Recipient: "r1"}
)

// shelf is a vault and archive of one transfer and one reply.
type shelf struct {
	mu      sync.Mutex
	entries []transfer.Entry
	clock   time.Time
	gone    map[transfer.ID]transfer.Code
	content string
	checked string // last
	damage  bool
}

func newShelf(limit int) (*shelf, *Opening) {
	s := &shelf{clock: now, content: strings.Repeat("x", 1000), gone: map[transfer.ID]transfer.Code{}}
	return s, &Opening{Archive: s, Vault: s, Sums: summing.New(), Gate: s, Namer: namer, Log: slog.New(slog.DiscardHandler),
		Clock:  func() time.Time { return s.clock },
		Policy: func(transfer.TenantID) transfer.Policy { return transfer.Policy{MaxDownloads: limit} }}
}

func (s *shelf) Follow(context.Context, transfer.LinkToken) (*transfer.Dossier, transfer.RecipientID, error) {
	return nil, "", transfer.E(transfer.NotFound, "unknown link")
}

func (s *shelf) Open(_ context.Context, _ transfer.TenantID, id transfer.ID) (*transfer.Dossier, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code := s.gone[id]; code != "" {
		return nil, transfer.E(code, "gone")
	}
	m := transfer.Manifest{Kind: transfer.KindTransfer, Tenant: tenant, ID: id, AcceptedAt: now, ExpiresAt: now.Add(time.Hour * 100),
		Body:       &transfer.File{ID: "body", Type: "text/plain", Size: int64(len(s.content))},
		Files:      []transfer.File{{ID: "f1", Name: "a.pdf", Size: int64(len(s.content))}, {ID: "f2", Name: "logo.png", ContentID: "logo"}},
		Recipients: []transfer.Recipient{{ID: "r1", Field: "to"}, {ID: "r2", Field: "to"}, {ID: "r3", Field: "bcc"}},
		Options:    transfer.Options{Code: transfer.AccessCode{Kind: transfer.CodeGenerated}}}
	if id != here.ID {
		m.Kind, m.ExpiresAt = transfer.KindReply, time.Time{}
	}
	state, err := transfer.Replay(&m, s.entries)
	return &transfer.Dossier{Manifest: m, State: state}, err
}

func (s *shelf) Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state, err := transfer.Replay(&d.Manifest, s.entries)
	if err != nil {
		return err
	}
	e, err := decide(state)
	if err != nil || e.Kind == "" {
		return err
	}
	e.Version, e.Seq, e.At = 1, len(s.entries)+1, s.clock
	s.entries = append(s.entries, e)
	return nil
}

func (s *shelf) ReadFile(context.Context, *transfer.Dossier, transfer.File) (io.ReadSeekCloser, error) {
	content := reading{bytes.NewReader([]byte(s.content))}
	if s.damage {
		return damaged{content}, nil
	}
	return content, nil
}

func (s *shelf) Check(_ context.Context, _ access.Actor, action access.Action, on access.Resource) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked = string(action) + " " + string(on.File)
	return nil
}

type reading struct{ *bytes.Reader }

func (reading) Close() error { return nil }

func TestALimitedFileIsNeverHadWholeMoreOftenHoweverManyAsk(t *testing.T) {
	s, o := newShelf(3)
	var whole, refused int
	var working sync.WaitGroup
	var mu sync.Mutex
	for range 40 {
		working.Go(func() {
			_, content, err := o.Download(t.Context(), here, "f1")
			var got []byte
			if err == nil {
				got, err = io.ReadAll(content)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && len(got) == 1000:
				whole++
			case transfer.CodeOf(err) == transfer.TooMany && len(got) < 1000:
				refused++
			default:
				t.Errorf("%d bytes and %v", len(got), err)
			}
		})
	}
	working.Wait()
	if len(s.entries) != 3 || whole < 3 || whole+refused != 40 {
		t.Errorf("counted %d, whole %d, refused %d", len(s.entries), whole, refused)
	}
}

func TestABrokenDownloadIsNotCountedAndACountedOneMayBeResumed(t *testing.T) {
	s, o := newShelf(1)
	_, content, err := o.Download(t.Context(), here, "f1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, content, 500); err != nil || len(s.entries) != 0 {
		t.Fatalf("counted %d, %v", len(s.entries), err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil || len(s.entries) != 1 {
		t.Fatalf("counted %d, %v", len(s.entries), err)
	}
	s.clock = now.Add(Grace - time.Second)
	if _, _, err := o.Download(t.Context(), here, "f1"); err != nil {
		t.Errorf("resumed within the grace: %v", err)
	}
	s.clock = now.Add(Grace)
	if _, _, err := o.Download(t.Context(), here, "f1"); transfer.CodeOf(err) != transfer.TooMany {
		t.Errorf("after it: %v", err)
	}
	if p, err := o.Parcel(t.Context(), here); err != nil || transfer.CodeOf(p.Claim(t.Context())) != transfer.TooMany {
		t.Errorf("all in one: %v", err)
	}
	if _, _, err := o.Download(t.Context(), Seat{Tenant: tenant, ID: here.ID, Recipient: "r2"}, "f1"); err != nil {
		t.Errorf("another recipient: %v", err)
	}
}

func TestAChecksumIsOfTheWholeFileAndCountsNothing(t *testing.T) {
	s, o := newShelf(1)
	f, sum, err := o.Checksum(t.Context(), here, "f1")
	if want := sha256.Sum256([]byte(s.content)); err != nil || f.Name != "a.pdf" || !bytes.Equal(sum, want[:]) || len(s.entries) != 0 {
		t.Errorf("%v %x, counted %d, %v", f, sum, len(s.entries), err)
	}
	if s.checked != "checksum f1" {
		t.Errorf("checked was %q", s.checked)
	}
	if _, _, err := o.Download(t.Context(), here, "f1"); err != nil || s.checked != "download f1" {
		t.Errorf("of a download %q was checked, %v", s.checked, err)
	}
	if _, _, err := o.Checksum(t.Context(), here, "f9"); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("of no file: %v", err)
	}
	s.gone[here.ID] = transfer.Withdrawn
	if _, _, err := o.Checksum(t.Context(), here, "f1"); transfer.CodeOf(err) != transfer.Withdrawn {
		t.Errorf("of what was withdrawn: %v", err)
	}
}

// part reads a file from one byte up to another, as a Range does, and breaks off there.
func (o *Opening) part(t *testing.T, from, to int64) error {
	t.Helper()
	_, content, err := o.Download(t.Context(), here, "f1")
	if err != nil {
		return err
	}
	defer content.Close()
	if _, err := content.Seek(from, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	_, err = io.CopyN(io.Discard, content, to-from)
	return err
}

func TestWhoLeavesOutTheEndIsCountedAllTheSame(t *testing.T) {
	for _, limit := range []int{0, 2} {
		s, o := newShelf(limit)
		for n := range 2 {
			if err := o.part(t, 0, 999); err != nil || len(s.entries) != n+1 {
				t.Fatalf("limit %d: counted %d, %v", limit, len(s.entries), err)
			}
		}
		s.clock = now.Add(Grace)
		if err := o.part(t, 0, 999); (transfer.CodeOf(err) == transfer.TooMany) != (limit > 0) {
			t.Errorf("limit %d: beyond it: %v", limit, err)
		}
		if err := o.part(t, 999, 1000); (transfer.CodeOf(err) == transfer.TooMany) != (limit > 0) {
			t.Errorf("limit %d: the end alone: %v", limit, err)
		}
	}
}

func TestWhatIsResumedIsCountedOnce(t *testing.T) {
	for _, limit := range []int{0, 3} {
		s, o := newShelf(limit)
		for i, c := range []struct {
			after    time.Duration
			from, to int64
			want     int
		}{
			{0, 0, 300, 0}, // breaks before the half, and again
			{time.Hour, 300, 500, 0},
			{time.Hour, 500, 700, 1},
			{2 * time.Hour, 700, 900, 1},
			{3 * time.Hour, 900, 1000, 1},
			{3 * time.Hour, 0, 1000, 2},                // once more from the start
			{3*time.Hour + Grace - 1, 501, 1000, 2},    // still of that one
			{3*time.Hour + Grace, 501, 1000, 3},        // of none
			{3*time.Hour + Grace, 0, 500, 3},           // half of it
			{3*time.Hour + Grace + time.Hour, 0, 0, 3}, // nothing
		} {
			s.clock = now.Add(c.after)
			if err := o.part(t, c.from, c.to); err != nil || len(s.entries) != c.want {
				t.Fatalf("limit %d, %d: counted %d, not %d: %v", limit, i, len(s.entries), c.want, err)
			}
		}
	}
}

// damaged is content whose end does not authenticate.
type damaged struct{ reading }

func (d damaged) Read(b []byte) (int, error) {
	if at, _ := d.Seek(0, io.SeekCurrent); at >= 800 {
		return 0, transfer.E(transfer.Integrity, "it does not authenticate")
	}
	return d.reading.Read(b[:min(len(b), 200)])
}

func TestWhatCannotBeReadIsNoDownload(t *testing.T) {
	s, o := newShelf(0)
	s.damage = true
	if err := o.part(t, 0, 1000); transfer.CodeOf(err) != transfer.Integrity || len(s.entries) != 0 {
		t.Errorf("counted %d, %v", len(s.entries), err)
	}
}

func TestOpeningAllInOneCountsNothingBeforeItIsClaimed(t *testing.T) {
	s, o := newShelf(1)
	for range 3 {
		if _, err := o.Parcel(t.Context(), here); err != nil || len(s.entries) != 0 {
			t.Fatalf("counted %d, %v", len(s.entries), err)
		}
	}
	p, _ := o.Parcel(t.Context(), here)
	if err := p.Claim(t.Context()); err != nil || len(s.entries) != 1 {
		t.Errorf("claimed %d, %v", len(s.entries), err)
	}
	if take(t, p, 1000); len(s.entries) != 1 {
		t.Errorf("counted %d", len(s.entries))
	}
}

// take reads a parcel's body and so much of its first file.
func take(t *testing.T, p Parcel, n int64) {
	t.Helper()
	for i, f := range []transfer.File{*p.Body, p.Files[0]} {
		content, err := p.Open(t.Context(), f)
		if err == nil {
			_, err = io.CopyN(io.Discard, content, []int64{f.Size, n}[i])
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := content.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAllInOneIsCountedBeyondItsHalfHoweverItEnds(t *testing.T) {
	for n, want := range map[int64]int{0: 0, 500: 0, 501: 1, 999: 1, 1000: 1} {
		s, o := newShelf(0)
		p, err := o.Parcel(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		if take(t, p, n); len(s.entries) != want {
			t.Errorf("after %d bytes counted %d", n, len(s.entries))
		}
	}
}

func TestWhoIsGoneWithTheBytesIsCounted(t *testing.T) {
	s, o := newShelf(0)
	ctx, leave := context.WithCancel(t.Context())
	_, content, err := o.Download(ctx, here, "f1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		t.Fatal(err)
	}
	leave()
	if err := content.Close(); err != nil || len(s.entries) != 1 {
		t.Errorf("counted %d, %v", len(s.entries), err)
	}
}

func TestHistoryIsTheRecipientsOwnAndLeavesOutWhatIsOver(t *testing.T) {
	s, o := newShelf(0)
	gone, kept := namer.ReplyID(tenant, here.ID, "r1", "1"), namer.ReplyID(tenant, here.ID, "r1", "2")
	s.gone[gone] = transfer.Expired
	past, err := o.History(t.Context(), Message{Seat: here, Replies: []transfer.ID{gone, kept}})
	if err != nil || len(past) != 1 || past[0].Number != namer.ReceiptNumber(kept) || past[0].Text != s.content {
		t.Errorf("%v %v", past, err)
	}
	s.gone[kept] = transfer.Unavailable
	if _, err := o.History(t.Context(), Message{Seat: here, Replies: []transfer.ID{kept}}); err == nil {
		t.Error("what cannot be read is left out in silence")
	}
}

func TestHistoryLeavesOutAReplyAtItsOwnExpiry(t *testing.T) {
	s, o := newShelf(0)
	s.entries = []transfer.Entry{{Version: transfer.FormatVersion, Seq: 1, At: now, Kind: transfer.Concluded, Effect: transfer.DeliverEffect(0), Outcome: transfer.Done, Until: now.Add(time.Hour)}}
	for after, want := range map[time.Duration]int{time.Hour - time.Second: 1, time.Hour: 0} {
		s.clock = now.Add(after)
		past, err := o.History(t.Context(), Message{Seat: here, Replies: []transfer.ID{namer.ReplyID(tenant, here.ID, "r1", "1")}})
		if err != nil || len(past) != want {
			t.Errorf("after %v: %d %v", after, len(past), err)
		}
	}
}

func TestAMessageShowsNoBlindCopyAndNoInlineImageAsFile(t *testing.T) {
	_, o := newShelf(0)
	m, err := o.Read(t.Context(), here)
	if err != nil || len(m.To) != 2 || len(m.Cc) != 0 || len(m.Files) != 1 {
		t.Errorf("%+v %v", m, err)
	}
	p, err := o.Parcel(t.Context(), here)
	if err != nil || len(p.Files) != 2 || p.Body == nil {
		t.Errorf("%+v %v", p, err)
	}
}

func TestAllInOneIsCountedInOneEntry(t *testing.T) {
	s, o := newShelf(0)
	for range 2 * maxCounted {
		p, err := o.Parcel(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		take(t, p, 1000)
	}
	d, err := s.Open(t.Context(), tenant, here.ID)
	counts := d.State.Recipients["r1"].Downloaded
	if err != nil || len(s.entries) != maxCounted || counts["f1"] != maxCounted || len(counts) != 1 || len(d.State.News) != maxCounted || d.State.News[0].Kind != transfer.Downloaded {
		t.Errorf("%d entries, counts %v, news %+v, %v", len(s.entries), counts, d.State.News, err)
	}
}

func TestThatTheMailboxHasOpenedAReplyIsShownWhereThePolicySaysSo(t *testing.T) {
	for _, show := range []bool{false, true} {
		s, o := newShelf(0)
		o.Policy = func(transfer.TenantID) transfer.Policy { return transfer.Policy{ShowSeen: show} }
		s.entries = []transfer.Entry{{Version: transfer.FormatVersion, Seq: 1, At: now, Kind: transfer.Seen}}
		past, err := o.History(t.Context(), Message{Seat: here, Replies: []transfer.ID{namer.ReplyID(tenant, here.ID, "r1", "one")}})
		if err != nil || len(past) != 1 || past[0].Seen.Equal(now) != show || past[0].Seen.IsZero() == show {
			t.Errorf("shown %v, the reply was seen at %v: %v", show, past, err)
		}
	}
}
