package distributing

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

type members map[string]string // subject → mailbox

func (m members) MemberOf(_ context.Context, _ transfer.TenantID, c transfer.Caller, mailbox string) (bool, error) {
	return m[c.Subject] == mailbox, nil
}

var (
	colleague = transfer.Caller{Tenant: org, Subject: "member", Name: "A colleague", Address: "colleague@municipality.example", Roles: []transfer.Role{transfer.Caseworker}}
	outsider  = transfer.Caller{Tenant: org, Subject: "other", Roles: []transfer.Role{transfer.Caseworker, transfer.Distributor}}
)

// asLink is a reply that is too large for its mailbox and was delivered as a link.
func (w *world) asLink() *transfer.Dossier {
	w.t.Helper()
	d := w.large()
	w.must(w.Deliver(w.t.Context(), w.deliverJob(d), false))
	return d
}

// large is a reply of two files that only one at a time fits into its mailbox.
func (w *world) large() *transfer.Dossier {
	w.t.Helper()
	w.Members = members{"member": children}
	w.routes(strings.Replace(sampleRouting(), "size_limit_mb: 25", "size_limit_mb: 1", 1))
	id := w.Namer.ReplyID(org, "x", "r1", "large")
	key, err := w.vault.Begin(w.t.Context(), org, id, transfer.HeldOpen)
	w.must(err)
	m := transfer.Manifest{Version: transfer.FormatVersion, Kind: transfer.KindReply, Tenant: org, ID: id, AcceptedAt: w.now,
		Subject: "Large", RequestHash: []byte("h"), Origin: &transfer.Origin{Channel: "link", ReplyMailbox: "children"}}
	for _, name := range []transfer.FileID{"f1", "f2"} {
		f, err := w.vault.WriteFile(w.t.Context(), org, id, key, transfer.File{ID: name, Name: string(name), Type: "text/plain"},
			strings.NewReader(strings.Repeat("x", 800_000)), 1<<20, nil)
		w.must(err)
		m.Files = append(m.Files, f)
	}
	d, err := w.store.Commit(w.t.Context(), key, m)
	w.must(err)
	return d
}

// found journals a check of a reply, and malware in the files that it names.
func (w *world) found(id transfer.ID, infected ...transfer.FileID) {
	w.t.Helper()
	d, _ := w.open(id)
	e := transfer.Entry{Kind: transfer.Checked}
	for _, f := range infected {
		e.Findings = append(e.Findings, transfer.Finding{File: f, Code: transfer.Infected})
	}
	w.must(w.store.Schedule(w.t.Context(), d, func(transfer.State) (transfer.Entry, error) { return e, nil }))
}

func (w *world) fetch(id transfer.ID, file transfer.FileID) {
	w.t.Helper()
	_, content, done, err := w.Fetch(w.t.Context(), colleague, id, file)
	w.must(err)
	n, err := io.Copy(io.Discard, content)
	w.must(err)
	if n != 800_000 {
		w.t.Errorf("%d bytes", n)
	}
	w.must(done(w.t.Context()))
}

func TestALinkIsKeptUntilItsFilesAreFetched(t *testing.T) {
	w := newWorld(t)
	id := w.asLink().Manifest.ID
	if mail := w.office.sent[0]; len(mail.Attachments) != 0 || !strings.Contains(mail.Text, "https://staff.example/replies/"+string(id)) {
		t.Errorf("mail %+v", mail)
	}
	d, _ := w.open(id)
	if !d.State.ExpiresAt.IsZero() || d.Held != transfer.HeldOpen {
		t.Fatalf("the clock runs: %v", d.State.ExpiresAt)
	}
	w.fetch(id, "f1")
	w.fetch(id, "f1")
	if d, _ = w.open(id); !d.State.ExpiresAt.IsZero() || d.State.Seen.IsZero() {
		t.Fatalf("after half of it: %+v", d.State)
	}
	w.fetch(id, "f2")
	want := w.now.Add(w.policy.ReplyRetention)
	if d, _ = w.open(id); d.State.ExpiresAt != want || d.Held != transfer.HoldUntil(want) {
		t.Errorf("expires %v, held %s", d.State.ExpiresAt, d.Held)
	}
	w.now = w.now.Add(time.Hour)
	w.fetch(id, "f2")
	if d, _ = w.open(id); d.State.ExpiresAt != want {
		t.Error("fetching again moved the clock")
	}
}

