package sending_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/ledger"
	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// outlook has one draft with one attachment, and can fail.
type outlook struct {
	mu    sync.Mutex
	read  int
	fail  error
	moved int
	from  transfer.Party
	open  string // the mailbox that the caseworker may open besides her own
	to    []transfer.Party
	alone string // a body without attachments, in the place of the usual ones

	attached []transfer.Attachment // in the place of the usual ones
	content  *string               // of every attachment, in the place of "content"
	opened   []int64               // sizes of the attachments that were read
}

func (o *outlook) MemberOf(_ context.Context, _ transfer.TenantID, _ transfer.Caller, mailbox string) (bool, error) {
	return mailbox == o.open, nil
}

func (o *outlook) Draft(context.Context, transfer.TenantID, transfer.Caller, string, string, string) (transfer.Draft, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read++
	if o.alone != "" {
		return transfer.Draft{ID: "draft", Subject: "Decision", Body: o.alone, BodyType: "text/html", To: o.to}, nil
	}
	d := transfer.Draft{ID: "draft", Subject: "Decision", Body: "<p>text</p>", BodyType: "text/html", From: o.from,
		To: o.to, Bcc: []transfer.Party{{Address: "company@firm.example"}},
		Attachments: []transfer.Attachment{{ID: "a", Kind: transfer.FileAttachment, Name: "../decision.pdf", Type: "application/pdf", Size: 7},
			{ID: "b", Kind: transfer.ItemAttachment, Name: "Meeting", Size: 7}}}
	if o.attached != nil {
		d.Attachments = o.attached
	}
	return d, nil
}

func (o *outlook) OpenAttachment(_ context.Context, _ transfer.TenantID, _ transfer.Caller, _, _ string, a transfer.Attachment) (io.ReadCloser, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.opened = append(o.opened, a.Size)
	content := "content"
	if o.content != nil {
		content = *o.content
	}
	return io.NopCloser(strings.NewReader(content)), o.fail
}

func (o *outlook) FileAway(context.Context, transfer.TenantID, transfer.Caller, string, string, string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.moved++
	return "", nil
}

type rig struct {
	*archivetest.Rig
	outlook *outlook
	send    *sending.Sending
}

func newRig(t *testing.T) rig {
	r, o := archivetest.New(t), &outlook{to: []transfer.Party{{Address: "citizen@post.example"}, {Address: "Citizen@post.example"}}}
	return rig{r, o, &sending.Sending{Drafts: o, Members: o, Uploads: &uploading.Uploading{Vault: r.Vault, Ledger: r.Ledger, Holds: r.Ledger, Clock: r.Clock}, Vault: r.Vault, Ledger: r.Ledger, Archive: r.Archive, Wishes: r.Ledger, Gate: r.Gate, Namer: r.Namer, Policy: r.PolicyOf,
		SignsIn: func(_ transfer.TenantID, address string) bool { return address == "colleague@municipality.example" },
		Known:   func(_ transfer.TenantID, mailbox, _ string) bool { return mailbox == "children" }, Clock: r.Clock, Log: r.Log}}
}

func request() sending.Request {
	return sending.Request{DraftID: "draft", Options: sending.Options{Options: transfer.Options{Language: "en", Code: transfer.AccessCode{Kind: transfer.CodeGenerated}}}}
}

const key = "0123456789abcdef"

// sent sends and waits until that has ended.
func (r rig) sent(request sending.Request) (transfer.Record, error) {
	r.T.Helper()
	id, err := r.send.Send(r.T.Context(), r.Caseworker(), key, request)
	if err != nil {
		return transfer.Record{}, err
	}
	ctx, cancel := context.WithTimeout(r.T.Context(), 10*time.Second)
	defer cancel()
	r.send.Wait(ctx)
	return r.Ledger.Get(r.T.Context(), archivetest.Tenant, id)
}

