package onetime

import (
	"context"
	"net/url"
	"time"

	"senddigitally/backend/transfer"
)

// Texts sends a text message to a number in international form.
type Texts interface {
	Send(ctx context.Context, tenant transfer.TenantID, to, text string) error
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
}

// ByText brings codes by text message.
type ByText struct {
	Texts        Texts
	Organisation func(transfer.TenantID) transfer.Organisation
	Words        func(language string) Words
}

// Address is the recipient's telephone number.
func (b ByText) Address(to transfer.Recipient) string { return to.Phone }

// Bring sends the code. The last line lets a telephone offer it on our pages and
// nowhere else (Web Incubator CG, "Origin-bound one-time codes delivered via
// SMS").
func (b ByText) Bring(ctx context.Context, d *transfer.Dossier, to transfer.Recipient, code string, until time.Time) error {
	m, org := d.Manifest, b.Organisation(d.Manifest.Tenant)
	text := b.Words(m.Options.Language).Text("once.text", map[string]any{"organisation": org.Name, "code": code, "time": clock(until, org)})
	if portal, err := url.Parse(org.Portal); err == nil && portal.Hostname() != "" {
		text += "\n\n@" + portal.Hostname() + " #" + code
	}
	return b.Texts.Send(ctx, m.Tenant, to.Phone, text)
}

func clock(at time.Time, org transfer.Organisation) string {
	zone := org.Zone
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format("15:04")
}

// Mails sends a code to the address that the notification went to.
type Mails interface {
	MailCode(ctx context.Context, d *transfer.Dossier, to transfer.Recipient, code string, until time.Time) error
}

// ByMail brings codes by mail. Whoever reads the recipient's mail has both link
// and code: it is for organisations that accept this.
type ByMail struct{ Mails Mails }

// Address is the recipient's mail address.
func (ByMail) Address(to transfer.Recipient) string { return to.Party.Address }

// Bring mails the code.
func (b ByMail) Bring(ctx context.Context, d *transfer.Dossier, to transfer.Recipient, code string, until time.Time) error {
	return b.Mails.MailCode(ctx, d, to, code, until)
}
