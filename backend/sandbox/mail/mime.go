package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// WriteMIME writes the message as RFC 5322 text with MIME parts, as Graph's
// message/$value does. Attachments are streamed. The same message always gives the
// same bytes.
func WriteMIME(w io.Writer, m Message) error {
	e := &encoder{w: w}
	e.message(m, "b")
	return e.err
}

// encoder remembers the first error; what follows it is not written.
type encoder struct {
	w   io.Writer
	err error
}

func (e *encoder) Write(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.w.Write(p)
	e.err = err
	return n, err
}

func (e *encoder) printf(format string, args ...any) { fmt.Fprintf(e, format, args...) }

// message writes headers and body; boundaries derive from name.
func (e *encoder) message(m Message, name string) {
	for _, h := range append(messageHeaders(m), Header{"MIME-Version", "1.0"}) {
		e.printf("%s\r\n", fold(h.Name+": "+oneLine(h.Value)))
	}
	e.body(m, name)
}

// body writes content type, blank line and content.
func (e *encoder) body(m Message, name string) {
	if m.Report != nil {
		e.report(m, name)
		return
	}
	inline, attached := divide(m.Attachments)
	switch {
	case len(attached) > 0:
		e.multipart("mixed", name, "", func(part func() *encoder) {
			rest := m
			rest.Attachments = inline
			part().body(rest, name+"-i")
			for i, a := range attached {
				part().attachment(a, fmt.Sprintf("%s-%d", name, i))
			}
		})
	case len(inline) > 0:
		e.multipart("related", name, "", func(part func() *encoder) {
			part().text(m)
			for i, a := range inline {
				part().attachment(a, fmt.Sprintf("%s-%d", name, i))
			}
		})
	default:
		e.text(m)
	}
}

// multipart writes a multipart body. Calling part opens the next part, whose headers
// the caller writes. A closing dot keeps no boundary from being the start of another.
func (e *encoder) multipart(kind, name, parameters string, write func(part func() *encoder)) {
	boundary := "=_" + name + "." // quoted-printable and base64 never contain "=_"
	e.printf("Content-Type: multipart/%s;%s boundary=%q\r\n\r\n", kind, parameters, boundary)
	write(func() *encoder {
		e.printf("\r\n--%s\r\n", boundary)
		return e
	})
	e.printf("\r\n--%s--\r\n", boundary)
}

func (e *encoder) text(m Message) {
	kind := "plain"
	if m.HTML {
		kind = "html"
	}
	e.printf("Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
	q := quotedprintable.NewWriter(e)
	io.WriteString(q, m.Body)
	q.Close()
}

func (e *encoder) attachment(a Attachment, name string) {
	switch a.Kind {
	case ItemAttachment:
		e.printf("Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n")
		e.message(*a.Item, name)
	case ReferenceAttachment:
		link := fmt.Sprintf("<a href=%q>%s</a>", a.SourceURL, html.EscapeString(a.Name))
		e.file("text/html", a, []byte(link))
	default:
		e.file(a.ContentType, a, a.Content)
	}
}

func (e *encoder) file(contentType string, a Attachment, content []byte) {
	disposition := "attachment"
	if a.Inline {
		disposition = "inline"
	}
	e.printf("Content-Type: %s\r\n", oneLine(contentType))
	e.printf("Content-Disposition: %s\r\n", mime.FormatMediaType(disposition, map[string]string{"filename": a.Name}))
	if a.ContentID != "" {
		e.printf("Content-ID: <%s>\r\n", oneLine(a.ContentID))
	}
	e.printf("Content-Transfer-Encoding: base64\r\n\r\n")
	lines := &lineWriter{w: e}
	b := base64.NewEncoder(base64.StdEncoding, lines)
	io.Copy(b, bytes.NewReader(content))
	b.Close()
}

// report writes a multipart/report (RFC 6522) with a delivery status (RFC 3464).
func (e *encoder) report(m Message, name string) {
	r := m.Report
	e.multipart("report", name, " report-type=delivery-status;", func(part func() *encoder) {
		part().text(m)
		part().printf("Content-Type: message/delivery-status\r\n\r\n"+
			"Reporting-MTA: dns;sandbox.invalid\r\nArrival-Date: %s\r\n\r\n"+
			"Final-Recipient: rfc822;%s\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp;%s\r\n",
			r.Original.Sent.Format("Mon, 2 Jan 2006 15:04:05 -0700"), r.Recipient, r.Failure.Status, r.Failure.Diagnostic)
		part().attachment(Attachment{Kind: ItemAttachment, Item: &r.Original}, name+"-o")
	})
}

func divide(attachments []Attachment) (inline, attached []Attachment) {
	for _, a := range attachments {
		if a.Inline {
			inline = append(inline, a)
		} else {
			attached = append(attached, a)
		}
	}
	return inline, attached
}

// oneLine keeps a value from becoming a header of its own.
func oneLine(value string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
}

// fold breaks a header at spaces, so that its lines stay near 76 characters (RFC 5322
// section 2.2.3).
func fold(header string) string {
	var folded strings.Builder
	column := 0
	for i, word := range strings.Split(header, " ") {
		switch {
		case i > 1 && word != "" && column+len(word) > 75:
			folded.WriteString("\r\n ")
			column = 1
		case i > 0:
			folded.WriteByte(' ')
			column++
		}
		folded.WriteString(word)
		column += len(word)
	}
	return folded.String()
}

// lineWriter breaks base64 into lines of 76 characters (RFC 2045 section 6.8).
type lineWriter struct {
	w      io.Writer
	column int
}

func (l *lineWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(76-l.column, len(p))
		if _, err := l.w.Write(p[:n]); err != nil {
			return 0, err
		}
		p, l.column = p[n:], l.column+n
		if l.column == 76 {
			io.WriteString(l.w, "\r\n")
			l.column = 0
		}
	}
	return written, nil
}
