package portal

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// eml gives the message with its files as a mail file (RFC 5322, RFC 2045),
// streamed, for whoever keeps her post in a mail program.
func (p *portal) eml(c *gin.Context) {
	parcel, err := p.parcel(c)
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	p.save(c, archiveName(parcel.Subject, ".eml"), "message/rfc822", -1, func(w io.Writer) error {
		return writeMail(w, parcel, func(f transfer.File) (io.ReadSeekCloser, error) { return parcel.Open(c, f) })
	})
}

func writeMail(w io.Writer, p opening.Parcel, open func(transfer.File) (io.ReadSeekCloser, error)) error {
	out := bufio.NewWriterSize(w, 64<<10)
	body := multipart.NewWriter(out)
	head := []string{"From: " + address(p.Sender), "To: " + addresses(p.To)}
	if len(p.Cc) > 0 {
		head = append(head, "Cc: "+addresses(p.Cc))
	}
	head = append(head, "Subject: "+mime.QEncoding.Encode("utf-8", strings.Join(strings.Fields(p.Subject), " ")),
		"Date: "+p.AcceptedAt.Format(time.RFC1123Z), "MIME-Version: 1.0",
		`Content-Type: multipart/mixed; boundary="`+body.Boundary()+`"`, "", "")
	if _, err := io.WriteString(out, strings.Join(head, "\r\n")); err != nil {
		return err
	}
	if p.Body != nil {
		if err := writePart(body, *p.Body, "inline", open); err != nil {
			return err
		}
	}
	for _, f := range p.Files {
		if err := writePart(body, f, "attachment", open); err != nil {
			return err
		}
	}
	if err := body.Close(); err != nil {
		return err
	}
	return out.Flush()
}

// writePart writes a file in base64, which no mail program changes on its way.
func writePart(body *multipart.Writer, f transfer.File, how string, open func(transfer.File) (io.ReadSeekCloser, error)) error {
	h := textproto.MIMEHeader{"Content-Transfer-Encoding": {"base64"}, "Content-Type": {partType(f, how)}}
	if how == "attachment" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	if f.Inline() {
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": f.Name}))
		h.Set("Content-Id", "<"+strings.Map(visible, f.ContentID)+">")
	}
	part, err := body.CreatePart(h)
	if err != nil {
		return err
	}
	lines := &folding{w: part}
	encoder := base64.NewEncoder(base64.StdEncoding, lines)
	if err := copyFile(encoder, f, open, make([]byte, web.PieceSize)); err != nil {
		return err
	}
	return encoder.Close()
}

func partType(f transfer.File, how string) string {
	kind, _, err := mime.ParseMediaType(f.Type)
	if err != nil {
		kind = "application/octet-stream"
	}
	if how == "inline" {
		return kind + "; charset=utf-8"
	}
	return kind
}

func visible(r rune) rune {
	if r <= ' ' || r > '~' || r == '<' || r == '>' {
		return -1
	}
	return r
}

func address(p transfer.Party) string {
	return (&mail.Address{Name: strings.Join(strings.Fields(p.Name), " "), Address: strings.Map(visible, p.Address)}).String()
}

func addresses(all []transfer.Party) string {
	if len(all) == 0 {
		return "undisclosed-recipients:;"
	}
	var list []string
	for _, p := range all {
		list = append(list, address(p))
	}
	return strings.Join(list, ",\r\n ")
}

// folding breaks base64 into lines of 76 characters (RFC 2045, 6.8).
type folding struct {
	w  io.Writer
	at int
}

func (f *folding) Write(b []byte) (int, error) {
	const longest = 76
	written := 0
	for len(b) > 0 {
		if f.at == longest {
			if _, err := fmt.Fprint(f.w, "\r\n"); err != nil {
				return written, err
			}
			f.at = 0
		}
		n, err := f.w.Write(b[:min(longest-f.at, len(b))])
		written, f.at, b = written+n, f.at+n, b[n:]
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
