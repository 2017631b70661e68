package outlook

import "senddigitally/backend/sandbox/mail"

// The mailboxes of the trial. People are named by their role.
const (
	Caseworker     = "caseworker@municipality.example"
	Colleague      = "colleague@municipality.example"
	AlsoColleague  = "c.colleague@municipality.example" // delivers to her as well
	Children       = "children@municipality.example"
	CitizenService = "citizen-service@municipality.example"
	Technical      = "technical@municipality.example"
	Intake         = "intake@municipality.example"
	Service1       = "service-1@municipality.example"
	Service2       = "service-2@municipality.example"
	Citizen        = "citizen@post.example"
	Company        = "company@firm.example"
)

// Seed adds the trial's mailboxes to a store: a caseworker who is a member of three
// function mailboxes, a colleague who shares one of them, the mailboxes that the product itself uses, and two people
// outside the organisation.
func Seed(s *mail.Store) error {
	members := []string{Caseworker}
	for _, m := range []mail.Mailbox{
		{Address: Caseworker, Name: "Caseworker", Kind: mail.User},
		{Address: Colleague, Name: "Colleague", Kind: mail.User, Aliases: []string{AlsoColleague}},
		{Address: Children, Name: "Children and Families", Kind: mail.Shared, Members: append([]string{Colleague}, members...)},
		{Address: CitizenService, Name: "Citizen Service", Kind: mail.Shared, Members: members},
		{Address: Technical, Name: "Technical Department", Kind: mail.Shared, Members: members},
		{Address: Citizen, Name: "Citizen", Kind: mail.External},
		{Address: Company, Name: "Company", Kind: mail.External},
		{Address: Intake, Name: "Municipality intake", Kind: mail.Shared},
		{Address: Service1, Name: "Municipality", Kind: mail.Shared},
		{Address: Service2, Name: "Municipality", Kind: mail.Shared},
	} {
		if _, err := s.AddMailbox(m); err != nil {
			return err
		}
	}
	return nil
}
