// Package opening lets a recipient open her link: link → code → session → read,
// download.
//
// Invariant: looking at a link, pressing a button or failing a code reveals and
// consumes nothing; only a typed code, checked in constant time behind a
// lock-out, opens it. A recipient sees her own conversation and nothing else.
//
// Failure: unknown links are NotFound, alike in every respect; known ones that
// are over answer Expired or Withdrawn; without the ledger nothing opens.
package opening

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Archive follows links and journals.
type Archive interface {
	Follow(ctx context.Context, token transfer.LinkToken) (*transfer.Dossier, transfer.RecipientID, error)
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Vault reads files.
type Vault interface {
	ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error)
}

// Attempts counts wrong codes. It fails closed.
type Attempts interface {
	LockedUntil(ctx context.Context, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) (time.Time, error)
	FailCode(ctx context.Context, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID, max int, lock time.Duration) (left int, lockedUntil time.Time, err error)
	ClearCode(ctx context.Context, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Verify compares a typed code with its verifier in constant time.
type Verify func(ctx context.Context, code transfer.AccessCode, typed string, key transfer.DataKey, id transfer.ID) (bool, error)

// Sums calculates checksums.
type Sums interface {
	Of(ctx context.Context, f transfer.File, content io.Reader) ([]byte, error)
}

// Opening is the use case.
type Opening struct {
	Archive  Archive
	Vault    Vault
	Sums     Sums
	Attempts Attempts
	Gate     Gate
	Verify   Verify
	Provers  map[transfer.CodeKind]Prover // of the kinds that are proven at the opening
	Namer    transfer.Namer
	Policy   func(transfer.TenantID) transfer.Policy
	Clock    func() time.Time
	Log      *slog.Logger
}

// Seat is one recipient's place at one transfer; a session holds seats.
type Seat struct {
	Tenant    transfer.TenantID
	ID        transfer.ID
	Recipient transfer.RecipientID
	Opened    time.Time // when the code was given
}

// Face is what a link shows before it is opened.
type Face struct {
	Seat
	To        string // masked address
	Way       string // masked address or number that a one-time code goes to
	Step      Step   // of this browser, with a one-time code
	ExpiresAt time.Time
	Code      transfer.CodeKind
	Language  string
	Contact   bool // she wrote first; the code went to her address
	Request   transfer.Request
}

// Face looks at a link. browser is the browser's secret, if it has one yet;
// visitor is a pseudonym of the network address. Of one that is over, it is known
// at most whose it was.
func (o *Opening) Face(ctx context.Context, token transfer.LinkToken, browser, visitor string) (Face, error) {
	d, r, err := o.follow(ctx, token, visitor, access.OpenLink)
	if err != nil {
		return Face{Seat: Seat{Tenant: whose(d)}}, err
	}
	recipient, _ := d.Manifest.Recipient(r)
	face := Face{Seat: seat(d, r), To: mask(recipient.Address), Way: mask(recipient.Address), ExpiresAt: d.State.ExpiresAt,
		Code: d.State.Code.Kind, Language: d.Manifest.Options.Language, Contact: d.Manifest.Options.ContactPoint != "", Request: d.Manifest.Options.Request}
	if face.Code == transfer.CodeSMS {
		face.Way = transfer.MaskPhone(recipient.Phone)
	}
	if prover, known := o.Provers[face.Code]; known {
		face.Step, err = prover.Begun(ctx, d, r, browser)
	}
	return face, err
}

func (o *Opening) follow(ctx context.Context, token transfer.LinkToken, visitor string, action access.Action) (*transfer.Dossier, transfer.RecipientID, error) {
	d, r, err := o.Archive.Follow(ctx, token)
	if err != nil {
		return nil, "", err
	}
	on := access.Resource{Tenant: d.Manifest.Tenant, ID: d.Manifest.ID, Owner: d.Manifest.Owner, Recipient: r}
	if err := o.Gate.Check(ctx, access.Visitor(visitor), action, on); err != nil {
		return nil, "", err
	}
	return d, r, d.State.Readable(r, o.Clock())
}

// Unlock checks the typed code and answers the seat that it opens. CodeWrong
// says how many tries are left, LockedOut until when.
func (o *Opening) Unlock(ctx context.Context, token transfer.LinkToken, typed, browser, visitor string) (Seat, error) {
	d, r, err := o.follow(ctx, token, visitor, access.EnterCode)
	if err != nil {
		return Seat{Tenant: whose(d)}, err
	}
	if d.State.Code.Kind == transfer.CodeNone {
		return seat(d, r), nil
	}
	if err := o.ready(ctx, d, r, browser, typed); err != nil {
		return Seat{}, err
	}
	if err := o.checkCode(ctx, d, r, browser, typed); err != nil {
		return Seat{}, err
	}
	return seat(d, r), o.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Recipients[r].Opened.IsZero() {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Opened, Recipient: r}, nil
	})
}

