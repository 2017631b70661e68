package graph_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
)

func TestAttachmentsAreListedReadAndRemoved(t *testing.T) {
	r := newRig(t)
	at := "/me/messages/" + r.draft(asCaseworker(), "/me", everything()) + "/attachments"
	list := r.ask(asCaseworker(), "GET", at+"?$select=id,name,isInline,microsoft.graph.fileAttachment/contentId", nil).want(200).list()
	if len(list) != 3 || list[0]["contentBytes"] != nil || list[1]["contentId"] != "img1" || list[1]["isInline"] != true {
		t.Fatalf("list %v", list)
	}
	full := r.ask(asCaseworker(), "GET", at, nil).want(200).list()
	if full[0]["contentBytes"] != "aGVsbG8=" || full[0]["size"].(float64) <= 5 {
		t.Errorf("without a selection the bytes come along, and size is more than they are: %v", full[0])
	}
	one := at + "/" + url.PathEscape(list[0]["id"].(string))
	content := r.ask(asCaseworker(), "GET", one+"/$value", nil).want(200)
	if string(content.text) != "hello" || content.header.Get("Content-Length") != "5" || content.header.Get("Content-Type") != "text/plain" {
		t.Errorf("content %q %v", content.text, content.header)
	}
	item := at + "/" + url.PathEscape(list[2]["id"].(string))
	expanded := r.ask(asCaseworker(), "GET", item+"?$expand=microsoft.graph.itemAttachment/item", nil).want(200)
	if expanded.string("item", "subject") != "Old" {
		t.Errorf("item %s", expanded.text)
	}
	if eml := r.ask(asCaseworker(), "GET", item+"/$value", nil).want(200); !strings.Contains(string(eml.text), "Subject: Old") {
		t.Errorf("item content %s", eml.text)
	}
	r.ask(asCaseworker(), "DELETE", one, nil).want(204)
	r.ask(asCaseworker(), "GET", one, nil).refused(404, "ErrorItemNotFound")
}

