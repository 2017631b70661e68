package receiving_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/receiving"
	"senddigitally/backend/transfer"
)

// directory answers people's addresses by their object id.
type directory map[string][]string

func (d directory) AddressesOf(_ context.Context, _ transfer.TenantID, who transfer.Caller) ([]string, error) {
	addresses, known := d[who.Subject]
	if !known {
		return nil, transfer.Wrap(transfer.OutlookBusy, "no answer", errors.New("Graph is down"))
	}
	return addresses, nil
}

var people = directory{
	"colleague": {"Colleague@municipality.example", "c.olleague@municipality.example"},
	"other":     {"other@municipality.example"},
}

type rig struct {
	*archivetest.Rig
	use *receiving.Receiving
}

func newRig(t *testing.T) rig {
	r := archivetest.New(t)
	return rig{r, &receiving.Receiving{Archive: r.Archive, Addresses: people, Ledger: r.Ledger, Gate: r.Gate, Namer: r.Namer, Clock: r.Clock}}
}

func (r rig) who(subject string) transfer.Caller {
	return transfer.Caller{Tenant: archivetest.Tenant, Subject: subject, Address: "colleague@municipality.example"} // a name that can be changed
}

func (r rig) sent(key string, to ...string) *transfer.Dossier {
	r.T.Helper()
	var recipients []transfer.Recipient
	for i, address := range to {
		recipients = append(recipients, transfer.Recipient{ID: transfer.RecipientID("r" + strconv.Itoa(i+1)), Party: transfer.Party{Address: address}, Field: "to", SignsIn: true})
	}
	return r.AcceptedFor(key, transfer.Options{Language: "en", Code: transfer.AccessCode{Kind: transfer.CodeGenerated}}, recipients...)
}

func (r rig) list(subject string) []string {
	r.T.Helper()
	return r.listed(subject, 2)
}

// listed is the list, read in pages of a length.
func (r rig) listed(subject string, limit int) (subjects []string) {
	r.T.Helper()
	cursor := ""
	for range 100 {
		page, next, err := r.use.Messages(r.T.Context(), r.who(subject), cursor, limit)
		if err != nil {
			r.T.Fatal(err)
		}
		for _, m := range page {
			subjects = append(subjects, string(m.ID))
		}
		if cursor = next; next == "" {
			return subjects
		}
	}
	r.T.Fatal("the list does not end")
	return nil
}

func TestARecipientFindsHersUnderEachOfHerAddressesAndNobodyElseDoes(t *testing.T) {
	r := newRig(t)
	var want []string
	for i := range 3 {
		want = append(want, string(r.sent("primary-"+strconv.Itoa(i), "colleague@municipality.example").Manifest.ID))
		r.Pass(time.Minute)
	}
	slices.Reverse(want) // newest first
	want = append(want, string(r.sent("alias", "C.OLLEAGUE@municipality.example").Manifest.ID))
	r.sent("foreign", "third@municipality.example")
	if got := r.list("colleague"); !slices.Equal(got, want) {
		t.Errorf("she finds %v, not %v", got, want)
	}
	if got := r.list("other"); len(got) != 0 {
		t.Errorf("another finds %v", got)
	}
	if !r.Audited(access.ListReceived, access.Allowed) {
		t.Error("the look is not in the trail")
	}
}

func TestWhatWasSentToTwoOfHerAddressesIsListedOnce(t *testing.T) {
	r := newRig(t)
	both := r.sent("both", "c.olleague@municipality.example", "colleague@municipality.example")
	r.sent("alias", "c.olleague@municipality.example")
	for limit := range 3 {
		if got := r.listed("colleague", limit+1); len(got) != 2 || got[0] != string(both.Manifest.ID) {
			t.Errorf("in pages of %d, she finds %v", limit+1, got)
		}
	}
	r.Code(r.use.Discard(t.Context(), r.who("colleague"), both.Manifest.ID), "") // at the first address
	if got := r.listed("colleague", 1); len(got) != 2 {
		t.Errorf("after deleting one of the two, she finds %v", got)
	}
}

func TestOnlyARecipientHasASeat(t *testing.T) {
	r := newRig(t)
	d := r.sent("key", "other@municipality.example", "colleague@municipality.example")
	seat, err := r.use.Seat(t.Context(), r.who("colleague"), d.Manifest.ID)
	if err != nil || seat.Recipient != "r2" {
		t.Fatalf("the seat is %+v: %v", seat, err)
	}
	foreign := r.sent("foreign", "third@municipality.example")
	for _, id := range []transfer.ID{foreign.Manifest.ID, r.Accepted("by link").Manifest.ID, "0a0123456789abcdefghijklmnopqrstuv"} {
		_, err := r.use.Seat(t.Context(), r.who("colleague"), id)
		r.Code(err, transfer.NotFound)
		r.Code(r.use.Discard(t.Context(), r.who("colleague"), id), transfer.NotFound)
	}
	if !r.Audited(access.ReadReceived, access.Denied) || !r.Audited(access.Discard, access.Denied) {
		t.Error("a refused look is not in the trail")
	}
	_, err = r.use.Seat(t.Context(), r.who("who Graph does not know"), d.Manifest.ID)
	r.Code(err, transfer.OutlookBusy)
}

