package onetime_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/ledger"
	"senddigitally/backend/onetime"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

const number = "+4512345678"

// sent is a gateway that keeps what it sends.
type sent struct {
	texts  []string
	failed error
}

func (s *sent) Send(_ context.Context, _ transfer.TenantID, to, text string) error {
	if s.failed == nil {
		s.texts = append(s.texts, to+": "+text)
	}
	return s.failed
}

var eight = regexp.MustCompile(`\b[0-9]{8}\b`)

// last is the code that came last.
func (s *sent) last(t *testing.T) string {
	t.Helper()
	if len(s.texts) == 0 {
		t.Fatal("no text message was sent")
	}
	return eight.FindString(s.texts[len(s.texts)-1])
}

type rate struct{ ledger *ledger.Ledger }

func (r rate) Allow(ctx context.Context, key string, limit int, per time.Duration) (bool, time.Duration, error) {
	return r.ledger.Allow(ctx, key, ledger.Rate{Limit: limit, Per: per})
}

// rig is a transfer whose code comes by text message.
type rig struct {
	*archivetest.Rig
	sent *sent
	open *opening.Opening
	d    *transfer.Dossier
}

func newRig(t *testing.T) rig {
	t.Helper()
	r := archivetest.New(t)
	d := r.Written("one", transfer.Options{Language: "da", Code: transfer.AccessCode{Kind: transfer.CodeSMS}},
		transfer.Party{Address: "citizen@post.example", Phone: number}, transfer.Party{Address: "company@firm.example"})
	gateway := &sent{}
	codes := &onetime.Codes{Courier: onetime.ByText{Texts: gateway,
		Organisation: func(transfer.TenantID) transfer.Organisation {
			return transfer.Organisation{Name: "Kommunen", Portal: "https://post.municipality.example", Zone: time.UTC}
		},
		Words: func(l string) onetime.Words { return catalogue.For(l) }},
		Store: r.Ledger, Archive: r.Archive, Limits: rate{r.Ledger}, Namer: r.Namer, Clock: r.Clock, Log: r.Log}
	return rig{r, gateway, &opening.Opening{Archive: r.Archive, Attempts: r.Ledger, Gate: r.Gate, Verify: accesscode.Verify,
		Provers: map[transfer.CodeKind]opening.Prover{transfer.CodeSMS: codes}, Namer: r.Namer, Policy: r.PolicyOf, Clock: r.Clock, Log: r.Log}, d}
}

const browser, other = "ONEBROWSERONEBROWSERONEBRO", "ANOTHERBROWSERANOTHERBROWS"

func (r rig) ask(browser string, want transfer.Code) {
	r.T.Helper()
	_, err := r.open.SendCode(r.T.Context(), r.d.Link("r1"), browser, "visitor")
	r.Code(err, want)
}

func (r rig) typed(code, browser string, want transfer.Code) {
	r.T.Helper()
	_, err := r.open.Unlock(r.T.Context(), r.d.Link("r1"), code, browser, "visitor")
	r.Code(err, want)
}

func TestACodeOpensInTheBrowserThatAskedForItAndNowhereElse(t *testing.T) {
	r := newRig(t)
	r.typed("12345678", browser, transfer.CodeStale)
	r.ask(browser, "")
	code := r.sent.last(t)
	want := number + ": Kommunen: din kode til at åbne meddelelsen er " + code + ". Den gælder til kl. 09:10. Giv den aldrig til andre.\n\n@post.municipality.example #" + code
	if r.sent.texts[0] != want {
		t.Errorf("the text is %q, not %q", r.sent.texts[0], want)
	}
	face, err := r.open.Face(t.Context(), r.d.Link("r1"), browser, "visitor")
	if err != nil || face.Way != "•••• 78" || !face.Step.Until.Equal(r.Clock().Add(onetime.Life)) {
		t.Errorf("the page shows %+v: %v", face, err)
	}
	r.typed(code, other, transfer.CodeStale)
	r.typed(code, "", transfer.CodeStale)
	r.typed(" "+code[:4]+" "+code[4:]+"\r\n", browser, "")
	r.typed(code, browser, "") // pressed twice
	r.Pass(31 * time.Second)
	r.typed(code, browser, transfer.CodeStale)
}

func TestACodeLivesForTenMinutes(t *testing.T) {
	r := newRig(t)
	r.ask(browser, "")
	r.Pass(onetime.Life - time.Second)
	r.typed("00000000", browser, transfer.CodeWrong)
	r.Pass(time.Second)
	r.typed(r.sent.last(t), browser, transfer.CodeStale)
}

func TestCase49AScannerThatAsksTakesNothingFromTheRecipient(t *testing.T) {
	r := newRig(t)
	before := r.d.State.Seq
	r.ask(browser, "")
	code := r.sent.last(t)
	for range 20 { // each scanner comes without a cookie, and is given one
		_, _ = r.open.SendCode(t.Context(), r.d.Link("r1"), "SCANNER"+r.sent.last(t), "scanner")
	}
	if len(r.sent.texts) > 5 {
		t.Errorf("%d text messages were sent", len(r.sent.texts))
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, r.d.Manifest.ID)
	if err != nil || d.State.Seq != before {
		t.Errorf("asking was journalled: %d entries, %v", d.State.Seq-before, err)
	}
	r.typed(code, browser, "")
}

