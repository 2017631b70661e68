package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/entra"
	sandbox "senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/transfer"
)

const (
	own      = "caseworker@municipality.example"
	team     = "building@municipality.example"
	archived = "archive@municipality.example" // a shared mailbox without the caseworker
	citizen  = "citizen@home.example"
)

// office is a client before the sandbox's Graph, Outlook and Entra, all on one clock.
type office struct {
	*rig
	store *mail.Store
	api   *sandbox.Server
}

func newOffice(t *testing.T) *office {
	t.Helper()
	mux := http.NewServeMux()
	r := newRig(t, mux)
	store := mail.New(r.time.Now, mail.Defaults())
	for _, m := range []mail.Mailbox{
		{ID: caseworker, Address: own, Name: "Caseworker", Kind: mail.User},
		{Address: team, Name: "Building permits", Kind: mail.Shared, Members: []string{own}},
		{Address: archived, Name: "Archive", Kind: mail.Shared},
		{Address: service, Name: "Municipality", Kind: mail.Shared},
		{Address: "service2@municipality.example", Name: "Municipality", Kind: mail.Shared},
		{Address: "throttle@municipality.example", Kind: mail.Shared, Members: []string{own}},
		{Address: "temperror@municipality.example", Kind: mail.Shared, Members: []string{own}},
		{Address: "denied@municipality.example", Kind: mail.Shared, Members: []string{own}},
		{Address: citizen, Kind: mail.External},
	} {
		if _, err := store.AddMailbox(m); err != nil {
			t.Fatal(err)
		}
	}
	o := &office{rig: r, store: store}
	o.api = sandbox.New(sandbox.Config{Store: store, Tokens: r.entra, Tenant: directory})
	mux.Handle("/", o.api.Uploads())
	mux.Handle("/v1.0/", o.api)
	return o
}

