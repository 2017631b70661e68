// Package contacting lets anybody write to the organisation first: she chooses a
// contact point, says who she is, and proves her address with a code that is
// mailed to it. What follows is a conversation like any other: a place of her
// own, where she writes and adds files as in a reply.
//
// Invariant: nothing that a stranger typed goes into a mail before her address
// is proven, and the mail with the code goes to that address alone; its link is
// in her browser only. A conversation that nobody goes on with is erased within
// hours.
//
// Failure: an unknown contact point is NotFound; input that breaks a rule is
// Invalid with the field.
package contacting

import (
	"context"
	"crypto/rand"
	"io"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Vault takes the text that greets her.
type Vault interface {
	WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error)
}

// Uploads makes the key of what is to come.
type Uploads interface {
	Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.DataKey, error)
}

// Archive accepts.
type Archive interface {
	Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) (*transfer.Dossier, error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
}

// Contacting is the use case.
type Contacting struct {
	Vault   Vault
	Uploads Uploads
	Archive Archive
	Gate    Gate
	Namer   transfer.Namer
	Routes  func(transfer.TenantID) *routing.Set
	Words   func(language string) Words
	Clock   func() time.Time
}

// Life is how long she may take to enter the code and write. Every message that
// she sends has its own life after that.
const Life = 12 * time.Hour

// Stranger is who wants to write, in her own words.
type Stranger struct{ Name, Phone, Address string }

// The longest name and telephone number, in characters.
const (
	MaxName  = 100
	MaxPhone = 40
)

// Check answers Invalid with the field that breaks a rule.
func (s Stranger) Check() error {
	parsed, err := mail.ParseAddress(s.Address)
	switch {
	case !printed(s.Name, 2, MaxName):
		return transfer.E(transfer.Invalid, "a name is needed").With("field", "name")
	case !printed(s.Phone, 0, MaxPhone):
		return transfer.E(transfer.Invalid, "the telephone number is too long").With("field", "phone")
	case err != nil || parsed.Address != s.Address || len(s.Address) > 254:
		return transfer.E(transfer.Invalid, "the e-mail address is not valid").With("field", "address")
	}
	return nil
}

func printed(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
}

// Start begins a conversation at a contact point and has the code mailed. The
// link is for the browser that asked.
func (x *Contacting) Start(ctx context.Context, tenant transfer.TenantID, point routing.ContactPoint, who Stranger, language, visitor string) (transfer.LinkToken, error) {
	if err := who.Check(); err != nil {
		return "", err
	}
	id := x.Namer.TransferID(tenant, "contact", rand.Text())
	if err := x.Gate.Check(ctx, access.Visitor(visitor), access.Contact, access.Resource{Tenant: tenant, ID: id}); err != nil {
		return "", err
	}
	key, err := x.Uploads.Begin(ctx, tenant, id)
	if err != nil {
		return "", err
	}
	m, err := x.manifest(tenant, id, key, point, who, language)
	if err != nil {
		return "", err
	}
	text := x.Words(language).Text("contact.welcome", nil)
	body, err := x.Vault.WriteFile(ctx, tenant, id, key, transfer.File{ID: "body", Name: "message", Type: "text/plain"}, strings.NewReader(text), int64(len(text)), nil)
	if err != nil {
		return "", err
	}
	m.Body = &body
	d, err := x.Archive.Commit(ctx, key, m)
	if err != nil {
		return "", err
	}
	return d.Link("r1"), nil
}

func (x *Contacting) manifest(tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, point routing.ContactPoint, who Stranger, language string) (transfer.Manifest, error) {
	set := x.Routes(tenant)
	mailbox, known := set.Mailbox(point.Mailbox)
	if !known {
		return transfer.Manifest{}, transfer.E(transfer.NotFound, "no such contact point")
	}
	code, err := accesscode.New(transfer.CodeGenerated, accesscode.Generate(key, id, 0), key, id)
	if err != nil {
		return transfer.Manifest{}, err
	}
	now := x.Clock()
	return transfer.Manifest{Version: transfer.FormatVersion, Kind: transfer.KindTransfer, Tenant: tenant, ID: id,
		RequestHash: []byte(x.Namer.Hash("request", string(id))), AcceptedAt: now, ExpiresAt: now.Add(Life),
		Sender:     transfer.Party{Name: mailbox.Names.In(language, set.Language()), Address: mailbox.Address},
		Owner:      x.Namer.Owner(tenant, "contact"),
		Subject:    point.Names.In(language, set.Language()),
		Recipients: []transfer.Recipient{{ID: "r1", Party: transfer.Party{Name: who.Name, Address: who.Address, Phone: who.Phone}, Field: "to"}},
		Options:    transfer.Options{Language: language, Code: code, ContactPoint: point.ID}}, nil
}
