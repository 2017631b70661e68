package ledger

import (
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Keys, all of one shard beginning with its base, "sd:{0a}":
//
//	t<id>                 hash    the record (see encode)
//	l<last byte>          hash    link hash → member, recipient, tenant
//	d                     zset    member by the moment when a sweep must look
//	o:<tenant>:<owner>    zset    member by acceptance; m: for the mailbox, p: for a phase,
//	                              a: for an addressee
//	q<version>            zset    job key by the moment when it may be claimed next
//	j                     hash    job key → its state and body
//	x:<tenant>            zset    dead job key by the moment of its burial
//	n                     hash    counts: records by phase, dead jobs
//	v<id>                 zset    who is reading it, by the moment when that lapses
//	e                     string  the marker: whose ledger it is
//	{h:<key>}, {h:<key>}:a  what ids hold under a key of its own: zset by the moment when
//	                      it lapses, hash of the amounts and, under "", their sum
//	r                     string  in shard 0: the run of Redis that was last replayed into
//
// A member is an id without its shard, in binary. Many links share a hash, and
// ids, hashes and pseudonyms are packed, since at a million transfers the keys
// would weigh more than what they hold.

func (l *Ledger) base(shard int) string { return fmt.Sprintf("%s{%02x}", l.Prefix, shard) }

func (l *Ledger) recordKey(id transfer.ID) string { return l.base(id.Shard()) + "t" + string(id[2:]) }

func (l *Ledger) bucket(shard int, packed string) string {
	return l.base(shard) + "l" + hex.EncodeToString([]byte{packed[len(packed)-1]})
}

var idDigits = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// memberSize is the length of a packed id.
const memberSize = 20

func member(id transfer.ID) string {
	raw, _ := idDigits.DecodeString(string(id[2:])) // the caller has checked its form
	return string(raw)
}

func unpackMember(shard int, m string) transfer.ID {
	return transfer.ID(fmt.Sprintf("%02x", shard) + idDigits.EncodeToString([]byte(m)))
}

// packed halves a pseudonym or hash in hexadecimal; anything else it leaves.
func pack(s string) string {
	raw, err := hex.DecodeString(s)
	if err != nil || s == "" || s != strings.ToLower(s) {
		return s
	}
	return "\x00" + string(raw)
}

func unpack(s string) string {
	if strings.HasPrefix(s, "\x00") {
		return hex.EncodeToString([]byte(s[1:]))
	}
	return s
}

func millis(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

func moment(s string) time.Time {
	n := integer(s)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

func integer(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// fields collects the pairs of a hash; what is empty is left out.
type fields []any

func (f *fields) add(name, value string) {
	if value != "" && value != "0" {
		*f = append(*f, name, value)
	}
}

// args are the number of pairs and the pairs.
func (f fields) args() []any { return append([]any{len(f) / 2}, f...) }

// encode writes a record as a small hash. Times are kept to the millisecond.
func encode(r transfer.Record) fields {
	f := fields{"t", string(r.Tenant), "p", string(r.Phase), "a", millis(r.AcceptedAt)}
	f.add("k", string(r.Kind))
	f.add("h", pack(string(r.RequestHash)))
	f.add("o", pack(r.Owner))
	f.add("m", pack(r.Mailbox))
	f.add("e", millis(r.ExpiresAt))
	if due := millis(r.DueAt); due != millis(r.ExpiresAt) {
		f = append(f, "b", due)
	}
	if r.Held != transfer.HoldUntil(r.ExpiresAt) {
		f = append(f, "d", string(r.Held))
	}
	f.add("s", strconv.Itoa(r.Seq))
	f.add("z", strconv.FormatInt(r.Size, 10))
	f.add("g", strconv.FormatInt(r.Progress, 10))
	f.add("x", string(r.Reason))
	for id, word := range r.Recipients {
		f = append(f, ":"+string(id), word)
	}
	for id, addressee := range r.Addressees {
		f.add("@"+string(id), pack(addressee))
	}
	return f
}

func decode(id transfer.ID, h map[string]string) transfer.Record {
	r := transfer.Record{
		Tenant: transfer.TenantID(h["t"]), ID: id, Kind: transfer.Kind(h["k"]), Phase: transfer.Phase(h["p"]),
		Owner: unpack(h["o"]), Mailbox: unpack(h["m"]), AcceptedAt: moment(h["a"]), ExpiresAt: moment(h["e"]),
		Seq: int(integer(h["s"])), Size: integer(h["z"]), Progress: integer(h["g"]), Reason: transfer.Code(h["x"]),
	}
	if hash := unpack(h["h"]); hash != "" {
		r.RequestHash = []byte(hash)
	}
	r.DueAt = r.ExpiresAt
	if due, set := h["b"]; set {
		r.DueAt = moment(due)
	}
	r.Held = transfer.HoldUntil(r.ExpiresAt)
	if held, set := h["d"]; set {
		r.Held = transfer.Hold(held)
	}
	for name, word := range h {
		if recipient, is := strings.CutPrefix(name, ":"); is {
			if r.Recipients == nil {
				r.Recipients = map[transfer.RecipientID]string{}
			}
			r.Recipients[transfer.RecipientID(recipient)] = word
		}
		if recipient, is := strings.CutPrefix(name, "@"); is {
			if r.Addressees == nil {
				r.Addressees = map[transfer.RecipientID]string{}
			}
			r.Addressees[transfer.RecipientID(recipient)] = unpack(word)
		}
	}
	return r
}
