package outlook

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// bench is a simulated Outlook without a browser, under a clock that stands.
type bench struct {
	*testing.T
	now     time.Time
	store   *mail.Store
	handler http.Handler
}

func newBench(t *testing.T, change func(*Config)) *bench {
	b := &bench{T: t, now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)}
	b.store = mail.New(func() time.Time { return b.now }, mail.Defaults())
	if err := Seed(b.store); err != nil {
		t.Fatal(err)
	}
	c := Config{Mail: b.store, AddinOrigin: "http://addin.example"}
	if change != nil {
		change(&c)
	}
	handler, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	b.handler = handler
	return b
}

// call answers the status and the decoded JSON of one request.
func (b *bench) call(method, path string, body any, headers ...string) (int, any) {
	b.Helper()
	answer := b.raw(method, path, body, headers...)
	var value any
	if answer.Body.Len() > 0 {
		if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil {
			value = answer.Body.String()
		}
	}
	return answer.Code, value
}

func (b *bench) raw(method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	b.Helper()
	var content io.Reader
	switch v := body.(type) {
	case nil:
	case []byte:
		content = bytes.NewReader(v)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, "http://localhost"+path, content)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *bench) must(method, path string, body any) any {
	b.Helper()
	status, value := b.call(method, path, body)
	if status >= 300 {
		b.Fatalf("%s %s: %d %v", method, path, status, value)
	}
	return value
}