// What cannot be looked up is not called absent.
func TestWhileNothingCanBeLookedUpNothingIsCalledAbsent(t *testing.T) {
	r := newRig(t)
	d := r.sent("key", "colleague@municipality.example")
	r.Blobs.Fault = func(string, string) error { return errors.New("the disk is gone") }
	_, err := r.use.Seat(t.Context(), r.who("colleague"), d.Manifest.ID)
	r.Code(err, transfer.Unavailable)
	r.Code(r.use.Discard(t.Context(), r.who("colleague"), d.Manifest.ID), transfer.Unavailable)
	r.Blobs.Fault = nil
	_, err = r.use.Seat(t.Context(), r.who("colleague"), d.Manifest.ID)
	r.Code(err, "")
}

func TestOpeningIsToldToTheSenderOnce(t *testing.T) {
	r := newRig(t)
	d := r.sent("key", "colleague@municipality.example")
	for range 2 {
		if _, err := r.use.Seat(t.Context(), r.who("colleague"), d.Manifest.ID); err != nil {
			t.Fatal(err)
		}
	}
	found, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID)
	if err != nil || found.State.Seq != 1 || found.State.Recipients["r1"].Word() != "opened" {
		t.Errorf("the journal has %d entries, she has %q: %v", found.State.Seq, found.State.Recipients["r1"].Word(), err)
	}
}

func TestWhatIsDeletedIsGoneForHerAndSeenByTheSender(t *testing.T) {
	r := newRig(t)
	d := r.sent("key", "colleague@municipality.example", "other@municipality.example")
	if err := r.use.Discard(t.Context(), r.who("colleague"), d.Manifest.ID); err != nil {
		t.Fatal(err)
	}
	_, err := r.use.Seat(t.Context(), r.who("colleague"), d.Manifest.ID)
	r.Code(err, transfer.NotFound)
	r.Code(r.use.Discard(t.Context(), r.who("colleague"), d.Manifest.ID), transfer.NotFound)
	if mine, others := r.list("colleague"), r.list("other"); len(mine) != 0 || len(others) != 1 {
		t.Errorf("she finds %v, the other %v", mine, others)
	}
	found, err := r.Archive.Open(t.Context(), archivetest.Tenant, d.Manifest.ID)
	if err != nil || found.State.Recipients["r1"].Word() != "discarded" || found.State.Recipients["r2"].Word() != "waiting" {
		t.Errorf("the sender sees %+v: %v", found.State.Recipients, err)
	}
}

func TestWhatIsOverIsListedNoMore(t *testing.T) {
	r := newRig(t)
	expiring := r.sent("expiring", "colleague@municipality.example")
	withdrawn := r.sent("withdrawn", "colleague@municipality.example")
	if err := r.Archive.Change(t.Context(), withdrawn, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.WithdrawnBy, Recipient: "r1"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	_, err := r.use.Seat(t.Context(), r.who("colleague"), withdrawn.Manifest.ID)
	r.Code(err, transfer.Withdrawn)
	if got := r.list("colleague"); len(got) != 1 {
		t.Errorf("listed are %v", got)
	}
	r.Pass(8 * 24 * time.Hour)
	_, err = r.use.Seat(t.Context(), r.who("colleague"), expiring.Manifest.ID)
	r.Code(err, transfer.Expired)
	if got := r.list("colleague"); len(got) != 0 {
		t.Errorf("after the expiry listed are %v", got)
	}
}

// A list or a shared mailbox signs in as nobody: the sender's new link takes the
// place of it.
func TestANewLinkTakesThePlaceOfSigningIn(t *testing.T) {
	r := newRig(t)
	d := r.sent("key", "colleague@municipality.example")
	_, _, err := r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, transfer.NotFound)
	if err := r.Archive.Schedule(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Relinked, Recipient: "r1"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	_, _, err = r.Archive.Follow(t.Context(), d.Link("r1"))
	r.Code(err, "")
	_, err = r.use.Seat(t.Context(), r.who("colleague"), d.Manifest.ID)
	r.Code(err, transfer.NotFound)
	if got := r.list("colleague"); len(got) != 0 {
		t.Errorf("listed are %v", got)
	}
}

func TestCursorsOfStrangersAreRefused(t *testing.T) {
	r := newRig(t)
	for _, cursor := range []string{"x", "-1.", "7.", "0.x", "1e9."} {
		_, _, err := r.use.Messages(t.Context(), r.who("colleague"), cursor, 2)
		r.Code(err, transfer.Invalid)
	}
}

// A rebuild finds everybody's lists again, deletions too.
func TestAListComesBackFromTheVault(t *testing.T) {
	r := newRig(t)
	kept, gone := r.sent("kept", "colleague@municipality.example"), r.sent("gone", "colleague@municipality.example")
	if err := r.use.Discard(t.Context(), r.who("colleague"), gone.Manifest.ID); err != nil {
		t.Fatal(err)
	}
	before := r.list("colleague")
	r.Redis.FlushAll()
	if err := r.Ledger.Rebuilt(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*transfer.Dossier{kept, gone} {
		found, err := r.Vault.Open(t.Context(), archivetest.Tenant, d.Manifest.ID, d.Held)
		if err == nil {
			err = r.Archive.Project(t.Context(), found)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if after := r.list("colleague"); len(before) != 1 || !slices.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}
