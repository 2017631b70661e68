package collecting

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
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

// world is collecting on a real archive, with a ledger and an Outlook that live
// in memory.
type world struct {
	*Collecting
	t       testing.TB
	now     time.Time
	vault   *vault.Vault
	store   *archive.Archive
	book    *book
	office  *office
	bounced []string
	stones  map[transfer.ID]*transfer.Tombstone
	change  func(*transfer.Manifest) // of what transfer commits
}

var organisation = transfer.Organisation{Name: "Municipality", Intake: "intake@municipality.example", MailDomain: "municipality.example", Zone: time.UTC}

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
	set, problems := file.Load("routing.yaml", file.Sample)
	if set == nil {
		t.Fatal(problems)
	}
	w := &world{t: t, now: time.Date(2026, 9, 16, 10, 0, 0, 0, time.UTC), stones: map[transfer.ID]*transfer.Tombstone{}, book: &book{records: map[transfer.ID]transfer.Record{}},
		office: &office{inbox: map[string]string{}, folders: map[string]string{}}}
	clock := func() time.Time { return w.now }
	container := keys.NewContainer(blobtest.NewMemory(), ring)
	w.vault = vault.New(blobtest.NewMemory(), container, ring.Namer(), clock)
	w.store = archive.New(w.vault, container, w.book, ring.Namer(), clock)
	policy := transfer.StrictPolicy()
	w.Collecting = &Collecting{Mailboxes: w.office, Vault: graves{w.vault, w}, Archive: w.store, Ledger: w.book, Returns: w, Deliveries: w,
		Mailing: mailing.New(w.office, w.store), Gate: access.New(trail{}, ring.Namer()), Namer: ring.Namer(),
		Routes:       func(transfer.TenantID) *routing.Set { return set },
		Organisation: func(transfer.TenantID) transfer.Organisation { return organisation },
		Policy:       func(transfer.TenantID) transfer.Policy { return policy },
		Words:        func(l string) Words { return catalogue.For(l) }, Clock: clock, Log: slog.New(slog.DiscardHandler)}
	return w
}

type trail struct{}

func (trail) Append(context.Context, access.Event) error { return nil }

func (w *world) Bounced(_ context.Context, _ transfer.TenantID, id transfer.ID, _ string, addresses []string, reason transfer.Code) error {
	w.bounced = append(w.bounced, fmt.Sprint(id, " ", strings.Join(addresses, ","), " ", reason))
	return nil
}

// graves is the vault, with tombstones.
type graves struct {
	*vault.Vault
	w *world
}

func (g graves) Tombstone(_ context.Context, _ transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error) {
	return g.w.stones[id], nil
}

// delivery is the mail that a reply was delivered as.
const delivery = "##- Write above -##\nbecause rule 7\n"

func (w *world) Delivered(context.Context, *transfer.Dossier) (string, error) { return delivery, nil }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// arrives lays a mail into the inbox; what is in braces is replaced.
func (w *world) arrives(id, mail string) {
	w.office.inbox[id] = strings.ReplaceAll(mail, "\n", "\r\n")
}

func (w *world) collect() int {
	w.t.Helper()
	n, err := w.Collect(w.t.Context(), org, organisation.Intake)
	w.must(err)
	return n
}

func (w *world) commit(m transfer.Manifest, code func(transfer.DataKey) transfer.AccessCode) *transfer.Dossier {
	w.t.Helper()
	m.Version, m.Tenant, m.AcceptedAt, m.RequestHash, m.Owner = transfer.FormatVersion, org, w.now, []byte("hash"), w.Namer.Owner(org, "owner")
	key, err := w.vault.Begin(w.t.Context(), org, m.ID, transfer.HeldOpen)
	w.must(err)
	if code != nil {
		m.Options.Code = code(key)
	}
	d, err := w.store.Commit(w.t.Context(), key, m)
	w.must(err)
	return d
}

func (w *world) transfer(code func(transfer.DataKey) transfer.AccessCode) *transfer.Dossier {
	m := transfer.Manifest{Kind: transfer.KindTransfer, ID: w.Namer.TransferID(org, "caseworker", "k"), Subject: "Decision",
		ExpiresAt: w.now.Add(7 * 24 * time.Hour), Options: transfer.Options{Language: "da", ReplyMailbox: "children", ReplyTopic: "day-care", CaseID: "27.1"},
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Address: "citizen@post.example"}, Field: "to"}}}
	if w.change != nil {
		w.change(&m)
	}
	d := w.commit(m, code)
	effect := transfer.NotifyEffect("r1", 0)
	w.must(mailing.New(w.office, w.store).Once(w.t.Context(), d, mailing.Effect{Name: effect, Recipient: "r1",
		MessageID: organisation.MessageID(w.Namer, org, d.Manifest.ID, effect), Compose: func() (transfer.Mail, error) { return transfer.Mail{}, nil }}))
	return d
}

