package e2e_test

import (
	"html"
	"mime"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

// hostileNames are file names that mean harm; none may leave its place.
var hostileNames = []string{
	"../../etc/passwd", `..\..\windows\system32\config`, "a\r\nSet-Cookie: session=stolen", `<img src=x onerror=alert(1)>.html`,
	"gpj.\u202eexe.pdf", "zero\x00byte.pdf", strings.Repeat("æ", 300) + ".pdf", `quote".pdf; filename="other.exe`,
	"%2e%2e%2fescape", "CON", ".", "  ", "{{.}}.txt", "résumé – Straße.pdf",
}

// plain reports whether a name can be shown and saved anywhere.
func plain(name string) bool {
	odd := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '/' || r == '\\'
	}
	return name != "" && name != "." && name != ".." && len(name) <= transfer.MaxNameBytes && !strings.ContainsFunc(name, odd)
}

func TestCase62_HostileFileNamesMakeTheRoundTripUnharmed(t *testing.T) {
	w := newWorld(t)
	m := mail.Message{Subject: "Decision", Body: "Dear citizen", To: []mail.Address{{Address: outlook.Citizen}}}
	for _, name := range hostileNames {
		m.Attachments = append(m.Attachments, mail.Attachment{Kind: mail.FileAttachment, Name: name, ContentType: "text/plain", Content: []byte("content of " + name)})
	}
	id := w.api("POST", "/api/v1/transfers", object{"draftId": w.draft(m), "options": object{"language": "en", "code": "generated",
		"replyMailbox": "citizen-service", "showFileNames": true}}, idempotent(submission())).transfer(w).ID
	s := w.accepted(id)
	c := w.citizen()
	page := c.open(w.link(outlook.Citizen, 0), s.Code)
	invitation := w.invited(outlook.Citizen)[0]
	for i, file := range s.Files {
		want := transfer.CleanName(hostileNames[i])
		if !plain(file.Name) || file.Name != want {
			t.Errorf("%q became %q", hostileNames[i], file.Name)
		}
		download := c.get(w.seat(s.ID) + "/files/" + file.ID)
		if download.body != "content of "+hostileNames[i] {
			t.Errorf("%q has another content", want)
		}
		savedAs(t, download, want)
		for where, text := range map[string]string{"page": page.body, "mail": invitation.Body} {
			if !strings.Contains(text, html.EscapeString(want)) || strings.Contains(want, "<") && strings.Contains(text, want) {
				t.Errorf("the %s does not show %q as it is", where, want)
			}
		}
	}
	w.namesNothing(t)
}

// savedAs checks that a download is saved under a name, and what else its header
// must be (RFC 6266).
func savedAs(t *testing.T, a answer, name string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || params["filename"] != name {
		t.Errorf("%q is offered as %q (%v)", name, a.header.Get("Content-Disposition"), err)
	}
	if a.header.Get("Set-Cookie") != "" {
		t.Errorf("%q sets a cookie: %q", name, a.header)
	}
}

// namesNothing checks that nothing on disk is named after a file.
func (w *world) namesNothing(t *testing.T) {
	t.Helper()
	for _, stored := range slices.Concat(w.files("vault"), w.files("keys")) {
		for _, name := range hostileNames {
			if base := name[strings.LastIndexAny(name, `/`)+1:]; len(base) > 2 && strings.Contains(stored, base) {
				t.Errorf("%s is named after the file %q", stored, name)
			}
		}
	}
	for _, name := range w.files("") {
		if strings.Contains(name, "passwd") || strings.Contains(name, "escape") {
			t.Errorf("a file name reached the disk: %s", name)
		}
	}
}

func TestCase62_HostileFileNamesInAReply(t *testing.T) {
	w := newWorld(t)
	l := w.posted("Decision", outlook.Citizen)
	c := w.citizen()
	c.open(l.links[0], l.Code)
	var files []enclosure
	for _, name := range hostileNames {
		files = append(files, enclosure{name, "text/plain", []byte("content of " + name)})
	}
	if page := c.reply(w.seat(l.ID), submission(), "with files", files...); !receiptForm.MatchString(page.body) {
		t.Fatalf("the reply got no receipt: %d %s", page.status, page.body)
	}
	var delivered []mail.Message
	w.until("the reply is delivered", func() bool {
		delivered = w.inbox(outlook.CitizenService, "with files")
		return len(delivered) == 1
	})
	contents := map[string]bool{}
	for _, a := range delivered[0].Attachments {
		if !plain(a.Name) {
			t.Errorf("the delivered file is named %q", a.Name)
		}
		contents[string(a.Content)] = true
	}
	for _, f := range files {
		if strings.TrimSpace(f.name) != "" && !contents[string(f.content)] {
			t.Errorf("the file %q was not delivered", f.name)
		}
	}
	w.namesNothing(t)
}

