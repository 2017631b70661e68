package sending

import (
	"bufio"
	"io"
	"strings"

	"senddigitally/backend/transfer"
)

// itemForms are what Graph answers as the content of an attached Outlook item
// (Microsoft Learn, "Get attachment"): an event as iCalendar, a contact as vCard, and a
// message as MIME.
var itemForms = []struct{ begins, ending, kind string }{
	{"BEGIN:VCALENDAR", ".ics", "text/calendar"},
	{"BEGIN:VCARD", ".vcf", "text/vcard"},
	{"", ".eml", "message/rfc822"},
}

// asItem names and types an Outlook item by how its content begins.
func asItem(meta transfer.File, content io.Reader) (transfer.File, io.Reader) {
	buffered := bufio.NewReader(content)
	first, _ := buffered.Peek(len(itemForms[0].begins)) // what fails is read again
	for _, form := range itemForms {
		if strings.HasPrefix(string(first), form.begins) {
			meta.Name, meta.Type = ending(meta.Name, form.ending), form.kind
			break
		}
	}
	return meta, buffered
}

func ending(name, with string) string {
	if strings.HasSuffix(strings.ToLower(name), with) {
		return name
	}
	return transfer.CleanName(name + with)
}
