package sending

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/transfer"
)

// Request is what the caseworker or a document system asks to be sent: a draft
// in Outlook or a message, with files uploaded before where there are any.
type Request struct {
	DraftID   string
	Mailbox   string // shared mailbox that it is written in; "" is the caller's own
	Nonce     string
	LeaveOut  []LeftOut
	Message   *Message
	Phones    []transfer.Party `json:",omitempty"` // of a draft's recipients, by their addresses
	Uploads   []transfer.FileID
	Overrides []string `json:",omitempty"` // warnings that the sender did not heed, such as "subject"
	Options   Options
}

// Message is a message that does not come from Outlook.
type Message struct {
	Subject    string
	HTML, Text string
	Recipients []transfer.Recipient // without ids
}

// Options are the choices that come with a request.
type Options struct {
	transfer.Options
	ExpiryDays int    // 0 is the policy's default
	Password   string // with CodePassword
}

// check refuses what policy does not allow, before anything is stored.
func (s *Sending) check(tenant transfer.TenantID, r Request) error {
	policy := s.Policy(tenant)
	o := r.Options
	switch {
	case (r.DraftID == "") == (r.Message == nil):
		return transfer.E(transfer.Invalid, "send either a draft or a message")
	case !slices.Contains(policy.Codes, o.Code.Kind):
		return transfer.E(transfer.Invalid, "this kind of access code is not allowed here").With("field", "code")
	case !slices.Contains(policy.Languages, o.Language):
		return transfer.E(transfer.Invalid, "this language is not offered").With("field", "language")
	case expiry(policy, o.ExpiryDays) > policy.MaxExpiry:
		return transfer.E(transfer.Invalid, "the expiry is later than allowed").With("field", "expiryDays").
			With("limit", strconv.Itoa(int(policy.MaxExpiry.Hours()/24)))
	case o.ReplyMailbox != "" && !s.Known(tenant, o.ReplyMailbox, o.ReplyTopic):
		return transfer.E(transfer.Invalid, "unknown reply mailbox or topic").With("field", "replyMailbox")
	case len(r.Uploads) > policy.MaxFiles:
		return tooManyFiles(policy)
	}
	if o.Code.Kind == transfer.CodePassword {
		if err := accesscode.Acceptable(o.Password, policy.MinPassword); err != nil {
			return err
		}
	}
	for _, p := range r.Phones {
		if _, ok := transfer.ParsePhone(p.Phone, policy.PhoneCountry); !ok {
			return wrongPhone("phones")
		}
	}
	if r.Message == nil {
		return nil
	}
	recipients, err := withPhones(r.Message.Recipients, nil, policy.PhoneCountry)
	if err != nil {
		return err
	}
	if err := s.checkPhones(tenant, o.Options, recipients); err != nil {
		return err
	}
	return checkRecipients(policy, recipients)
}

func checkRecipients(policy transfer.Policy, recipients []transfer.Recipient) error {
	if len(recipients) == 0 {
		return transfer.E(transfer.NoRecipients, "there is nobody to send to")
	}
	if len(recipients) > policy.MaxRecipients {
		return transfer.E(transfer.TooMany, "too many recipients").With("limit", strconv.Itoa(policy.MaxRecipients))
	}
	for _, r := range recipients {
		if parsed, err := mail.ParseAddress(r.Address); err != nil || parsed.Address != r.Address {
			return transfer.E(transfer.Invalid, "a recipient's address is not valid").With("field", "recipients")
		}
	}
	return nil
}

// withPhones gives recipients their telephone numbers in international form:
// those of their own, and those that were named for their addresses.
func withPhones(recipients []transfer.Recipient, named []transfer.Party, country string) ([]transfer.Recipient, error) {
	out := slices.Clone(recipients)
	for i := range out {
		for _, p := range named {
			if strings.EqualFold(p.Address, out[i].Address) {
				out[i].Phone = p.Phone
			}
		}
		if out[i].Phone == "" {
			continue
		}
		number, ok := transfer.ParsePhone(out[i].Phone, country)
		if !ok {
			return nil, wrongPhone("recipients")
		}
		out[i].Phone = number
	}
	return out, nil
}

func wrongPhone(field string) error {
	return transfer.E(transfer.Invalid, "a telephone number cannot be read; write it with its country code").With("field", field)
}

// checkPhones refuses a code by text message to somebody without a number, who
// does not sign in instead.
func (s *Sending) checkPhones(tenant transfer.TenantID, o transfer.Options, recipients []transfer.Recipient) error {
	unreachable := func(r transfer.Recipient) bool { return r.Phone == "" && !s.signsIn(tenant, o, r) }
	if o.Code.Kind == transfer.CodeSMS && slices.ContainsFunc(recipients, unreachable) {
		return transfer.E(transfer.PhoneMissing, "every recipient needs a telephone number for the code")
	}
	return nil
}

// signsIn reports whether a recipient reads after signing in. Who is asked for
// something has a link, own staff too, since one replies through it.
func (s *Sending) signsIn(tenant transfer.TenantID, o transfer.Options, r transfer.Recipient) bool {
	return o.Request == "" && s.SignsIn(tenant, r.Address)
}

func tooManyFiles(policy transfer.Policy) error {
	return transfer.E(transfer.TooMany, "too many files").With("limit", strconv.Itoa(policy.MaxFiles))
}

func expiry(policy transfer.Policy, days int) time.Duration {
	if days == 0 {
		return policy.Expiry
	}
	return time.Duration(days) * 24 * time.Hour
}
