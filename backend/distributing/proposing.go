package distributing

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Proposal is a rule that would have placed a reply, for review: nothing is in
// force before it stands in the routing file.
type Proposal struct {
	Diff     string   // what to add to the routing file
	Problems []string // why the file would not load with it
	Waiting  int      // replies on the manual list that were tried
	Placed   int      // of them, those that the rule would place
}

// tried bounds how many waiting replies a proposal is tried on.
const tried = 200

// Propose makes a rule of where a distributor puts a waiting reply, and tries it
// on everything else that waits.
func (x *Distributing) Propose(ctx context.Context, caller transfer.Caller, id transfer.ID, mailbox, topic string) (Proposal, error) {
	d, err := x.stillWaiting(ctx, caller, id)
	if err != nil {
		return Proposal{}, err
	}
	in, err := x.input(ctx, d)
	if err != nil {
		return Proposal{}, err
	}
	rule := ruleOf(in, mailbox, topic)
	set := x.Routes(caller.Tenant)
	p := Proposal{Diff: diff(rule)}
	next, problems := set.With(rule)
	for _, problem := range problems {
		p.Problems = append(p.Problems, problem.Cause+". "+problem.Cure+".")
	}
	if next == nil {
		return p, nil
	}
	ids, _, err := x.Ledger.Manual(ctx, caller.Tenant, "", tried)
	if err != nil {
		return p, err
	}
	others, err := x.readable(ctx, caller.Tenant, ids)
	if err != nil {
		return p, err
	}
	var inputs []routing.Input
	for _, other := range others {
		in, err := x.input(ctx, other)
		if err != nil {
			return p, err
		}
		inputs = append(inputs, in)
	}
	p.Waiting, p.Placed = len(inputs), len(routing.Simulate(inputs, set, next))
	return p, nil
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

// ruleOf asks for what tells this reply from others: the company, or else the
// domain that it came from, with the words of its subject.
func ruleOf(in routing.Input, mailbox, topic string) routing.Rule {
	r := routing.Rule{Route: routing.Route{Mailbox: mailbox, Topic: topic}}
	name := in.SenderDomain
	if in.OrganisationNumber != "" {
		r.When.OrganisationNumber, name = []string{in.OrganisationNumber}, in.OrganisationNumber
	} else if in.SenderDomain != "" {
		r.When.SenderDomain = []string{strings.ToLower(in.SenderDomain)}
	}
	subject := strings.TrimSpace(in.Subject)
	for _, prefix := range []string{"re:", "sv:", "aw:", "vs:", "fwd:", "fw:"} {
		if len(subject) > len(prefix) && strings.EqualFold(subject[:len(prefix)], prefix) {
			subject = strings.TrimSpace(subject[len(prefix):])
		}
	}
	if subject != "" {
		r.When.Subject = []string{regexp.QuoteMeta(subject)}
	}
	r.ID = strings.Trim(notID.ReplaceAllString(strings.ToLower("desk-"+name+"-"+mailbox), "-"), "-")
	r.ID = strings.Trim(r.ID[:min(len(r.ID), 60)], "-")
	return r
}

// diff is a rule as lines to add below "rules:".
func diff(r routing.Rule) string {
	var b strings.Builder
	add := func(format string, values ...any) { fmt.Fprintf(&b, "+"+format+"\n", values...) }
	add("  - id: %s", r.ID)
	add("    when:")
	for _, field := range []struct {
		name   string
		values []string
	}{{"organisation_number", r.When.OrganisationNumber}, {"sender_domain", r.When.SenderDomain}, {"subject", r.When.Subject}} {
		if len(field.values) > 0 {
			add("      %s: ['%s']", field.name, strings.ReplaceAll(field.values[0], "'", "''"))
		}
	}
	add("    route:")
	add("      mailbox: %s", r.Route.Mailbox)
	if r.Route.Topic != "" {
		add("      topic: %s", r.Route.Topic)
	}
	return b.String()
}
