package opening

import (
	"context"
	"io"
	"slices"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Parcel is all that a recipient may keep of a message: its body and files.
type Parcel struct {
	Message
	Body  *transfer.File
	Files []transfer.File // with inline images
	// Open reads one of it. Where the policy does not limit downloads, all files are
	// counted once more than half of their bytes was read.
	Open func(ctx context.Context, f transfer.File) (io.ReadSeekCloser, error)
	// Claim counts every file where it does, or refuses. Call it before anything is
	// given out.
	Claim func(ctx context.Context) error
}

// Parcel opens all at a seat, to be kept in one piece. Opening it counts nothing.
func (o *Opening) Parcel(ctx context.Context, at Seat) (Parcel, error) {
	d, err := o.sit(ctx, at, access.Download, "")
	if err != nil {
		return Parcel{}, err
	}
	p := Parcel{Message: o.message(d, at), Body: d.Manifest.Body, Files: d.Given(),
		Open: func(ctx context.Context, f transfer.File) (io.ReadSeekCloser, error) {
			return o.Vault.ReadFile(ctx, d, f)
		}}
	p.Message.Files = slices.DeleteFunc(p.Message.Files, func(f transfer.File) bool { return d.Withholds(f.ID) != nil })
	if p.Body != nil && d.Withholds(p.Body.ID) != nil {
		p.Body = nil
	}
	if o.Policy(at.Tenant).MaxDownloads == 0 {
		p.Claim = func(context.Context) error { return nil }
		p.Open = o.counting(d, at.Recipient, p)
		return p, nil
	}
	p.Claim = func(ctx context.Context) error {
		for _, f := range p.Message.Files {
			if err := o.claim(ctx, d, at.Recipient, f.ID, false); err != nil {
				return err
			}
		}
		return nil
	}
	return p, nil
}

// counting is the Open of a parcel that counts its files, once.
func (o *Opening) counting(d *transfer.Dossier, r transfer.RecipientID, p Parcel) func(context.Context, transfer.File) (io.ReadSeekCloser, error) {
	var read, total int64
	for _, f := range p.Message.Files {
		total += f.Size
	}
	counted := false
	return func(ctx context.Context, f transfer.File) (io.ReadSeekCloser, error) {
		content, err := p.Open(ctx, f)
		if err != nil || p.Body != nil && f.ID == p.Body.ID {
			return content, err
		}
		return &watched{halfway{ReadSeekCloser: content, size: f.Size}, func(h halfway) {
			read += h.at
			if counted || 2*read <= total && total > 0 {
				return
			}
			counted = true
			if len(p.Files) == len(d.Manifest.Files) {
				o.countAll(ctx, d, r)
				return
			}
			for _, f := range p.Message.Files {
				o.count(ctx, d, r, f.ID, false)
			}
		}}, nil
	}
}

// Past is one earlier reply in the conversation.
type Past struct {
	Number     string // of its receipt
	AcceptedAt time.Time
	Text       string
	Files      []transfer.File
	Seen       time.Time          // when the mailbox opened it, where the policy shows that
	Standings  transfer.Standings // of text and files in the check for malware
}

// maxPast bounds the text of an earlier reply that is shown again, in bytes.
const maxPast = 64 << 10

// History is what the recipient of a message has replied so far, oldest first.
// A reply whose own time is over is left out.
func (o *Opening) History(ctx context.Context, m Message) ([]Past, error) {
	var all []Past
	for _, id := range m.Replies {
		d, err := o.Archive.Open(ctx, m.Tenant, id)
		switch transfer.CodeOf(err) {
		case "":
		case transfer.Expired, transfer.Withdrawn, transfer.NotFound:
			continue
		default:
			return nil, err
		}
		if d.State.ExpiredAt(o.Clock()) {
			continue
		}
		text, err := o.pastText(ctx, d)
		if err != nil {
			return nil, err
		}
		past := Past{Number: o.Namer.ReceiptNumber(id), AcceptedAt: d.Manifest.AcceptedAt, Text: text, Files: d.Manifest.Files, Standings: d.Standings()}
		if o.Policy(m.Tenant).ShowSeen {
			past.Seen = d.State.Seen
		}
		all = append(all, past)
	}
	return all, nil
}

func (o *Opening) pastText(ctx context.Context, d *transfer.Dossier) (string, error) {
	if d.Manifest.Body == nil || d.Withholds(d.Manifest.Body.ID) != nil {
		return "", nil
	}
	content, err := o.Vault.ReadFile(ctx, d, *d.Manifest.Body)
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, maxPast))
	return string(text), err
}

