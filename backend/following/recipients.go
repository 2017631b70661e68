package following

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Mark is something to notice about a recipient.
type Mark string

// The marks of a checked recipient.
const (
	NotAnAddress Mark = "invalid"   // cannot be written to
	Twice        Mark = "duplicate" // came before in the same list
	Own          Mark = "own"       // the organisation's own staff
	SignsIn      Mark = "signs_in"  // who reads after signing in, without link and code
	Outside      Mark = "outside"   // not the organisation's own
	FirstTime    Mark = "new"       // not among those whom the caller's latest transfers went to
	LookAlike    Mark = "lookalike" // nearly an address that is known, which Like names
)

// Checked is one recipient as she was understood. Behind the address that Outlook
// writes when a delivered reply is answered is Replier, whom the marks are about.
type Checked struct {
	transfer.Party
	Marks   []Mark
	Like    string
	Replier *transfer.Party
}

// latest is how many of the caller's transfers "written to before" looks at.
const latest = 200

// Recipients reads lists of recipients, separated by semicolons, commas or
// lines, and says what to notice about each. ours are the domains of the
// organisation's own staff, besides the caller's.
func (f *Following) Recipients(ctx context.Context, caller transfer.Caller, lists []string, ours ...string) ([]Checked, error) {
	owner := f.Namer.Owner(caller.Tenant, caller.Subject)
	if err := f.Gate.Check(ctx, access.Staff(caller), access.ListOwn, access.Resource{Tenant: caller.Tenant, Owner: owner}); err != nil {
		return nil, err
	}
	known, err := f.writtenTo(ctx, caller.Tenant, owner)
	if err != nil {
		return nil, err
	}
	c := checker{known: known, own: append([]string{domainOf(caller.Address)}, ours...), seen: map[string]bool{},
		signsIn: func(address string) bool { return f.SignsIn(caller.Tenant, address) }}
	var all []Checked
	for _, list := range lists {
		for _, entry := range splitList(list) {
			all = append(all, f.behind(ctx, caller, &c, c.check(entry)))
		}
	}
	return all, nil
}

// behind looks who is behind the address of a delivered reply. Whom the caller
// may not answer stays unknown to her; sending says why.
func (f *Following) behind(ctx context.Context, caller transfer.Caller, c *checker, one Checked) Checked {
	id, who, ok := transfer.ParseReplyTo(f.Namer, caller.Tenant, one.Address)
	if !ok || who != transfer.StaffRecipient {
		return one
	}
	reply, err := f.Replies.Answerable(ctx, caller, id)
	if err != nil {
		return one
	}
	replier := reply.Manifest.Sender
	checked := c.check(replier.Address)
	return Checked{Party: one.Party, Marks: checked.Marks, Like: checked.Like, Replier: &replier}
}

// writtenTo are the addresses, in small letters, of the caller's latest transfers.
func (f *Following) writtenTo(ctx context.Context, tenant transfer.TenantID, owner string) ([]string, error) {
	ids, _, err := f.Ledger.Owned(ctx, tenant, owner, "", latest)
	if err != nil {
		return nil, err
	}
	views, err := f.fitting(ctx, tenant, ids, Query{})
	if err != nil {
		return nil, err
	}
	var known []string
	for _, v := range views {
		if v.Dossier == nil {
			continue
		}
		for _, r := range v.Dossier.Manifest.Recipients {
			known = append(known, strings.ToLower(r.Address))
		}
	}
	slices.Sort(known)
	return slices.Compact(known), nil
}

type checker struct {
	known   []string
	own     []string
	seen    map[string]bool
	signsIn func(address string) bool
}

func (c *checker) check(entry string) Checked {
	party, ok := readParty(entry)
	if !ok {
		return Checked{Party: transfer.Party{Address: entry}, Marks: []Mark{NotAnAddress}}
	}
	address := strings.ToLower(party.Address)
	out := Checked{Party: party}
	if c.seen[address] {
		out.Marks = append(out.Marks, Twice)
	}
	c.seen[address] = true
	if c.isOwn(domainOf(address)) {
		out.Marks = append(out.Marks, Own)
		if c.signsIn(address) {
			out.Marks = append(out.Marks, SignsIn)
		}
		return out
	}
	out.Marks = append(out.Marks, Outside)
	if _, found := slices.BinarySearch(c.known, address); found {
		return out
	}
	out.Marks = append(out.Marks, FirstTime)
	if out.Like = c.like(address); out.Like != "" {
		out.Marks = append(out.Marks, LookAlike)
	}
	return out
}

func (c *checker) isOwn(domain string) bool {
	return slices.ContainsFunc(c.own, func(own string) bool {
		own = strings.ToLower(own)
		return own != "" && (domain == own || strings.HasSuffix(domain, "."+own))
	})
}

// like is a known address, or a domain of one's own, that this one could be
// taken for; "" when there is none.
func (c *checker) like(address string) string {
	for _, known := range c.known {
		if confusable(address, known) {
			return known
		}
	}
	local, domain, _ := strings.Cut(address, "@")
	for _, own := range c.own {
		if own = strings.ToLower(own); own != "" && near(domain, own, 2) {
			return local + "@" + own
		}
	}
	return ""
}

// readParty reads one recipient, "Name <address>" or an address alone.
func readParty(entry string) (transfer.Party, bool) {
	parsed, err := mail.ParseAddress(entry)
	if err != nil {
		// A name with a comma or a full stop needs quotes in RFC 5322 and has none in real lists.
		at := strings.LastIndex(entry, "<")
		if at < 0 || !strings.HasSuffix(entry, ">") {
			return transfer.Party{}, false
		}
		if parsed, err = mail.ParseAddress(entry[at:]); err != nil {
			return transfer.Party{}, false
		}
		parsed.Name = strings.Trim(strings.TrimSpace(entry[:at]), `"`)
	}
	domain := domainOf(parsed.Address)
	if !strings.Contains(domain, ".") || len(parsed.Address) > 320 {
		return transfer.Party{}, false
	}
	return transfer.Party{Name: parsed.Name, Address: parsed.Address}, true
}

// splitList divides a pasted list at semicolons, lines, and the commas between
// addresses; a comma in a name ("Jensen, A. <a@b.example>") divides nothing.
func splitList(list string) []string {
	var all []string
	var rest strings.Builder
	quoted := false
	flush := func() {
		if one := strings.Trim(rest.String(), ", \t"); one != "" {
			all = append(all, one)
		}
		rest.Reset()
	}
	for _, r := range list {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == ';' || r == '\n' || r == '\r' || r == ',' && strings.Contains(rest.String(), "@"):
			flush()
			continue
		}
		rest.WriteRune(r)
	}
	flush()
	return all
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndex(address, "@")+1:])
}
