package following

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Evidence is a mail (RFC 5322) that says what was sent, to whom, when and what
// became of it, with the SHA-256 of everything, for which all of it is read: as
// text in a language, and as JSON for an archive. It is never sent; the sender
// files it.
func (f *Following) Evidence(ctx context.Context, caller transfer.Caller, id transfer.ID, language string) ([]byte, error) {
	d, err := f.sent(ctx, caller, access.Read, id)
	if err != nil {
		return nil, err
	}
	e := evidence{d: d, org: f.Organisation(caller.Tenant), words: f.Words(language), now: f.Clock()}
	if e.contents, err = f.contents(ctx, d); err != nil {
		return nil, err
	}
	return e.mail()
}

// contents are the body and the files, with their checksums.
func (f *Following) contents(ctx context.Context, d *transfer.Dossier) ([]evidenceContent, error) {
	all := d.Manifest.Files
	if body := d.Manifest.Body; body != nil && body.Size > 0 {
		all = append([]transfer.File{*body}, all...)
	}
	contents := []evidenceContent{}
	for _, file := range all {
		sum, err := f.checksum(ctx, d, file)
		damaged := transfer.CodeOf(err) == transfer.Integrity // which takes nothing from what was sent
		if err != nil && !damaged {
			return nil, err
		}
		contents = append(contents, evidenceContent{file.ID, file.Name, file.Type, file.Size, hex.EncodeToString(sum), damaged})
	}
	return contents, nil
}

func (f *Following) checksum(ctx context.Context, d *transfer.Dossier, file transfer.File) ([]byte, error) {
	content, err := f.Files.ReadFile(ctx, d, file)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return f.Sums.Of(ctx, file, content)
}

type evidence struct {
	d        *transfer.Dossier
	contents []evidenceContent
	org      transfer.Organisation
	words    Words
	now      time.Time
}

func (e evidence) say(key string) string {
	return e.words.Text("evidence."+key, map[string]any{"organisation": e.org.Name, "subject": oneLine(e.d.Manifest.Subject), "at": e.at(e.now)})
}

func (e evidence) at(t time.Time) string { return e.words.DateTime(t, e.org.Zone) }

func (e evidence) mail() ([]byte, error) {
	facts, err := json.MarshalIndent(e.facts(), "", "  ")
	if err != nil {
		return nil, transfer.Wrap(transfer.Internal, "the evidence cannot be written", err)
	}
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	if err := addPart(w, "text/plain; charset=utf-8", "", []byte(e.text())); err != nil {
		return nil, transfer.Wrap(transfer.Internal, "the evidence cannot be written", err)
	}
	if err := addPart(w, "application/json; charset=utf-8", "evidence.json", facts); err != nil {
		return nil, transfer.Wrap(transfer.Internal, "the evidence cannot be written", err)
	}
	if err := w.Close(); err != nil {
		return nil, transfer.Wrap(transfer.Internal, "the evidence cannot be written", err)
	}
	return append(e.head(w.Boundary()), parts.Bytes()...), nil
}

func (e evidence) head(boundary string) []byte {
	m := e.d.Manifest
	from := mail.Address{Name: m.Sender.Name, Address: m.Sender.Address}
	var out bytes.Buffer
	for _, line := range [][2]string{
		{"Date", m.AcceptedAt.UTC().Format(time.RFC1123Z)},
		{"From", from.String()},
		{"To", from.String()},
		{"Subject", mime.QEncoding.Encode("utf-8", e.say("subject"))},
		{"Message-ID", "<evidence." + string(m.ID) + "@" + e.org.MailDomain + ">"},
		{"X-SendDigitally-Transfer", string(m.ID)},
		{"MIME-Version", "1.0"},
		{"Content-Type", mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": boundary})},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", line[0], line[1])
	}
	out.WriteString("\r\n")
	return out.Bytes()
}

func addPart(w *multipart.Writer, kind, name string, content []byte) error {
	head := textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"quoted-printable"}}
	if name != "" {
		head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	part, err := w.CreatePart(head)
	if err != nil {
		return err
	}
	coded := quotedprintable.NewWriter(part)
	if _, err := coded.Write(content); err != nil {
		return err
	}
	return coded.Close()
}

