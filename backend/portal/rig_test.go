package portal

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/contacting"
	"senddigitally/backend/identity"
	"senddigitally/backend/ledger"
	"senddigitally/backend/opening"
	"senddigitally/backend/replying"
	"senddigitally/backend/summing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
	"senddigitally/routing/file"
)

const (
	tenant = transfer.TenantID("municipality")
	code   = "K7QF-2M8D"
)

var (
	id    = transfer.ID("0a" + strings.Repeat("1", 32))
	token = transfer.LinkToken("0a" + strings.Repeat("T", 43))
	now   = time.Date(2026, 3, 27, 9, 30, 0, 0, time.UTC)
	here  = opening.Seat{Tenant: tenant, ID: id, Recipient: "r1"}
	path  = "/m/" + string(id) + "/r1"
)

// rig is the pages with fakes behind them, and what they write to the log.
type rig struct {
	http.Handler
	opening    *fakeOpening
	replying   *fakeReplying
	sessions   *fakeSessions
	asking     *fakeAsking
	contacting *fakeContacting
	limits     *fakeLimits
	log        *bytes.Buffer
}

func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{opening: newOpening(), replying: newReplying(), sessions: &fakeSessions{seats: []opening.Seat{here}}, limits: &fakeLimits{}, asking: &fakeAsking{}, contacting: &fakeContacting{}, log: &bytes.Buffer{}}
	set, problems := file.Load("sample.yaml", file.Sample)
	if set == nil {
		t.Fatal(problems)
	}
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Checks: true, Opening: r.opening, Replying: r.replying, Asking: r.asking, Contacting: r.contacting, Home: tenant,
		Routes: func(transfer.TenantID) *routing.Set { return set }, Sessions: r.sessions, Limits: r.limits, Service: transfer.Organisation{Name: "Secure messages"},
		Organisation: func(id transfer.TenantID) transfer.Organisation {
			if id != tenant {
				return transfer.Organisation{}
			}
			return transfer.Organisation{Name: "Municipality", Zone: zone}
		},
		Policy: func(transfer.TenantID) transfer.Policy { return transfer.StrictPolicy() },
		Namer:  transfer.NewNamer(make([]byte, 32)), Secure: true, Clock: func() time.Time { return now },
		Log: slog.New(slog.NewJSONHandler(r.log, nil))}
	for _, f := range change {
		f(&c)
	}
	r.Handler, err = New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// limited is a rig behind a proxy whose limits are the ledger's, and the world that
// the ledger's time passes in.
func limited(t *testing.T) (*rig, *archivetest.Rig) {
	world := archivetest.New(t)
	return newRig(t, func(c *Config) { c.Limits, c.Proxies = counted{world.Ledger}, []string{"192.0.2.1"} }), world
}

type counted struct{ ledger *ledger.Ledger }

func (l counted) Allow(ctx context.Context, key string, limit int, per time.Duration) (bool, time.Duration, error) {
	return l.ledger.Allow(ctx, key, ledger.Rate{Limit: limit, Per: per})
}

// ask sends one request; header values come in pairs.
func (r *rig) ask(method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, body)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, request)
	return answer
}

func (r *rig) get(target string, headers ...string) *httptest.ResponseRecorder {
	return r.ask(http.MethodGet, target, nil, headers...)
}

