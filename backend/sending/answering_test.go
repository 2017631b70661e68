package sending_test

import (
	"context"
	"slices"
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/transfer"
)

// replies is the one reply that the caseworker may answer, or why not.
type replies struct {
	r     rig
	reply *transfer.Dossier
	fail  error
}

func (x *replies) Answerable(ctx context.Context, _ transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	if x.fail != nil || id != x.reply.Manifest.ID {
		return nil, x.fail
	}
	return x.r.Archive.Open(ctx, archivetest.Tenant, id)
}

func (x *replies) Delivered(context.Context, *transfer.Dossier) (string, error) {
	return "##- Above -##\nMay he?\n", x.fail
}

// answering is a draft to the address of a delivered reply.
func answering(t *testing.T) (rig, *replies) {
	r := newRig(t)
	x := &replies{r: r, reply: r.Replied(r.Accepted("the first"), "the answer")}
	r.send.Replies = x
	org := transfer.Organisation{Intake: "intake@municipality.example"}
	r.outlook.to = []transfer.Party{{Name: "Municipality", Address: org.ReplyTo(r.Namer, archivetest.Tenant, x.reply.Manifest.ID, transfer.StaffRecipient)}}
	return r, x
}

func TestAnAnswerGoesToTheReplierAndIsNotedOnTheReply(t *testing.T) {
	r, x := answering(t)
	record, err := r.sent(request())
	if err != nil || record.Phase != transfer.Live {
		t.Fatalf("the transfer is %q (%s): %v", record.Phase, record.Reason, err)
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
	r.Code(err, "")
	if to := d.Manifest.Recipients[0]; to.Address != "citizen@post.example" || to.SignsIn || !slices.Equal(d.Manifest.Answers, []transfer.ID{x.reply.Manifest.ID}) {
		t.Errorf("it goes to %+v and answers %v", to, d.Manifest.Answers)
	}
	reply, err := r.Archive.Open(t.Context(), archivetest.Tenant, x.reply.Manifest.ID)
	r.Code(err, "")
	if !slices.Equal(reply.State.Answers, []transfer.ID{record.ID}) {
		t.Errorf("the reply was answered by %v", reply.State.Answers)
	}
}

func TestTheReplierOfAnAnswerHasTheNumberThatWasNamed(t *testing.T) {
	r, _ := answering(t)
	r.Policy.Codes, r.Policy.PhoneCountry = append(r.Policy.Codes, transfer.CodeSMS), "+45"
	record, err := r.sent(byText(transfer.Party{Address: r.outlook.to[0].Address, Phone: "12 34 56 78"}, transfer.Party{Address: "company@firm.example", Phone: "87 65 43 21"}))
	r.Code(err, "")
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
	r.Code(err, "")
	if to := d.Manifest.Recipients[0]; to.Phone != "+4512345678" {
		t.Errorf("%+v", to)
	}
}

func TestWhoMayNotReadAReplyDoesNotAnswerIt(t *testing.T) {
	for code, want := range map[transfer.Code]transfer.Code{transfer.NotFound: transfer.NotAnswerable, transfer.Expired: transfer.NotAnswerable,
		transfer.NotAnswerable: transfer.NotAnswerable, transfer.OutlookBusy: transfer.OutlookBusy} {
		r, x := answering(t)
		x.fail = transfer.E(code, "why")
		if record, err := r.sent(request()); err != nil || record.Phase != transfer.Failing || record.Reason != want {
			t.Errorf("%s: the transfer is %q (%s): %v", code, record.Phase, record.Reason, err)
		}
	}
}

func TestAnAnswerStandsAboveTheLine(t *testing.T) {
	for body, want := range map[string]transfer.Code{
		`<p></p><blockquote>##- Above -##<p>May he?</p></blockquote>`:                transfer.BelowTheLine,
		`<p></p><blockquote>##- Above -##<p>May he?</p></blockquote><p>Yes</p>`:      transfer.BelowTheLine,
		`<p>See below.</p><blockquote>##- Above -##<p>May he? Yes.</p></blockquote>`: transfer.BelowTheLine,
		`<p>Yes</p><blockquote>##- Above -##<p>May he?</p></blockquote>`:             "",
		`<p>Yes</p><blockquote>##- Above -##</blockquote>`:                           "",
		`<p>Yes</p>`: "",
	} {
		r, _ := answering(t)
		r.outlook.alone = body
		if record, err := r.sent(request()); err != nil || record.Reason != want {
			t.Errorf("%s: the transfer is %q (%s): %v", body, record.Phase, record.Reason, err)
		}
	}
}
