package transfer

import (
	"strings"
	"time"
)

// Organisation is how a tenant presents itself to the outside.
type Organisation struct {
	Name       string
	Portal     string         // origin of the recipients' pages, "https://…", without a slash
	Staff      string         // origin of the staff pages and the add-in
	Intake     string         // address of the intake mailbox
	MailDomain string         // of its own staff's addresses, and of our internet message ids
	Zone       *time.Location // of dates in mails and pages
	Theme      Theme          // of both
	// Accessibility is the page where people write when they cannot use something.
	// Empty: they reach the organisation as they usually do.
	Accessibility string
}

// LinkURL is the address of a recipient's link.
func (o Organisation) LinkURL(token LinkToken, language string) string {
	return o.Portal + "/l/" + string(token) + "?lang=" + language
}

// ReceivedURL is where own staff read a transfer after signing in.
func (o Organisation) ReceivedURL(id ID, language string) string {
	return o.Staff + "/received/" + string(id) + "?lang=" + language
}

// Own reports whether an address is of the organisation's own mail domain or of
// one below it.
func (o Organisation) Own(address string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	own := strings.ToLower(o.MailDomain)
	return own != "" && (domain == own || strings.HasSuffix(domain, "."+own))
}

// MessageID is the deterministic internet message id (RFC 5322, 3.6.4) of one
// effect on one transfer or reply.
func (o Organisation) MessageID(n Namer, tenant TenantID, id ID, effect string) string {
	return "<" + string(id) + "." + n.Hash("message-id", string(tenant), string(id), effect)[:24] + "@" + o.MailDomain + ">"
}

// ParseMessageID reads which transfer or reply a message id of MessageID's form
// names. Which effect it is, and whether the id is ours at all, says a
// comparison with MessageID.
func ParseMessageID(messageID string) (ID, bool) {
	id, _, found := strings.Cut(strings.TrimPrefix(messageID, "<"), ".")
	return ID(id), found && ID(id).Valid()
}

// StaffRecipient is who the address token of a delivered reply stands for: the
// replier, written to by staff.
const StaffRecipient RecipientID = "staff"

// AnswerMark begins the line of a delivered reply above which staff write. What
// follows it is not sent on: it explains the routing, to staff alone.
const AnswerMark = "##-"

// ReplyTo is the intake mailbox's address with a routing token (RFC 5233
// sub-addressing), so that a plain mail finds its conversation.
func (o Organisation) ReplyTo(n Namer, tenant TenantID, id ID, r RecipientID) string {
	local, domain, found := strings.Cut(o.Intake, "@")
	if !found {
		return o.Intake
	}
	return local + "+" + string(id) + "-" + string(r) + "-" + replyMAC(n, tenant, id, r) + "@" + domain
}

// ParseReplyTo reads what ReplyTo wrote; ok is false for anything else.
func ParseReplyTo(n Namer, tenant TenantID, address string) (id ID, r RecipientID, ok bool) {
	local, _, _ := strings.Cut(address, "@")
	_, token, found := strings.Cut(local, "+")
	parts := strings.Split(strings.ToLower(token), "-")
	if !found || len(parts) != 3 || !ID(parts[0]).Valid() {
		return "", "", false
	}
	id, r = ID(parts[0]), RecipientID(parts[1])
	if !equal(replyMAC(n, tenant, id, r), parts[2]) {
		return "", "", false
	}
	return id, r, true
}

func replyMAC(n Namer, tenant TenantID, id ID, r RecipientID) string {
	return n.Hash("reply-to", string(tenant), string(id), string(r))[:12]
}
