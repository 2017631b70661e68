package trail

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"senddigitally/backend/access"
)

// Line is one line of the log.
type Line struct {
	Chain string    `json:"chain"`
	Seq   uint64    `json:"seq"` // 1, 2, 3, … without gaps in its chain
	At    time.Time `json:"at"`
	access.Event
}

// Head is how far a chain has come: the number and the HMAC of a line. Kept
// outside, it is an anchor.
type Head struct {
	Chain string `json:"chain"`
	Seq   uint64 `json:"seq"`
	MAC   string `json:"mac"` // hexadecimal
}

const (
	macSize  = sha256.Size
	maxLine  = 4096 // bytes
	maxEvent = 600  // bytes of an event's fields; JSON takes at most six for one
)

func size(e access.Event) int {
	return len(e.Tenant) + len(e.Actor) + len(e.Action) + len(e.ID) + len(e.Recipient) +
		len(e.File) + len(e.Mailbox) + len(e.Outcome) + len(e.Reason)
}

// The HMAC is the last field, so that it can be taken off again without
// depending on how JSON is written: what it covers is the exact bytes before.
const (
	macOpen  = `,"mac":"`
	macClose = `"}`
	suffix   = len(macOpen) + 2*macSize + len(macClose)
)

var errForm = errors.New("not a line of the audit log")

// encode writes a line, with its line end, that follows one with the HMAC
// previous, and returns its own HMAC.
func encode(line Line, key, previous []byte) (text, mac []byte, err error) {
	body, err := json.Marshal(line)
	if err != nil {
		return nil, nil, err
	}
	body = body[:len(body)-1] // the closing brace comes after the HMAC
	mac = chain(key, previous, body)
	text = append(body, macOpen...)
	text = hex.AppendEncode(text, mac)
	return append(text, macClose+"\n"...), mac, nil
}

// parse reads a line without its line end: what it says, the bytes that its
// HMAC covers, and the HMAC. It does not check the HMAC.
func parse(text []byte) (line Line, body, mac []byte, err error) {
	if len(text) < suffix || len(text) > maxLine {
		return line, nil, nil, errForm
	}
	body, tail := text[:len(text)-suffix], text[len(text)-suffix:]
	if !bytes.HasPrefix(tail, []byte(macOpen)) || !bytes.HasSuffix(tail, []byte(macClose)) {
		return line, nil, nil, errForm
	}
	mac, err = hex.DecodeString(string(tail[len(macOpen) : len(tail)-len(macClose)]))
	if err != nil {
		return line, nil, nil, errForm
	}
	if json.Unmarshal(append(bytes.Clone(body), '}'), &line) != nil {
		return line, nil, nil, errForm
	}
	return line, body, mac, nil
}

func chain(key, previous, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(previous)
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	h.Write(body)
	return h.Sum(nil)
}
