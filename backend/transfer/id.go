package transfer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
)

// TenantID names an organisation that the installation serves.
type TenantID string

// ID names a transfer or a reply: two hexadecimal digits of its ledger shard,
// then 160 bits of an HMAC. It is unguessable and says nothing.
type ID string

// RecipientID names a recipient within one transfer ("r1", "r2", …).
type RecipientID string

// FileID names a file within one transfer ("f1", "f2", …; "body").
type FileID string

// LinkToken is the recipient's capability: two digits of shard and 256 bits.
// It prints as "[link]".
type LinkToken string

func (LinkToken) String() string       { return "[link]" }
func (LinkToken) GoString() string     { return "[link]" }
func (LinkToken) LogValue() slog.Value { return slog.StringValue("[link]") }

// Shards is the fixed number of ledger shards.
const Shards = 64

const shardDigits = 2

var (
	idForm    = regexp.MustCompile(`^[0-3][0-9a-f][0-9a-v]{32}$`)
	tokenForm = regexp.MustCompile(`^[0-3][0-9a-f][A-Za-z0-9_-]{43}$`)
	lowerHex  = base32.HexEncoding.WithPadding(base32.NoPadding)
)

// Valid reports whether the id has the form of one.
func (id ID) Valid() bool { return idForm.MatchString(string(id)) }

// Shard returns the ledger shard (0 to 63) that the id carries.
func (id ID) Shard() int { return shardOf(string(id)) }

// Valid reports whether the token has the form of one; a valid form says
// nothing about whether such a link exists.
func (t LinkToken) Valid() bool { return tokenForm.MatchString(string(t)) }

// Shard returns the ledger shard (0 to 63) that the token carries.
func (t LinkToken) Shard() int { return shardOf(string(t)) }

func shardOf(s string) int {
	if len(s) < shardDigits {
		return 0
	}
	n, err := strconv.ParseUint(s[:shardDigits], 16, 8)
	if err != nil {
		return 0
	}
	return int(n) % Shards
}

// Namer derives ids and look-up hashes from the installation's root secret, so
// that a retry finds what came before and the ledger holds no personal data.
type Namer struct{ root []byte }

// NewNamer makes a Namer from the installation's root secret (32 bytes).
func NewNamer(root []byte) Namer { return Namer{root: append([]byte(nil), root...)} }

// TransferID is the id for a caller's idempotency key.
func (n Namer) TransferID(tenant TenantID, caller, idempotencyKey string) ID {
	return n.id("transfer", string(tenant), caller, idempotencyKey)
}

// ReplyID is the id for one submission through a recipient's link.
func (n Namer) ReplyID(tenant TenantID, transfer ID, recipient RecipientID, submission string) ID {
	return n.id("reply", string(tenant), string(transfer), string(recipient), submission)
}

// MailID is the id for a mail that arrived at the intake mailbox.
func (n Namer) MailID(tenant TenantID, internetMessageID string) ID {
	return n.id("mail", string(tenant), internetMessageID)
}

// LinkHash is what the ledger indexes a link token by.
func (n Namer) LinkHash(token LinkToken) string { return n.hash("link", string(token)) }

// Owner is the pseudonym of a caller or mailbox, for indexes and the audit log.
func (n Namer) Owner(tenant TenantID, who string) string {
	return n.hash("owner", string(tenant), who)
}

// Mailbox is the pseudonym of a mailbox, whose address has no case.
func (n Namer) Mailbox(tenant TenantID, address string) string {
	return n.Owner(tenant, strings.ToLower(address))
}

// Inbox is the pseudonym of what was delivered to a mailbox.
func (n Namer) Inbox(tenant TenantID, address string) string {
	return n.Mailbox(tenant, "delivered to "+address)
}

// Addressee is the pseudonym of a mail address that messages are received at;
// capitals make no difference.
func (n Namer) Addressee(tenant TenantID, address string) string {
	return n.hash("addressee", string(tenant), strings.ToLower(address))
}

// Hash is a keyed look-up hash for one purpose (128 bits, hexadecimal).
func (n Namer) Hash(purpose string, parts ...string) string {
	return n.hash("other/"+purpose, parts...)
}

func (n Namer) id(parts ...string) ID {
	sum := n.mac(parts...)
	shard := hex.EncodeToString([]byte{sum[0] % Shards})
	return ID(shard + strings.ToLower(lowerHex.EncodeToString(sum[1:21])))
}

func (n Namer) hash(purpose string, parts ...string) string {
	return hex.EncodeToString(n.mac(append([]string{purpose}, parts...)...)[:16])
}

func (n Namer) mac(parts ...string) []byte {
	mac := hmac.New(sha256.New, n.root)
	for _, part := range parts {
		mac.Write(appendPrefixed(nil, part))
	}
	return mac.Sum(nil)
}

func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