func (o *office) save(t *testing.T, mailbox string, m mail.Message) mail.Message {
	t.Helper()
	saved, err := o.store.SaveDraft(mailbox, m)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func (o *office) messages(t *testing.T, mailbox, folder string) []mail.Message {
	t.Helper()
	found, err := o.store.Messages(mailbox, folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func written() mail.Message {
	return mail.Message{
		Subject: "Your case", Body: "<p>Hello</p>", HTML: true,
		To:  []mail.Address{{Name: "Citizen", Address: citizen}},
		Cc:  []mail.Address{{Address: "lawyer@office.example"}},
		Bcc: []mail.Address{{Address: "hidden@office.example"}},
		Properties: []mail.Property{{
			ID:    "String {00020329-0000-0000-C000-000000000046} Name cecp-7c1b3c53-3c0d-4b38-8f0a-6b1a1f1f7a10",
			Value: `{"sd.nonce":"n-42","sd.key":"k"}`}},
		Attachments: []mail.Attachment{
			{Name: "plan.pdf", ContentType: "application/pdf", Content: randomBytes(123_456)},
			{Name: "empty.txt", ContentType: "text/plain"},
			{Name: "logo.png", ContentType: "image/png", Inline: true, ContentID: "logo@1", Content: randomBytes(999)},
			{Name: "Earlier mail", Kind: mail.ItemAttachment, Item: &mail.Message{Subject: "Earlier mail", Body: "text inside"}},
			{Name: "budget.xlsx", Kind: mail.ReferenceAttachment, SourceURL: "https://cloud.example/budget.xlsx"},
		},
	}
}

func TestDraftWithEveryKindOfAttachment(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, own, written())
	for form, id := range map[string]string{
		"immutable": saved.ImmutableID, "REST": saved.ID,
		"EWS": strings.NewReplacer("-", "/", "_", "+").Replace(saved.ID),
	} {
		d, err := o.Draft(t.Context(), org, o.caller(), "me", id, "")
		if err != nil {
			t.Fatalf("%s id: %v", form, err)
		}
		if d.ID != saved.ImmutableID || d.Mailbox != "me" || d.ChangeKey != saved.ChangeKey {
			t.Errorf("%s id: %+v", form, d)
		}
	}
	d, _ := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "")
	if d.Subject != "Your case" || d.Body != "<p>Hello</p>" || d.BodyType != "text/html" || d.From.Address != own {
		t.Errorf("%+v", d)
	}
	if len(d.To) != 1 || d.To[0] != (transfer.Party{Name: "Citizen", Address: citizen}) || len(d.Cc) != 1 || len(d.Bcc) != 1 {
		t.Errorf("recipients %v, %v, %v", d.To, d.Cc, d.Bcc)
	}
	o.compareAttachments(t, d, saved)
}

func (o *office) compareAttachments(t *testing.T, d transfer.Draft, saved mail.Message) {
	t.Helper()
	if len(d.Attachments) != len(saved.Attachments) {
		t.Fatalf("%d attachments", len(d.Attachments))
	}
	for i, a := range d.Attachments {
		original := saved.Attachments[i]
		if a.Name != original.Name || a.Inline != original.Inline || a.ContentID != original.ContentID {
			t.Errorf("described as %+v", a)
		}
		stream, err := o.OpenAttachment(t.Context(), org, o.caller(), "me", d.ID, a)
		if original.Kind == mail.ReferenceAttachment {
			if known := wantCode(t, err, transfer.AttachmentRefused); known.Params["name"] != original.Name {
				t.Error("the refused attachment is not named")
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", a.Name, err)
			continue
		}
		content, err := io.ReadAll(stream)
		stream.Close()
		switch {
		case err != nil:
			t.Errorf("%s: %v", a.Name, err)
		case original.Kind == mail.ItemAttachment:
			if a.Kind != transfer.ItemAttachment || !bytes.Contains(content, []byte("Subject: Earlier mail")) {
				t.Errorf("not MIME: %.80s", content)
			}
		case !bytes.Equal(content, original.Content):
			t.Errorf("%s differs", a.Name)
		}
	}
}

func TestALargeAttachmentIsNotHeldInMemory(t *testing.T) {
	const size = 60 << 20
	o := newOffice(t)
	o.store.Configure(func(s *mail.Settings) { s.MessageSize = 150 << 20 })
	content := randomBytes(size)
	saved := o.save(t, own, mail.Message{Attachments: []mail.Attachment{{Name: "film.mp4", Content: content}}})
	d, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stream, err := o.OpenAttachment(t.Context(), org, o.caller(), "me", d.ID, d.Attachments[0])
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, stream); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if want := sha256.Sum256(content); !bytes.Equal(hash.Sum(nil), want[:]) {
		t.Error("the bytes differ")
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > size/6 {
		t.Errorf("%d MB were allocated to stream %d MB", used>>20, size>>20)
	}
}

// A stream counts as a request until it is closed, as it does for Outlook.
func TestAnOpenStreamHoldsItsPlace(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, own, mail.Message{Attachments: []mail.Attachment{{Name: "x", Content: randomBytes(8 << 20)}}})
	d, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	var streams []io.Closer
	for range maxConcurrent {
		stream, err := o.OpenAttachment(t.Context(), org, o.caller(), "me", d.ID, d.Attachments[0])
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, stream)
	}
	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = o.MemberOf(brief, org, o.caller(), "me")
	wantCode(t, err, transfer.OutlookBusy)
	if traffic := o.api.Traffic(own); traffic.Discarded != 0 {
		t.Error("Outlook had to refuse a fifth request")
	}
	for _, stream := range streams {
		stream.Close()
		stream.Close()
	}
	if _, err := o.MemberOf(t.Context(), org, o.caller(), "me"); err != nil {
		t.Error(err)
	}
}

func TestLateDrafts(t *testing.T) {
	for delay, want := range map[time.Duration]transfer.Code{
		3 * time.Second: "", draftPatience + time.Second: transfer.DraftNotFound,
	} {
		o := newOffice(t)
		o.store.Configure(func(s *mail.Settings) { s.DraftDelay = delay })
		saved := o.save(t, own, written())
		began := o.time.Now()
		_, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "")
		if transfer.CodeOf(err) != want {
			t.Errorf("after %v: %v", delay, err)
		}
		if waited := o.time.Now().Sub(began); waited < min(delay, draftPatience) || waited > draftPatience {
			t.Errorf("waited %v for %v", waited, delay)
		}
	}
}