func box(mailbox string, parts ...string) string {
	path := "/sim/mailboxes/" + mailbox
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

func text(value any, path string) string {
	s, _ := at(value, path).(string)
	return s
}

var written = draft{
	From: address{"Caseworker", Caseworker}, To: []address{{"Citizen", Citizen}}, Subject: "Decision",
	Body: "<p>Hello</p>", HTML: true, Headers: []mail.Header{{Name: "x-nonce", Value: "1"}}, CustomProperties: `{"a":"b"}`,
}

func TestADraftIsSavedChangedAttachedToAndSent(t *testing.T) {
	b := newBench(t, nil)
	saved := b.must("POST", box(Caseworker, "drafts"), written)
	id := text(saved, "restId")
	b.must("POST", box(Caseworker, "drafts", id, "attachments")+"?name=a.txt", []byte("abc"))
	changed := written
	changed.Subject = "Second decision"
	if got := b.must("PUT", box(Caseworker, "drafts", id), changed); text(got, "restId") != id || text(got, "files.0.name") != "a.txt" || text(got, "customProperties") != `{"a":"b"}` {
		t.Errorf("saved again: %v", got)
	}
	b.must("POST", box(Caseworker, "drafts", id, "send"), nil)
	arrived := b.must("GET", box(Citizen, "folders", "inbox", "messages"), nil)
	if text(arrived, "0.subject") != "Second decision" || at(arrived, "0.attachments") != true || text(arrived, "0.preview") != "Hello" {
		t.Errorf("arrived: %v", arrived)
	}
	if status, problem := b.call("PUT", box(Caseworker, "drafts", text(saved, "id")), changed); status != 409 || text(problem, "code") == "" {
		t.Errorf("a sent message was saved as a draft: %d %v", status, problem)
	}
}

func TestADraftReachesTheServerLateInCachedMode(t *testing.T) {
	b := newBench(t, nil)
	b.must("PUT", "/sim/settings", map[string]any{"weather": map[string]any{"draftDelaySeconds": 60}})
	saved := b.must("POST", box(Caseworker, "drafts"), written)
	id := text(saved, "restId")
	if _, err := b.store.Message(Caseworker, id); err == nil {
		t.Error("the server has the draft at once")
	}
	if got := b.must("GET", box(Caseworker, "messages", id), nil); text(got, "subject") != "Decision" {
		t.Errorf("Outlook itself does not show it: %v", got)
	}
	b.now = b.now.Add(time.Minute)
	if _, err := b.store.Message(Caseworker, id); err != nil {
		t.Errorf("after a minute: %v", err)
	}
}

func TestReplyAndForward(t *testing.T) {
	b := newBench(t, nil)
	letter := mail.Message{
		Subject: "Question", Body: "<i>Why?</i>", HTML: true, To: []mail.Address{{Name: "Children", Address: Children}, {Name: "Caseworker", Address: Caseworker}},
		ReplyTo: []mail.Address{{Address: "intake+token@municipality.example"}}, Attachments: []mail.Attachment{{Name: "a.txt", Content: []byte("a")}},
	}
	m, err := b.store.CreateDraft(Citizen, "", letter)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.store.Send(Citizen, m.ID); err != nil {
		t.Fatal(err)
	}
	id := text(b.must("GET", box(Children, "folders", "inbox", "messages"), nil), "0.id")
	reply := b.must("POST", box(Children, "messages", id, "reply"), nil)
	if text(reply, "to.0.address") != "intake+token@municipality.example" || text(reply, "subject") != "Re: Question" || !strings.Contains(text(reply, "body"), "<blockquote><i>Why?</i>") {
		t.Errorf("reply: %v", reply)
	}
	all := b.must("POST", box(Children, "messages", id, "reply-all"), nil)
	if text(all, "cc.0.address") != Caseworker || at(all, "cc.1") != nil {
		t.Errorf("reply to all: %v", all)
	}
	forward := b.must("POST", box(Children, "messages", id, "forward"), nil)
	if text(forward, "subject") != "Fw: Question" || text(forward, "files.0.name") != "a.txt" || at(forward, "to.0") != nil {
		t.Errorf("forward: %v", forward)
	}
	if status, _ := b.call("POST", box(Children, "messages", id, "nonsense"), nil); status != 404 {
		t.Errorf("nonsense answers %d", status)
	}
}

func TestMessagesAreReadMovedLabelledAndDeleted(t *testing.T) {
	b := newBench(t, nil)
	saved := b.must("POST", box(Caseworker, "drafts"), written)
	b.must("POST", box(Caseworker, "drafts", text(saved, "restId"), "send"), nil)
	id := text(b.must("GET", box(Citizen, "folders", "inbox", "messages"), nil), "0.id")
	if got := b.must("PATCH", box(Citizen, "messages", id), map[string]any{"read": true, "categories": []string{"Done"}, "customProperties": "{}"}); at(got, "read") != true || text(got, "categories.0") != "Done" || text(got, "customProperties") != "{}" {
		t.Errorf("changed: %v", got)
	}
	b.must("PATCH", box(Citizen, "messages", id), map[string]any{"folder": "deleteditems"})
	b.must("DELETE", box(Citizen, "messages", id), nil)
	if status, problem := b.call("GET", box(Citizen, "messages", id), nil); status != 404 || text(problem, "code") != "ErrorItemNotFound" {
		t.Errorf("deleted twice over it is still there: %d %v", status, problem)
	}
	folders := b.must("GET", box(Citizen, "folders"), nil)
	if text(folders, "0.wellKnown") != "inbox" || at(folders, "0.total") != 0.0 {
		t.Errorf("folders: %v", folders)
	}
}

func TestUnknownAndMalformedRequestsAreRefused(t *testing.T) {
	b := newBench(t, nil)
	for _, c := range []struct {
		method, path string
		body         any
		want         int
	}{
		{"GET", box("nobody@firm.example", "folders"), nil, 404},
		{"GET", box(Caseworker, "folders", "nowhere", "messages"), nil, 404},
		{"GET", box(Caseworker, "messages", "none", "body"), nil, 404},
		{"GET", box(Caseworker, "messages", "none", "attachments", "none"), nil, 404},
		{"PUT", box(Caseworker, "drafts", "none"), written, 404},
		{"POST", box(Caseworker, "drafts", "none", "send"), nil, 404},
		{"POST", box(Caseworker, "drafts"), []byte("{"), 400},
		{"PUT", "/sim/settings", map[string]any{"view": map[string]any{"language": "xx"}}, 400},
		{"PUT", "/sim/settings", map[string]any{"weather": map[string]any{"draftDelaySeconds": -1}}, 400},
		{"PUT", "/sim/roaming", map[string]any{"user": "nobody@firm.example"}, 404},
		{"PUT", "/sim/roaming", map[string]any{"user": Caseworker, "values": map[string]any{"a": strings.Repeat("x", roamingLimit)}}, 413},
		{"POST", "/sim/token", map[string]any{"user": Caseworker}, 501},
	} {
		if status, value := b.call(c.method, c.path, c.body); status != c.want {
			t.Errorf("%s %s: %d %v, want %d", c.method, c.path, status, value, c.want)
		}
	}
}

func TestForeignNamesAndOriginsAreRefused(t *testing.T) {
	b := newBench(t, nil)
	if status, _ := b.call("GET", "/sim/state", nil, "Host", "mail.attacker.example"); status != http.StatusMisdirectedRequest {
		t.Errorf("another host name: %d", status)
	}
	if status, _ := b.call("POST", box(Caseworker, "drafts"), written, "Origin", "http://attacker.example", "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("another origin: %d", status)
	}
	policy := b.raw("GET", "/", nil).Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "frame-src 'self' http://addin.example;") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy: %s", policy)
	}
}