func (e evidence) text() string {
	m, s := e.d.Manifest, e.d.State
	lines := []string{e.say("lead"), ""}
	fact := func(key, value string) {
		if value != "" {
			lines = append(lines, e.say(key)+": "+value)
		}
	}
	fact("message_subject", oneLine(m.Subject))
	fact("sender", oneLine(m.Sender.Name)+" <"+m.Sender.Address+">")
	fact("case", oneLine(m.Options.CaseID))
	fact("transfer", string(m.ID))
	fact("accepted", e.at(m.AcceptedAt))
	fact("expires", e.at(s.ExpiresAt))
	if !s.Withdrawn.IsZero() {
		fact("withdrawn", e.at(s.Withdrawn))
	}
	lines = append(lines, "", e.say("recipients")+":")
	for _, r := range m.Recipients {
		lines = append(lines, "- "+oneLine(r.Name+" <"+r.Address+">")+" "+strings.Join(e.history(s.Recipients[r.ID]), "; "))
	}
	lines = append(lines, "", e.say("files")+":")
	for _, file := range e.contents {
		name := oneLine(file.Name)
		if file.id == "body" {
			name = e.say("body")
		}
		sum := file.SHA256
		if file.Damaged {
			sum = e.say("damaged")
		}
		lines = append(lines, fmt.Sprintf("- %s  %s  (%d)", sum, name, file.Size))
	}
	return strings.Join(append(lines, "", e.say("made"), ""), "\r\n")
}

func (e evidence) history(r transfer.RecipientState) []string {
	var all []string
	for _, moment := range []struct {
		key string
		at  time.Time
	}{{"notified", r.Notified}, {"opened", r.Opened}, {"replied", r.Replied}, {"discarded", r.Discarded}, {"withdrawn", r.Withdrawn}} {
		if !moment.at.IsZero() {
			all = append(all, e.say(moment.key)+" "+e.at(moment.at))
		}
	}
	if word := r.Word(); word == "undeliverable" || word == "uncertain" {
		all = append(all, e.say(word))
	}
	return all
}

type evidenceJSON struct {
	Version    int               `json:"version"`
	Transfer   transfer.ID       `json:"transfer"`
	Subject    string            `json:"subject"`
	Sender     transfer.Party    `json:"sender"`
	CaseID     string            `json:"caseId,omitempty"`
	AcceptedAt time.Time         `json:"acceptedAt"`
	ExpiresAt  time.Time         `json:"expiresAt"`
	Withdrawn  time.Time         `json:"withdrawnAt,omitzero"`
	MadeAt     time.Time         `json:"madeAt"`
	Recipients []evidenceParty   `json:"recipients"`
	Contents   []evidenceContent `json:"contents"`
}

type evidenceParty struct {
	Name      string    `json:"name,omitempty"`
	Address   string    `json:"address"`
	Field     string    `json:"field"`
	State     string    `json:"state"`
	Notified  time.Time `json:"notifiedAt,omitzero"`
	Opened    time.Time `json:"openedAt,omitzero"`
	Replied   time.Time `json:"repliedAt,omitzero"`
	Withdrawn time.Time `json:"withdrawnAt,omitzero"`
}

type evidenceContent struct {
	id      transfer.FileID
	Name    string `json:"name"`
	Type    string `json:"type"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256,omitempty"`
	Damaged bool   `json:"damaged,omitempty"` // and so without a checksum
}

func (e evidence) facts() evidenceJSON {
	m, s := e.d.Manifest, e.d.State
	out := evidenceJSON{Version: 1, Transfer: m.ID, Subject: m.Subject, Sender: m.Sender, CaseID: m.Options.CaseID, AcceptedAt: m.AcceptedAt,
		ExpiresAt: s.ExpiresAt, Withdrawn: s.Withdrawn, MadeAt: e.now, Recipients: []evidenceParty{}, Contents: e.contents}
	for _, r := range m.Recipients {
		at := s.Recipients[r.ID]
		out.Recipients = append(out.Recipients, evidenceParty{r.Name, r.Address, r.Field, at.Word(), at.Notified, at.Opened, at.Replied, at.Withdrawn})
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