func whose(d *transfer.Dossier) transfer.TenantID {
	if d == nil {
		return ""
	}
	return d.Manifest.Tenant
}

func (o *Opening) checkCode(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser, typed string) error {
	tenant, id := d.Manifest.Tenant, d.Manifest.ID
	locked, err := o.Attempts.LockedUntil(ctx, tenant, id, r)
	if err != nil {
		return err
	}
	if o.Clock().Before(locked) {
		return lockedOut(locked)
	}
	// The try is counted before the code is compared, so that many at once are
	// no more tries than one after another.
	policy := o.Policy(tenant)
	count := func() (int, time.Time, error) {
		return o.Attempts.FailCode(ctx, tenant, id, r, policy.CodeAttempts+1, policy.CodeLockout)
	}
	left, until, err := count()
	if err != nil {
		return err
	}
	if o.Clock().Before(until) {
		return lockedOut(until)
	}
	right, err := o.right(ctx, d, r, browser, typed)
	switch {
	case err != nil:
		return err
	case right:
		return o.Attempts.ClearCode(ctx, tenant, id, r)
	case left > 1:
		return transfer.E(transfer.CodeWrong, "the code is not right").With("left", strconv.Itoa(left-1))
	}
	if _, until, err = count(); err != nil {
		return err
	}
	o.tellLocked(ctx, d, r)
	return lockedOut(until)
}

// tellLocked lets the sender know of the first lock-out of a link. The lock
// itself stands without it.
func (o *Opening) tellLocked(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID) {
	err := o.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		told := slices.ContainsFunc(s.News, func(n transfer.News) bool { return n.Kind == transfer.Locked && n.Recipient == r })
		if told {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Locked, Recipient: r}, nil
	})
	if err != nil {
		o.Log.Warn("the sender is not told of a lock-out", "transfer", d.Manifest.ID, "cause", err)
	}
}

func lockedOut(until time.Time) error {
	return transfer.E(transfer.LockedOut, "too many wrong codes").With("until", until.UTC().Format(time.RFC3339))
}

// Message is a transfer as one recipient may see it.
type Message struct {
	Seat
	Sender     transfer.Party
	Subject    string
	To, Cc     []transfer.Party
	AcceptedAt time.Time
	ExpiresAt  time.Time
	Files      []transfer.File // without inline images
	Language   string
	Answerable bool
	Request    transfer.Request // she is asked to send something
	Spent      bool             // and has done so, once
	Contact    bool             // she writes first: there is nothing to read but a greeting
	Replies    []transfer.ID
	Standings  transfer.Standings // of text and files in the check for malware
	dossier    *transfer.Dossier
}

// Read answers the message at a seat.
func (o *Opening) Read(ctx context.Context, at Seat) (Message, error) {
	d, err := o.sit(ctx, at, access.ReadBody, "")
	if err != nil {
		return Message{}, err
	}
	return o.message(d, at), nil
}

func (o *Opening) message(d *transfer.Dossier, at Seat) Message {
	m := d.Manifest
	message := Message{Seat: at, Sender: m.Sender, Subject: m.Subject, AcceptedAt: m.AcceptedAt, ExpiresAt: d.State.ExpiresAt, Files: m.Attachments(),
		Language: m.Options.Language, Answerable: !m.Options.Restricted, Request: m.Options.Request, Spent: d.Spent(o.Namer, at.Recipient), Contact: m.Options.ContactPoint != "", Replies: d.State.Recipients[at.Recipient].Replies, Standings: d.Standings(), dossier: d}
	for _, r := range m.Recipients {
		switch r.Field {
		case "to":
			message.To = append(message.To, r.Party)
		case "cc":
			message.Cc = append(message.Cc, r.Party)
		}
	}
	return message
}

func (o *Opening) sit(ctx context.Context, at Seat, action access.Action, file transfer.FileID) (*transfer.Dossier, error) {
	d, err := o.Archive.Open(ctx, at.Tenant, at.ID)
	if err != nil {
		return nil, err
	}
	on := access.Resource{Tenant: at.Tenant, ID: at.ID, Owner: d.Manifest.Owner, Recipient: at.Recipient, File: file}
	if err := o.Gate.Check(ctx, access.Recipient(at.Tenant, at.ID, at.Recipient), action, on); err != nil {
		return nil, err
	}
	return d, d.State.Admits(at.Recipient, at.Opened, o.Clock())
}

// Body opens the body of the message, if there is one, as the sender wrote it. It
// is not sanitised: the page that shows it must do so. What is held back is
// refused as Dossier.Withholds says.
func (o *Opening) Body(ctx context.Context, m Message) (kind string, content io.ReadSeekCloser, err error) {
	body := m.dossier.Manifest.Body
	if body == nil {
		return "text/plain", nil, nil
	}
	content, err = o.Vault.ReadFile(ctx, m.dossier, *body)
	return body.Type, content, err
}

