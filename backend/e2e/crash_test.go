package e2e_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
)

// leases is longer than every lease of a process that died.
const leases = 2 * time.Minute

// begun sends a draft with an attachment to a process that dies while it is
// received, and answers the request and its key for another try.
func (w *world) begun(p *mortal, content []byte) (id transfer.ID, key string, request object) {
	w.t.Helper()
	draft := w.draft(mail.Message{Subject: "Decision", Body: "Dear citizen", To: []mail.Address{{Address: outlook.Citizen}},
		Attachments: []mail.Attachment{{Kind: mail.FileAttachment, Name: "decision.pdf", ContentType: "application/pdf", Content: content}}})
	key, request = rand.Text(), object{"draftId": draft, "options": object{"language": "en", "code": "generated"}}
	a := w.apiAt(p.staff, w.UserToken(outlook.Caseworker), "POST", "/api/v1/transfers", request, idempotent(key))
	id = a.transfer(w).ID
	w.dies(p)
	return id, key, request
}

func TestCase03_PartsWithoutAManifestAreNoTransferAndTheRetrySucceeds(t *testing.T) {
	w := newWorld(t, idle)
	content := random(1 << 20)
	id, key, request := w.begun(w.mortal(at("/manifest", false)), content)
	if got := w.transfer(id); got.State != "receiving" {
		t.Errorf("before its manifest the transfer is %q", got.State)
	}
	if blobs, _ := w.storedBlobs(id); len(blobs) < 2 {
		t.Fatalf("only %v was stored: the process did not die where the test wants it to", blobs)
	}
	w.pass(leases)
	if got := w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w); got.ID != id {
		t.Errorf("the retry got another id")
	}
	got := w.accepted(id)
	if len(got.Files) != 1 {
		t.Errorf("the retry has the files %v", got.Files)
	}
	w.work(w.System)
	w.until("the recipient is notified", func() bool { return w.transfer(id).Recipients[0].State == "notified" })
	c := w.citizen()
	c.open(w.link(outlook.Citizen, 0), got.Code)
	if file := c.get(w.seat(id) + "/files/f1"); !bytes.Equal([]byte(file.body), content) {
		t.Errorf("the recipient gets %d bytes, not what was sent", len(file.body))
	}
}

func TestCase03_PartsWithoutAManifestAreSweptAfterTheirGrace(t *testing.T) {
	w := newWorld(t, idle)
	w.System.Expiring.Skew = 1000 * time.Hour // the test's clock runs ahead of Redis's
	abandoned, _, _ := w.begun(w.mortal(at("/manifest", false)), random(1<<20))
	key := rand.Text()
	if a := w.upload(key, "u1", "never-sent.pdf", "application/pdf", random(1000)); a.status != 201 {
		t.Fatalf("the upload is answered %d %s", a.status, a.body)
	}
	uploaded := w.Setup.Ring.Namer().TransferID("municipality", w.oid(outlook.Caseworker), key)
	sweep := func() {
		if _, err := w.System.Expiring.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []transfer.ID{abandoned, uploaded} {
		w.pass(23 * time.Hour / 2)
		sweep()
		if blobs, keys := w.storedBlobs(id); len(blobs) == 0 || len(keys) == 0 {
			t.Errorf("%s was swept within its grace", id)
		}
	}
	w.pass(25 * time.Hour)
	sweep()
	for _, id := range []transfer.ID{abandoned, uploaded} {
		if blobs, keys := w.storedBlobs(id); len(blobs)+len(keys) > 0 {
			t.Errorf("after the grace there are still %v %v", blobs, keys)
		}
		if a := w.api("GET", "/api/v1/transfers/"+string(id), nil, nil); a.status != 404 {
			t.Errorf("%s is still known: %d", id, a.status)
		}
	}
}

func TestCase03_AManifestWithoutALedgerRecordRollsForward(t *testing.T) {
	for name, forward := range map[string]func(w *world, key string, request object){
		"by the retry": func(w *world, key string, request object) {
			w.pass(leases)
			w.api("POST", "/api/v1/transfers", request, idempotent(key))
		},
		"by the sweep": func(w *world, _ string, _ object) {
			w.System.Expiring.Skew = 1000 * time.Hour
			w.pass(25 * time.Hour)
			_, err := w.System.Expiring.Sweep(w.t.Context())
			must(w.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, idle)
			id, key, request := w.begun(w.mortal(at("/manifest", true)), random(1000))
			if got := w.transfer(id); got.State != "receiving" {
				t.Fatalf("the ledger knows %q already", got.State)
			}
			forward(w, key, request)
			w.accepted(id)
			w.work(w.System)
			w.until("the recipient is notified", func() bool { return w.transfer(id).Recipients[0].State == "notified" })
			if n := len(w.invited(outlook.Citizen)); n != 1 {
				t.Errorf("%d mails reached the citizen", n)
			}
		})
	}
}