func TestOnlyMembersOfTheMailboxReadIt(t *testing.T) {
	w := newWorld(t)
	id := w.asLink().Manifest.ID
	for name, c := range map[string]struct {
		caller transfer.Caller
		id     transfer.ID
	}{
		"no member":    {outsider, id},
		"no role":      {transfer.Caller{Tenant: org, Subject: "member"}, id},
		"other tenant": {transfer.Caller{Tenant: "other", Subject: "member", Name: "A colleague", Address: "colleague@municipality.example", Roles: colleague.Roles}, id},
		"unknown id":   {colleague, w.Namer.ReplyID(org, "none", "r1", "s")},
		"a transfer":   {colleague, w.transfer("k").Manifest.ID},
	} {
		if _, err := w.Read(t.Context(), c.caller, c.id); transfer.CodeOf(err) != transfer.NotFound && transfer.CodeOf(err) != transfer.Forbidden {
			t.Errorf("%s reads it: %v", name, err)
		}
		if err := w.HandBack(t.Context(), c.caller, c.id, "why"); err == nil {
			t.Errorf("%s hands it back", name)
		}
	}
	if d, _ := w.open(id); !d.State.Seen.IsZero() {
		t.Error("seen by nobody")
	}
	denied := 0
	for _, e := range w.trail {
		if e.Action == "read_reply" && e.Outcome == "denied" {
			denied++
		}
	}
	if denied != 5 {
		t.Errorf("%d denied attempts are in the trail", denied)
	}
}

// The sweep comes later; nobody reads in between, as what she ever may come.
func TestAReplyIsOverAtItsExpiry(t *testing.T) {
	w := newWorld(t)
	w.Addresses = addresses{"worker": {"worker@municipality.example"}}
	worker := transfer.Caller{Tenant: org, Subject: "worker"}
	id := w.asLink().Manifest.ID
	w.must(w.Assign(t.Context(), colleague, id, "worker@municipality.example"))
	w.fetch(id, "f1")
	w.fetch(id, "f2")
	d, _ := w.open(id)
	w.now = d.State.ExpiresAt.Add(-time.Second)
	w.fetch(id, "f1")
	if _, err := w.Read(t.Context(), worker, id); err != nil {
		t.Fatal(err)
	}
	w.now = d.State.ExpiresAt
	before, _ := w.open(id)
	if _, all, _, err := w.Mailbox(t.Context(), colleague, "children", "", 10); err != nil || len(all) != 0 {
		t.Errorf("%d are listed, %v", len(all), err)
	}
	_, _, _, fetched := w.Fetch(t.Context(), colleague, id, "f1")
	_, read := w.Read(t.Context(), colleague, id)
	_, given := w.Read(t.Context(), worker, id)
	_, answerable := w.Answerable(t.Context(), colleague, id)
	_, _, looked := w.Look(t.Context(), outsider, id)
	_, proposed := w.Propose(t.Context(), outsider, id, "technical", "")
	for does, err := range map[string]error{"fetch it": fetched, "read it": read, "read what is given to her": given, "answer it": answerable,
		"look at it": looked, "make a rule of it": proposed, "hand it back": w.HandBack(t.Context(), colleague, id, "why"), "give it on": w.Assign(t.Context(), colleague, id, "")} {
		if transfer.CodeOf(err) != transfer.Expired {
			t.Errorf("%s: %v", does, err)
		}
	}
	if _, err := w.Read(t.Context(), outsider, id); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("a stranger learns that it was there: %v", err)
	}
	if after, _ := w.open(id); after.State.Seq != before.State.Seq {
		t.Errorf("the journal went on to %d", after.State.Seq)
	}
}

