package replying_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/ledger"
	"senddigitally/backend/opening"
	"senddigitally/backend/replying"
	"senddigitally/backend/transfer"
)

// quotas gives the rig's tenant quotas.
func (r rig) quotas(q transfer.Quotas) rig {
	r.Policy.Quotas = q
	return r
}

// counts are the ledger's, as the application gives them.
type counts struct{ *ledger.Ledger }

func (c counts) Allow(ctx context.Context, key string, limit int, per time.Duration) (bool, time.Duration, error) {
	return c.Ledger.Allow(ctx, key, ledger.Rate{Limit: limit, Per: per})
}

// another is a reply beside the first, at the same link.
func (r rig) another(n int) replying.Submission {
	s := r.s
	s.ID = strings.Repeat(string(rune('a'+n)), 16)
	return s
}

func (r rig) put(s replying.Submission, size int) error {
	_, err := r.reply.Upload(r.T.Context(), s, transfer.File{ID: "u1", Name: "a", Size: int64(size)}, strings.NewReader(strings.Repeat("x", size)))
	return err
}

func TestWhatIsNotSentCannotFillTheStorage(t *testing.T) {
	for name, q := range map[string]transfer.Quotas{
		"link": {Link: transfer.Quota{UnsentBytes: 100}}, "address": {Address: transfer.Quota{UnsentBytes: 100}},
		"network": {Network: transfer.Quota{UnsentBytes: 100}}, "mailbox": {Mailbox: transfer.Quota{UnsentBytes: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t).quotas(q)
			r.Code(r.put(r.another(0), 60), "")
			_, err := r.reply.Announce(t.Context(), r.another(1), transfer.File{Name: "b"}, 30)
			r.Code(err, "")
			r.Code(r.put(r.another(2), 11), transfer.QuotaReached)
			_, err = r.reply.Announce(t.Context(), r.another(2), transfer.File{Name: "b"}, 11)
			r.Code(err, transfer.QuotaReached)
			r.Code(r.put(r.another(2), 10), "")

			_, err = r.reply.Submit(t.Context(), r.another(0), "here", nil) // what is sent makes room
			r.Code(err, "")
			r.Code(r.reply.Remove(t.Context(), r.another(1), "u1"), "") // and what is removed
			r.Code(r.put(r.another(3), 90), "")
			r.Code(r.put(r.another(4), 1), transfer.QuotaReached)
		})
	}
}

func TestAFileThatIsRefusedHoldsNothing(t *testing.T) {
	r := newRig(t).quotas(transfer.Quotas{Link: transfer.Quota{UnsentBytes: 100}, Mailbox: transfer.Quota{UnsentBytes: 50}})
	r.Code(r.put(r.another(0), 60), transfer.QuotaReached) // by the mailbox, after the link
	_, err := r.reply.Announce(t.Context(), r.another(0), transfer.File{Name: "b"}, 51)
	r.Code(err, transfer.QuotaReached)
	_, err = r.reply.Announce(t.Context(), r.another(0), transfer.File{Name: "b"}, 1<<40)
	r.Code(err, transfer.TooLarge)
	r.Code(r.put(r.another(1), 50), "")
	r.Code(r.reply.Remove(t.Context(), r.another(1), "u1"), "")
	r.Code(r.put(r.another(2), 50), "")
}

func TestWhatNobodyGoesOnWithLapses(t *testing.T) {
	r := newRig(t).quotas(transfer.Quotas{Link: transfer.Quota{UnsentBytes: 100}})
	r.Code(r.put(r.another(0), 60), "")
	r.Code(r.put(r.another(1), 40), "")
	r.Pass(20 * time.Hour)
	_, err := r.reply.Arriving(t.Context(), r.another(0)) // she goes on with this one
	r.Code(err, "")
	r.Pass(20 * time.Hour)
	r.Code(r.put(r.another(2), 41), transfer.QuotaReached)
	r.Code(r.put(r.another(2), 40), "")
}