func TestAsksMustLieAMinuteApartAndRepeatTheCode(t *testing.T) {
	r := newRig(t)
	r.ask(browser, "")
	first := r.sent.last(t)
	r.ask(browser, transfer.RateLimited)
	r.Pass(onetime.Pause)
	r.ask(browser, "")
	if again := r.sent.last(t); again != first || len(r.sent.texts) != 2 {
		t.Errorf("after %s came %s, of %d", first, again, len(r.sent.texts))
	}
	r.Pass(5 * time.Minute)
	r.ask(browser, "")
	if next := r.sent.last(t); next == first {
		t.Error("a code was sent that is nearly over")
	}
	r.typed(first, browser, transfer.CodeWrong)
	r.typed(r.sent.last(t), browser, "")
}

func TestOneTelephoneGetsNoMoreThanItsCodes(t *testing.T) {
	r := newRig(t)
	for i := range 20 {
		r.d = r.Written(string(rune('a'+i)), r.d.Manifest.Options, transfer.Party{Address: "citizen@post.example", Phone: number})
		_, _ = r.open.SendCode(t.Context(), r.d.Link("r1"), browser, "visitor")
	}
	if len(r.sent.texts) != 10 {
		t.Errorf("%d text messages were sent", len(r.sent.texts))
	}
}

// From fresh browsers, day after day.
func TestCase52WhoGoesOnAskingFloodsNoTelephoneAndTheSenderHearsOfItOnce(t *testing.T) {
	r := newRig(t)
	day := func() int {
		before := len(r.sent.texts)
		for i := range 24 * 60 / 4 {
			_, _ = r.open.SendCode(t.Context(), r.d.Link("r1"), fmt.Sprintf("%026d", i), "visitor")
			r.Pass(4 * time.Minute)
		}
		return len(r.sent.texts) - before
	}
	if first, second := day(), day(); first > 19 || second > 10 {
		t.Errorf("%d text messages were sent on the first day, %d on the second", first, second)
	}
	d, err := r.Archive.Open(t.Context(), archivetest.Tenant, r.d.Manifest.ID)
	if err != nil {
		t.Fatal(err)
	}
	news := d.Untold()
	if len(news) != 1 || news[0].Kind != transfer.Locked || news[0].Recipient != "r1" {
		t.Fatalf("the sender hears %+v", news)
	}
	if at := news[0].At.Sub(d.Manifest.AcceptedAt); at > 2*time.Hour {
		t.Errorf("the sender hears of it after %s", at)
	}
	_, _ = r.open.SendCode(t.Context(), r.d.Link("r1"), other, "visitor") // may be the day's next
	r.ask(browser, transfer.RateLimited)
	if err := r.Archive.Change(t.Context(), d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Relinked, Recipient: "r1"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	r.d = d
	r.Pass(onetime.Pause)
	r.ask(browser, "")
	r.typed(r.sent.last(t), browser, "")
}

// Who has several links of one person has no more than one's share of her telephone.
func TestOneTelephoneGetsNoMoreThanItsCodesInADay(t *testing.T) {
	r := newRig(t)
	for i := range 24 * 6 {
		r.d = r.Written(strconv.Itoa(i), r.d.Manifest.Options, transfer.Party{Address: "citizen@post.example", Phone: number})
		_, _ = r.open.SendCode(t.Context(), r.d.Link("r1"), browser, "visitor")
		r.Pass(10 * time.Minute)
	}
	if len(r.sent.texts) > 59 {
		t.Errorf("%d text messages were sent in a day", len(r.sent.texts))
	}
}

func TestCase52OneTimeCodesShareTheTriesAndTheLockOut(t *testing.T) {
	r := newRig(t)
	r.ask(browser, "")
	for range r.Policy.CodeAttempts - 1 {
		r.typed("00000000", browser, transfer.CodeWrong)
	}
	r.typed("00000000", browser, transfer.LockedOut)
	r.typed(r.sent.last(t), browser, transfer.LockedOut)
	r.Pass(onetime.Pause)
	r.ask(other, transfer.LockedOut)
	if len(r.sent.texts) != 1 {
		t.Error("a locked link sends codes")
	}
	r.Pass(r.Policy.CodeLockout)
	r.ask(browser, "")
	r.typed(r.sent.last(t), browser, "")
}

func TestWhatCannotBeBroughtIsNoCode(t *testing.T) {
	r := newRig(t)
	r.sent.failed = transfer.E(transfer.Unavailable, "the gateway is down")
	r.ask(browser, transfer.Unavailable)
	r.typed("00000000", browser, transfer.CodeStale)
	_, err := r.open.SendCode(t.Context(), r.d.Link("r2"), browser, "visitor")
	r.Code(err, transfer.PhoneMissing)
	r.Redis.SetError("down")
	r.ask(other, transfer.Unavailable)
	r.typed("00000000", browser, transfer.Unavailable)
}

func TestNothingThatIsKeptSaysACodeOrANumber(t *testing.T) {
	r := newRig(t)
	r.ask(browser, "")
	for _, secret := range []string{r.sent.last(t), number, number[1:], browser} {
		if dump := r.Redis.Dump(); strings.Contains(dump, secret) {
			t.Errorf("Redis has %q: %s", secret, dump)
		}
	}
}
