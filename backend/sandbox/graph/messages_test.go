package graph_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
)

func TestDraftSendFindAndRead(t *testing.T) {
	r := newRig(t)
	at := "/users/" + service
	draft := r.ask(asService(), "POST", at+"/messages", everything(), immutable).want(201)
	id := draft.string("id")
	if draft.header.Get("Preference-Applied") != `IdType="ImmutableId"` {
		t.Error("the preference has to be confirmed")
	}
	r.ask(asService(), "POST", at+"/messages/"+id+"/send", nil).want(202)

	found := r.ask(asService(), "GET", at+"/messages"+where("internetMessageId eq '<own@municipality.example>'"), nil, immutable).want(200).list()
	if len(found) != 1 || found[0]["id"] != id || found[0]["isDraft"] != false {
		t.Fatalf("found %v", found)
	}
	received := r.ask(asCaseworker(), "GET", "/users/"+building+"/mailFolders/inbox/messages?$select=internetMessageHeaders,subject,bccRecipients&$expand=attachments", nil).want(200).list()
	if len(received) != 1 || received[0]["subject"] != "All of it" {
		t.Fatalf("received %v", received)
	}
	if !strings.Contains(fmt.Sprint(received[0]["internetMessageHeaders"]), "26/17") {
		t.Error("the header did not arrive")
	}
	if len(received[0]["bccRecipients"].([]any)) != 0 || len(received[0]["attachments"].([]any)) != 3 {
		t.Error("bcc has to be hidden and the attachments to be there")
	}
	sent := r.ask(asService(), "GET", at+"/messages/"+id+"?$select=internetMessageHeaders", nil).want(200)
	if _, shown := sent.body["internetMessageHeaders"]; shown {
		t.Error("the copy in Sent Items shows no headers")
	}
}

func TestHeadersAreFoundAsExtendedPropertiesOnly(t *testing.T) {
	r := newRig(t)
	id := r.draft(asService(), "/users/"+service, everything())
	r.ask(asService(), "POST", "/users/"+service+"/messages/"+id+"/send", nil).want(202)
	messages := "/users/" + building + "/messages"
	byProperty := "singleValueExtendedProperties/any(ep: ep/id eq 'String {00020386-0000-0000-C000-000000000046} Name x-case' and ep/value eq '26/17')"
	if found := r.ask(asCaseworker(), "GET", messages+where(byProperty), nil).want(200).list(); len(found) != 1 {
		t.Errorf("found %d", len(found))
	}
	r.ask(asCaseworker(), "GET", messages+where("internetMessageHeaders/any(h: h/name eq 'x-case')"), nil).refused(400, "ErrorInvalidUrlQueryFilter")
}

func TestIDsChangeOnMoveUnlessImmutable(t *testing.T) {
	r := newRig(t)
	folder := r.ask(asCaseworker(), "POST", "/me/mailFolders", object{"displayName": "Sent Digitally"}).want(201).string("id")
	r.ask(asCaseworker(), "POST", "/me/mailFolders", object{"displayName": "Sent Digitally"}).refused(409, "ErrorFolderExists")
	id := r.draft(asCaseworker(), "/me", object{"subject": "x"})
	stays := r.ask(asCaseworker(), "GET", "/me/messages/"+id, nil, immutable).want(200).string("id")
	moved := r.ask(asCaseworker(), "POST", "/me/messages/"+id+"/move", object{"destinationId": folder}).want(201)
	if moved.string("id") == id || moved.string("parentFolderId") != folder {
		t.Error("a move changes the id")
	}
	r.ask(asCaseworker(), "GET", "/me/messages/"+id, nil).refused(404, "ErrorItemNotFound")
	again := r.ask(asCaseworker(), "POST", "/me/messages/"+stays+"/move", object{"destinationId": "deleteditems"}, immutable).want(201)
	if again.string("id") != stays {
		t.Error("the immutable id stays")
	}
	copied := r.ask(asCaseworker(), "POST", "/me/messages/"+stays+"/copy", object{"destinationId": "drafts"}, immutable).want(201)
	if copied.string("id") == stays {
		t.Error("a copy has an id of its own")
	}
	named := r.ask(asCaseworker(), "GET", "/me/mailFolders"+where("displayName eq 'sent digitally'"), nil).want(200).list()
	if len(named) != 1 || named[0]["id"] != folder {
		t.Errorf("folder by name: %v", named)
	}
}

