// Package eml reads a mail in MIME form (RFC 5322, RFC 2045): who, to whom, in
// answer to what, its text and its attachments, and whether a person wrote it.
//
// Invariant: time and memory are bounded by MaxBytes whatever the mail is made
// of; what a limit leaves out is named in Notes, and what cannot be read never
// hides what can. Nothing in it is followed, opened or executed.
//
// Failure: a mail whose structure is beyond the limits, or broken, is answered
// by its headers alone, with the reason in Notes; the caller keeps the original.
package eml

import (
	"bytes"
	"crypto/sha256"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"senddigitally/backend/transfer"
)

// The limits of reading.
const (
	MaxBytes       = 40 << 20  // of a mail that is taken apart; Outlook's default limit is 35 MB
	maxHeader      = 128 << 10 // of a header block that is kept
	maxField       = 16 << 10  // of one header field
	maxParts       = 1000
	maxBoundaries  = 16 // multiparts in one mail, hence how deep they can be nested: from 20 on each level doubles enmime's time
	maxText        = 4 << 20
	maxReferences  = 100
	maxAddresses   = 500
	maxAttachments = 200
)

// Note names something that a limit or a fault left out.
type Note string

// The notes.
const (
	HeaderCut   Note = "header_cut"  // header fields beyond the limit were left out
	TooComplex  Note = "too_complex" // more parts than are taken apart
	TooLong     Note = "too_long"    // larger than what is taken apart
	Broken      Note = "broken"      // the structure cannot be read
	Protected   Note = "protected"   // encrypted or signed (S/MIME, protected mail): left untouched
	TextCut     Note = "text_cut"
	MoreFiles   Note = "more_files" // attachments beyond the limit are in the original only
	OtherSender Note = "other_sender"
	Erased      Note = "erased"      // what it answers has been erased
	NotSentOn   Note = "not_sent_on" // staff's answer to what has been erased
)

// Kind is who wrote a mail.
type Kind string

// The kinds.
const (
	Ordinary  Kind = "ordinary"
	Bounce    Kind = "bounce"    // a report that a mail was not delivered (RFC 3464)
	AutoReply Kind = "autoreply" // a machine's answer (RFC 3834)
	Receipt   Kind = "receipt"   // a report that a mail was read, or not (RFC 8098)
)

// Attachment is a file of a mail, decoded.
type Attachment struct {
	Name, Type string
	Content    []byte
}

// Report is what a bounce or receipt says of the mail that it is about.
type Report struct {
	MessageID string   // of the mail reported on
	Failed    []string // the addresses that it did not reach, for good: "Action: failed"
	Status    string   // enhanced status code of the first of them (RFC 3463), "5.1.1"
}

// Mail is a mail that was read.
type Mail struct {
	MessageID   string
	References  []string // In-Reply-To last
	From        transfer.Party
	ReplyTo     string   // where answers are to go, if that is not From
	To          []string // every address that it was written or delivered to
	Subject     string
	Date        time.Time
	Language    string // BCP 47, if the mail says so
	Kind        Kind
	Machine     bool // sent by a machine, as it says itself
	Automatic   bool // that, or it asks machines for silence: it may be a machine's, and none may answer it
	Internal    bool // Exchange vouches for a sender within the organisation
	Report      Report
	Text        string
	Attachments []Attachment
	Notes       []Note
	Fingerprint [sha256.Size]byte // the same for the same mail arriving twice

	header mail.Header
}

// Header is the first field of a name, decoded to one line, or "".
func (m *Mail) Header(name string) string { return line(decoded(m.header.Get(name))) }

// Read reads a mail. more says that raw is only the beginning of a longer one.
func Read(raw []byte, more bool) Mail {
	var m Mail
	head, body := divide(raw)
	kept, cut := clip(head)
	m.header = parseHeader(kept)
	if cut {
		m.Notes = append(m.Notes, HeaderCut)
	}
	m.readHeader()
	m.Fingerprint = m.fingerprint(head, body)
	switch {
	case more:
		m.Notes = append(m.Notes, TooLong)
	case tooComplex(body, kept):
		m.Notes = append(m.Notes, TooComplex)
	default:
		m.readBody(append(append(kept, "\r\n"...), body...))
	}
	return m
}

// fingerprint leaves out what transport adds on the way. Where no message id tells
// mails apart, or none could be read, the whole header does.
func (m *Mail) fingerprint(head, body []byte) [sha256.Size]byte {
	h := sha256.New()
	if m.header.Get("Message-Id") == "" {
		h.Write(head)
	}
	for _, name := range []string{"Message-Id", "From", "Date", "Subject"} {
		h.Write([]byte(m.header.Get(name)))
		h.Write([]byte{0})
	}
	h.Write(body)
	return [sha256.Size]byte(h.Sum(nil))
}

// divide cuts a mail at the first empty line.
func divide(raw []byte) (head, body []byte) {
	crlf, lf := bytes.Index(raw, []byte("\r\n\r\n")), bytes.Index(raw, []byte("\n\n"))
	switch {
	case crlf >= 0 && (lf < 0 || crlf < lf):
		return raw[:crlf+2], raw[crlf+4:]
	case lf >= 0:
		return raw[:lf+1], raw[lf+2:]
	}
	return raw, nil
}

// clip leaves out header fields that are too long, and all beyond the limit.
func clip(head []byte) (kept []byte, cut bool) {
	for len(head) > 0 {
		n := fieldEnd(head)
		field := head[:n]
		head = head[n:]
		if len(field) > maxField || len(kept)+len(field) > maxHeader {
			cut = true
			continue
		}
		kept = append(kept, bytes.TrimRight(field, "\r\n")...)
		kept = append(kept, "\r\n"...)
	}
	return kept, cut
}

// fieldEnd is where a field with its continuation lines ends.
func fieldEnd(head []byte) int {
	end := 0
	for {
		i := bytes.IndexByte(head[end:], '\n')
		if i < 0 {
			return len(head)
		}
		end += i + 1
		if end == len(head) || head[end] != ' ' && head[end] != '\t' {
			return end
		}
	}
}

// tooComplex counts boundaries and parts without taking anything apart.
func tooComplex(body, head []byte) bool {
	declared := map[string]bool{}
	for _, text := range [][]byte{head, body} {
		if !boundaries(text, declared) {
			return true
		}
	}
	parts := 0
	for len(body) > 0 {
		one, rest, _ := bytes.Cut(body, []byte("\n"))
		body = rest
		if name, is := bytes.CutPrefix(one, []byte("--")); is && len(name) < 300 {
			name = bytes.TrimRight(name, "\r\t ")
			if declared[string(name)] {
				parts++
			}
		}
	}
	return parts > maxParts
}

// boundaries collects what is declared; false when there are too many.
func boundaries(text []byte, declared map[string]bool) bool {
	for _, found := range boundaryForm.FindAllSubmatch(text, maxBoundaries+1) {
		declared[string(append(found[1], found[2]...))] = true
	}
	return len(declared) <= maxBoundaries
}

// line puts a text on one line, without characters that steer a terminal or the
// direction of writing.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
}
