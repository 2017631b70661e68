package municipality

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/archive"
	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/distributing"
	"senddigitally/backend/graph"
	"senddigitally/backend/jobs"
	"senddigitally/backend/keys"
	"senddigitally/backend/mailing"
	"senddigitally/backend/sandbox/entra"
	sandboxgraph "senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
	"senddigitally/routing"
)

const (
	org       = transfer.TenantID("town")
	directory = "2f4b6d8a-1c3e-4a5b-9d7f-0e1f2a3b4c5d"
	client    = "7e6d5c4b-3a29-4817-8605-f4e3d2c1b0a9"
	latency   = 120 * time.Millisecond // of one request to Graph
	width     = 8                      // jobs that a replica works on at once, as in package app
)

// office is the municipality's product at work, all of it in one bubble of time.
type office struct {
	t       testing.TB
	town    *town
	senders []string
	book    *book
	vault   *vault.Vault
	archive *archive.Archive
	namer   transfer.Namer
	mail    *mail.Store
	graph   *sandboxgraph.Server
	entra   *entra.Entra
	deliver *distributing.Distributing
}

// local carries requests to a handler of this process, in Outlook's time.
type local struct {
	http.Handler
	latency time.Duration
}

func (l local) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(l.latency)
	at := r.Clone(r.Context())
	at.RequestURI, at.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	if at.Body == nil {
		at.Body = http.NoBody
	}
	if at.Host == "" {
		at.Host = r.URL.Host
	}
	answer := httptest.NewRecorder()
	l.ServeHTTP(answer, at)
	return answer.Result(), r.Context().Err()
}

// newOffice opens the municipality with a pool of service mailboxes.
func newOffice(t testing.TB, w *town, pool int) *office {
	t.Helper()
	o := &office{t: t, town: w, book: newBook()}
	o.outlook(pool)
	path := filepath.Join(t.TempDir(), "keyring.json")
	o.must(keys.Init(path))
	ring, err := keys.Load(path)
	o.must(err)
	o.namer = ring.Namer()
	container := keys.NewContainer(blobtest.NewMemory(), ring)
	o.vault = vault.New(blobtest.NewMemory(), container, o.namer, time.Now)
	o.archive = archive.New(o.vault, container, o.book, o.namer, time.Now)
	outbox := o.client()
	policy := transfer.StrictPolicy()
	o.deliver = &distributing.Distributing{Archive: o.archive, Vault: files{o.vault}, Mailing: mailing.New(outbox, o.archive), Classifier: outbox, Figures: silent{},
		Ledger: o.book, Gate: access.New(silent{}, o.namer), Namer: o.namer, Clock: time.Now,
		Routes: func(transfer.TenantID) *routing.Set { return w.set },
		Organisation: func(transfer.TenantID) transfer.Organisation {
			return transfer.Organisation{Name: "Town", Portal: "https://post.example", Staff: "https://staff.example", Intake: "intake@town.example", MailDomain: "town.example", Zone: time.UTC}
		},
		Policy: func(transfer.TenantID) transfer.Policy { return policy },
		Words:  func(l string) distributing.Words { return catalogue.For(l) }}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// outlook fills the sandbox: the pool, and a shared mailbox for each of the town's.
func (o *office) outlook(pool int) {
	o.mail = mail.New(time.Now, mail.Defaults())
	o.mail.Configure(func(s *mail.Settings) { s.SentItemDelay, s.TimeoutsAfterSend = 5*time.Second, 20 })
	grant := sandboxgraph.Grant{Client: client, Roles: []string{"Mail.ReadWrite", "Mail.Send"}}
	add := func(address string) {
		_, err := o.mail.AddMailbox(mail.Mailbox{Address: address, Name: address, Kind: mail.Shared})
		o.must(err)
		grant.Mailboxes = append(grant.Mailboxes, address)
	}
	for i := range pool {
		o.senders = append(o.senders, fmt.Sprintf("send-%d@town.example", i))
		add(o.senders[i])
	}
	for i := range mailboxes {
		add(addressOf(i))
	}
	tokens, err := entra.New(entra.Config{Tenant: directory, Clock: time.Now, Apps: []entra.App{{ID: client, Name: "Send Digitally", Secret: "secret"}}}, "https://entra.example")
	o.must(err)
	o.graph = sandboxgraph.New(sandboxgraph.Config{Store: o.mail, Tokens: tokens, Tenant: directory, Base: "https://graph.example", Grants: []sandboxgraph.Grant{grant}})
	o.entra = tokens
}

// client is the product's, with the unmodified SDK.
func (o *office) client() *graph.Client {
	c, err := graph.New(graph.Config{Tenant: org, EntraTenant: directory, ClientID: client, Secret: "secret", Sandbox: true,
		Authority: "https://entra.example", Endpoint: "https://graph.example/v1.0", ServiceMailboxes: o.senders, Clock: time.Now,
		HTTP: &http.Client{Transport: local{o.graph, latency}}, AuthorityHTTP: &http.Client{Transport: local{o.entra, latency}}})
	o.must(err)
	return c
}

// work lets one replica carry out jobs until nothing is left and all has come.
func (o *office) work(come func()) {
	ctx, stop := context.WithCancel(o.t.Context())
	runner := &jobs.Runner{Queue: o.book, Wait: mailing.Wait, Worker: "one", Width: width, Renewal: time.Minute, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Handlers: map[transfer.JobKind]jobs.Handler{transfer.DeliverJob: o.deliver.Deliver, transfer.ClassifyJob: o.deliver.Classify}}
	done := make(chan struct{})
	go func() { runner.Run(ctx); close(done) }()
	come()
	for o.book.left() > 0 {
		time.Sleep(time.Second)
	}
	stop()
	<-done
}

// transfer is what several replies answer.
func (o *office) transfer(number int) *transfer.Dossier {
	return o.commit(transfer.Manifest{Kind: transfer.KindTransfer, ID: o.namer.TransferID(org, "caseworker", fmt.Sprint(number)), Subject: "Decision",
		ExpiresAt:  time.Now().Add(7 * 24 * time.Hour),
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Address: "citizen@post.example"}, Field: "to"}}})
}