func TestForADocumentSystemTheMailboxWritesThatAnswersGoTo(t *testing.T) {
	r := newRig(t)
	r.send.Address = func(_ transfer.TenantID, mailbox string) string { return mailbox + "@municipality.example" }
	q := request()
	q.DraftID, q.Message = "", &sending.Message{Subject: "Decision", Text: "Enclosed", Recipients: []transfer.Recipient{{Party: transfer.Party{Address: "citizen@post.example"}}}}
	q.Options.ReplyMailbox = "children"
	system := transfer.Caller{Tenant: archivetest.Tenant, Subject: "system", Name: "6a204bd8-9f06", Roles: []transfer.Role{transfer.Application}}
	id, err := r.send.Send(t.Context(), system, key, q)
	r.Code(err, "")
	r.send.Wait(t.Context())
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, id)
	r.Code(err, "")
	if from := d.Manifest.Sender; from != (transfer.Party{Name: "children@municipality.example", Address: "children@municipality.example"}) {
		t.Errorf("it is from %+v", from)
	}
}

func TestADraftBecomesAWholeTransfer(t *testing.T) {
	r := newRig(t)
	record, err := r.sent(request())
	if err != nil || record.Phase != transfer.Live {
		t.Fatalf("the transfer is %q (%s): %v", record.Phase, record.Reason, err)
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
	r.Code(err, "")
	m := d.Manifest
	if len(m.Files) != 2 || m.Files[0].Name != "decision.pdf" || m.Files[1].Name != "Meeting.eml" || m.Files[1].Type != "message/rfc822" || m.Body.Size == 0 {
		t.Errorf("the files are %+v", m.Files)
	}
	if len(m.Recipients) != 2 || m.Recipients[0].Field != "to" || m.Recipients[1].Field != "bcc" {
		t.Errorf("the recipients are %+v", m.Recipients)
	}
	if !m.ExpiresAt.Equal(r.Clock().Add(r.Policy.Expiry)) || len(m.Options.Code.Verifier) == 0 || r.outlook.moved != 1 || !r.Audited(access.Send, access.Allowed) {
		t.Errorf("expiry %v, verifier %q, moved %d times", m.ExpiresAt, m.Options.Code.Verifier, r.outlook.moved)
	}
}

func TestASenderIsWhoWritesOrAMailboxThatSheMayOpen(t *testing.T) {
	const own, team, boss = "caseworker@municipality.example", "team@municipality.example", "mayor@municipality.example"
	for name, tc := range map[string]struct {
		from, mailbox, want string
		refused             transfer.Code
	}{
		"none named":             {"", "", own, ""},
		"herself, in capitals":   {"Caseworker@Municipality.example", "", own, ""},
		"a mailbox of hers":      {team, "", team, ""},
		"where the draft lies":   {boss, boss, boss, ""},
		"somebody else":          {boss, "", "", transfer.SenderRefused},
		"somebody outside":       {"minister@ministry.example", "", "", transfer.SenderRefused},
		"somebody from a team's": {boss, team, "", transfer.SenderRefused},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.outlook.from, r.outlook.open = transfer.Party{Name: "The Mayor", Address: tc.from}, team
			asked := request()
			asked.Mailbox = tc.mailbox
			record, err := r.sent(asked)
			if err != nil || record.Reason != tc.refused {
				t.Fatalf("%q (%s): %v", record.Phase, record.Reason, err)
			}
			if tc.refused != "" {
				return
			}
			d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
			if err != nil || d.Manifest.Sender.Address != tc.want || tc.want == own && d.Manifest.Sender.Name == "The Mayor" {
				t.Errorf("the sender is %+v: %v", d.Manifest.Sender, err)
			}
		})
	}
}

func TestOneKeyIsOneTransferAndAnotherRequestIsRefused(t *testing.T) {
	r := newRig(t)
	first, err := r.sent(request())
	r.Code(err, "")
	again, err := r.sent(request())
	if err != nil || again.ID != first.ID || r.outlook.read != 1 {
		t.Errorf("the draft was read %d times: %v", r.outlook.read, err)
	}
	other := request()
	other.Options.CaseID = "27.1"
	_, err = r.sent(other)
	r.Code(err, transfer.KeyReused)
}

// Whoever has the answer to Send may cancel: no older wish is forgotten after it.
func TestAWishThatComesAtOnceIsHeard(t *testing.T) {
	r := newRig(t)
	wishes := &forgetful{Ledger: r.Ledger}
	r.send.Wishes = wishes
	_, err := r.send.Send(t.Context(), r.Caseworker(), key, request())
	r.Code(err, "")
	if wishes.forgot.Load() != 1 {
		t.Error("a wish may still be forgotten when Send has answered")
	}
	r.send.Wait(t.Context())
}

