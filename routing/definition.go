package routing

// Definition is a tenant's routing as written down, with the keys of the
// routing file as JSON names. Compile checks it.
type Definition struct {
	// Tenant is the id of the organisation that the definition belongs to.
	Tenant string `json:"tenant"`
	// Language names categories and is the fallback for names (da nb nl sv de en).
	Language string `json:"language"`
	// TimeZone is the IANA name in which opening hours and windows are read.
	TimeZone string `json:"time_zone"`
	// Domains are the organisation's mail domains; every address lies in one.
	Domains        []string        `json:"domains"`
	Mailboxes      []Mailbox       `json:"mailboxes"`
	Topics         []Topic         `json:"topics"`
	Cases          []CaseSeries    `json:"cases"`
	ContactFolders []ContactFolder `json:"contact_folders"`
	ContactPoints  []ContactPoint  `json:"contact_points"`
	Rules          []Rule          `json:"rules"`
	// DefaultRoute takes what no rule took; without it that goes on the manual list.
	DefaultRoute *Route     `json:"default_route"`
	ManualList   ManualList `json:"manual_list"`
	// Company says what is post to the organisation itself, as a company.
	Company OwnCompany `json:"company"`
}

// OwnCompany is the organisation as others write to it, when they mean the company
// that it is, too: such post is distributed, and not answered from Outlook.
type OwnCompany struct {
	OrganisationNumbers []string `json:"organisation_numbers"`
	// Addresses are other addresses under which such post arrives at the
	// intake mailbox; its own address with +number is always one.
	Addresses []string `json:"addresses"`
}

// Mailbox is a function mailbox.
type Mailbox struct {
	ID      string `json:"id"`
	Address string `json:"address"`
	Names   Names  `json:"names"`
	// Folder is where replies are put unless topic or rule say otherwise;
	// empty means the inbox.
	Folder string `json:"folder"`
	// Categories are given to every reply delivered here.
	Categories []string `json:"categories"`
	// Owners are the addresses of those who answer for the mailbox.
	Owners []string `json:"owners"`
	// Deputy is the mailbox that stands in.
	Deputy string `json:"deputy"`
	// Unavailable takes the mailbox out of service: its deputy stands in, and
	// without one, replies meant for it go on to the later steps.
	Unavailable bool `json:"unavailable"`
	// Hours are the opening hours; none means always open.
	Hours []Period `json:"hours"`
	// DeputyOutsideHours hands over to the deputy while the mailbox is closed.
	// Otherwise a reply waits for the morning like any mail.
	DeputyOutsideHours bool `json:"deputy_outside_hours"`
	// SizeLimitMB is the largest reply delivered with its files attached, in
	// megabytes; 0 leaves it to the tenant's policy.
	SizeLimitMB int `json:"size_limit_mb"`
}

// SizeLimit is the mailbox's limit in bytes (1 MB = 1,000,000); 0 is none of its own.
func (m Mailbox) SizeLimit() int64 { return int64(m.SizeLimitMB) * 1_000_000 }

// Topic is what a reply is about; it belongs to one mailbox.
type Topic struct {
	ID      string `json:"id"`
	Names   Names  `json:"names"`
	Mailbox string `json:"mailbox"`
	Folder  string `json:"folder"`
	// Category is the category given in Outlook; empty means the topic's name
	// in the definition's language.
	Category string `json:"category"`
}

// CaseSeries brings the cases whose id starts with Prefix to a mailbox or
// topic. The longest prefix wins.
type CaseSeries struct {
	Prefix  string `json:"prefix"`
	Mailbox string `json:"mailbox"`
	Topic   string `json:"topic"`
}

// ContactFolder groups contact points for outsiders.
type ContactFolder struct {
	ID    string `json:"id"`
	Names Names  `json:"names"`
}

// ContactPoint is an entry of the contact hierarchy: folder, mailbox, topic.
type ContactPoint struct {
	ID      string `json:"id"`
	Folder  string `json:"folder"`
	Names   Names  `json:"names"`
	Mailbox string `json:"mailbox"`
	Topic   string `json:"topic"`
}

// Rule routes the replies that its condition holds for. The first such rule wins.
type Rule struct {
	ID    string    `json:"id"`
	When  Condition `json:"when"`
	Route Route     `json:"route"`
}

// Condition holds when each of its fields holds; a field with several values
// holds when one of them does. A field that is left out asks for nothing, but
// at least one must be there.
type Condition struct {
	// ReplyMailbox and ReplyTopic are what the caseworker chose. Since an
	// available choice decides before the rules, they speak for choices that
	// could not be followed.
	ReplyMailbox []string     `json:"reply_mailbox"`
	ReplyTopic   []string     `json:"reply_topic"`
	SenderKind   []SenderKind `json:"sender_kind"`
	// SenderDomain is a domain, or *.domain for everything below it.
	SenderDomain []string `json:"sender_domain"`
	// Subject holds RE2 patterns, found anywhere, letter case ignored
	// (github.com/google/re2/wiki/Syntax).
	Subject            []string `json:"subject"`
	OrganisationNumber []string `json:"organisation_number"`
	// RecipientNumber is under which of its own numbers the organisation was
	// written to, as a company.
	RecipientNumber []string `json:"recipient_number"`
	// CaseID is a whole case id, or the start of one followed by *.
	CaseID   []string `json:"case_id"`
	Language []string `json:"language"`
	Received *Window  `json:"received"`
}

// Window is a condition on the time of receipt, in the definition's time zone.
type Window struct {
	// Days are mon tue wed thu fri sat sun; none means every day.
	Days []string `json:"days"`
	// From and To are times of day, HH:MM; a window may span midnight.
	From string `json:"from"`
	To   string `json:"to"`
	// FirstDay and LastDay, YYYY-MM-DD, are both included.
	FirstDay string `json:"first_day"`
	LastDay  string `json:"last_day"`
}

// Period is a stretch of opening hours on some days of the week.
type Period struct {
	Days []string `json:"days"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

// Route is where a rule, or the default, sends a reply.
type Route struct {
	// Mailbox may be left out when Topic names it.
	Mailbox string `json:"mailbox"`
	Topic   string `json:"topic"`
	Folder  string `json:"folder"`
	// Categories come in addition to those of topic and mailbox.
	Categories []string `json:"categories"`
	// Copies are mailboxes that get a copy.
	Copies []string `json:"copies"`
	// Manual puts the reply on the manual list instead of in a mailbox.
	Manual bool `json:"manual"`
}

// ManualList is where distributors find what no rule placed.
type ManualList struct {
	Names Names `json:"names"`
	// Owners are the addresses of the distributors.
	Owners []string `json:"owners"`
}

// Names holds a name per language.
type Names map[string]string

// In returns the name in the first of the languages that has one, else "".
func (n Names) In(languages ...string) string {
	for _, l := range languages {
		if name := n[l]; name != "" {
			return name
		}
	}
	return ""
}