func TestMessagesAreCountedForEverybodyConcerned(t *testing.T) {
	for name, q := range map[string]transfer.Quotas{
		"link": {Link: transfer.Quota{Messages: 2}}, "address": {Address: transfer.Quota{Messages: 2}},
		"network": {Network: transfer.Quota{Messages: 2}}, "mailbox": {Mailbox: transfer.Quota{Messages: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t).quotas(q)
			send := func(n int) error {
				_, err := r.reply.Submit(t.Context(), r.another(n), "thank you", nil)
				return err
			}
			r.Code(send(0), "")
			r.Code(send(0), "") // the same one
			r.Code(send(1), "")
			r.Code(send(2), transfer.QuotaReached)
			r.Code(send(1), "")
			r.Pass(13 * time.Hour)
			r.Code(send(2), "")
		})
	}
}

// asking is a rig whose transfer asks for replies.
func asking(t *testing.T, what transfer.Request) rig {
	r := newRig(t)
	r.parent = r.Written("request", transfer.Options{Language: "en", Code: transfer.AccessCode{Kind: transfer.CodeNone}, Request: what},
		transfer.Party{Address: "citizen@post.example"})
	r.s.Seat = opening.Seat{Tenant: archivetest.Tenant, ID: r.parent.Manifest.ID, Recipient: "r1"}
	return r
}

func TestARequestForOneReplyTakesOneHoweverManyAreSentAtOnce(t *testing.T) {
	r := asking(t, transfer.RequestOnce)
	const many = 8
	codes := make(chan transfer.Code, many)
	for n := range many {
		go func() {
			_, err := r.reply.Submit(t.Context(), r.another(n), "reply "+string(rune('a'+n)), nil)
			codes <- transfer.CodeOf(err)
		}()
	}
	got := map[transfer.Code]int{}
	for range many {
		got[<-codes]++
	}
	if got[""] != 1 || got[transfer.KeyReused] != many-1 {
		t.Errorf("the answers are %v", got)
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, r.parent.Manifest.ID)
	if err != nil || len(d.State.Recipients["r1"].Replies) != 1 || !d.Spent(r.Namer, "r1") {
		t.Errorf("the request knows %v: %v", d.State.Recipients["r1"].Replies, err)
	}
	r.Code(r.put(r.another(0), 1), transfer.Conflict)
}

func TestARequestForManyTakesThemAndAMailSpendsNone(t *testing.T) {
	r := asking(t, transfer.RequestMany)
	for n := range 3 {
		_, err := r.reply.Submit(t.Context(), r.another(n), "part", nil)
		r.Code(err, "")
	}
	r = asking(t, transfer.RequestOnce)
	r.Code(r.Archive.Tell(t.Context(), r.parent, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Replied, Recipient: "r1", Ref: r.Namer.MailID(archivetest.Tenant, "<question@post.example>")}, nil
	}), "")
	_, err := r.reply.Submit(t.Context(), r.s, "here it is", nil)
	r.Code(err, "")
}

func TestAnUploadThatBreaksOffHoldsNothing(t *testing.T) {
	r := newRig(t).quotas(transfer.Quotas{Link: transfer.Quota{UnsentBytes: 100}})
	ctx, breakOff := context.WithCancel(t.Context())
	half := io.MultiReader(strings.NewReader("half"), breaking(breakOff))
	if _, err := r.reply.Upload(ctx, r.another(0), transfer.File{ID: "u1", Name: "a", Size: 100}, half); err == nil {
		t.Error("half a file is taken")
	}
	r.Code(r.put(r.another(1), 100), "")
}

// breaking ends its request, as a connection does that is gone.
type breaking context.CancelFunc

func (b breaking) Read([]byte) (int, error) { b(); return 0, io.ErrUnexpectedEOF }

func TestAFileThatIsReplacedIsCountedOnce(t *testing.T) {
	r := newRig(t).quotas(transfer.Quotas{Link: transfer.Quota{UnsentBytes: 100}})
	r.Code(r.put(r.another(0), 40), "")
	r.Code(r.put(r.another(0), 60), "")
	r.Code(r.put(r.another(1), 41), transfer.QuotaReached)
	r.Code(r.put(r.another(1), 40), "")
}

func TestWhoWritesFromHerOwnMailboxHasAQuotaOfHerOwn(t *testing.T) {
	r := newRig(t).quotas(transfer.Quotas{Mailbox: transfer.Quota{UnsentBytes: 100}})
	colleague := r.s
	colleague.Seat.ID = r.AcceptedFrom("colleague@municipality.example").Manifest.ID
	r.Code(r.put(r.another(0), 100), "")
	r.Code(r.put(colleague, 100), "")
}
