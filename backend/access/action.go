package access

// Action is something that an actor may ask for.
type Action string

// The actions. Those on a transfer of one's own need its owner in the Resource.
const (
	ReadSettings Action = "read_settings" // the tenant's policy, reply mailboxes and topics
	Upload       Action = "upload"        // a file ahead of its transfer; also removing it
	Send         Action = "send"          // accept a transfer
	Override     Action = "override"      // send a subject that was warned of
	ListOwn      Action = "list_own"      // one's own transfers
	ListMailbox  Action = "list_mailbox"  // the transfers of a mailbox, by a member
	Read         Action = "read"          // one transfer's state, and its code to pass on
	Withdraw     Action = "withdraw"      // from one recipient or all
	Restore      Action = "restore"       // undo a withdrawal within its window
	Extend       Action = "extend"        // move the expiry
	Relink       Action = "relink"        // a new link for one recipient
	Remind       Action = "remind"        // the notification once more for one recipient
	ChangeCode   Action = "change_code"   // replace the access code
	EraseNow     Action = "erase_now"     // withdraw without an undo window

	OpenLink  Action = "open_link"  // look at a link's first page
	EnterCode Action = "enter_code" // try an access code
	SendCode  Action = "send_code"  // have a one-time code sent
	Contact   Action = "contact"    // write to the organisation first
	AskAgain  Action = "ask_again"  // ask the sender for a new link
	ReadBody  Action = "read_body"  // the message, through a link that is unlocked
	Download  Action = "download"   // a file, through a link that is unlocked
	Checksum  Action = "checksum"   // of a file, for which the whole of it is read
	Reply     Action = "reply"      // write back; also its uploads

	ListReceived Action = "list_received" // what was sent to one's own addresses
	ReadReceived Action = "read_received" // one of it, by who signs in as its recipient, whose it then is
	Discard      Action = "discard"       // delete it from one's list

	ReadFigures   Action = "read_figures"   // how many replies went where, and how soon
	ListManual    Action = "list_manual"    // replies that no rule could place
	ReadManual    Action = "read_manual"    // one of them
	Place         Action = "place"          // bring one of them to a function mailbox
	ReadReply     Action = "read_reply"     // a delivered reply, by a member of its mailbox, whose it then is
	ReadAssigned  Action = "read_assigned"  // a delivered reply that a member gave to somebody who is none, whose it then is
	FetchReply    Action = "fetch_reply"    // a file of a delivered reply, by a member of its mailbox
	FetchAssigned Action = "fetch_assigned" // a file of one that a member gave to somebody who is none
	ReadMailbox   Action = "read_mailbox"   // what was delivered to a mailbox, by one of its members
	Assign        Action = "assign"         // give a delivered reply to a caseworker
	HandBack      Action = "hand_back"      // say that a delivered reply is not this mailbox's business
	RetryDead     Action = "retry_dead"     // try one of them again

	Notify    Action = "notify"     // mail a recipient her link
	Scan      Action = "scan"       // have files checked for malware
	Collect   Action = "collect"    // take in a mail that arrived
	Decide    Action = "decide"     // where a reply is to go
	Record    Action = "record"     // what a decision was made from, for simulations
	Deliver   Action = "deliver"    // bring a reply to its function mailbox
	Receipt   Action = "receipt"    // mail a replier her receipt
	Alert     Action = "alert"      // tell a member of staff what happened
	Erase     Action = "erase"      // at the expiry or after the undo window
	Sweep     Action = "sweep"      // remove bytes that nothing needs
	Rebuild   Action = "rebuild"    // replay manifests and journals into the ledger
	RotateKey Action = "rotate_key" // rewrap data keys
	ReadTrail Action = "read_trail" // the audit trail

	Damage Action = "damage" // never asked for: stored bytes were met that do not authenticate
)