// Opening the pane saves a draft without a nonce; what the pane saved when Send was
// pressed may follow minutes later.
func TestAnOlderCopyOfADraftIsNotSent(t *testing.T) {
	unmarked, other := written(), written()
	unmarked.Properties, other.Properties[0].Value = nil, `{"sd.nonce":"n-41"}`
	for name, shown := range map[string]mail.Message{"before any nonce": unmarked, "of an earlier try": other} {
		for delay, want := range map[time.Duration]transfer.Code{
			3 * time.Second: "", draftPatience + time.Second: transfer.DraftChanged,
		} {
			o := newOffice(t)
			saved := o.save(t, own, shown)
			o.store.Configure(func(s *mail.Settings) { s.DraftDelay = delay })
			newer := saved
			newer.Properties, newer.Bcc = written().Properties, nil
			o.save(t, own, newer)
			d, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "n-42")
			if transfer.CodeOf(err) != want || err == nil && len(d.Bcc) != 0 {
				t.Errorf("%s, after %v: to %v, %v", name, delay, d.Bcc, err)
			}
		}
	}
}

func TestWithoutTheAddInsIDNoCopyIsKnownToBeOlder(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, own, written())
	o.tenants[org].config.AddIn = ""
	if _, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "n-43"); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoDraftIsRefused(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, own, written())
	if err := o.store.Send(own, saved.ID); err != nil {
		t.Fatal(err)
	}
	_, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ImmutableID, "")
	wantCode(t, err, transfer.DraftChanged)
	for _, id := range []string{"", "../../users/" + archived, "a b", "a?x", "a%2Fb"} {
		_, err := o.Draft(t.Context(), org, o.caller(), "me", id, "")
		wantCode(t, err, transfer.DraftNotFound)
	}
}

func TestMailboxesOfOthers(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, team, written())
	if d, err := o.Draft(t.Context(), org, o.caller(), team, saved.ID, ""); err != nil || d.Mailbox != team {
		t.Error(err)
	}
	for mailbox, want := range map[string]transfer.Code{
		archived: transfer.MailboxRefused, "denied@municipality.example": transfer.MailboxRefused,
		"nobody@municipality.example": transfer.MailboxMissing, "../x": transfer.MailboxMissing, "": transfer.MailboxMissing,
	} {
		_, err := o.Draft(t.Context(), org, o.caller(), mailbox, saved.ID, "")
		if transfer.CodeOf(err) != want {
			t.Errorf("%q: %v", mailbox, err)
		}
	}
	for mailbox, want := range map[string]bool{"me": true, team: true, archived: false, "nobody@municipality.example": false} {
		if member, err := o.MemberOf(t.Context(), org, o.caller(), mailbox); member != want || err != nil {
			t.Errorf("%q: %v, %v", mailbox, member, err)
		}
	}
}

func TestFileAwayMovesTheDraftWhole(t *testing.T) {
	o := newOffice(t)
	for range 2 { // the second finds the folder
		saved := o.save(t, own, written())
		id, err := o.FileAway(t.Context(), org, o.caller(), "me", saved.ID, "Sent Digitally")
		if err != nil || id != saved.ImmutableID {
			t.Fatal(id, err)
		}
		moved, err := o.store.Message(own, id)
		if err != nil || len(moved.Attachments) != 5 || moved.Body != saved.Body || len(moved.Bcc) != 1 {
			t.Errorf("not whole: %v", err)
		}
		if again, err := o.FileAway(t.Context(), org, o.caller(), "me", id, "Sent Digitally"); err != nil || again != id {
			t.Errorf("a repetition: %v", err)
		}
		_, err = o.FileAway(t.Context(), org, o.caller(), "me", saved.ID+"x", "Sent Digitally")
		wantCode(t, err, transfer.DraftNotFound)
	}
	folders, _ := o.store.Folders(own, mail.Root)
	var named []mail.Folder
	for _, f := range folders {
		if f.Name == "Sent Digitally" {
			named = append(named, f)
		}
	}
	if len(named) != 1 || named[0].Total != 2 {
		t.Errorf("folders %+v", named)
	}
	saved := o.save(t, own, written())
	if _, err := o.FileAway(t.Context(), org, o.caller(), "me", saved.ID, "SentItems"); err != nil {
		t.Error(err)
	}
	if n := len(o.messages(t, own, "sentitems")); n != 1 {
		t.Errorf("%d in Sent Items", n)
	}
}

