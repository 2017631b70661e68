package sending_test

import (
	"fmt"
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
)

// written is a message to so many recipients.
func written(subject string, recipients int) sending.Request {
	q := request()
	q.DraftID, q.Message = "", &sending.Message{Subject: subject, Text: "Enclosed"}
	for i := range recipients {
		to := transfer.Recipient{Party: transfer.Party{Address: fmt.Sprintf("r%d@post.example", i)}, Field: "bcc"}
		q.Message.Recipients = append(q.Message.Recipients, to)
	}
	return q
}

func TestFiveHundredRecipientsAreWrittenToAndOneMoreIsNot(t *testing.T) {
	r := newRig(t)
	r.Policy.MaxRecipients = 500
	_, err := r.sent(written("Decision", 501))
	r.Code(err, transfer.TooMany)
	record, err := r.sent(written("Decision", 500))
	r.Code(err, "")
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
	r.Code(err, "")
	if len(d.Manifest.Recipients) != 500 {
		t.Errorf("%d recipients", len(d.Manifest.Recipients))
	}
}

func TestASubjectIsKeptAsItIsWritten(t *testing.T) {
	for _, subject := range []string{"One\r\nBcc: x@y.example", "\u202eevil", "👩‍👩‍👧 بريد", "<b>{{.}}</b>"} {
		r := newRig(t)
		record, err := r.sent(written(subject, 1))
		r.Code(err, "")
		d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
		r.Code(err, "")
		if d.Manifest.Subject != subject || len(d.Manifest.Recipients) != 1 {
			t.Errorf("%q became %q for %d", subject, d.Manifest.Subject, len(d.Manifest.Recipients))
		}
	}
}