func TestReferenceAttachmentHasNoContent(t *testing.T) {
	r := newRig(t)
	draft, err := r.store.SaveDraft(caseworker, mail.Message{Attachments: []mail.Attachment{
		{Kind: mail.ReferenceAttachment, Name: "plan.docx", SourceURL: "https://files.example/plan.docx"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	at := "/me/messages/" + draft.ID + "/attachments"
	list := r.ask(asCaseworker(), "GET", at, nil).want(200).list()
	if list[0]["@odata.type"] != "#microsoft.graph.referenceAttachment" {
		t.Errorf("type %v", list[0]["@odata.type"])
	}
	r.ask(asCaseworker(), "GET", at+"/"+list[0]["id"].(string)+"/$value", nil).refused(405, "ErrorInvalidRequest")
}

func TestLargeAttachmentNeedsASession(t *testing.T) {
	r := newRig(t)
	at := "/me/messages/" + r.draft(asCaseworker(), "/me", object{}) + "/attachments"
	file := func(size int) object {
		return object{"@odata.type": "#microsoft.graph.fileAttachment", "name": "f", "contentBytes": make([]byte, size)}
	}
	r.ask(asCaseworker(), "POST", at, file(3<<20-1)).want(201)
	r.ask(asCaseworker(), "POST", at, file(3<<20)).refused(413, "RequestEntityTooLarge")
	r.ask(asCaseworker(), "POST", at, file(5<<20)).refused(413, "RequestEntityTooLarge")
}

// session opens an upload session for that many bytes.
func (r *rig) session(token, mailbox, message string, size int) answer {
	r.t.Helper()
	return r.ask(token, "POST", mailbox+"/messages/"+message+"/attachments/createUploadSession",
		object{"AttachmentItem": object{"attachmentType": "file", "name": "big.bin", "size": size, "contentType": "application/pdf"}})
}

// put sends bytes [from, to) of a file.
func (r *rig) put(address string, file []byte, from, to int, headers ...string) answer {
	r.t.Helper()
	headers = append(headers, fmt.Sprintf("Content-Range: bytes %d-%d/%d", from, to-1, len(file)), "Content-Type: application/octet-stream")
	return r.ask("", "PUT", address, bytes.NewReader(file[from:to]), headers...)
}

func pattern(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i * 31 >> 3)
	}
	return b
}

func TestUploadSession(t *testing.T) {
	r := newRig(t)
	id := r.draft(asService(), "/users/"+service, object{})
	file := pattern(9 << 20)
	session := r.session(asService(), "/users/"+service, id, len(file)).want(201)
	address := session.string("uploadUrl")
	if !strings.HasPrefix(address, r.uploads) || session.body["nextExpectedRanges"].([]any)[0] != "0-" {
		t.Fatalf("session %s", session.text)
	}
	const step = 4 << 20
	first := r.put(address, file, 0, step).want(200)
	if first.body["nextExpectedRanges"].([]any)[0] != "4194304" {
		t.Errorf("the next range is a bare offset: %s", first.text)
	}
	r.put(address, file, 0, step).refused(416, "ErrorInvalidContentRange")
	r.put(address, file, step, 2*step, "Authorization: Bearer x").refused(401, "InvalidAuthenticationToken")
	r.put(address, file, step, len(file)).refused(413, "RequestEntityTooLarge")
	r.put(address, file, step, 2*step).want(200)
	last := r.put(address, file, 2*step, len(file)).want(201)
	_, tail, found := strings.Cut(last.header.Get("Location"), "/Attachments('")
	if !found {
		t.Fatalf("Location %q", last.header.Get("Location"))
	}
	content := r.ask(asService(), "GET", "/users/"+service+"/messages/"+id+"/attachments/"+url.PathEscape(strings.TrimSuffix(tail, "')"))+"/$value", nil).want(200)
	if !bytes.Equal(content.text, file) {
		t.Error("the file has changed on its way")
	}
	r.put(address, file, 0, step).refused(404, "ErrorItemNotFound")
}

func TestUploadSessionLimits(t *testing.T) {
	r := newRig(t)
	id := r.draft(asCaseworker(), "/me", object{})
	r.session(asCaseworker(), "/me", id, 3<<20-1).refused(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
	r.session(asCaseworker(), "/me", id, 150<<20+1).refused(413, "ErrorAttachmentSizeLimitExceeded")
	shared := r.draft(asCaseworker(), "/users/"+building, object{})
	r.session(asCaseworker(), "/users/"+building, shared, 4<<20).refused(403, "ErrorAccessDenied")

	r.set(func(s *mail.Settings) { s.MessageSize = 3 << 20 })
	file := pattern(3<<20 + 1)
	address := r.session(asCaseworker(), "/me", id, len(file)).want(201).string("uploadUrl")
	r.put(address, file, 0, len(file)).refused(413, "ErrorMessageSizeExceeded")

	address = r.session(asCaseworker(), "/me", id, len(file)).want(201).string("uploadUrl")
	r.ask("", "PUT", strings.Replace(address, "authtoken=", "authtoken=x", 1), nil).refused(404, "ErrorItemNotFound")
	r.ask("", "PUT", address, nil).refused(400, "BadRequest")
	r.pass(24 * time.Hour)
	r.put(address, file, 0, len(file)).refused(404, "ErrorItemNotFound")
}

func TestBrokenUploadGoesOnWhereItStopped(t *testing.T) {
	r := newRig(t)
	id := r.draft(asCaseworker(), "/me", object{})
	file := pattern(3 << 20)
	address := r.session(asCaseworker(), "/me", id, len(file)).want(201).string("uploadUrl")
	r.set(func(s *mail.Settings) { s.BrokenUploads = 1 })
	request, _ := http.NewRequest("PUT", address, bytes.NewReader(file))
	request.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(file)-1, len(file)))
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Fatal("the connection should have broken")
	}
	state := r.ask("", "GET", address, nil).want(200)
	if state.body["nextExpectedRanges"].([]any)[0] != "1572864" {
		t.Fatalf("state %s", state.text)
	}
	r.put(address, file, 1572864, len(file)).want(201)
	m, err := r.store.Message(caseworker, id)
	if err != nil || len(m.Attachments) != 1 || !bytes.Equal(m.Attachments[0].Content, file) {
		t.Error("the file is not whole, or there twice")
	}
	cancelled := r.session(asCaseworker(), "/me", id, len(file)).want(201).string("uploadUrl")
	r.ask("", "DELETE", cancelled, nil).want(204)
	r.put(cancelled, file, 0, len(file)).refused(404, "ErrorItemNotFound")
}