// Inline opens an image shown within the body, by its content id.
func (o *Opening) Inline(ctx context.Context, at Seat, contentID string) (transfer.File, io.ReadSeekCloser, error) {
	d, err := o.sit(ctx, at, access.ReadBody, "")
	if err != nil {
		return transfer.File{}, nil, err
	}
	i := slices.IndexFunc(d.Manifest.Files, func(f transfer.File) bool { return f.Inline() && f.ContentID == contentID })
	if i < 0 {
		return transfer.File{}, nil, transfer.E(transfer.NotFound, "no such image")
	}
	content, err := o.Vault.ReadFile(ctx, d, d.Manifest.Files[i])
	return d.Manifest.Files[i], content, err
}

// Download opens one file. It counts as a download once what is read of it goes
// beyond its first half: who leaves out the end has had it all the same.
func (o *Opening) Download(ctx context.Context, at Seat, id transfer.FileID) (f transfer.File, content io.ReadSeekCloser, err error) {
	d, f, content, err := o.file(ctx, at, access.Download, id)
	if err != nil {
		return f, nil, err
	}
	half := halfway{ReadSeekCloser: content, size: f.Size}
	if o.Policy(at.Tenant).MaxDownloads == 0 {
		return f, &watched{half, func(h halfway) {
			if h.passed {
				o.count(ctx, d, at.Recipient, id, h.resumed)
			}
		}}, nil
	}
	if _, err := o.mayDownload(d, d.State, at.Recipient, id); err != nil {
		return f, nil, errors.Join(err, content.Close())
	}
	claim := func(resumed bool) error { return o.claim(ctx, d, at.Recipient, id, resumed) }
	return f, &limited{halfway: half, claim: claim}, nil
}

// Checksum answers the SHA-256 of a file, for which it reads the whole of it. It
// counts as no download.
func (o *Opening) Checksum(ctx context.Context, at Seat, id transfer.FileID) (f transfer.File, sum []byte, err error) {
	_, f, content, err := o.file(ctx, at, access.Checksum, id)
	if err != nil {
		return f, nil, err
	}
	defer content.Close()
	sum, err = o.Sums.Of(ctx, f, content)
	return f, sum, err
}

// file opens a file at a seat for an action.
func (o *Opening) file(ctx context.Context, at Seat, action access.Action, id transfer.FileID) (d *transfer.Dossier, f transfer.File, content io.ReadSeekCloser, err error) {
	if d, err = o.sit(ctx, at, action, id); err != nil {
		return d, f, nil, err
	}
	f, known := d.Manifest.File(id)
	if !known {
		return d, f, nil, transfer.E(transfer.NotFound, "no such file")
	}
	content, err = o.Vault.ReadFile(ctx, d, f)
	return d, f, content, err
}

// maxCounted bounds what one recipient's downloads of one file add to the
// journal; every single one is in the audit log.
const maxCounted = 20

func (o *Opening) count(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, id transfer.FileID, resumed bool) {
	o.counted(ctx, d, r, func(s transfer.State) (transfer.Entry, error) {
		if s.Recipients[r].Downloaded[id] >= maxCounted || resumed && o.recent(s, r, id) {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Downloaded, Recipient: r, File: id}, nil
	})
}

// countAll is one entry of the journal, however many files there are.
func (o *Opening) countAll(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID) {
	o.counted(ctx, d, r, func(s transfer.State) (transfer.Entry, error) {
		few := func(f transfer.File) bool { return s.Recipients[r].Downloaded[f.ID] < maxCounted }
		if !slices.ContainsFunc(d.Manifest.Attachments(), few) {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.AllFetched, Recipient: r}, nil
	})
}

func (o *Opening) counted(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, decide func(transfer.State) (transfer.Entry, error)) {
	if !d.Recognises(r) {
		return
	}
	ctx = context.WithoutCancel(ctx) // who has the bytes may be gone
	if err := o.Archive.Tell(ctx, d, decide); err != nil {
		o.Log.Warn("download not counted", "transfer", d.Manifest.ID, "cause", err)
	}
}

func seat(d *transfer.Dossier, r transfer.RecipientID) Seat {
	return Seat{Tenant: d.Manifest.Tenant, ID: d.Manifest.ID, Recipient: r}
}

// mask keeps what a recipient recognises of her address: "c•••@p•••.example".
func mask(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if !found {
		return "•••"
	}
	name, ending := domain, ""
	if i := strings.LastIndexByte(domain, '.'); i > 0 {
		name, ending = domain[:i], domain[i:]
	}
	return initial(local) + "•••@" + initial(name) + "•••" + ending
}

func initial(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