func TestBodiesAndAttachmentsCannotReachThePage(t *testing.T) {
	b := newBench(t, nil)
	m, err := b.store.CreateDraft(Caseworker, "", mail.Message{
		Subject: "<b>x</b>", HTML: true, Body: `<img src="cid:one@x"><script>alert(1)</script>`,
		Attachments: []mail.Attachment{
			{Name: "one.png", ContentType: "image/png", Inline: true, ContentID: "one@x", Content: []byte("png")},
			{Name: "a\"b\r\nc;/../æ.svg", ContentType: "image/svg+xml", Content: []byte("<svg onload='x'/>")},
			{Name: "old", Kind: mail.ItemAttachment, Item: &mail.Message{Subject: "Inner", Body: "text"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := b.raw("GET", box(Caseworker, "messages", m.ID, "body"), nil)
	if policy := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox allow-popups ") || strings.Contains(policy, "script") {
		t.Errorf("policy: %s", policy)
	}
	if want := `src="attachments/` + m.Attachments[0].ID; !strings.Contains(page.Body.String(), want) || !strings.Contains(page.Body.String(), "<title>&lt;b&gt;") {
		t.Errorf("body lacks %s: %s", want, page.Body)
	}
	svg := b.raw("GET", box(Caseworker, "messages", m.ID, "attachments", m.Attachments[1].ID), nil)
	if h := svg.Header(); h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename") || strings.ContainsAny(h.Get("Content-Disposition"), "\r\n") {
		t.Errorf("svg: %v", h)
	}
	item := b.raw("GET", box(Caseworker, "messages", m.ID, "attachments", m.Attachments[2].ID), nil)
	if !strings.Contains(item.Body.String(), "Subject: Inner") || !strings.Contains(item.Header().Get("Content-Disposition"), "old.eml") {
		t.Errorf("item: %v %s", item.Header(), item.Body)
	}
}

func TestPlainTextIsEscapedAndLinked(t *testing.T) {
	got := linked("a <b> https://portal.example/o/x?a=1&b=2. (http://x.example/y)")
	want := `a &lt;b&gt; <a href="https://portal.example/o/x?a=1&amp;b=2" rel="noreferrer">https://portal.example/o/x?a=1&amp;b=2</a>. (<a href="http://x.example/y" rel="noreferrer">http://x.example/y</a>)`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSendingMayAnswer504AndStillHappen(t *testing.T) {
	b := newBench(t, nil)
	b.must("PUT", "/sim/settings", map[string]any{"weather": map[string]any{"timeoutsAfterSend": 1}})
	saved := b.must("POST", box(Caseworker, "drafts"), written)
	if status, _ := b.call("POST", box(Caseworker, "drafts", text(saved, "restId"), "send"), nil); status != 504 {
		t.Errorf("status %d", status)
	}
	if got := b.must("GET", box(Citizen, "folders", "inbox", "messages"), nil); text(got, "0.subject") != "Decision" {
		t.Errorf("nothing arrived: %v", got)
	}
}

func TestSettingsLeaveWhatTheyDoNotName(t *testing.T) {
	b := newBench(t, nil)
	got := b.must("PUT", "/sim/settings", map[string]any{"view": map[string]any{"language": "da-DK"}, "weather": map[string]any{"throttled": true}})
	if text(got, "view.language") != "da-DK" || text(got, "view.mailboxSet") != "1.15" || at(got, "weather.throttled") != true {
		t.Errorf("settings: %v", got)
	}
	got = b.must("PUT", "/sim/settings", map[string]any{"weather": map[string]any{"throttled": false}})
	if at(got, "weather.throttled") != false || b.store.Settings().RequestsPer10Minutes != mail.Defaults().RequestsPer10Minutes {
		t.Errorf("settings: %v", got)
	}
}

func TestAccountsShowWhoHasWhatOpen(t *testing.T) {
	b := newBench(t, nil)
	state := b.must("GET", "/sim/state", nil)
	var seen []string
	for _, a := range at(state, "accounts").([]any) {
		line := text(a, "address") + ":"
		for _, m := range at(a, "mailboxes").([]any) {
			line += " " + text(m, "address")
		}
		seen = append(seen, line)
	}
	want := []string{
		Caseworker + ": " + Caseworker + " " + Children + " " + CitizenService + " " + Technical,
		Colleague + ": " + Colleague + " " + Children,
		Citizen + ": " + Citizen, Company + ": " + Company,
		Intake + ": " + Intake, Service1 + ": " + Service1, Service2 + ": " + Service2,
	}
	if strings.Join(seen, "\n") != strings.Join(want, "\n") {
		t.Errorf("accounts:\n%s\nwant:\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
	if at(state, "addin") != nil {
		t.Errorf("an add-in without a manifest: %v", at(state, "addin"))
	}
}

func TestRoamingSettingsBelongToAPerson(t *testing.T) {
	b := newBench(t, nil)
	b.must("PUT", "/sim/roaming", map[string]any{"user": Caseworker, "values": map[string]any{"reply": "children"}})
	state := b.must("GET", "/sim/state", nil)
	if text(state, "accounts.0.roaming.reply") != "children" || text(state, "accounts.1.roaming.reply") != "" {
		t.Errorf("accounts: %v", at(state, "accounts"))
	}
}
