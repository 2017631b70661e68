package eml

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"senddigitally/backend/transfer"
)

var (
	boundaryForm  = regexp.MustCompile(`(?i)\bboundary\s*=\s*(?:"([^"\r\n]{1,250})"|([^\s;"]{1,250}))`)
	messageIDForm = regexp.MustCompile(`<[^<>\s]{1,500}>`)
)

// parseHeader reads fields one by one, so that a broken one spoils nothing.
func parseHeader(head []byte) mail.Header {
	header := mail.Header{}
	for len(head) > 0 {
		n := fieldEnd(head)
		name, value, found := bytes.Cut(head[:n], []byte(":"))
		head = head[n:]
		key := textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
		if found && !strings.ContainsAny(key, " \t") && key != "" {
			header[key] = append(header[key], line(strings.ToValidUTF8(string(value), "�")))
		}
	}
	return header
}

func (m *Mail) readHeader() {
	m.MessageID = first(messageIDs(m.header["Message-Id"]))
	for _, id := range append(messageIDs(m.header["References"]), messageIDs(m.header["In-Reply-To"])...) {
		m.References = appendOnce(m.References, id)
	}
	m.References = m.References[max(0, len(m.References)-maxReferences):]
	if from := addresses(m.header["From"]); len(from) > 0 {
		m.From = from[0]
	}
	for _, name := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"} {
		for _, p := range addresses(m.header[name]) {
			m.To = appendOnce(m.To, p.Address)
		}
	}
	m.To = m.To[:min(len(m.To), maxAddresses)]
	if to := addresses(m.header["Reply-To"]); len(to) > 0 &&
		!slices.ContainsFunc(to, func(p transfer.Party) bool { return strings.EqualFold(p.Address, m.From.Address) }) {
		m.ReplyTo = to[0].Address
	}
	m.Subject = m.Header("Subject")
	m.Date, _ = m.header.Date()
	m.Language, _, _ = strings.Cut(m.Header("Content-Language"), ",")
	// Exchange stamps this itself and removes it from mail that comes from
	// outside (Microsoft Learn, "Header firewall").
	m.Internal = strings.EqualFold(m.Header("X-Ms-Exchange-Organization-Authas"), "Internal")
	m.Kind, m.Machine = m.kind()
	m.Automatic = m.Machine || m.Header("X-Auto-Response-Suppress") != "" || m.Header("List-Id") != "" || m.header["List-Unsubscribe"] != nil
}

// kind follows RFC 3464, RFC 8098 and RFC 3834, and the marks of older machines. It
// also says whether a machine wrote the mail.
func (m *Mail) kind() (Kind, bool) {
	media, params, _ := mime.ParseMediaType(m.header.Get("Content-Type"))
	auto := strings.ToLower(m.Header("Auto-Submitted"))
	bulk := strings.ToLower(m.Header("Precedence"))
	switch report := strings.ToLower(params["report-type"]); {
	case media == "multipart/report" && report == "delivery-status":
		return Bounce, true
	case media == "multipart/report" && report == "disposition-notification":
		return Receipt, true
	case strings.HasPrefix(auto, "auto-replied"), m.Header("X-Autoreply") != "", m.Header("X-Autorespond") != "":
		return AutoReply, true
	case auto != "" && !strings.HasPrefix(auto, "no"):
		return Ordinary, true
	}
	return Ordinary, bulk == "bulk" || bulk == "junk" || bulk == "list" || m.header.Get("Return-Path") == "<>"
}

func messageIDs(fields []string) []string {
	var ids []string
	for _, field := range fields {
		ids = append(ids, messageIDForm.FindAllString(field, 2*maxReferences)...)
	}
	return ids
}

var decoder = mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
	return charset.NewReaderLabel(label, r)
}}

func decoded(s string) string {
	if text, err := decoder.DecodeHeader(s); err == nil {
		return strings.ToValidUTF8(text, "�")
	}
	return s
}

// addresses reads what it can of address lists.
func addresses(fields []string) []transfer.Party {
	var all []transfer.Party
	parser := mail.AddressParser{WordDecoder: &decoder}
	for _, field := range fields {
		list, err := parser.ParseList(field)
		if err != nil {
			list = bare(field)
		}
		for _, a := range list {
			all = append(all, transfer.Party{Name: clean(a.Name, 200), Address: clean(a.Address, 320)})
		}
	}
	return all
}

var addressForm = regexp.MustCompile(`[^\s<>,;:"()]+@[^\s<>,;:"()]+`)

func bare(field string) []*mail.Address {
	var list []*mail.Address
	for _, address := range addressForm.FindAllString(field, maxAddresses) {
		list = append(list, &mail.Address{Address: address})
	}
	return list
}

// clean bounds a text from outside and keeps it on one line.
func clean(s string, limit int) string {
	s = line(strings.ToValidUTF8(s, "�"))
	for len(s) > limit {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func appendOnce(all []string, s string) []string {
	for _, known := range all {
		if known == s {
			return all
		}
	}
	return append(all, s)
}
