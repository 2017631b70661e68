package access

import (
	"slices"

	"senddigitally/backend/transfer"
)

// Actor is who asks. The zero Actor may do nothing.
type Actor struct {
	roles     []principal
	tenant    transfer.TenantID // "" for a visitor and the system: any tenant
	subject   string            // of staff and applications
	owner     string            // their pseudonym, once named
	name      string            // as written in the trail, once named
	id        transfer.ID       // of a recipient's session
	recipient transfer.RecipientID
}

// Staff is a signed-in member of staff, or an application, with the roles that
// the caller has.
func Staff(caller transfer.Caller) Actor {
	a := Actor{tenant: caller.Tenant, subject: caller.Subject}
	if !caller.Has(transfer.Application) {
		a.roles = append(a.roles, colleague)
	}
	for _, role := range caller.Roles {
		switch role {
		case transfer.Caseworker, transfer.Distributor, transfer.Administrator, transfer.Auditor, transfer.Application:
			a.roles = append(a.roles, principal(role))
		}
	}
	return a
}

// Recipient is one recipient of one transfer, by a session that has unlocked
// her link.
func Recipient(tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) Actor {
	return Actor{roles: []principal{recipient}, tenant: tenant, id: id, recipient: r,
		name: "recipient:" + string(id) + "/" + string(r)}
}

// Visitor is anybody who comes with a link. The remote hash is a keyed hash of
// the network address (see transfer.Namer.Hash), never the address.
func Visitor(remoteHash string) Actor {
	return Actor{roles: []principal{visitor}, name: "visitor:" + remoteHash}
}

// System is the system itself at a job ("sweep").
func System(job string) Actor {
	return Actor{roles: []principal{system}, name: "system:" + job}
}

// Operator is whoever runs a command on the machine ("keys rotate"); who that
// may be is the machine's to decide and to log.
func Operator(command string) Actor {
	return Actor{roles: []principal{system}, name: "operator:" + command}
}

func (a Actor) is(p principal) bool { return slices.Contains(a.roles, p) }

// named gives staff their pseudonym; the others have their name from the start.
func (a Actor) named(namer transfer.Namer) Actor {
	switch {
	case a.subject != "" && a.tenant != "":
		a.owner = namer.Owner(a.tenant, a.subject)
		a.name = "staff:" + a.owner
		if a.is(application) {
			a.name = "application:" + a.owner
		}
	case a.name == "":
		a = Actor{name: "nobody"}
	}
	return a
}

// reaches reports whether the resource is within the actor's sight at all.
func (a Actor) reaches(on Resource, owned bool) bool {
	switch {
	case a.is(recipient):
		return on.Tenant == a.tenant && on.ID == a.id && on.Recipient == a.recipient
	case a.is(visitor), a.is(system):
		return true
	case a.owner == "" || on.Tenant != a.tenant:
		return false
	}
	return !owned || on.Owner == a.owner || on.Mailbox != ""
}