func TestDiscardDraftMayBeRepeated(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, own, written())
	for range 3 {
		if err := o.DiscardDraft(t.Context(), org, o.caller(), "me", saved.ImmutableID); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(o.messages(t, own, "drafts")); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
}

// Case 34 against the sandbox's claims challenge.
func TestAClaimsChallengeIsMet(t *testing.T) {
	o := newOffice(t)
	saved := o.save(t, own, written())
	o.store.Configure(func(s *mail.Settings) { s.RejectedTokens = 1 })
	if _, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, ""); err != nil {
		t.Error(err)
	}
	o.store.Configure(func(s *mail.Settings) { s.RejectedTokens = 2 })
	_, err := o.Draft(t.Context(), org, o.caller(), "me", saved.ID, "")
	wantCode(t, err, transfer.SignInAgain)
}

func TestMisbehavingMailboxesAreWaitedFor(t *testing.T) {
	o := newOffice(t)
	for _, mailbox := range []string{"throttle@municipality.example", "temperror@municipality.example"} {
		if member, err := o.MemberOf(t.Context(), org, o.caller(), mailbox); !member || err != nil {
			t.Errorf("%s: %v", mailbox, err)
		}
		if traffic := o.api.Traffic(mailbox); traffic.Refused == 0 || traffic.Early != 0 {
			t.Errorf("%s: %+v", mailbox, traffic)
		}
	}
}

func TestTheSandboxKnowsTheCaller(t *testing.T) {
	o := newOffice(t)
	stranger := transfer.Caller{Tenant: org, Subject: caseworker,
		Assertion: transfer.Assertion(o.entra.UserToken(caseworker, []string{"access_as_user"}, entra.WithLifetime(-2*time.Hour, time.Hour)))}
	_, err := o.MemberOf(t.Context(), org, stranger, team)
	wantCode(t, err, transfer.SignInAgain)
}

func TestSubscriptionsThroughTheUnmodifiedSDK(t *testing.T) {
	o := newOffice(t)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.WriteString(w, q.URL.Query().Get("validationToken"))
	}))
	t.Cleanup(hook.Close)
	until := o.time.Now().Add(time.Hour).Truncate(time.Second)
	for _, address := range []string{hook.URL + "/one", hook.URL + "/two"} {
		if err := o.Subscribe(t.Context(), org, service, transfer.Subscription{URL: address, State: "secret", Until: until}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := o.Subscriptions(t.Context(), org, service, hook.URL+"/two")
	if err != nil || len(found) != 1 || !found[0].Until.Equal(until) {
		t.Fatalf("found %+v, %v", found, err)
	}
	later := until.Add(24 * time.Hour)
	if err := o.Renew(t.Context(), org, service, found[0].ID, later); err != nil {
		t.Fatal(err)
	}
	if got := o.api.Subscribed(service); !got.Equal(later) {
		t.Errorf("subscribed until %v", got)
	}
	for range 2 { // what is gone need not be ended
		if err := o.Unsubscribe(t.Context(), org, service, found[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, o.Renew(t.Context(), org, service, found[0].ID, later), transfer.MailboxMissing)
	wantCode(t, o.Subscribe(t.Context(), org, service, transfer.Subscription{URL: "http://127.0.0.1:1/", Until: until}), transfer.Internal)
}