// replies are the dossiers of replies that there are.
func (w *world) replies() (all []*transfer.Dossier) {
	w.t.Helper()
	for id, r := range w.book.records {
		if r.Kind == transfer.KindReply && r.Phase != transfer.Receiving && r.Phase != transfer.Failing {
			all = append(all, w.open(id))
		}
	}
	return all
}

func (w *world) reply() *transfer.Dossier {
	w.t.Helper()
	all := w.replies()
	if len(all) != 1 {
		w.t.Fatalf("%d replies", len(all))
	}
	return all[0]
}

func (w *world) open(id transfer.ID) *transfer.Dossier {
	w.t.Helper()
	d, err := w.store.Open(w.t.Context(), org, id)
	w.must(err)
	return d
}

func (w *world) read(d *transfer.Dossier, f transfer.File) string {
	w.t.Helper()
	content, err := io.ReadAll(w.vault.ReadFile(w.t.Context(), d, f))
	w.must(err)
	return string(content)
}

// book is a ledger in memory.
type book struct {
	records map[transfer.ID]transfer.Record
	alerts  int
}

func (b *book) Begin(_ context.Context, r transfer.Record, _ time.Duration, _ string) (transfer.Record, bool, error) {
	if before, known := b.records[r.ID]; known && before.Phase != transfer.Failing {
		return before, false, nil
	}
	b.records[r.ID] = r
	return r, true, nil
}

func (b *book) Fail(_ context.Context, _ transfer.TenantID, id transfer.ID, _ string, reason transfer.Code) error {
	r := b.records[id]
	r.Phase, r.Reason = transfer.Failing, reason
	b.records[id] = r
	return nil
}

func (b *book) Get(_ context.Context, _ transfer.TenantID, id transfer.ID) (transfer.Record, error) {
	r, known := b.records[id]
	if !known {
		return r, transfer.E(transfer.NotFound, "unknown")
	}
	return r, nil
}

func (b *book) Put(_ context.Context, r transfer.Record, _ map[string]transfer.RecipientID, jobs []transfer.Job) error {
	b.records[r.ID] = r
	for _, j := range jobs {
		if j.Kind == transfer.AlertJob {
			b.alerts++
		}
	}
	return nil
}

func (b *book) FindLink(context.Context, int, string) (transfer.TenantID, transfer.ID, transfer.RecipientID, error) {
	return "", "", "", transfer.E(transfer.NotFound, "unknown")
}

// office is a mailbox in memory.
type office struct {
	inbox   map[string]string // id → MIME
	folders map[string]string // id → folder
	moveErr error
	mimeErr map[string]error
	sent    []transfer.Mail
}

func (o *office) Delta(_ context.Context, _ transfer.TenantID, _, token string) ([]string, string, error) {
	if token != "" {
		return nil, token, nil
	}
	var ids []string
	for id := range o.inbox {
		ids = append(ids, id)
	}
	return ids, "next", nil
}

func (o *office) MIME(_ context.Context, _ transfer.TenantID, _, id string) (io.ReadCloser, error) {
	if err := o.mimeErr[id]; err != nil {
		return nil, err
	}
	return io.NopCloser(strings.NewReader(o.inbox[id])), nil
}

func (o *office) MoveTo(_ context.Context, _ transfer.TenantID, _, id, folder string) (string, error) {
	if o.moveErr != nil {
		return "", o.moveErr
	}
	delete(o.inbox, id)
	o.folders[id] = folder
	return id, nil
}

func (o *office) Pick(transfer.TenantID, string) string { return "service@municipality.example" }

func (o *office) Begin(transfer.TenantID, string, string, int) (func(), error) { return func() {}, nil }

func (o *office) Find(_ context.Context, _ transfer.TenantID, _, messageID string) (transfer.SentMail, bool, error) {
	for _, m := range o.sent {
		if m.MessageID == messageID {
			return transfer.SentMail{DraftID: messageID, Sent: true}, true, nil
		}
	}
	return transfer.SentMail{}, false, nil
}

func (o *office) CreateDraft(_ context.Context, _ transfer.TenantID, _ string, m transfer.Mail) (string, error) {
	o.sent = append(o.sent, m)
	return m.MessageID, nil
}

func (o *office) Send(context.Context, transfer.TenantID, string, string) error { return nil }
