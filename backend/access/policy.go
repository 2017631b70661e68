package access

import (
	"slices"

	"senddigitally/backend/transfer"
)

// principal is what the policy table is written in: a role of staff, or one of
// the three kinds of actor that have none.
type principal string

const (
	caseworker    = principal(transfer.Caseworker)
	distributor   = principal(transfer.Distributor)
	administrator = principal(transfer.Administrator)
	auditor       = principal(transfer.Auditor)
	colleague     = principal("colleague") // any member of staff, whatever her roles
	application   = principal(transfer.Application)
	recipient     = principal("recipient") // a session that a link's code opened
	visitor       = principal("visitor")   // somebody with a link, not yet let in
	system        = principal("system")    // a job, or an operator at the command line
)

var principals = []principal{caseworker, distributor, administrator, auditor, colleague, application, recipient, visitor, system}

// rule is one row of the policy.
type rule struct {
	by    []principal
	owned bool // by staff and applications only on what is their own, or their mailbox's
}

var senders = []principal{caseworker, application}

// policy is the whole of it. What is not here is denied.
var policy = map[Action]rule{
	ReadSettings: {by: []principal{colleague, application}},
	Upload:       {by: senders},
	Send:         {by: senders},
	Override:     {by: senders, owned: true},
	ListOwn:      {by: senders},
	ListMailbox:  {by: []principal{caseworker}, owned: true},
	Read:         {by: senders, owned: true},
	Withdraw:     {by: senders, owned: true},
	Restore:      {by: senders, owned: true},
	Extend:       {by: senders, owned: true},
	Relink:       {by: senders, owned: true},
	Remind:       {by: senders, owned: true},
	ChangeCode:   {by: senders, owned: true},
	EraseNow:     {by: senders, owned: true},

	OpenLink:  {by: []principal{visitor, recipient}},
	EnterCode: {by: []principal{visitor, recipient}},
	SendCode:  {by: []principal{visitor, recipient}},
	AskAgain:  {by: []principal{visitor, recipient}},
	Contact:   {by: []principal{visitor}},
	ReadBody:  {by: []principal{recipient}},
	Download:  {by: []principal{recipient}},
	Checksum:  {by: []principal{recipient}},
	Reply:     {by: []principal{recipient}},

	ListReceived: {by: []principal{colleague}},
	ReadReceived: {by: []principal{colleague}, owned: true},
	Discard:      {by: []principal{colleague}, owned: true},

	ReadFigures:   {by: []principal{distributor, administrator, auditor}},
	ListManual:    {by: []principal{distributor}},
	ReadManual:    {by: []principal{distributor}},
	Place:         {by: []principal{distributor}},
	ReadReply:     {by: []principal{caseworker, distributor, administrator}, owned: true},
	ReadAssigned:  {by: []principal{colleague}, owned: true},
	FetchReply:    {by: []principal{caseworker, distributor, administrator}, owned: true},
	FetchAssigned: {by: []principal{colleague}, owned: true},
	ReadMailbox:   {by: []principal{caseworker, distributor, administrator}, owned: true},
	Assign:        {by: []principal{caseworker, distributor, administrator}, owned: true},
	HandBack:      {by: []principal{caseworker, distributor, administrator}, owned: true},
	RetryDead:     {by: []principal{distributor, administrator, system}},

	Notify:    {by: []principal{system}},
	Scan:      {by: []principal{system}},
	Collect:   {by: []principal{system}},
	Decide:    {by: []principal{system}},
	Record:    {by: []principal{system}},
	Deliver:   {by: []principal{system}},
	Receipt:   {by: []principal{system}},
	Alert:     {by: []principal{system}},
	Erase:     {by: []principal{system}},
	Sweep:     {by: []principal{system}},
	Rebuild:   {by: []principal{system}},
	RotateKey: {by: []principal{system}},
	ReadTrail: {by: []principal{auditor, system}},

	Damage: {},
}

// judge is the decision itself: nil, NotFound or Forbidden.
func judge(actor Actor, action Action, on Resource) error {
	row, known := policy[action]
	if !known {
		return transfer.E(transfer.Forbidden, "this is not allowed")
	}
	if !actor.reaches(on, row.owned) {
		return transfer.E(transfer.NotFound, "there is nothing here by this name")
	}
	if !slices.ContainsFunc(row.by, actor.is) {
		return transfer.E(transfer.Forbidden, "your role does not allow this")
	}
	return nil
}
