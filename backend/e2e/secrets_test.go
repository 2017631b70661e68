package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/sandbox/phone"
	"senddigitally/backend/transfer"
)

// words are what people said to each other in a run.
type words struct {
	secrets map[string]string // by what it is
	texts   map[string]string // shown to the recipient, and to nobody else
}

// everything lets every part of the product handle texts that are found again:
// a draft with a file, an upload, a wrong and a right code, downloads, a reply
// with a file, one that nobody can place, a withdrawal and an error.
func (w *world) everything() words {
	w.t.Helper()
	key := submission()
	if a := w.upload(key, "u1", "uploadname-kestrel.pdf", "application/pdf", []byte("uploadcontent-heron")); a.status != 201 {
		w.t.Fatalf("the upload is answered %d %s", a.status, a.body)
	}
	draft := w.draft(mail.Message{Subject: "subject-plover", HTML: true, Body: "<p>body-curlew</p>", To: []mail.Address{{Name: "Name-Avocet", Address: "address-dunlin@post.example"}},
		Attachments: []mail.Attachment{{Kind: mail.FileAttachment, Name: "attachedname-knot.pdf", ContentType: "application/pdf", Content: bytes.Repeat([]byte("content-whimbrel "), 20000)}}})
	s := w.accepted(w.api("POST", "/api/v1/transfers", object{"draftId": draft, "uploads": []string{"u1"}, "options": object{"language": "en",
		"code": "generated", "caseId": "case-godwit", "notifyText": "notice-lapwing", "notifySubject": "noticesubject-ruff", "showFileNames": true}},
		idempotent(key)).transfer(w).ID)
	link := w.link("address-dunlin@post.example", 0)
	c := w.citizen()
	c.get(link)
	c.open(link, "WRONG-CODE-SNIPE")
	c.open(link, s.Code)
	for _, f := range s.Files {
		c.get(w.seat(s.ID) + "/files/" + f.ID)
	}
	c.get(w.seat(s.ID) + "/body")
	reply := submission()
	c.reply(w.seat(s.ID), reply, "replytext-sanderling", enclosure{"replyname-turnstone.txt", "text/plain", []byte("replycontent-phalarope")})
	w.until("the reply is placed", func() bool { return w.phase(s.ID, reply) != transfer.Undelivered })
	password := letter("subject-bittern", "text-egret", "second-gannet@post.example")
	password["options"] = object{"language": "en", "code": "password", "password": "password-cormorant-27"}
	second := w.send(password)
	w.citizen().open(w.link("second-gannet@post.example", 0), "password-cormorant-27")
	w.change(second.ID, "withdraw", object{})
	w.send(texted("subject-bunting", "text-siskin", "third-wren@post.example"))
	asking, third := w.citizen(), w.link("third-wren@post.example", 0)
	asking.asks(third)
	oneTime := w.codes(phone.Address(telephone))[0]
	asking.open(third, oneTime)
	w.api("POST", "/api/v1/transfers", object{"draftId": "unknown-draft", "options": object{"language": "en", "code": "generated"}}, idempotent(submission()))
	c.get(w.PortalURL + "/l/" + strings.Repeat("x", 45))
	c.get(w.PortalURL + "/m/" + string(s.ID) + "/r1/files/unknown")
	token := linkForm.FindStringSubmatch(link)[1]
	return words{secrets: map[string]string{
		"the link": token, "its secret part": token[2:], "the code": s.Code, "a wrong code": "WRONG-CODE-SNIPE",
		"the password": "password-cormorant-27", "a bearer token": "Bearer ey", "a one-time code": oneTime,
	}, texts: map[string]string{
		"an address": "address-dunlin", "another address": "second-gannet", "the caseworker's address": outlook.Caseworker, "a mailbox": outlook.CitizenService,
		"a telephone number": telephone[1:], "a service mailbox": "service-1@", "another service mailbox": "service-2@", "a name": "Name-Avocet", "a subject": "subject-plover", "another subject": "subject-bittern",
		"the body": "body-curlew", "the text": "text-egret", "the case": "case-godwit", "a file name": "attachedname-knot", "an uploaded file name": "uploadname-kestrel",
		"content": "content-whimbrel", "uploaded content": "uploadcontent-heron", "the notice": "notice-lapwing", "the notice's subject": "noticesubject-ruff",
		"a reply": "replytext-sanderling", "a reply's file name": "replyname-turnstone", "a reply's content": "replycontent-phalarope",
	}}
}

