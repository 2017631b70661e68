package config

import (
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Tenant is one organisation's settings.
type Tenant struct {
	ID            transfer.TenantID `koanf:"id" example:"municipality" validate:"required,max=40,hostname_rfc1123,lowercase" doc:"Short name in addresses of storage and logs. It can never be changed."`
	Name          string            `koanf:"name" example:"Municipality" validate:"required,max=125" doc:"Name of the organisation, as recipients read it."`
	TimeZone      string            `koanf:"time_zone" default:"Europe/Copenhagen" validate:"required,timezone" doc:"Time zone of dates in mails and pages, by its IANA name."`
	MailDomain    string            `koanf:"mail_domain" example:"municipality.example" validate:"required,fqdn" doc:"Domain of the organisation's own mail addresses, and of the message ids of mails that the product sends."`
	RoutingFile   string            `koanf:"routing_file" example:"/etc/senddigitally/routing.yaml" validate:"required,filepath" doc:"The organisation's mailboxes, topics and rules."`
	Accessibility string            `koanf:"accessibility" example:"https://www.municipality.example/accessibility" validate:"omitempty,http_url" doc:"Page where people write when they cannot use the recipients' pages, named in the accessibility statement there."`
	Theme         Theme             `koanf:"theme" doc:"How pages and mails look."`
	Entra         Entra             `koanf:"entra" doc:"The application's registration in the organisation's directory. One of certificate and secret is needed."`
	Graph         Graph             `koanf:"graph" doc:"Microsoft Graph."`
	Mailboxes     Mailboxes         `koanf:"mailboxes" doc:"The mailboxes of the product's own."`
	SMS           SMS               `koanf:"sms" doc:"The gateway for text messages, where one-time codes are sent by them."`
	Policy        Policy            `koanf:"policy" doc:"Limits and defaults; these are the strict ones."`
}

// Entra is an application's registration in a directory.
type Entra struct {
	TenantID    string `koanf:"tenant_id" example:"11111111-2222-3333-4444-555555555555" validate:"required,uuid" doc:"Directory (tenant) id."`
	ClientID    string `koanf:"client_id" example:"66666666-7777-8888-9999-000000000000" validate:"required,uuid" doc:"Application (client) id."`
	Certificate string `koanf:"certificate" example:"/etc/senddigitally/entra.pem" validate:"omitempty,filepath" doc:"File with the application's certificate and private key, PEM, readable by the service only."`
	Secret      Secret `koanf:"secret" doc:"Client secret. For trials only: it is copied too easily."`
	Authority   string `koanf:"authority" default:"https://login.microsoftonline.com" validate:"required,http_url" doc:"Entra's address; another one for a national cloud."`
}

// Directory is the address of the tenant's directory: the authority with the
// directory's id.
func (e Entra) Directory() string { return strings.TrimSuffix(e.Authority, "/") + "/" + e.TenantID }

// Graph is where Microsoft Graph is.
type Graph struct {
	BaseURL     string   `koanf:"base_url" default:"https://graph.microsoft.com/v1.0" validate:"required,http_url" doc:"Graph's address; another one for a national cloud."`
	UploadHosts []string `koanf:"upload_hosts" default:"outlook.office.com, outlook.office365.com" validate:"required,dive,hostname_rfc1123" doc:"Hosts to which Outlook may send us with large attachments."`
}

// Mailboxes are those of the product's own.
type Mailboxes struct {
	Service            []string `koanf:"service" example:"send@municipality.example" validate:"required,dive,email" doc:"Service mailboxes, from which notifications and routed replies are sent. Each sends at most 30 mails a minute."`
	Intake             string   `koanf:"intake" example:"post@municipality.example" validate:"required,email" doc:"Intake mailbox, where plain replies arrive."`
	FunctionPermission bool     `koanf:"function_permission" default:"false" doc:"The application may change mail in function mailboxes (Mail.ReadWrite scoped to them): delivered replies get category and folder."`
}

// SMS is an organisation's gateway for text messages.
type SMS struct {
	URL           string   `koanf:"url" example:"https://sms.gateway.example/v1/messages" validate:"omitempty,http_url" doc:"The gateway's address. Empty: no text messages are sent."`
	Method        string   `koanf:"method" default:"POST" validate:"oneof=POST PUT" doc:"POST or PUT."`
	ContentType   string   `koanf:"content_type" default:"application/json" validate:"oneof=application/json application/x-www-form-urlencoded" doc:"What the body is: application/json or application/x-www-form-urlencoded. Placeholders are escaped for it."`
	Body          string   `koanf:"body" default:"{\"to\":\"{to}\",\"from\":\"{from}\",\"text\":\"{text}\"}" validate:"required,contains={text}" doc:"What is sent, with {to} (+4512345678) or {digits} (4512345678), {from} and {text}."`
	Authorization Secret   `koanf:"authorization" doc:"Value of the Authorization header, such as Bearer and the gateway's token."`
	From          string   `koanf:"from" example:"Municipality" validate:"max=15" doc:"Sender as telephones show it: a number, or at most eleven letters and digits."`
	Timeout       Duration `koanf:"timeout" default:"10s" validate:"gt=0" doc:"How long the gateway may take to answer."`
}

// Policy is a tenant's limits and defaults, in readable units.
type Policy struct {
	Expiry         Duration            `koanf:"expiry" default:"7d" validate:"gt=0" doc:"How long a transfer is available, where the caseworker chooses nothing."`
	MaxExpiry      Duration            `koanf:"max_expiry" default:"30d" validate:"gt=0" doc:"The longest that a caseworker may choose; at most 180d."`
	MaxTransfer    Size                `koanf:"max_transfer" default:"2 GB" validate:"gt=0" doc:"The largest transfer, all files together."`
	MaxFile        Size                `koanf:"max_file" default:"2 GB" validate:"gt=0" doc:"The largest file."`
	MaxFiles       int                 `koanf:"max_files" default:"200" validate:"min=1,max=1000" doc:"Files in a transfer."`
	MaxRecipients  int                 `koanf:"max_recipients" default:"500" validate:"min=1,max=500" doc:"Recipients of a transfer."`
	MaxReply       Size                `koanf:"max_reply" default:"2 GB" validate:"gt=0" doc:"The largest reply, all files together."`
	MaxReplyFiles  int                 `koanf:"max_reply_files" default:"100" validate:"min=1,max=1000" doc:"Files in a reply."`
	MaxDownloads   int                 `koanf:"max_downloads" default:"0" validate:"min=0" doc:"How often one recipient may download a file; 0: as often as she likes."`
	MaxBody        Size                `koanf:"max_body" default:"4 MiB" validate:"gt=0" doc:"The largest message text."`
	Codes          []transfer.CodeKind `koanf:"codes" default:"generated, password" validate:"required,unique,dive,oneof=generated password sms mail none" doc:"Kinds of access codes that caseworkers may choose from: generated, password, sms (a one-time code by text message; needs sms.url), mail (a one-time code to the same address as the notification: whoever reads her mail can open, so it is no second channel; list it only if that is accepted) and none. The first is the default and can be neither mail nor none."`
	MinPassword    int                 `koanf:"min_password" default:"8" validate:"min=8,max=128" doc:"Characters of a chosen password."`
	PhoneCountry   string              `koanf:"phone_country" example:"+45" validate:"omitempty,startswith=+,min=2,max=4" doc:"Country code of telephone numbers that caseworkers write without one. Empty: every number needs its country code."`
	Languages      []string            `koanf:"languages" default:"da, en, nb, sv, de, nl" validate:"required,unique,dive,oneof=da en nb sv de nl" doc:"Languages offered to recipients. The first is the default."`
	UndoWindow     Duration            `koanf:"undo_window" default:"1d" validate:"min=0" doc:"How long a withdrawal can be undone; then the content is erased."`
	ReplyRetention Duration            `koanf:"reply_retention" default:"30d" validate:"gt=0" doc:"How long a reply is kept after its delivery to Outlook."`
	CodeAttempts   int                 `koanf:"code_attempts" default:"5" validate:"min=1,max=20" doc:"Wrong access codes before a link is locked."`
	CodeLockout    Duration            `koanf:"code_lockout" default:"15m" validate:"gt=0" doc:"How long it stays locked."`
	SentFolder     string              `koanf:"sent_folder" default:"Sent Digitally" validate:"required,max=255" doc:"Folder in Outlook for the organisation's complete copy."`
	SenderLinks    bool                `koanf:"sender_links" default:"false" doc:"Caseworkers see the recipients' links, to pass one on themselves."`
	StaffSignsIn   bool                `koanf:"staff_signs_in" default:"true" doc:"Own staff (mail_domain and the domains below it, function mailboxes left out) read what is sent to them after signing in, without link and code."`
	Alerts         transfer.Alerts     `koanf:"alerts" default:"block" validate:"oneof=block prompt off" doc:"What happens before an ordinary mail leaves that has a national identity number, or an attachment for somebody outside: block, prompt (may be sent all the same) or off."`
	ShowSeen       bool                `koanf:"show_seen" default:"false" doc:"Recipients see on their page when the mailbox has opened their reply."`
	Quotas         Quotas              `koanf:"quotas" doc:"What may be uploaded and sent, beside the limits of each transfer and reply, so that nobody fills the storage or a mailbox. 0 is no bound."`
}

// Quotas bound what guests and callers upload and send.
type Quotas struct {
	LinkUnsent      Size `koanf:"link_unsent" default:"10 GB" validate:"min=0" doc:"Files uploaded through one link and not sent yet."`
	LinkMessages    int  `koanf:"link_messages" default:"50" validate:"min=0" doc:"Replies through one link in 24 hours."`
	AddressUnsent   Size `koanf:"address_unsent" default:"10 GB" validate:"min=0" doc:"Files not sent yet, through all links to one mail address."`
	AddressMessages int  `koanf:"address_messages" default:"100" validate:"min=0" doc:"Replies and messages from one mail address in 24 hours."`
	NetworkUnsent   Size `koanf:"network_unsent" default:"50 GB" validate:"min=0" doc:"Files not sent yet from one network: an IPv4 address, or a /64 of IPv6. A whole company may come from one."`
	NetworkMessages int  `koanf:"network_messages" default:"500" validate:"min=0" doc:"Replies and messages from one network in 24 hours."`
	MailboxUnsent   Size `koanf:"mailbox_unsent" default:"500 GB" validate:"min=0" doc:"Files not sent yet to one function mailbox. With the number of mailboxes it bounds what storage may hold in vain."`
	MailboxMessages int  `koanf:"mailbox_messages" default:"10000" validate:"min=0" doc:"Replies and messages to one function mailbox in 24 hours."`
	CallerUnsent    Size `koanf:"caller_unsent" default:"100 GB" validate:"min=0" doc:"Files that one member of staff or document system has uploaded and not sent yet."`
}

func (q Quotas) domain() transfer.Quotas {
	return transfer.Quotas{
		Link:    transfer.Quota{UnsentBytes: int64(q.LinkUnsent), Messages: q.LinkMessages},
		Address: transfer.Quota{UnsentBytes: int64(q.AddressUnsent), Messages: q.AddressMessages},
		Network: transfer.Quota{UnsentBytes: int64(q.NetworkUnsent), Messages: q.NetworkMessages},
		Mailbox: transfer.Quota{UnsentBytes: int64(q.MailboxUnsent), Messages: q.MailboxMessages},
		Caller:  transfer.Quota{UnsentBytes: int64(q.CallerUnsent)},
	}
}

// Policy is a tenant's policy in the domain's terms; the strict one for a
// tenant that there is not.
func (c *Config) Policy(id transfer.TenantID) transfer.Policy {
	for _, t := range c.Tenants {
		if t.ID == id {
			return t.Policy.domain()
		}
	}
	return transfer.StrictPolicy()
}

func (p Policy) domain() transfer.Policy {
	return transfer.Policy{
		Expiry: time.Duration(p.Expiry), MaxExpiry: time.Duration(p.MaxExpiry),
		MaxTransferBytes: int64(p.MaxTransfer), MaxFileBytes: int64(p.MaxFile), MaxFiles: p.MaxFiles,
		MaxRecipients: p.MaxRecipients, MaxReplyBytes: int64(p.MaxReply), MaxReplyFiles: p.MaxReplyFiles,
		MaxDownloads: p.MaxDownloads, MaxBodyBytes: int64(p.MaxBody), Codes: p.Codes, MinPassword: p.MinPassword, PhoneCountry: p.PhoneCountry, Languages: p.Languages,
		UndoWindow: time.Duration(p.UndoWindow), ReplyRetention: time.Duration(p.ReplyRetention),
		CodeAttempts: p.CodeAttempts, CodeLockout: time.Duration(p.CodeLockout), SentFolder: p.SentFolder,
		SenderLinks: p.SenderLinks, StaffSignsIn: p.StaffSignsIn, Alerts: p.Alerts, ShowSeen: p.ShowSeen, Quotas: p.Quotas.domain(),
	}
}
