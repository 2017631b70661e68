package collecting

import (
	"cmp"
	"context"
	"encoding/hex"
	"html"
	"slices"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/distributing"
	"senddigitally/backend/eml"
	"senddigitally/backend/mailing"
	"senddigitally/backend/quoting"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// answer makes a transfer to the citizen of staff's ordinary Reply to a
// delivered reply. Exchange vouches for the sender; that she belongs to the
// mailbox shows in that she wrote as the mailbox, which Exchange lets only its
// members do. Anybody else inside is told why nothing was sent.
func (x *Collecting) answer(ctx context.Context, l *letter, reply *transfer.Dossier) (folder string, err error) {
	if err := x.check(ctx, l.tenant, reply.Manifest.ID, reply.Manifest.Owner); err != nil {
		return "", err
	}
	decision, err := distributing.Decision(reply)
	if err != nil {
		return "", err
	}
	said := quoting.Read(l.Text, "text/plain")
	own := said.Text()
	switch {
	case !strings.EqualFold(decision.Address, l.From.Address):
		return Refused, x.tell(ctx, l, reply, "refused.member", map[string]any{"mailbox": decision.Address})
	case reply.Manifest.ForCompany():
		return Refused, x.tell(ctx, l, reply, "refused.company", nil)
	case reply.Manifest.Origin.ReplyTo != "":
		return Refused, x.tell(ctx, l, reply, "refused.elsewhere", map[string]any{"from": reply.Manifest.Sender.Address, "to": reply.Manifest.Origin.ReplyTo})
	case reply.Manifest.Sender.Address == "":
		return Refused, x.tell(ctx, l, reply, "refused.nobody", nil)
	case !x.whole(l, own):
		return Refused, x.tell(ctx, l, reply, "refused.parts", nil)
	case len(l.Attachments) == 0 && (!said.Says || own == ""):
		return Refused, x.tell(ctx, l, reply, "refused.empty", nil)
	}
	delivered, err := x.Deliveries.Delivered(ctx, reply)
	if err != nil {
		return "", err
	}
	if added := said.Added(delivered); added != "" {
		return Refused, x.tell(ctx, l, reply, "refused.below", map[string]any{"added": added})
	}
	l.Text, l.answers = own, reply.Manifest.Origin
	m, err := x.transfer(ctx, l, reply, decision)
	if err != nil {
		return "", err
	}
	sent, err := x.commit(ctx, l, m, false)
	if err != nil {
		return "", err
	}
	if err := x.Archive.Change(ctx, reply, answered(sent.Manifest.ID)); err != nil {
		return "", err
	}
	words, params := "sent.same", map[string]any{"recipient": reply.Manifest.Sender.Address}
	if code, own := accesscode.Recall(sent.Manifest.Options.Code, sent.Key, sent.Manifest.ID); own {
		words, params["code"] = "sent.new", code
	}
	return Distributed, x.tell(ctx, l, reply, words, params)
}

// unread are the notes of a mail of which something was not read.
var unread = []eml.Note{eml.TooComplex, eml.TooLong, eml.Broken, eml.Protected, eml.MoreFiles}

// whole says whether all that staff wrote was read, and fits into a transfer. The
// original is not sent on, so what is missing would be lost to the citizen.
func (x *Collecting) whole(l *letter, own string) bool {
	cut := slices.Contains(l.Notes, eml.TextCut) && !strings.Contains(l.Text, transfer.AnswerMark) // their own words come first
	missing := slices.ContainsFunc(l.Notes, func(n eml.Note) bool { return slices.Contains(unread, n) })
	return !cut && !missing && int64(len(own)) <= x.Policy(l.tenant).MaxBodyBytes
}

func answered(by transfer.ID) func(transfer.State) (transfer.Entry, error) {
	return func(s transfer.State) (transfer.Entry, error) {
		if slices.Contains(s.Answers, by) {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Answered, Ref: by}, nil
	}
}

// transfer is the manifest of staff's answer, but for its text, files and code.
func (x *Collecting) transfer(ctx context.Context, l *letter, reply *transfer.Dossier, decision routing.Decision) (transfer.Manifest, error) {
	policy := x.Policy(l.tenant)
	options := transfer.Options{Language: x.Routes(l.tenant).Language(), ReplyMailbox: decision.Mailbox, ReplyTopic: decision.Topic}
	if reply.Manifest.Options.Language != "" {
		options.Language = reply.Manifest.Options.Language
	}
	if reply.Manifest.Origin != nil {
		options.CaseID = reply.Manifest.Origin.CaseID
	}
	owner := x.Namer.Owner(l.tenant, l.From.Address)
	id := x.Namer.TransferID(l.tenant, "staff's answer", l.MessageID+" "+hex.EncodeToString(l.Fingerprint[:]))
	on := access.Resource{Tenant: l.tenant, ID: id, Owner: owner}
	return transfer.Manifest{Version: transfer.FormatVersion, Kind: transfer.KindTransfer, Tenant: l.tenant, ID: id,
		AcceptedAt: x.Clock(), ExpiresAt: x.Clock().Add(policy.Expiry), Sender: l.From, Owner: owner, Mailbox: decision.Address,
		Subject: l.Subject, Options: options, Answers: []transfer.ID{reply.Manifest.ID},
		Recipients: []transfer.Recipient{{ID: "r1", Party: reply.Manifest.Sender, Field: "to"}},
	}, x.Gate.Check(ctx, access.System("collect"), access.Collect, on)
}

// code is the code of the answer: the one that the citizen has already, or else a new
// one, for staff to pass on.
func (x *Collecting) code(ctx context.Context, l *letter, m transfer.Manifest, key transfer.DataKey) (transfer.AccessCode, error) {
	secret, err := x.hers(ctx, l.tenant, l.answers)
	if err != nil {
		return transfer.AccessCode{}, err
	}
	return accesscode.New(transfer.CodeGenerated, cmp.Or(secret, accesscode.Generate(key, m.ID, 0)), key, m.ID)
}

// longest is how many answers of a conversation are followed back to where its code
// was made.
const longest = 50

// hers is the code that the citizen opened the transfer with that a reply answers, ""
// where it was not made by us for her alone, went where the link goes, or can be read
// no more. An earlier answer may have it from the transfer before.
func (x *Collecting) hers(ctx context.Context, tenant transfer.TenantID, answers *transfer.Origin) (string, error) {
	for range longest {
		if answers == nil || answers.Transfer == "" {
			return "", nil
		}
		d, err := x.Archive.Open(ctx, tenant, answers.Transfer)
		if err != nil {
			return "", transfer.UnlessGone(err)
		}
		forOthers, mailed := len(d.Manifest.Recipients) != 1, d.Manifest.Options.ContactPoint != ""
		if forOthers || mailed {
			return "", nil
		}
		if secret, made := accesscode.Recall(d.State.Code, d.Key, d.Manifest.ID); made || len(d.Manifest.Answers) != 1 {
			return secret, nil
		}
		reply, err := x.Archive.Open(ctx, tenant, d.Manifest.Answers[0])
		if err != nil {
			return "", transfer.UnlessGone(err)
		}
		answers = reply.Manifest.Origin
	}
	return "", nil
}

// tell writes to the member of staff whose answer it was, once.
func (x *Collecting) tell(ctx context.Context, l *letter, reply *transfer.Dossier, key string, params map[string]any) error {
	kind, _, _ := strings.Cut(key, ".")
	effect := kind + "/" + hex.EncodeToString(l.Fingerprint[:8])
	org := x.Organisation(l.tenant)
	words := x.Words(x.Routes(l.tenant).Language())
	all := map[string]any{"subject": l.Subject}
	for name, value := range params {
		all[name] = value
	}
	text := words.Text("intake."+key, all)
	return x.Mailing.Once(ctx, reply, mailing.Effect{Name: effect, MessageID: org.MessageID(x.Namer, l.tenant, reply.Manifest.ID, effect),
		PoolKey: string(reply.Manifest.ID), Compose: func() (transfer.Mail, error) {
			return transfer.Mail{FromName: org.Name, To: []transfer.Party{l.From}, Subject: words.Text("intake.subject."+kind, all),
				Text: text, HTML: "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>") + "</p>",
				InReplyTo: l.MessageID, References: append(l.References, l.MessageID),
				Headers: map[string]string{"x-auto-response-suppress": "All"}}, nil
		}})
}
