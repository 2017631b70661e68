package sending_test

import (
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/transfer"
)

func TestAnOutlookItemIsNamedByWhatItIs(t *testing.T) {
	for content, want := range map[string]transfer.File{
		"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n": {Name: "Meeting.ics", Type: "text/calendar"},
		"BEGIN:VCARD\r\nEND:VCARD\r\n":         {Name: "Meeting.vcf", Type: "text/vcard"},
		"Subject: Meeting\r\n\r\ntext":         {Name: "Meeting.eml", Type: "message/rfc822"},
		"":                                     {Name: "Meeting.eml", Type: "message/rfc822"},
	} {
		r := newRig(t)
		r.outlook.attached = []transfer.Attachment{{ID: "a", Kind: transfer.ItemAttachment, Name: "Meeting"}}
		r.outlook.content = &content
		record, err := r.sent(request())
		r.Code(err, "")
		d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
		r.Code(err, "")
		got := d.Manifest.Files[0]
		if got.Name != want.Name || got.Type != want.Type || got.Size != int64(len(content)) {
			t.Errorf("%q became %q, %q, of %d bytes", content, got.Name, got.Type, got.Size)
		}
	}
}