// The trail tells a page that was opened from a file that was fetched, and which.
func TestAFetchedFileIsNamedInTheTrail(t *testing.T) {
	w := newWorld(t)
	w.Addresses = addresses{"worker": {"worker@municipality.example"}}
	id := w.asLink().Manifest.ID
	w.must(w.Assign(t.Context(), colleague, id, "worker@municipality.example"))
	for _, c := range []struct {
		caller      transfer.Caller
		read, fetch access.Action
		outcome     access.Outcome
	}{
		{colleague, "read_reply", "fetch_reply", access.Allowed},
		{transfer.Caller{Tenant: org, Subject: "worker"}, "read_assigned", "fetch_assigned", access.Allowed},
		{outsider, "read_reply", "fetch_reply", access.Denied},
	} {
		_, _ = w.Read(t.Context(), c.caller, id)
		if last := w.trail[len(w.trail)-1]; last.Action != c.read || last.ID != id || last.File != "" || last.Outcome != c.outcome {
			t.Errorf("%s reads: %+v", c.caller.Subject, last)
		}
		before := len(w.trail)
		_, _, _, _ = w.Fetch(t.Context(), c.caller, id, "f2")
		if last := w.trail[len(w.trail)-1]; last.Action != c.fetch || last.ID != id || last.File != "f2" || last.Outcome != c.outcome || len(w.trail) != before+1 {
			t.Errorf("%s fetches: %+v", c.caller.Subject, last)
		}
	}
}

// Who looks whether she could answer has not opened it.
func TestWhetherItCanBeAnsweredIsOnlyLookedAt(t *testing.T) {
	w := newWorld(t)
	w.Members = members{"member": children}
	for number, want := range map[string]transfer.Code{"": "", "29000000": transfer.NotAnswerable} {
		d := w.reply(w.transfer("k"+number), "s1", transfer.Origin{ReplyMailbox: "children", RecipientNumber: number})
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
		before, _ := w.open(d.Manifest.ID)
		if _, err := w.Answerable(t.Context(), colleague, d.Manifest.ID); transfer.CodeOf(err) != want {
			t.Errorf("%q: %v", number, err)
		}
		if _, err := w.Answerable(t.Context(), outsider, d.Manifest.ID); transfer.CodeOf(err) != transfer.NotFound {
			t.Errorf("%q: no member: %v", number, err)
		}
		if after, _ := w.open(d.Manifest.ID); after.State.Seq != before.State.Seq {
			t.Errorf("%q: the journal went on to %d", number, after.State.Seq)
		}
	}
}

func TestWhatNobodyFetchesComesBackToTheDistributor(t *testing.T) {
	w := newWorld(t)
	id := w.asLink().Manifest.ID
	d, _ := w.open(id)
	var job transfer.Job
	for _, j := range d.Outstanding(w.now) {
		if j.Kind == transfer.EscalateJob {
			job = j
		}
	}
	if job.NotBefore != d.State.Delivered.Add(transfer.FetchTime) {
		t.Fatalf("job %+v", job)
	}
	w.now = w.now.Add(time.Hour)
	if wait, tried := mailing.Wait(w.Escalate(t.Context(), job, false)); tried || wait != transfer.FetchTime-time.Hour || w.phase(id) != transfer.Delivered {
		t.Fatalf("too early, it comes back in %v", wait)
	}
	w.now = job.NotBefore
	w.must(w.Escalate(t.Context(), job, false))
	w.must(w.Escalate(t.Context(), job, false))
	if d, _ = w.open(id); w.phase(id) != transfer.OnManual || d.State.Delivery().Reason != transfer.NotFetched {
		t.Errorf("phase %s, %+v", w.phase(id), d.State.Delivery())
	}
}