// forms are the ways in which a text could be written without being hidden.
func forms(text string) []string {
	raw := []byte(text)
	return []string{text, strings.ToLower(text), strings.ToUpper(text), url.QueryEscape(text), hex.EncodeToString(raw),
		strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="), strings.TrimRight(base64.URLEncoding.EncodeToString(raw), "=")}
}

// silent checks that a place tells none of the words.
func silent(t *testing.T, where, content string, all ...map[string]string) {
	t.Helper()
	for _, some := range all {
		for what, text := range some {
			for _, form := range forms(text) {
				if at := strings.Index(content, form); at >= 0 {
					t.Errorf("%s tells %s: …%q…", where, what, content[max(0, at-60):min(len(content), at+len(form)+20)])
					break
				}
			}
		}
	}
}

func TestCase53_NothingTellsALinkACodeOrAPerson(t *testing.T) {
	w := newWorld(t)
	said := w.everything()
	t.Run("the log", func(t *testing.T) {
		if !strings.Contains(w.log.String(), `"route":"/l/:token"`) {
			t.Fatal("no link page was logged: the test looks in the wrong place")
		}
		silent(t, "the log", w.log.String(), said.secrets, said.texts)
	})
	t.Run("answers", func(t *testing.T) {
		delete(said.secrets, "the code") // the sender is shown it to pass on
		silent(t, "an answer", w.answers.String(), said.secrets)
	})
	t.Run("Redis", func(t *testing.T) { w.silentRedis(t, said) })
	t.Run("the data directory", func(t *testing.T) { w.silentDirectory(t, said) })
}

func (w *world) silentRedis(t *testing.T, said words) {
	dump := w.dump()
	if len(dump) < transfer.Shards { // a marker in each shard, and records
		t.Fatalf("Redis has %d keys only: the test looks in the wrong place", len(dump))
	}
	for key, value := range dump {
		silent(t, "the key "+key, key, said.secrets, said.texts)
		silent(t, "the value of "+key, value, said.secrets, said.texts)
	}
}

// silentDirectory searches vault, key container, audit log and Redis's AOF.
func (w *world) silentDirectory(t *testing.T, said words) {
	read := map[string]int{}
	for _, name := range w.files("") {
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		must(t, err)
		short, err := filepath.Rel(w.Dir, name)
		must(t, err)
		read[strings.Split(short, "/")[0]] += len(content)
		silent(t, "the name of a file", short, said.secrets, said.texts)
		silent(t, short, string(content), said.secrets, said.texts)
	}
	for _, folder := range []string{"vault", "keys", "audit", "redis"} {
		if read[folder] == 0 {
			t.Errorf("nothing was read of %s: %v", folder, read)
		}
	}
}

func TestCase53_NoPageSendsAReferrerOrAsksAnotherSite(t *testing.T) {
	w := newWorld(t)
	s, c := w.filed(outlook.Citizen, random(1000))
	link := w.link(outlook.Citizen, 0)
	for _, address := range []string{link, w.seat(s.ID), w.seat(s.ID) + "/body", w.seat(s.ID) + "/files/u1", w.PortalURL + "/", w.PortalURL + "/l/unknown", w.PortalURL + "/none"} {
		a := c.get(address)
		if a.header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s is answered with %v", address, a.header)
		}
		for _, other := range []string{"src=\"http", "href=\"http", "url(http", "@import"} {
			if strings.Contains(a.body, other) && a.header.Get("Content-Type") == "text/html; charset=utf-8" {
				t.Errorf("%s refers to another site: %s", address, other)
			}
		}
	}
	if page := c.get(w.seat(s.ID)); strings.Contains(page.body, "/l/") {
		t.Error("after the code a page still has the link")
	}
}