// accept takes a reply in, as the portal or the intake does.
func (o *office) accept(number int, r reply, parent *transfer.Dossier) transfer.ID {
	in := r.input
	origin := &transfer.Origin{Channel: "mail", ReplyMailbox: in.ReplyMailbox, ReplyTopic: in.ReplyTopic, CaseID: in.CaseID, ContactPoint: in.ContactPoint,
		OrganisationNumber: in.OrganisationNumber, SenderKind: string(in.SenderKind)}
	m := transfer.Manifest{Kind: transfer.KindReply, ID: o.namer.MailID(org, fmt.Sprint(number)), Subject: in.Subject, Origin: origin,
		Options: transfer.Options{Language: in.Language}, Sender: transfer.Party{Address: "somebody@" + in.SenderDomain}}
	if parent != nil {
		origin.Channel, origin.Transfer, origin.Recipient = "link", parent.Manifest.ID, "r1"
		o.must(o.archive.Change(o.t.Context(), parent, func(transfer.State) (transfer.Entry, error) {
			return transfer.Entry{Kind: transfer.Replied, Recipient: "r1", Ref: m.ID}, nil
		}))
	}
	o.commit(m)
	return m.ID
}

func (o *office) commit(m transfer.Manifest) *transfer.Dossier {
	ctx := o.t.Context()
	m.Version, m.Tenant, m.AcceptedAt, m.RequestHash, m.Owner = transfer.FormatVersion, org, time.Now().UTC(), []byte("hash"), "owner"
	key, err := o.vault.Begin(ctx, org, m.ID, transfer.HeldOpen)
	o.must(err)
	body, err := o.vault.WriteFile(ctx, org, m.ID, key, transfer.File{ID: "body", Name: "message", Type: "text/plain"}, strings.NewReader("Dear town,\nhere is what you asked for."), 1<<20, nil)
	o.must(err)
	m.Body = &body
	if m.ID[len(m.ID)-1] < '4' { // every eighth brings a file
		file, err := o.vault.WriteFile(ctx, org, m.ID, key, transfer.File{ID: "f1", Name: "form.pdf", Type: "application/pdf"}, strings.NewReader(strings.Repeat("form ", 500)), 1<<20, nil)
		o.must(err)
		m.Files = append(m.Files, file)
	}
	d, err := o.archive.Commit(ctx, key, m)
	o.must(err)
	return d
}

// arrived counts, for each reply, the mails that lie in function mailboxes.
func (o *office) arrived() map[string]int {
	all := map[string]int{}
	for i := range mailboxes {
		found, err := o.mail.Messages(addressOf(i), "", nil)
		o.must(err)
		for _, m := range found {
			for _, h := range m.Headers {
				if strings.EqualFold(h.Name, "x-senddigitally-reply") {
					all[h.Value]++
				}
			}
		}
	}
	return all
}

type files struct{ *vault.Vault }

func (f files) ReadFile(ctx context.Context, d *transfer.Dossier, file transfer.File) (io.ReadSeekCloser, error) {
	return f.Vault.ReadFile(ctx, d, file), nil
}

// silent hears of everything and keeps nothing.
type silent struct{}

func (silent) Append(context.Context, access.Event) error                   { return nil }
func (silent) Decided(transfer.TenantID, routing.Decision)                  {}
func (silent) Delivered(transfer.TenantID, routing.Decision, time.Duration) {}
func (silent) HandedBack(transfer.TenantID, routing.Decision)               {}
