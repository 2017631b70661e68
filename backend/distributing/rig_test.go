package distributing

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/archive"
	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/keys"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
	"senddigitally/routing"
	"senddigitally/routing/file"
)

const org transfer.TenantID = "municipality"

// world is distributing on a real archive, with a ledger and an Outlook that
// live in memory.
type world struct {
	*Distributing
	t         testing.TB
	now       time.Time
	vault     *vault.Vault
	container *keys.Container
	store     *archive.Archive
	book      *book
	office    *office
	figures   heard
	trail     []access.Event
	set       *routing.Set
	policy    transfer.Policy
}

func newWorld(t testing.TB) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := keys.Init(path); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, now: time.Date(2026, 9, 16, 10, 0, 0, 0, time.UTC), book: &book{records: map[transfer.ID]transfer.Record{}},
		office: &office{refuses: map[string]transfer.Code{}, classifyFails: map[string]error{}}, policy: transfer.StrictPolicy()}
	clock := func() time.Time { return w.now }
	container := keys.NewContainer(blobtest.NewMemory(), ring)
	w.container = container
	w.vault = vault.New(blobtest.NewMemory(), container, ring.Namer(), clock)
	w.store = archive.New(w.vault, container, w.book, ring.Namer(), clock)
	w.routes(string(file.Sample))
	w.Distributing = &Distributing{Archive: w.store, Vault: files{w.vault}, Mailing: mailing.New(w.office, w.store), Classifier: w.office, Addresses: addresses{}, Figures: &w.figures,
		Ledger: w.book, Gate: access.New(w, ring.Namer()), Namer: ring.Namer(),
		Routes:       func(transfer.TenantID) *routing.Set { return w.set },
		Organisation: func(transfer.TenantID) transfer.Organisation { return organisation },
		Policy:       func(transfer.TenantID) transfer.Policy { return w.policy },
		Words:        func(l string) Words { return catalogue.For(l) }, Clock: clock}
	return w
}

var organisation = transfer.Organisation{Name: "Municipality", Portal: "https://post.example", Staff: "https://staff.example",
	Intake: "intake@municipality.example", MailDomain: "municipality.example", Zone: time.UTC}

func (w *world) routes(yaml string) {
	w.t.Helper()
	set, problems := file.Load("routing.yaml", []byte(yaml))
	if set == nil {
		w.t.Fatal(problems)
	}
	w.set = set
}

// Append implements access.Trail.
func (w *world) Append(_ context.Context, e access.Event) error {
	w.trail = append(w.trail, e)
	return nil
}

func (w *world) audited(action access.Action) int {
	return len(slices.DeleteFunc(slices.Clone(w.trail), func(e access.Event) bool { return e.Action != action }))
}

// transfer commits a transfer to one recipient.
func (w *world) transfer(key string) *transfer.Dossier {
	return w.commit(transfer.Manifest{Kind: transfer.KindTransfer, ID: w.Namer.TransferID(org, "caseworker", key),
		ExpiresAt: w.now.Add(7 * 24 * time.Hour), Subject: "Decision",
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Address: "citizen@post.example"}, Field: "to"}}})
}

// reply commits a reply of r1 to a transfer and journals it there.
func (w *world) reply(parent *transfer.Dossier, submission string, origin transfer.Origin) *transfer.Dossier {
	w.t.Helper()
	d := w.answer(parent, submission, origin)
	w.must(w.store.Change(w.t.Context(), parent, func(s transfer.State) (transfer.Entry, error) {
		return s.Replied("r1", d.Manifest.ID), nil
	}))
	return d
}

// answer commits a reply of r1 that the transfer does not know of.
func (w *world) answer(parent *transfer.Dossier, submission string, origin transfer.Origin) *transfer.Dossier {
	w.t.Helper()
	id := w.Namer.ReplyID(org, parent.Manifest.ID, "r1", submission)
	origin.Channel, origin.Transfer, origin.Recipient = "link", parent.Manifest.ID, "r1"
	origin.References = []string{"<notification@municipality.example>"}
	return w.commit(transfer.Manifest{Kind: transfer.KindReply, ID: id, Subject: "Re: Decision", Origin: &origin,
		Sender: transfer.Party{Address: "citizen@post.example"}})
}

