package eml

import (
	"bytes"
	"encoding/base64"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"senddigitally/backend/eml/emltest"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

const plainMail = `From: =?utf-8?q?The_citizen?= <citizen@post.example>
To: "Municipality" <intake+tok@municipality.example>, other@municipality.example
Delivered-To: intake@municipality.example
Subject: =?iso-8859-1?q?Sp=F8rgsm=E5l?=
 about the decision
Message-ID: <a@post.example>
In-Reply-To: <n@municipality.example>
References: <x@municipality.example> <n@municipality.example>
Date: Wed, 16 Sep 2026 10:00:00 +0200
Content-Language: da-DK, en
Content-Type: text/plain; charset=utf-8

Hello,
I have a question.
`

func TestAPlainMail(t *testing.T) {
	m := Read(crlf(plainMail), false)
	if m.MessageID != "<a@post.example>" || m.From.Address != "citizen@post.example" || m.From.Name != "The citizen" ||
		m.Subject != "Spørgsmål about the decision" || m.Text != "Hello,\nI have a question." && m.Text != "Hello,\r\nI have a question." {
		t.Errorf("%+v", m)
	}
	if !slices.Equal(m.References, []string{"<x@municipality.example>", "<n@municipality.example>"}) {
		t.Errorf("references %q", m.References)
	}
	if !slices.Equal(m.To, []string{"intake+tok@municipality.example", "other@municipality.example", "intake@municipality.example"}) {
		t.Errorf("to %q", m.To)
	}
	if m.Kind != Ordinary || m.Automatic || m.Internal || m.Language != "da-DK" || len(m.Notes) != 0 || !m.Date.Equal(time.Date(2026, 9, 16, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", m)
	}
}

func TestWhatTransportAddsChangesNoFingerprint(t *testing.T) {
	one, two := Read(crlf(plainMail), false), Read(crlf("Received: from elsewhere\n"+plainMail), false)
	if one.Fingerprint != two.Fingerprint {
		t.Error("the same mail, another fingerprint")
	}
	for _, other := range []string{strings.Replace(plainMail, "question.", "questiom.", 1), strings.Replace(plainMail, "citizen@", "cousin@", 1)} {
		if Read(crlf(other), false).Fingerprint == one.Fingerprint {
			t.Error("another mail, the same fingerprint")
		}
	}
}

func TestTextAndFiles(t *testing.T) {
	m := Read(crlf(`From: a@b.example
Content-Type: multipart/mixed; boundary="one"

--one
Content-Type: multipart/alternative; boundary=two

--two
Content-Type: text/html

<style>p{}</style><p>Only &lt;for&gt;
machines</p>
--two
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

For you: =E6=F8=E5
--two--
--one
Content-Type: image/png
Content-ID: <pic>
Content-Disposition: inline; filename="../../etc/p.png"
Content-Transfer-Encoding: base64

AAECAw==
--one
Content-Type: message/rfc822

Subject: inside

hidden
--one--
`), false)
	if m.Text != "For you: æøå" {
		t.Errorf("text %q", m.Text)
	}
	if len(m.Attachments) != 2 || m.Attachments[0].Name != "p.png" || !bytes.Equal(m.Attachments[0].Content, []byte{0, 1, 2, 3}) ||
		m.Attachments[1].Name != "message.eml" || !strings.Contains(string(m.Attachments[1].Content), "Subject: inside") {
		t.Errorf("attachments %+v", m.Attachments)
	}
}

func TestAFileWithoutATypeIsAFile(t *testing.T) {
	m := Read(crlf("Content-Type: multipart/mixed; boundary=one\n\n--one\n\nFor you\n--one\nContent-Disposition: attachment; filename=\"=?utf-8?q?=C3=A6.bin?=\"\n"+
		"Content-Transfer-Encoding: base64\n\nAAECAw==\n--one--\n"), false)
	if m.Text != "For you" || len(m.Attachments) != 1 || m.Attachments[0].Name != "æ.bin" || m.Attachments[0].Type != "application/octet-stream" ||
		!bytes.Equal(m.Attachments[0].Content, []byte{0, 1, 2, 3}) {
		t.Errorf("%q %+v", m.Text, m.Attachments)
	}
}

func TestWhatIsNoAlternativeIsReadToo(t *testing.T) {
	const html = "Content-Type: text/html\n\n<p>marked</p>\n"
	for mail, want := range map[string]string{
		"mixed; boundary=one\n\n--one\n\nplain\n--one\n" + html + "--one--\n":                                                                      "plain marked",
		"mixed; boundary=one\n\n--one\n" + html + "--one\n" + html + "--one--\n":                                                                   "marked marked",
		"alternative; boundary=one\n\n--one\n\nplain\n--one\nContent-Type: multipart/mixed; boundary=two\n\n--two\n" + html + "--two--\n--one--\n": "plain",
		"alternative; boundary=one\n\n--one\n\n \n--one\n" + html + "--one--\n":                                                                    "marked",
	} {
		if m := Read(crlf("Content-Type: multipart/"+mail), false); strings.Join(strings.Fields(m.Text), " ") != want {
			t.Errorf("%s: %q", mail, m.Text)
		}
	}
}

func TestAnswersMayBeWantedElsewhere(t *testing.T) {
	for header, want := range map[string]string{"From: a@b.example\nReply-To: c@d.example": "c@d.example", "From: a@b.example\nReply-To: x <A@b.example>, c@d.example": "", "From: a@b.example": ""} {
		if m := Read(crlf(header+"\n\nhello"), false); m.ReplyTo != want {
			t.Errorf("%s: %q", header, m.ReplyTo)
		}
	}
}

func TestHTMLAloneGivesItsWords(t *testing.T) {
	m := Read(crlf("Content-Type: text/html; charset=utf-8\n\n<title>x</title><p>One &amp;\ntwo</p><script>alert(1)</script><div>three</div>"), false)
	if got := strings.Join(strings.Fields(m.Text), " "); got != "One & two three" {
		t.Errorf("text %q", got)
	}
}

const bounce = `From: postmaster@municipality.example
To: service@municipality.example
Auto-Submitted: auto-generated
Message-ID: <ndr@municipality.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns;mx.example

Final-Recipient: rfc822;ok@post.example
Action: delivered
Status: 2.0.0

Final-Recipient: rfc822; Gone@post.example
Action: failed
Status: 5.1.1

Final-Recipient: rfc822; second@post.example
Action: failed
Status: 5.2.2

--b
Content-Type: message/rfc822

Message-ID: <sent@municipality.example>
Subject: what was sent

Hello
--b--
`

func TestReportsAreRecognised(t *testing.T) {
	m := Read(crlf(bounce), false)
	if want := (Report{"<sent@municipality.example>", []string{"Gone@post.example", "second@post.example"}, "5.1.1"}); m.Kind != Bounce || !reflect.DeepEqual(m.Report, want) {
		t.Errorf("%s %+v", m.Kind, m.Report)
	}
	delayed := Read(crlf(strings.ReplaceAll(bounce, "Action: failed", "Action: delayed")), false)
	if delayed.Report.Failed != nil {
		t.Error("a delay is no failure")
	}
	read := Read(crlf(`Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;citizen@post.example
Original-Message-ID: <sent@municipality.example>
Disposition: manual-action/MDN-sent-manually; displayed
--b--
`), false)
	if read.Kind != Receipt || read.Report.MessageID != "<sent@municipality.example>" || read.Report.Failed != nil {
		t.Errorf("%s %+v", read.Kind, read.Report)
	}
}

func TestMachinesAreRecognised(t *testing.T) {
	for header, want := range map[string]struct {
		kind               Kind
		machine, automatic bool
	}{
		"Auto-Submitted: auto-replied (vacation)": {AutoReply, true, true},
		"X-Autoreply: yes":                        {AutoReply, true, true},
		"Auto-Submitted: auto-generated":          {Ordinary, true, true},
		"Auto-Submitted: no":                      {Ordinary, false, false},
		"Precedence: bulk":                        {Ordinary, true, true},
		"List-Id: <a.example>":                    {Ordinary, false, true},
		"X-Auto-Response-Suppress: All":           {Ordinary, false, true},
		"X-Priority: 1":                           {Ordinary, false, false},
	} {
		if m := Read(crlf(header+"\n\nhello"), false); m.Kind != want.kind || m.Machine != want.machine || m.Automatic != want.automatic {
			t.Errorf("%s: %s %v %v", header, m.Kind, m.Machine, m.Automatic)
		}
	}
}

func TestProtectedMailIsLeftUntouched(t *testing.T) {
	for _, kind := range []string{"application/pkcs7-mime; smime-type=enveloped-data", "multipart/signed; boundary=x", "multipart/encrypted; boundary=x"} {
		m := Read(crlf("Content-Type: "+kind+"\nSubject: s\n\n--x\n\nhello\n--x--\n"), false)
		if !slices.Contains(m.Notes, Protected) || m.Text != "" || len(m.Attachments) != 0 || m.Subject != "s" {
			t.Errorf("%s: %+v", kind, m)
		}
	}
}

// allocated bounds what reading a mail may allocate, all in all: so many times its own
// length, and a little.
const allocatedTimes, allocatedAnyway = 16, 8 << 20

// Hostile mails: bounded time and memory, and what can be read is read.
func TestHostileMails(t *testing.T) {
	notes := map[string]Note{"10,000 parts": TooComplex, "1,000,000 delimiters": TooComplex, "nested 10,000 deep": TooComplex, "a bomb of branches": TooComplex, "a header of 1 MB": HeaderCut,
		"1 MB of headers": HeaderCut, "a continuation of 1 MB": HeaderCut, "1 MB of encoded words": HeaderCut, "a media type of 1 MB": HeaderCut,
		"1 MB of addresses": HeaderCut, "one line of 30 MB": TextCut}
	hostile := emltest.Hostile()
	for name := range notes {
		if hostile[name] == nil {
			t.Errorf("there is no such mail as %q", name)
		}
	}
	for name, raw := range hostile {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			m := Read(raw, false)
			took := time.Since(begun)
			runtime.ReadMemStats(&after)
			if took > 20*time.Second { // far above what it takes; the machine may be busy
				t.Errorf("took %v", took)
			}
			if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(allocatedTimes*len(raw)+allocatedAnyway); got > limit {
				t.Errorf("allocated %d MB for %d MB, more than %d MB", got>>20, len(raw)>>20, limit>>20)
			}
			if note := notes[name]; note != "" && !slices.Contains(m.Notes, note) {
				t.Errorf("notes %v", m.Notes)
			}
			if len(m.Text) > maxText || len(m.Attachments) > maxAttachments || len(m.To) > maxAddresses || len(m.References) > maxReferences ||
				strings.ContainsAny(m.Subject, "\r\n\x1b\x00") || !utf8.ValidString(m.Text+m.Subject) {
				t.Error("beyond a limit")
			}
		})
	}
}

func TestMoreFilesThanTheLimitAreNamed(t *testing.T) {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
	for range maxAttachments + 1 {
		b.WriteString("--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("x")) + "\n")
	}
	m := Read(crlf(b.String()+"--b--\n"), false)
	if len(m.Attachments) != maxAttachments || !slices.Contains(m.Notes, MoreFiles) {
		t.Errorf("%d attachments, notes %v", len(m.Attachments), m.Notes)
	}
}

func TestOnlyTheBeginningIsReadOfALongMail(t *testing.T) {
	m := Read(crlf(plainMail), true)
	if !slices.Contains(m.Notes, TooLong) || m.Text != "" || m.Subject == "" {
		t.Errorf("%+v", m)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(crlf(plainMail))
	f.Add(crlf(bounce))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Read(raw, false)
		if strings.ContainsAny(m.Subject+m.From.Address+m.ReplyTo+m.MessageID+strings.Join(m.Report.Failed, ""), "\r\n") || len(m.Text) > maxText+16 {
			t.Errorf("%+v", m)
		}
	})
}
