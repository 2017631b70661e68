package sending_test

import (
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
)

// byText is a request whose code comes by text message.
func byText(phones ...transfer.Party) sending.Request {
	q := request()
	q.Options.Code.Kind, q.Phones = transfer.CodeSMS, phones
	return q
}

func textRig(t *testing.T) rig {
	r := newRig(t)
	r.Policy.Codes, r.Policy.PhoneCountry = append(r.Policy.Codes, transfer.CodeSMS), "+45"
	return r
}

func TestACodeByTextGoesToTheNumbersThatTheSenderNamed(t *testing.T) {
	r := textRig(t)
	record, err := r.sent(byText(transfer.Party{Address: "Citizen@post.example", Phone: "12 34 56 78"}, transfer.Party{Address: "company@firm.example", Phone: "+46 70 123 45 67"}))
	if err != nil || record.Phase != transfer.Live {
		t.Fatalf("the transfer is %q (%s): %v", record.Phase, record.Reason, err)
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
	r.Code(err, "")
	if m := d.Manifest; m.Recipients[0].Phone != "+4512345678" || m.Recipients[1].Phone != "+46701234567" || m.Options.Code.Verifier != nil {
		t.Errorf("the recipients are %+v, the code %+v", m.Recipients, m.Options.Code)
	}
}

func TestWhoHasNoNumberGetsNoTransferThatATextOpens(t *testing.T) {
	r := textRig(t)
	record, err := r.sent(byText(transfer.Party{Address: "citizen@post.example", Phone: "12 34 56 78"}))
	if err != nil || record.Phase != transfer.Failing || record.Reason != transfer.PhoneMissing {
		t.Errorf("the transfer is %q (%s): %v", record.Phase, record.Reason, err)
	}
	_, err = textRig(t).sent(byText(transfer.Party{Address: "citizen@post.example", Phone: "call me"}))
	r.Code(err, transfer.Invalid)
	_, err = newRig(t).sent(byText())
	r.Code(err, transfer.Invalid) // not in the policy
}

func TestAMessageOfADocumentSystemNamesItsNumbersItself(t *testing.T) {
	r := textRig(t)
	q := byText()
	to := transfer.Recipient{Party: transfer.Party{Address: "citizen@post.example"}, Field: "to"}
	q.DraftID, q.Message = "", &sending.Message{Subject: "Decision", Text: "Enclosed", Recipients: []transfer.Recipient{to}}
	_, err := r.sent(q)
	r.Code(err, transfer.PhoneMissing)
	q.Message.Recipients[0].Phone = "0045 12345678"
	if record, err := r.sent(q); err != nil || record.Phase != transfer.Live {
		t.Errorf("the transfer is %q (%s): %v", record.Phase, record.Reason, err)
	}
}

func TestOwnStaffWhoSignInNeedNoNumber(t *testing.T) {
	r := textRig(t)
	r.outlook.to = []transfer.Party{{Address: "colleague@municipality.example"}}
	record, err := r.sent(byText(transfer.Party{Address: "company@firm.example", Phone: "+46 70 123 45 67"}))
	if err != nil || record.Phase != transfer.Live {
		t.Errorf("the transfer is %q (%s): %v", record.Phase, record.Reason, err)
	}
}

func TestOwnStaffWhoAreAskedForSomethingNeedANumberLikeOthers(t *testing.T) {
	const colleague = "colleague@municipality.example"
	asked := func(phones ...transfer.Party) transfer.Record {
		r := textRig(t)
		r.outlook.to = []transfer.Party{{Address: colleague}}
		q := byText(append(phones, transfer.Party{Address: "company@firm.example", Phone: "+46 70 123 45 67"})...)
		q.Options.Request = transfer.RequestOnce
		record, err := r.sent(q)
		r.Code(err, "")
		return record
	}
	if record := asked(); record.Phase != transfer.Failing || record.Reason != transfer.PhoneMissing {
		t.Errorf("the transfer is %q (%s)", record.Phase, record.Reason)
	}
	if record := asked(transfer.Party{Address: colleague, Phone: "12 34 56 78"}); record.Phase != transfer.Live {
		t.Errorf("the transfer is %q (%s)", record.Phase, record.Reason)
	}
}
