package mail

import (
	"fmt"
	"html"
)

// Failure says why a recipient could not be reached.
type Failure struct {
	Status     string // enhanced status code (RFC 3463)
	Diagnostic string // what the receiving server said
}

// Report is the machine-readable part of a non-delivery report (RFC 3464).
type Report struct {
	Recipient         string // address that could not be reached
	Failure           Failure
	OriginalMessageID string
	Original          Message // what was sent, without its attachments
}

// bounce brings a non-delivery report to the envelope sender, which is From: never to
// Reply-To (RFC 5321 section 4.5.5; RFC 3464 section 2). A report is never reported on.
func (s *Store) bounce(m Message, recipient string, failure Failure) {
	if m.Report != nil {
		return
	}
	original := m.clone()
	original.Attachments = nil
	organisation := domain(m.From.Address)
	report := Message{
		Subject:           "Undeliverable: " + m.Subject,
		HTML:              true,
		Body:              reportText(recipient, failure),
		From:              Address{"Microsoft Outlook", "postmaster@" + organisation},
		To:                []Address{m.From},
		InternetMessageID: newInternetMessageID(m.From.Address),
		Priority:          "normal",
		Sent:              s.Now(),
		Headers:           []Header{{"Auto-Submitted", "auto-generated"}, {"X-MS-Exchange-Message-Is-Ndr", ""}},
		Properties:        []Property{{InReplyTo, m.InternetMessageID}, {References, m.InternetMessageID}},
		Attachments:       []Attachment{{Kind: ItemAttachment, Name: m.Subject, Item: &original}},
		Report:            &Report{recipient, failure, m.InternetMessageID, original},
	}
	report.Sender = report.From
	complete(report.Attachments, report.Sent)
	s.arrive(report, normalAddress(m.From.Address))
}

func reportText(recipient string, failure Failure) string {
	return fmt.Sprintf("<p>Your message to <b>%s</b> couldn't be delivered.</p><p>Remote server returned '%s'</p>",
		html.EscapeString(recipient), html.EscapeString(failure.Diagnostic))
}