func TestDraftAndSentContentDiffer(t *testing.T) {
	r := newRig(t)
	id := r.draft(asCaseworker(), "/me", object{"subject": "x", "toRecipients": to(building)})
	updated := r.ask(asCaseworker(), "PATCH", "/me/messages/"+id, object{"subject": "y", "internetMessageId": "<mine@municipality.example>"}).want(200)
	if updated.string("subject") != "y" || updated.string("internetMessageId") != "<mine@municipality.example>" {
		t.Errorf("got %s", updated.text)
	}
	r.ask(asCaseworker(), "POST", "/me/messages/"+id+"/send", nil).want(202)
	got := r.ask(asCaseworker(), "GET", "/users/"+building+"/messages", nil).want(200).list()[0]["id"].(string)
	at := "/users/" + building + "/messages/" + url.PathEscape(got)
	r.ask(asCaseworker(), "PATCH", at, object{"subject": "z"}).refused(400, "ErrorInvalidPropertyUpdateSentMessage")
	changed := r.ask(asCaseworker(), "PATCH", at, object{"categories": []string{"Permit"}, "isRead": true}).want(200)
	if changed.body["isRead"] != true {
		t.Error("read state and categories can be changed")
	}
	r.ask(asCaseworker(), "DELETE", at, nil).want(204)
}

func TestWhatGraphDoesNotTake(t *testing.T) {
	r := newRig(t)
	header := func(name string) object { return object{"name": name, "value": "v"} }
	headers := func(h ...any) object { return object{"internetMessageHeaders": h} }
	cases := map[string]struct {
		body any
		code string
	}{
		"no headers":       {headers(), "InvalidInternetMessageHeaderCollection"},
		"six headers":      {headers(header("x-1"), header("x-2"), header("x-3"), header("x-4"), header("x-5"), header("x-6")), "InvalidInternetMessageHeaderCollection"},
		"standard header":  {headers(header("References")), "InvalidInternetMessageHeader"},
		"header injection": {headers(object{"name": "x-a", "value": "1\r\nBcc: a@b.example"}), "InvalidInternetMessageHeader"},
		"unknown property": {object{"colour": "red"}, "RequestBodyRead"},
		"read-only":        {object{"isDraft": false}, "RequestBodyRead"},
		"no JSON":          {strings.NewReader("{"), "BadRequest"},
		"wrong kind":       {object{"subject": 7}, "BadRequest"},
		"reference":        {object{"attachments": []any{object{"@odata.type": "#microsoft.graph.referenceAttachment", "name": "x"}}}, "BadRequest"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r.ask(asCaseworker(), "POST", "/me/messages", c.body).refused(400, c.code)
		})
	}
	if left := r.ask(asCaseworker(), "GET", "/me/messages", nil).want(200).list(); len(left) != 0 {
		t.Errorf("refused drafts were kept: %d", len(left))
	}
	id := r.draft(asCaseworker(), "/me", headers(header("x-1"), header("X-2"), header("x-3"), header("x-4"), header("x-5")))
	r.ask(asCaseworker(), "PATCH", "/me/messages/"+id, headers(header("x-1"))).refused(400, "ErrorInvalidPropertySet")
}