// forgetful counts the wishes that were forgotten.
type forgetful struct {
	*ledger.Ledger
	forgot atomic.Int32
}

func (f *forgetful) DropSession(ctx context.Context, hash string) error {
	f.forgot.Add(1)
	return f.Ledger.DropSession(ctx, hash)
}

// The text has its own limit; what it takes of the transfer's leaves no attachment
// without one.
func TestALongTextLeavesAttachmentsTheirLimit(t *testing.T) {
	r := newRig(t)
	r.Policy.MaxTransferBytes = 5 // and the text has eleven bytes
	record, err := r.sent(request())
	if err != nil || record.Phase != transfer.Failing || record.Reason != transfer.TooLarge {
		t.Errorf("the transfer is %q, %q: %v", record.Phase, record.Reason, err)
	}
}

func TestAFailureSaysWhyAndTheSameKeyMaySendAgain(t *testing.T) {
	r := newRig(t)
	r.outlook.fail = transfer.E(transfer.AttachmentRefused, "not this one")
	record, err := r.sent(request())
	if err != nil || record.Phase != transfer.Failing || record.Reason != transfer.AttachmentRefused {
		t.Errorf("the transfer is %q, %q: %v", record.Phase, record.Reason, err)
	}
	r.outlook.fail = nil
	record, err = r.sent(request())
	if err != nil || record.Phase != transfer.Live {
		t.Errorf("afterwards it is %q, %q: %v", record.Phase, record.Reason, err)
	}
}

func TestAProcessThatDiedLeavesItsKeyToTheRetry(t *testing.T) {
	r := newRig(t)
	r.Blobs.Fault = func(op, _ string) error {
		if op == "put" {
			r.Redis.SetError("the process is gone") // nothing more can be told
			return errors.New("killed")
		}
		return nil
	}
	_, err := r.sent(request())
	r.Code(err, transfer.Unavailable)
	r.Blobs.Fault = nil
	r.Redis.SetError("")
	if record, err := r.sent(request()); err != nil || record.Phase != transfer.Receiving {
		t.Errorf("while the lease lives it is %q: %v", record.Phase, err)
	}
	r.Pass(2 * sending.Lease)
	if record, err := r.sent(request()); err != nil || record.Phase != transfer.Live {
		t.Errorf("after the lease it is %q, %q: %v", record.Phase, record.Reason, err)
	}
}

func TestWhatPolicyForbidsIsRefusedBeforeAnythingIsStored(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sending.Request)
		want   transfer.Code
	}{
		"neither draft nor message": {func(q *sending.Request) { q.DraftID = "" }, transfer.Invalid},
		"both":                      {func(q *sending.Request) { q.Message = &sending.Message{} }, transfer.Invalid},
		"a code not allowed":        {func(q *sending.Request) { q.Options.Code.Kind = transfer.CodeNone }, transfer.Invalid},
		"a language not offered":    {func(q *sending.Request) { q.Options.Language = "fr" }, transfer.Invalid},
		"too late an expiry":        {func(q *sending.Request) { q.Options.ExpiryDays = 31 }, transfer.Invalid},
		"an unknown reply mailbox":  {func(q *sending.Request) { q.Options.ReplyMailbox = "unknown" }, transfer.Invalid},
		"a weak password": {func(q *sending.Request) {
			q.Options.Code.Kind, q.Options.Password = transfer.CodePassword, "12345678"
		}, transfer.CodeTooWeak},
		"nobody to send to": {func(q *sending.Request) { q.DraftID, q.Message = "", &sending.Message{Subject: "x"} }, transfer.NoRecipients},
		"too many files":    {func(q *sending.Request) { q.Uploads = make([]transfer.FileID, 201) }, transfer.TooMany},
		"not a real address": {func(q *sending.Request) {
			q.DraftID, q.Message = "", &sending.Message{Recipients: []transfer.Recipient{{Party: transfer.Party{Address: "A <a@b.example>"}}}}
		}, transfer.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			r, q := newRig(t), request()
			c.change(&q)
			_, err := r.sent(q)
			r.Code(err, c.want)
			if len(r.Blobs.Names())+len(r.Records.Names()) > 0 || r.outlook.read > 0 {
				t.Errorf("%v was stored", r.Blobs.Names())
			}
		})
	}
}