func (r *rig) post(target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	return r.ask(http.MethodPost, target, strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// fakeOpening has one message at one seat.
type fakeOpening struct {
	face     opening.Face
	failure  error        // of Face and Unlock
	step     opening.Step // of SendCode
	unsent   error        // of SendCode
	browsers []string     // that asked for a code
	message  opening.Message
	gone     error // of Read and Download
	kind     string
	body     string
	files    map[transfer.FileID][]byte
	broken   int64 // reading fails at this offset, when not 0
	history  []opening.Past
	unlocks  atomic.Int32
	read     atomic.Int64 // up to which byte a file was read
	closed   atomic.Int32 // files, which counts them
	claimed  atomic.Int32
}

const onlyPart = "a part"

func newOpening() *fakeOpening {
	content := []byte(strings.Repeat("0123456789", 100))
	return &fakeOpening{
		face: opening.Face{Seat: here, To: "c•••@p•••.example", ExpiresAt: now.Add(48 * time.Hour), Code: transfer.CodeGenerated, Language: "en"},
		kind: "text/plain", body: "Dear citizen,\nplease find the decision enclosed.",
		files: map[transfer.FileID][]byte{"f1": content},
		message: opening.Message{Seat: here, Sender: transfer.Party{Name: "The caseworker", Address: "caseworker@municipality.example", Phone: "+45 12 34 56 78"},
			Subject: "Decision about your application", To: []transfer.Party{{Name: "Citizen", Address: "citizen@post.example"}},
			AcceptedAt: now.Add(-time.Hour), ExpiresAt: now.Add(48 * time.Hour), Language: "en", Answerable: true,
			Files: []transfer.File{{ID: "f1", Name: "Decision.pdf", Type: "application/pdf", Size: int64(len(content)), Parts: []transfer.Part{{ID: onlyPart, Length: int64(len(content))}}}}},
	}
}

func (f *fakeOpening) Face(_ context.Context, t transfer.LinkToken, _, _ string) (opening.Face, error) {
	if t != token {
		return opening.Face{}, transfer.E(transfer.NotFound, "unknown link")
	}
	return f.face, f.failure
}

func (f *fakeOpening) SendCode(_ context.Context, _ transfer.LinkToken, browser, _ string) (opening.Step, error) {
	f.browsers = append(f.browsers, browser)
	return f.step, f.unsent
}

func (f *fakeOpening) Unlock(_ context.Context, t transfer.LinkToken, typed, _, _ string) (opening.Seat, error) {
	f.unlocks.Add(1)
	if t != token {
		return opening.Seat{}, transfer.E(transfer.NotFound, "unknown link")
	}
	if f.failure == nil && typed != code {
		return opening.Seat{}, transfer.E(transfer.CodeWrong, "the code is not right").With("left", "4")
	}
	return here, f.failure
}

func (f *fakeOpening) Read(context.Context, opening.Seat) (opening.Message, error) {
	return f.message, f.gone
}

func (f *fakeOpening) Body(context.Context, opening.Message) (string, io.ReadSeekCloser, error) {
	return f.kind, closing{strings.NewReader(f.body)}, nil
}

func (f *fakeOpening) Inline(_ context.Context, _ opening.Seat, contentID string) (transfer.File, io.ReadSeekCloser, error) {
	if contentID != "logo" {
		return transfer.File{}, nil, transfer.E(transfer.NotFound, "no such image")
	}
	return transfer.File{Type: "image/png", Size: 3}, closing{strings.NewReader("png")}, nil
}

func (f *fakeOpening) Download(_ context.Context, _ opening.Seat, id transfer.FileID) (transfer.File, io.ReadSeekCloser, error) {
	if f.gone != nil {
		return transfer.File{}, nil, f.gone
	}
	for _, file := range f.message.Files {
		if file.ID == id {
			return file, f.reading(id), nil
		}
	}
	return transfer.File{}, nil, transfer.E(transfer.NotFound, "no such file")
}

func (f *fakeOpening) reading(id transfer.FileID) io.ReadSeekCloser {
	return &tearing{Reader: bytes.NewReader(f.files[id]), at: f.broken, of: f}
}

func (f *fakeOpening) Checksum(ctx context.Context, at opening.Seat, id transfer.FileID) (transfer.File, []byte, error) {
	file, content, err := f.Download(ctx, at, id)
	if err != nil {
		return file, nil, err
	}
	sum, err := summing.New().Of(ctx, file, struct{ io.Reader }{content})
	return file, sum, err
}

func (f *fakeOpening) Parcel(context.Context, opening.Seat) (opening.Parcel, error) {
	body := transfer.File{ID: "body", Type: f.kind, Size: int64(len(f.body))}
	return opening.Parcel{Message: f.message, Body: &body, Files: f.message.Files,
		Open: func(_ context.Context, file transfer.File) (io.ReadSeekCloser, error) {
			if file.ID == "body" {
				return closing{strings.NewReader(f.body)}, nil
			}
			return f.reading(file.ID), nil
		},
		Claim: func(context.Context) error { f.claimed.Add(1); return nil }}, f.gone
}

func (f *fakeOpening) History(context.Context, opening.Message) ([]opening.Past, error) {
	return f.history, nil
}

type closing struct{ *strings.Reader }

func (closing) Close() error { return nil }

// tearing does not authenticate from an offset on.
type tearing struct {
	*bytes.Reader
	at int64
	of *fakeOpening
}

func (t *tearing) Read(b []byte) (int, error) {
	position, _ := t.Reader.Seek(0, io.SeekCurrent)
	if t.at > 0 && position >= t.at {
		return 0, transfer.E(transfer.Integrity, "a stored file does not authenticate")
	}
	if t.at > 0 {
		b = b[:min(int64(len(b)), t.at-position)]
	}
	n, err := t.Reader.Read(b)
	t.of.read.Store(max(t.of.read.Load(), position+int64(n)))
	return n, err
}

func (t *tearing) Close() error {
	t.of.closed.Add(1)
	return nil
}

// fakeReplying keeps what was uploaded and sent.
type fakeReplying struct {
	arriving []transfer.Arriving
	files    []transfer.File
	content  map[transfer.FileID]string
	sent     map[string]string // text by submission
	failure  error
	refused  error // of what is sent whole
	asked    int   // for what has come
}

func newReplying() *fakeReplying {
	return &fakeReplying{content: map[transfer.FileID]string{}, sent: map[string]string{}}
}

func (f *fakeReplying) Upload(_ context.Context, s replying.Submission, meta transfer.File, content io.Reader) (transfer.File, error) {
	if f.failure != nil {
		return transfer.File{}, f.failure
	}
	all, err := io.ReadAll(content)
	if err != nil {
		return transfer.File{}, err
	}
	meta.Name, meta.Size = transfer.CleanName(meta.Name), int64(len(all))
	f.files = append(f.files, meta)
	f.content[meta.ID] = string(all)
	f.arriving = append(f.arriving, transfer.Arriving{File: meta, Length: meta.Size})
	return meta, nil
}

func (f *fakeReplying) Announce(_ context.Context, _ replying.Submission, meta transfer.File, length int64) (transfer.Arriving, error) {
	meta.ID = transfer.FileID("u" + strconv.Itoa(len(f.arriving)+1))
	a := transfer.Arriving{File: meta, Length: length}
	f.arriving = append(f.arriving, a)
	return a, f.failure
}

func (f *fakeReplying) Append(_ context.Context, _ replying.Submission, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	for i, a := range f.arriving {
		if a.File.ID != file {
			continue
		}
		if a.File.Size != at {
			return a, transfer.E(transfer.Conflict, "not there")
		}
		all, err := io.ReadAll(content)
		f.arriving[i].File.Size += int64(len(all))
		f.content[file] += string(all)
		return f.arriving[i], err
	}
	return transfer.Arriving{}, transfer.E(transfer.NotFound, "no such upload")
}

func (f *fakeReplying) Arriving(context.Context, replying.Submission) ([]transfer.Arriving, error) {
	f.asked++
	return f.arriving, f.failure
}

func (f *fakeReplying) Remove(_ context.Context, _ replying.Submission, file transfer.FileID) error {
	delete(f.content, file)
	return f.failure
}

func (f *fakeReplying) Submit(_ context.Context, s replying.Submission, text string, _ []transfer.FileID) (replying.Receipt, error) {
	if err := cmp.Or(f.failure, f.refused); err != nil {
		return replying.Receipt{}, err
	}
	f.sent[s.ID] = text
	return f.receipt(), nil
}

func (f *fakeReplying) Receipt(_ context.Context, s replying.Submission) (replying.Receipt, error) {
	if f.failure != nil {
		return replying.Receipt{}, f.failure
	}
	if _, known := f.sent[s.ID]; !known {
		return replying.Receipt{}, transfer.E(transfer.NotFound, "no such reply")
	}
	return f.receipt(), nil
}

func (f *fakeReplying) receipt() replying.Receipt {
	return replying.Receipt{Number: "A1B2-C3D4-E5F6", AcceptedAt: now, Files: f.files}
}

// fakeContacting keeps who wanted to write.
type fakeContacting struct {
	who      []contacting.Stranger
	point    routing.ContactPoint
	language string
}

func (f *fakeContacting) Start(_ context.Context, _ transfer.TenantID, point routing.ContactPoint, who contacting.Stranger, language, _ string) (transfer.LinkToken, error) {
	f.who, f.point, f.language = append(f.who, who), point, language
	return token, nil
}

// fakeAsking keeps the wishes.
type fakeAsking struct{ wishes []string }

func (f *fakeAsking) ByLink(_ context.Context, t transfer.LinkToken, contact, _ string) error {
	if t != token {
		return transfer.E(transfer.NotFound, "unknown link")
	}
	f.wishes = append(f.wishes, contact)
	return nil
}

func (f *fakeAsking) BySeat(_ context.Context, _ opening.Seat, contact string) error {
	f.wishes = append(f.wishes, contact)
	return nil
}

// fakeSessions holds the seats of whoever asks.
type fakeSessions struct {
	seats   []opening.Seat
	opened  []opening.Seat
	ended   bool
	failure error
}

func (f *fakeSessions) Session(*http.Request) (identity.Session, error) {
	var s identity.Session
	for _, at := range f.seats {
		s.Links = append(s.Links, identity.SessionLink{Tenant: at.Tenant, ID: at.ID, Recipient: at.Recipient})
	}
	if len(s.Links) == 0 {
		return s, transfer.E(transfer.CodeRequired, "please enter the access code")
	}
	return s, f.failure
}

func (f *fakeSessions) Unlock(_ http.ResponseWriter, _ *http.Request, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) (identity.Session, error) {
	f.opened = append(f.opened, opening.Seat{Tenant: tenant, ID: id, Recipient: r})
	return identity.Session{}, f.failure
}

func (f *fakeSessions) End(http.ResponseWriter, *http.Request) error {
	f.ended = true
	return f.failure
}

// fakeLimits refuses a purpose that is named.
type fakeLimits struct {
	refuse string
	keys   []string
}

func (f *fakeLimits) Allow(_ context.Context, key string, _ int, _ time.Duration) (bool, time.Duration, error) {
	f.keys = append(f.keys, key)
	return f.refuse == "" || !strings.HasPrefix(key, f.refuse), 20 * time.Second, nil
}