func TestGzippedBody(t *testing.T) {
	r := newRig(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	json.NewEncoder(z).Encode(object{"subject": "packed"})
	z.Close()
	got := r.ask(asCaseworker(), "POST", "/me/messages", &packed, "Content-Encoding: gzip").want(201)
	if got.string("subject") != "packed" {
		t.Errorf("subject %q", got.string("subject"))
	}
	r.ask(asCaseworker(), "POST", "/me/messages", strings.NewReader("not gzip"), "Content-Encoding: gzip").refused(400, "BadRequest")
}

func TestListsArePaged(t *testing.T) {
	r := newRig(t)
	for i := range 23 {
		r.draft(asCaseworker(), "/me", object{"subject": fmt.Sprintf("number %02d", i)})
		r.pass(time.Second)
	}
	seen := 0
	next := "/me/mailFolders/drafts/messages?$select=subject&$count=true"
	for pages := 0; next != ""; pages++ {
		page := r.ask(asCaseworker(), "GET", next, nil).want(200)
		if pages == 0 && (page.list()[0]["subject"] != "number 22" || page.body["@odata.count"] != 23.0) {
			t.Errorf("the newest comes first: %v", page.list()[0])
		}
		for _, m := range page.list() {
			if _, full := m["body"]; full {
				t.Fatal("only what is selected")
			}
			seen++
		}
		next = page.string("@odata.nextLink")
	}
	if seen != 23 {
		t.Errorf("saw %d", seen)
	}
	oldest := r.ask(asCaseworker(), "GET", "/me/messages?$top=1&$orderby=receivedDateTime%20asc", nil).want(200).list()
	if oldest[0]["subject"] != "number 00" {
		t.Errorf("oldest is %v", oldest[0]["subject"])
	}
}

func TestFilters(t *testing.T) {
	r := newRig(t)
	r.draft(asCaseworker(), "/me", object{"subject": "It's one", "categories": []string{"Permit"}})
	r.pass(time.Hour)
	two := r.draft(asCaseworker(), "/me", object{"subject": "Two", "importance": "high"})
	conversation := r.ask(asCaseworker(), "GET", "/me/messages/"+two, nil).string("conversationId")
	cases := map[string]int{
		"subject eq 'It''s one'": 1,
		"subject ne 'Two'":       1,
		"contains(subject,'TW') or startswith(subject,'it')":               2,
		"not contains(subject,'tw')":                                       1,
		"isDraft eq true and (subject eq 'Two' or subject eq 'x')":         1,
		"categories/any(c:c eq 'permit')":                                  1,
		"conversationId eq '" + conversation + "'":                         1,
		"receivedDateTime ge 2026-10-01T10:00:00Z":                         1,
		"receivedDateTime lt 2026-10-01T10:00:00Z and importance eq 'low'": 0,
		"hasAttachments eq false":                                          2,
	}
	for text, want := range cases {
		if got := r.ask(asCaseworker(), "GET", "/me/messages"+where(text), nil).want(200).list(); len(got) != want {
			t.Errorf("%s finds %d, want %d", text, len(got), want)
		}
	}
	for _, text := range []string{"subject", "subject eq", "subject eq two", "(subject eq 'x'", "subject eq 'x' 7", "colour eq 'red'", "subject eq 'x", "isRead is true", "contains(subject)"} {
		r.ask(asCaseworker(), "GET", "/me/messages"+where(text), nil).refused(400, "ErrorInvalidUrlQueryFilter")
	}
	sorted := where("isDraft eq true") + "&$orderby=receivedDateTime"
	r.ask(asCaseworker(), "GET", "/me/messages"+sorted, nil).refused(400, "InefficientFilter")
	r.ask(asCaseworker(), "GET", "/me/messages?$top=0", nil).refused(400, "ErrorInvalidUrlQuery")
	r.ask(asCaseworker(), "GET", "/me/messages?$top=x", nil).refused(400, "ErrorInvalidUrlQuery")
}

func TestMIMEOfAMessage(t *testing.T) {
	r := newRig(t)
	id := r.draft(asCaseworker(), "/me", everything())
	got := r.ask(asCaseworker(), "GET", "/me/messages/"+id+"/$value", nil).want(200)
	for _, want := range []string{"Subject: All of it", "x-case: 26/17", "In-Reply-To: <earlier@home.example>", "Content-ID: <img1>", "Content-Type: message/rfc822"} {
		if !strings.Contains(string(got.text), want) {
			t.Errorf("the MIME text lacks %q", want)
		}
	}
}

func TestCachedModeDraftAppearsLate(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.DraftDelay = 2 * time.Minute })
	draft, err := r.store.SaveDraft(caseworker, mail.Message{Subject: "x"})
	if err != nil {
		t.Fatal(err)
	}
	r.ask(asCaseworker(), "GET", "/me/messages/"+draft.ID, nil).refused(404, "ErrorItemNotFound")
	r.pass(2 * time.Minute)
	r.ask(asCaseworker(), "GET", "/me/messages/"+draft.ID, nil).want(200)
}

func TestDelta(t *testing.T) {
	r := newRig(t)
	var first string
	for i := range 12 {
		id := r.ask(asCaseworker(), "POST", "/me/messages", object{"subject": fmt.Sprint(i)}, immutable).want(201).string("id")
		if i == 0 {
			first = id
		}
	}
	seen, link := walk(r, "/me/mailFolders/drafts/messages/delta?$select=subject")
	if len(seen) != 12 {
		t.Fatalf("first round: %d", len(seen))
	}
	r.ask(asCaseworker(), "DELETE", "/me/messages/"+first, nil).want(204)
	added := r.ask(asCaseworker(), "POST", "/me/messages", object{}, immutable).want(201).string("id")
	seen, link = walk(r, link)
	if len(seen) != 2 || seen[added] == nil || seen[first]["@removed"] == nil {
		t.Errorf("second round: %v", seen)
	}
	if seen, _ = walk(r, link); len(seen) != 0 {
		t.Errorf("third round: %v", seen)
	}
	r.ask(asCaseworker(), "GET", "/me/mailFolders/drafts/messages/delta?$deltatoken=x", nil).refused(410, "SyncStateNotFound")
}

func walk(r *rig, next string) (seen map[string]object, delta string) {
	seen = map[string]object{}
	for next != "" {
		page := r.ask(asCaseworker(), "GET", next, nil, immutable).want(200)
		for _, m := range page.list() {
			seen[m["id"].(string)] = m
		}
		next, delta = page.string("@odata.nextLink"), page.string("@odata.deltaLink")
	}
	return seen, delta
}
