package app

import (
	"slices"
	"strings"

	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

func (w *wiring) ids() []transfer.TenantID {
	ids := make([]transfer.TenantID, 0, len(w.Tenants))
	for _, t := range w.Tenants {
		ids = append(ids, t.ID)
	}
	return ids
}

func (w *wiring) policy(t transfer.TenantID) transfer.Policy { return w.tenants[t].Policy }
func (w *wiring) organisation(t transfer.TenantID) transfer.Organisation {
	return w.tenants[t].Organisation
}
func (w *wiring) routes(t transfer.TenantID) *routing.Set { return w.tenants[t].Routes.State().Set }

// language is what the organisation's own people read.
func (w *wiring) language(t transfer.TenantID) string { return w.routes(t).Language() }

// known says whether a reply mailbox, and the topic if one is given, are in the
// routing file.
func (w *wiring) known(t transfer.TenantID, mailbox, topic string) bool {
	set := w.routes(t)
	if _, ok := set.Mailbox(mailbox); !ok {
		return false
	}
	if topic == "" {
		return true
	}
	found, ok := set.Topic(topic)
	return ok && found.Mailbox == mailbox
}

// address is where a reply mailbox is; "" when the routing file has none such.
func (w *wiring) address(t transfer.TenantID, mailbox string) string {
	found, _ := w.routes(t).Mailbox(mailbox)
	return found.Address
}

// signsIn says whether an address is own staff's, who then read after signing in.
// Nobody signs in as a mailbox of the product's own or of the routing file.
func (w *wiring) signsIn(t transfer.TenantID, address string) bool {
	tenant := w.tenants[t]
	if !tenant.Policy.StaffSignsIn || !tenant.Organisation.Own(address) {
		return false
	}
	mailboxes := append([]string{tenant.Organisation.Intake}, tenant.Graph.ServiceMailboxes...)
	for _, m := range w.routes(t).Mailboxes() {
		mailboxes = append(mailboxes, m.Address)
	}
	return !slices.ContainsFunc(mailboxes, func(m string) bool { return strings.EqualFold(m, address) })
}

// service is who speaks on a page that belongs to no tenant yet.
func (w *wiring) service() transfer.Organisation {
	if len(w.Tenants) == 1 {
		return w.Tenants[0].Organisation
	}
	return transfer.Organisation{Name: "Send Digitally"}
}