func TestCase63_ActiveContentIsSavedAndNeverShown(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	w := newWorld(t)
	m := mail.Message{Subject: "Decision", HTML: true, To: []mail.Address{{Address: outlook.Citizen}},
		Body: `<p onclick="alert(1)">Dear <b>citizen</b></p><script>alert(1)</script><iframe src="https://evil.example"></iframe><img src="https://evil.example/pixel.gif"><svg onload=alert(1)>`,
		Attachments: []mail.Attachment{
			{Kind: mail.FileAttachment, Name: "drawing.svg", ContentType: "image/svg+xml", Content: []byte(svg)},
			{Kind: mail.FileAttachment, Name: "page.html", ContentType: "text/html", Content: []byte("<script>alert(1)</script>")},
			{Kind: mail.FileAttachment, Name: "page.xhtml", ContentType: "application/xhtml+xml", Content: []byte("<html/>")},
			{Kind: mail.FileAttachment, Name: "odd", ContentType: "nonsense", Content: []byte(svg)},
		}}
	id := w.api("POST", "/api/v1/transfers", object{"draftId": w.draft(m), "options": object{"language": "en", "code": "generated"}},
		idempotent(submission())).transfer(w).ID
	s := w.accepted(id)
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), s.Code)
	for _, file := range s.Files {
		a := c.get(w.seat(s.ID) + "/files/" + file.ID)
		savedAs(t, a, file.Name)
		if got := a.header.Get("Content-Type"); got != "application/octet-stream" {
			t.Errorf("%s is served as %q", file.Name, got)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%s is served with %v", file.Name, a.header)
		}
	}
	body := c.get(w.seat(s.ID) + "/body")
	for _, active := range []string{"<script", "onclick", "onload", "<iframe", "<svg"} {
		if strings.Contains(strings.ToLower(body.body), active) {
			t.Errorf("the shown body has %s", active)
		}
	}
	if policy := body.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox") || strings.Contains(policy, "allow-scripts") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the shown body has the policy %q", policy)
	}
	if !strings.Contains(body.body, "<b>citizen</b>") {
		t.Errorf("of the body is left %q", body.body)
	}
}

func TestCase67_TemplatesAndMarkupInAnyTextAreLiteral(t *testing.T) {
	const hostile = `{{.}} {{printf "%s" .Link}} ${7*7} #{7*7} <script>alert(1)</script> <b>&amp;`
	w := newWorld(t)
	request := object{
		"message": object{"subject": "S " + hostile, "text": "T " + hostile, "recipients": []object{{"address": outlook.Citizen, "name": "N " + hostile}}},
		"options": object{"language": "en", "code": "generated", "replyMailbox": "citizen-service", "showFileNames": true,
			"notifySubject": "Q " + hostile, "notifyText": "P " + hostile},
		"uploads": []string{"u1"},
	}
	key := submission()
	if a := w.upload(key, "u1", "F "+hostile, "text/plain", []byte("x")); a.status != http.StatusCreated {
		t.Fatalf("the upload is answered %d %s", a.status, a.body)
	}
	s := w.accepted(w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w).ID)
	c := w.citizen()
	page := c.open(w.link(outlook.Citizen, 0), s.Code)
	literal(t, "the message page", page.body, "S "+hostile, "T "+hostile, "N "+hostile)
	invitation := w.invited(outlook.Citizen)[0]
	literal(t, "the notification", invitation.Body, "P "+hostile)
	if want := "Q " + hostile; invitation.Subject != want {
		t.Errorf("the notification's subject is %q", invitation.Subject)
	}
	submitted := submission()
	c.reply(w.seat(s.ID), submitted, "R "+hostile)
	w.until("the reply is delivered", func() bool { return w.phase(s.ID, submitted) == transfer.Delivered })
	delivered := w.inbox(outlook.CitizenService, "R {{.}}")
	if len(delivered) != 1 || !strings.Contains(delivered[0].Subject, "S "+hostile) {
		t.Fatalf("%d replies were delivered, or with another subject", len(delivered))
	}
	literal(t, "the delivered reply", delivered[0].Body, "R "+hostile)
	if got := w.transfer(s.ID); got.Subject != "S "+hostile {
		t.Errorf("the API shows the subject %q", got.Subject)
	}
}

// literal checks that texts stand in HTML as they were written, and that nothing
// of them was carried out.
func literal(t *testing.T, where, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(page), text) {
			t.Errorf("%s does not show %q", where, text)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>&amp;") {
		t.Errorf("%s has markup from a text", where)
	}
}
