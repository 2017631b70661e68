package mail

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// newID makes an identifier of the length and alphabet of Exchange's REST ids
// (about 150 characters, base64url with padding), so that nothing downstream
// relies on short ones.
func newID() string { return "AAMk" + randomText(110) }

func newImmutableID() string { return "AAkALg" + randomText(80) }

func newFolderID() string { return "AQMk" + randomText(74) }

func newConversationID() string { return "AAQk" + randomText(56) }

func newChangeKey() string { return "CQAAABYAAAA" + randomText(17) }

func newAttachmentID() string { return "AAMkATT" + randomText(122) }

func newImmutableAttachmentID() string { return "AAkALgATT" + randomText(120) }

func randomText(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return base64.URLEncoding.EncodeToString(b)
}

func newGUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func newInternetMessageID(address string) string {
	b := make([]byte, 16)
	rand.Read(b)
	return "<" + strings.ToUpper(hex.EncodeToString(b)) + "@" + domain(address) + ">"
}

func domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return strings.ToLower(d)
}

func normalAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