// Whether a mail has the files in it is known from the mail, not from limits that have
// changed since it was written: an hour or a restart may lie between.
func TestWhatWasSentAsALinkStaysOne(t *testing.T) {
	for attached, limits := range map[int][2]string{0: {"size_limit_mb: 1", "size_limit_mb: 25"}, 2: {"size_limit_mb: 25", "size_limit_mb: 1"}} {
		w := newWorld(t)
		d := w.large()
		w.routes(strings.Replace(sampleRouting(), "size_limit_mb: 25", limits[0], 1))
		w.office.refuses[children] = transfer.OutlookBusy
		if err := w.Deliver(t.Context(), w.deliverJob(d), false); err == nil || len(w.office.drafts) != 1 || len(w.office.drafts[0].Attachments) != attached {
			t.Fatalf("drafts %+v: %v", w.office.drafts, err)
		}
		w.routes(strings.Replace(sampleRouting(), "size_limit_mb: 25", limits[1], 1))
		delete(w.office.refuses, children)
		w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
		if after, _ := w.open(d.Manifest.ID); len(w.office.sent) != 1 || after.State.Delivered.IsZero() || after.State.Fetching() != (attached == 0) {
			t.Errorf("with %d files attached it waits to be fetched: %v", attached, after.State.Fetching())
		}
	}
}

// What is held back has no weight: the rest is attached, and the clock runs.
func TestWhatIsHeldBackMakesNoLink(t *testing.T) {
	w := newWorld(t)
	w.store.Quarantine = true
	id := w.large().Manifest.ID
	w.found(id, "f2")
	d, err := w.Place(t.Context(), outsider, id, "children", "")
	w.must(err)
	w.now = w.now.Add(UndoTime)
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if mail := w.office.sent[0]; len(mail.Attachments) != 1 || mail.Attachments[0].Name != "f1" {
		t.Errorf("attached %+v", mail.Attachments)
	}
	if d, _ = w.open(id); d.State.Fetching() || d.State.ExpiresAt != w.now.Add(w.policy.ReplyRetention) {
		t.Errorf("expires %v", d.State.ExpiresAt)
	}
}

// Malware found in the one file that was left to fetch leaves nothing to come for.
func TestAReplyOfWhichAllWasFetchedThatCanBeDoesNotComeBack(t *testing.T) {
	w := newWorld(t)
	w.store.Quarantine = true
	d := w.large()
	id := d.Manifest.ID
	w.found(id)
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	w.fetch(id, "f1")
	w.found(id, "f2")
	w.now = w.now.Add(transfer.FetchTime)
	job := w.deliverJob(d)
	job.Kind = transfer.EscalateJob
	w.must(w.Escalate(t.Context(), job, false))
	if d, _ = w.open(id); w.phase(id) != transfer.Delivered || d.State.ExpiresAt != w.now.Add(w.policy.ReplyRetention) {
		t.Errorf("phase %s, expires %v", w.phase(id), d.State.ExpiresAt)
	}
}

func TestNotOursComesBackWithItsReason(t *testing.T) {
	w := newWorld(t)
	id := w.asLink().Manifest.ID
	w.must(w.HandBack(t.Context(), colleague, id, "belongs to the roads"))
	d, _ := w.open(id)
	if w.phase(id) != transfer.OnManual || d.State.Why != "belongs to the roads" || d.State.Delivery().Reason != transfer.NotOurs || d.Held != transfer.HeldOpen {
		t.Errorf("phase %s, state %+v", w.phase(id), d.State)
	}
	if err := w.HandBack(t.Context(), colleague, id, "again"); transfer.CodeOf(err) != transfer.NotFound {
		t.Errorf("handed back twice: %v", err)
	}
	if _, err := w.Place(t.Context(), outsider, id, "technical", "roads"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(UndoTime)
	w.must(w.Deliver(t.Context(), w.deliverJob(d), false))
	if w.phase(id) != transfer.Delivered || len(w.office.sent) != 2 {
		t.Errorf("phase %s", w.phase(id))
	}
}
