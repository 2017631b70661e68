package routing

// Decision is where a reply goes, and why. Its JSON form is stable: it is
// stored with the reply and read for as long as the reply lives. Exactly one
// of Mailbox and Manual is set.
type Decision struct {
	// Set is the fingerprint of the set that decided.
	Set     string `json:"set"`
	Mailbox string `json:"mailbox,omitempty"`
	Address string `json:"address,omitempty"`
	// Folder is empty for the inbox.
	Folder     string   `json:"folder,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Copies     []Copy   `json:"copies,omitempty"`
	Topic      string   `json:"topic,omitempty"`
	// Rule is the id of the rule that decided, if one did.
	Rule   string `json:"rule,omitempty"`
	Manual bool   `json:"manual,omitempty"`
	// Reason is the reason of the step that decided.
	Reason Reason `json:"reason"`
	// Steps are all steps considered, in order; the later ones were not needed.
	Steps []Step `json:"steps"`
}

// Copy is a mailbox that gets a copy of the reply.
type Copy struct {
	Mailbox string `json:"mailbox"`
	Address string `json:"address"`
}

// Step is one step of a decision: what was looked at, and why it did or did
// not settle the matter.
type Step struct {
	Name    StepName `json:"name"`
	Applied bool     `json:"applied"`
	Reason  Reason   `json:"reason"`
	// Params is nil where the words speak of no value.
	Params *Params `json:"params,omitempty"`
}

// StepName names a step of the decision order.
type StepName string

// The steps, in the order in which they are considered. StepDeputy follows the
// step whose mailbox it changes.
const (
	StepToken        StepName = "token"
	StepReply        StepName = "reply"
	StepCase         StepName = "case"
	StepConversation StepName = "conversation"
	StepContact      StepName = "contact"
	StepRules        StepName = "rules"
	StepDefault      StepName = "default"
	StepManual       StepName = "manual"
	StepDeputy       StepName = "deputy"
)

// Reason is the machine-readable reason of a step. Codes are never reused.
type Reason string

// Reasons of steps that apply.
const (
	ReasonPlaced       Reason = "placed"
	ReasonTopicDropped Reason = "placed_topic_unknown"
	// ReasonMailboxDropped: the mailbox chosen could not be followed, the topic could.
	ReasonMailboxDropped Reason = "placed_by_topic"
	ReasonRule           Reason = "rule_matched"
	ReasonManual         Reason = "sent_to_manual"
	ReasonUnavailable    Reason = "deputy_for_unavailable"
	ReasonClosed         Reason = "deputy_for_closed"
	ReasonNothingLeft    Reason = "nothing_placed"
)

// Reasons of steps that do not apply.
const (
	ReasonAbsent             Reason = "absent"
	ReasonMailboxUnknown     Reason = "mailbox_unknown"
	ReasonMailboxUnavailable Reason = "mailbox_unavailable"
	ReasonTopicUnknown       Reason = "topic_unknown"
	ReasonCaseUnknown        Reason = "case_unknown"
	ReasonContactUnknown     Reason = "contact_unknown"
	ReasonNoRule             Reason = "no_rule_matched"
)

// Params are the values that the words of a step speak of.
type Params struct {
	Mailbox string `json:"mailbox,omitempty"`
	Topic   string `json:"topic,omitempty"`
	Rule    string `json:"rule,omitempty"`
	// Entry is the contact point or the start of the case id.
	Entry string `json:"entry,omitempty"`
	// Deputy is the mailbox that stands in for Mailbox.
	Deputy string `json:"deputy,omitempty"`
	// Fields are the keys of the conditions that held.
	Fields string `json:"fields,omitempty"`
	// Count is the position of the rule, or the number of rules tried.
	Count int `json:"count,omitempty"`
}