func (w *world) commit(m transfer.Manifest) *transfer.Dossier {
	w.t.Helper()
	m.Version, m.Tenant, m.AcceptedAt, m.RequestHash = transfer.FormatVersion, org, w.now, []byte("hash")
	m.Owner = w.Namer.Owner(org, "owner")
	hold := transfer.HeldOpen
	key, err := w.vault.Begin(w.t.Context(), org, m.ID, hold)
	w.must(err)
	body, err := w.vault.WriteFile(w.t.Context(), org, m.ID, key, transfer.File{ID: "body", Name: "message", Type: "text/plain"},
		strings.NewReader("Here is my answer."), 1<<20, nil)
	w.must(err)
	m.Body = &body
	d, err := w.store.Commit(w.t.Context(), key, m)
	w.must(err)
	return d
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deliverJob(d *transfer.Dossier) transfer.Job {
	return transfer.Job{Version: transfer.JobVersion, Kind: transfer.DeliverJob, Tenant: org, ID: d.Manifest.ID}
}

// open is the dossier as it stands now, and its decision.
func (w *world) open(id transfer.ID) (*transfer.Dossier, routing.Decision) {
	w.t.Helper()
	d, err := w.store.Open(w.t.Context(), org, id)
	w.must(err)
	decision, err := Decision(d)
	w.must(err)
	return d, decision
}

func (w *world) phase(id transfer.ID) transfer.Phase {
	d, _ := w.open(id)
	return d.State.PhaseAt(transfer.KindReply, w.now)
}

type files struct{ *vault.Vault }

func (f files) ReadFile(ctx context.Context, d *transfer.Dossier, file transfer.File) (io.ReadSeekCloser, error) {
	return f.Vault.ReadFile(ctx, d, file), nil
}

// book is a ledger in memory: records and the jobs queued with them.
type book struct {
	records map[transfer.ID]transfer.Record
	last    map[transfer.JobKind]bool // queued with the latest record that queued any
	dead    []transfer.ID
	revived []string
	counts  map[string]int64
}

func (b *book) Counted(context.Context, transfer.TenantID, int) (map[string]int64, error) {
	return b.counts, nil
}

func (b *book) Get(_ context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.Record, error) {
	r, known := b.records[id]
	if !known || r.Tenant != tenant {
		return r, transfer.E(transfer.NotFound, "unknown")
	}
	return r, nil
}

func (b *book) Put(_ context.Context, r transfer.Record, _ map[string]transfer.RecipientID, jobs []transfer.Job) error {
	b.records[r.ID] = r
	if len(jobs) > 0 {
		b.last = map[transfer.JobKind]bool{}
	}
	for _, j := range jobs {
		b.last[j.Kind] = true
	}
	return nil
}

func (b *book) FindLink(context.Context, int, string) (transfer.TenantID, transfer.ID, transfer.RecipientID, error) {
	return "", "", "", transfer.E(transfer.NotFound, "unknown")
}

func (b *book) in(phase transfer.Phase) (ids []transfer.ID) {
	for id, r := range b.records {
		if r.Phase == phase {
			ids = append(ids, id)
		}
	}
	return ids
}

func (b *book) Manual(context.Context, transfer.TenantID, string, int) ([]transfer.ID, string, error) {
	return b.in(transfer.OnManual), "", nil
}

func (b *book) Mailbox(_ context.Context, _ transfer.TenantID, mailbox, _ string, _ int) (ids []transfer.ID, next string, err error) {
	for id, r := range b.records {
		if r.Mailbox == mailbox {
			ids = append(ids, id)
		}
	}
	return ids, "", nil
}

func (b *book) DeadLetters(context.Context, transfer.TenantID, string, int) ([]transfer.ID, string, error) {
	return b.in(transfer.DeadLetter), "", nil
}

func (b *book) GivenUp(context.Context, transfer.TenantID, transfer.JobKind, string, int) ([]transfer.ID, string, error) {
	return b.dead, "", nil
}

func (b *book) Revive(_ context.Context, _ transfer.TenantID, key string) error {
	b.revived = append(b.revived, key)
	return nil
}

// office is an Outlook in memory: what was sent to whom, and who refuses.
type office struct {
	refuses       map[string]transfer.Code // Send to this address fails
	classifyFails map[string]error         // Classify there fails
	drafts        []transfer.Mail
	sent          []transfer.Mail
	classified    []string
}

func (o *office) Pick(transfer.TenantID, string) string { return "service@municipality.example" }

func (o *office) Begin(transfer.TenantID, string, string, int) (func(), error) { return func() {}, nil }

func (o *office) Find(_ context.Context, _ transfer.TenantID, _, messageID string) (transfer.SentMail, bool, error) {
	for _, m := range o.sent {
		if m.MessageID == messageID {
			return transfer.SentMail{DraftID: messageID, Sent: true}, true, nil
		}
	}
	for _, m := range o.drafts {
		if m.MessageID == messageID {
			return transfer.SentMail{DraftID: messageID}, true, nil
		}
	}
	return transfer.SentMail{}, false, nil
}

func (o *office) CreateDraft(_ context.Context, _ transfer.TenantID, _ string, m transfer.Mail) (string, error) {
	o.drafts = append(o.drafts, m)
	return m.MessageID, nil
}

func (o *office) Send(_ context.Context, _ transfer.TenantID, _, draft string) error {
	for _, m := range o.drafts {
		if m.MessageID != draft {
			continue
		}
		if code := o.refuses[m.To[0].Address]; code != "" {
			return transfer.E(code, "refused")
		}
		o.sent = append(o.sent, m)
	}
	return nil
}

func (o *office) Classify(_ context.Context, _ transfer.TenantID, mailbox, messageID, category, folder string) error {
	if err := o.classifyFails[mailbox]; err != nil {
		return err
	}
	o.classified = append(o.classified, mailbox+" "+category+" "+folder)
	return nil
}

func sampleRouting() string { return string(file.Sample) }