// The journal of a transfer without a draft: the intent, the mail's draft, the
// outcome. Killed around each of them, the next worker finds what came of it.
func TestCase04And05_AWorkerKilledBetweenTwoStepsLeavesOneMail(t *testing.T) {
	w := newWorld(t, idle)
	type killed struct {
		moment string
		id     transfer.ID
		to     string
	}
	var all []killed
	for step, name := range []string{"the intent", "the draft's id", "the outcome"} {
		for _, after := range []bool{false, true} {
			k := killed{moment: fmt.Sprintf("%s, after it: %v", name, after), to: fmt.Sprintf("citizen-%d-%v@post.example", step, after)}
			p := w.mortal(at(fmt.Sprintf("/journal.%010d", step+1), after))
			k.id = w.accepted(w.apiAt(p.staff, w.UserToken(outlook.Caseworker), "POST", "/api/v1/transfers",
				letter("Decision", "Dear citizen", k.to), idempotent(rand.Text())).transfer(w).ID).ID
			stop := w.work(p.System)
			w.dies(p)
			stop()
			if name == "the outcome" && len(w.invited(k.to)) != 1 {
				t.Fatalf("killed at the outcome, but the mail has not left")
			}
			all = append(all, k)
		}
	}
	w.pass(leases)
	w.work(w.System)
	for _, k := range all {
		w.until("the recipient is notified after a kill at "+k.moment, func() bool { return w.transfer(k.id).Recipients[0].State == "notified" })
		if n := len(w.invited(k.to)); n != 1 {
			t.Errorf("after a kill at %s %d mails reached the citizen", k.moment, n)
		}
	}
	w.nothingLeft()
}

// nothingLeft checks that no draft of ours is forgotten in a service mailbox,
// and that no message id went out twice.
func (w *world) nothingLeft() {
	w.t.Helper()
	seen := map[string]bool{}
	for _, mailbox := range []string{outlook.Service1, outlook.Service2} {
		all, err := w.Mail.Messages(mailbox, "", nil)
		must(w.t, err)
		for _, m := range all {
			if m.Draft {
				w.t.Errorf("a draft to %v is left in %s", m.To, mailbox)
			}
			if seen[m.InternetMessageID] || !strings.HasSuffix(m.InternetMessageID, "@municipality.example>") {
				w.t.Errorf("message id %s is there twice, or is not ours", m.InternetMessageID)
			}
			seen[m.InternetMessageID] = true
		}
	}
}

func TestCase04_WhatTheLedgerHasQueuedAnotherWorkerSendsOnce(t *testing.T) {
	w := newWorld(t, idle)
	id := w.send(letter("Decision", "Dear citizen", outlook.Citizen)).ID
	if len(w.invited(outlook.Citizen)) != 0 {
		t.Fatal("a mail has left without a worker")
	}
	w.work(w.System)
	w.work(w.mortal(at("/never", false)).System)
	w.until("the recipient is notified", func() bool { return w.transfer(id).Recipients[0].State == "notified" })
	if n := len(w.invited(outlook.Citizen)); n != 1 {
		t.Errorf("%d mails reached the citizen", n)
	}
}

func random(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.Read(content)
	return content
}