// Grace is how long a download that was counted may be resumed without being
// counted again: a large file over a bad line breaks more than once.
const Grace = 6 * time.Hour

// halfway notices when what is read of a file goes beyond its first half, and
// whether that reading began there, as who resumes a download does.
type halfway struct {
	io.ReadSeekCloser
	size, begun, at         int64
	passed, resumed, failed bool
}

func (h *halfway) Read(b []byte) (int, error) {
	n, err := h.ReadSeekCloser.Read(b)
	h.at += int64(n)
	if n > 0 && !h.passed && 2*h.at > h.size {
		h.passed, h.resumed = true, 2*h.begun > h.size
	}
	h.failed = h.failed || err != nil && err != io.EOF
	return n, err
}

func (h *halfway) Seek(offset int64, whence int) (int64, error) {
	at, err := h.ReadSeekCloser.Seek(offset, whence)
	h.begun, h.at = at, at
	return at, err
}

// watched tells how far its content was read when that is closed, unless it could
// not be read.
type watched struct {
	halfway
	ended func(halfway)
}

func (w *watched) Close() error {
	if !w.failed {
		w.ended(w.halfway)
	}
	return w.ReadSeekCloser.Close()
}

// limited is the content of a file whose downloads are limited: nothing beyond its
// first half is given out before the download is counted, so that nobody has it
// beyond the limit, however many ask at the same time.
type limited struct {
	halfway
	claim   func(resumed bool) error
	claimed bool
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.halfway.Read(b)
	if l.passed && !l.claimed {
		if refused := l.claim(l.resumed); refused != nil {
			return 0, refused
		}
		l.claimed = true
	}
	return n, err
}

// claim counts a download if the limit allows one more, atomically, and not again
// when it is resumed. Of what has expired while it was read there will be no other.
func (o *Opening) claim(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, id transfer.FileID, resumed bool) error {
	err := o.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if resumed && o.recent(s, r, id) {
			return transfer.Entry{}, nil
		}
		if finished, err := o.mayDownload(d, s, r, id); err != nil || finished {
			return transfer.Entry{}, err
		}
		return transfer.Entry{Kind: transfer.Downloaded, Recipient: r, File: id}, nil
	})
	if transfer.CodeOf(err) == transfer.Expired {
		return nil
	}
	return err
}

// mayDownload is TooMany when the limit is reached. finished says that the last
// download, already counted, is still being finished.
func (o *Opening) mayDownload(d *transfer.Dossier, s transfer.State, r transfer.RecipientID, id transfer.FileID) (finished bool, err error) {
	limit := o.Policy(d.Manifest.Tenant).MaxDownloads
	if limit == 0 || s.Recipients[r].Downloaded[id] < limit {
		return false, nil
	}
	if !o.recent(s, r, id) {
		return false, transfer.E(transfer.TooMany, "this file has been downloaded as often as is allowed")
	}
	return true, nil
}

// recent reports whether a download of a file was counted within the grace.
func (o *Opening) recent(s transfer.State, r transfer.RecipientID, id transfer.FileID) bool {
	return slices.ContainsFunc(s.News, func(n transfer.News) bool {
		return n.Kind == transfer.Downloaded && n.Recipient == r && n.File == id && o.Clock().Before(n.At.Add(Grace))
	})
}
