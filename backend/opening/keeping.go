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
	Open  func(ctx context.Context, f transfer.File) (io.ReadSeekCloser, error)
	// Claim counts every file where the policy limits downloads, or refuses. Call
	// it before anything is given out.
	Claim func(ctx context.Context) error
	// Complete counts every file where it does not. Call it once the last byte
	// went out.
	Complete func(ctx context.Context)
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
	p.Complete = func(ctx context.Context) { o.countAll(ctx, d, at.Recipient) }
	if len(p.Files) < len(d.Manifest.Files) {
		p.Complete = func(ctx context.Context) {
			for _, f := range p.Message.Files {
				o.count(ctx, d, at.Recipient, f.ID)
			}
		}
	}
	p.Claim = func(context.Context) error { return nil }
	if o.Policy(at.Tenant).MaxDownloads == 0 {
		return p, nil
	}
	p.Complete = func(context.Context) {}
	p.Claim = func(ctx context.Context) error {
		for _, f := range p.Message.Files {
			if err := o.claim(ctx, d, at.Recipient, f.ID); err != nil {
				return err
			}
		}
		return nil
	}
	return p, nil
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

// Grace is how long a download that was counted may be resumed, where the policy
// limits downloads: the connection may have broken at its very end.
const Grace = time.Hour

// limited is the content of a file whose downloads are limited: its last bytes
// are given out only once the download is counted, so that nobody has a whole
// file beyond the limit, however many ask at the same time.
type limited struct {
	io.ReadSeekCloser
	size, at int64
	claim    func() error
	claimed  bool
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.ReadSeekCloser.Read(b)
	l.at += int64(n)
	if l.at >= l.size && !l.claimed {
		if refused := l.claim(); refused != nil {
			return 0, refused
		}
		l.claimed = true
	}
	return n, err
}

func (l *limited) Seek(offset int64, whence int) (int64, error) {
	at, err := l.ReadSeekCloser.Seek(offset, whence)
	l.at = at
	return at, err
}

// claim counts a download if the limit allows one more, atomically. Of what has
// expired while it was read there will be no other.
func (o *Opening) claim(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, id transfer.FileID) error {
	err := o.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if resumed, err := o.mayDownload(d, s, r, id); err != nil || resumed {
			return transfer.Entry{}, err
		}
		return transfer.Entry{Kind: transfer.Downloaded, Recipient: r, File: id}, nil
	})
	if transfer.CodeOf(err) == transfer.Expired {
		return nil
	}
	return err
}

// mayDownload is TooMany when the limit is reached. resumed says that the last
// download, already counted, is still being finished.
func (o *Opening) mayDownload(d *transfer.Dossier, s transfer.State, r transfer.RecipientID, id transfer.FileID) (resumed bool, err error) {
	limit := o.Policy(d.Manifest.Tenant).MaxDownloads
	state := s.Recipients[r]
	if limit == 0 || state.Downloaded[id] < limit {
		return false, nil
	}
	i := slices.IndexFunc(s.News, func(n transfer.News) bool {
		return n.Kind == transfer.Downloaded && n.Recipient == r && n.File == id && o.Clock().Before(n.At.Add(Grace))
	})
	if i < 0 {
		return false, transfer.E(transfer.TooMany, "this file has been downloaded as often as is allowed")
	}
	return true, nil
}
