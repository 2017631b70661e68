package portal

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

const submission = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// lockedOpening fails every code, and still shows the link.
type lockedOpening struct {
	*fakeOpening
	problem error
}

func (l lockedOpening) Unlock(context.Context, transfer.LinkToken, string, string, string) (opening.Seat, error) {
	return opening.Seat{}, l.problem
}

// send submits a plain form; files are name and content in turn.
func (r *rig) send(text string, files []string, headers ...string) *httptest.ResponseRecorder {
	return r.sendFrom(`<input type="hidden" name="submission" value="`+submission+`">`, text, files, headers...)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// sendFrom submits the plain form of a page.
func (r *rig) sendFrom(page, text string, files []string, headers ...string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		_ = form.WriteField(field[1], field[2])
	}
	_ = form.WriteField("text", text)
	for i := 0; i+1 < len(files); i += 2 {
		part, _ := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="files"; filename="` + files[i] + `"`}, "Content-Type": {"text/html"}})
		_, _ = io.WriteString(part, files[i+1])
	}
	form.Close()
	return r.ask(http.MethodPost, path+"/replies", &body, append([]string{"Content-Type", form.FormDataContentType()}, headers...)...)
}

func TestAPlainFormIsAReplyWithAReceipt(t *testing.T) {
	r := newRig(t)
	answer := r.send("My answer", []string{"form.pdf", "signed", "photo.jpg", "picture"})
	at := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || at != path+"/replies/"+submission {
		t.Fatalf("%d, to %q", answer.Code, at)
	}
	if r.replying.sent[submission] != "My answer" || len(r.replying.files) != 2 || r.replying.content["u1000"] != "signed" {
		t.Errorf("sent %v with %v", r.replying.sent, r.replying.files)
	}
	receipt := r.get(at)
	if receipt.Code != http.StatusOK || !strings.Contains(receipt.Body.String(), "A1B2-C3D4-E5F6") || !strings.Contains(receipt.Body.String(), "photo.jpg") {
		t.Errorf("%d: %s", receipt.Code, receipt.Body)
	}
}

func TestARefusedReplyKeepsItsText(t *testing.T) {
	for code, status := range map[transfer.Code]int{transfer.TooLarge: 413, transfer.Empty: 400, transfer.StorageFull: 507, transfer.Unavailable: 503, transfer.KeyReused: 422,
		transfer.Conflict: 409, transfer.RateLimited: 429, transfer.OutlookBusy: 503, transfer.Internal: 500} {
		r := newRig(t)
		r.replying.failure = transfer.E(code, "no")
		answer := r.send("What I <b>wanted</b> to say", nil)
		page := answer.Body.String()
		if answer.Code != status || !strings.Contains(page, "What I &lt;b&gt;wanted&lt;/b&gt; to say") || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s is answered with %d: %s", code, answer.Code, page)
		}
		if kept := strings.Contains(page, submission); kept == (code == transfer.KeyReused) {
			t.Errorf("%s: the submission is kept: %v", code, kept)
		}
	}
}

// What ends while she writes ends without her text: the page that says so has it,
// and what she needs to go on. A browser that still sends its files reads that page
// only if they are read to the end.
func TestAReplyToWhatIsOverKeepsItsText(t *testing.T) {
	form := `action="` + path + `/ask"`
	for name, tc := range map[string]struct {
		end    func(*rig)
		status int
		has    string
	}{
		"expired":                {over(transfer.Expired), http.StatusGone, form},
		"withdrawn":              {over(transfer.Withdrawn), http.StatusGone, form},
		"a new code":             {over(transfer.CodeRequired), http.StatusForbidden, "There is a new link or a new code"},
		"broken":                 {over(transfer.Integrity), http.StatusInternalServerError, ""},
		"a session nobody knows": {func(r *rig) { r.sessions.failure = transfer.E(transfer.Unavailable, "no ledger") }, http.StatusServiceUnavailable, ""},
	} {
		r := newRig(t)
		tc.end(r)
		portal, left := r.Handler, int64(0)
		r.Handler = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			portal.ServeHTTP(w, request)
			left, _ = io.Copy(io.Discard, request.Body)
		})
		answer := r.send("What I <b>wanted</b> to say", []string{"form.pdf", strings.Repeat("signed", 1<<16)})
		page := answer.Body.String()
		if answer.Code != tc.status || !strings.Contains(page, "What I &lt;b&gt;wanted&lt;/b&gt; to say</textarea>") || !strings.Contains(page, tc.has) ||
			!strings.Contains(page, `href="`+path+`?lang=da"`) || strings.Contains(page, "Decision") {
			t.Errorf("%s is answered with %d: %s", name, answer.Code, page)
		}
		if left > 0 {
			t.Errorf("%s: %d bytes are not read", name, left)
		}
	}
}

// over is a seat at which nothing is to be read or answered.
func over(code transfer.Code) func(*rig) {
	return func(r *rig) {
		r.opening.gone, r.replying.failure = transfer.E(code, "over"), transfer.E(code, "over")
	}
}

// A request for one reply has one reply at each of its visits, and a form that
// was refused is shown again: what was sent before goes along, with what comes.
func TestAFormReplacesNoFileOfAnEarlierVisit(t *testing.T) {
	r := requested(t, transfer.RequestOnce)
	r.replying.refused = transfer.E(transfer.Unavailable, "not now")
	first := r.get(path).Body.String()
	again := r.sendFrom(first, "", []string{"passport.pdf", "one"}).Body.String()
	r.sendFrom(again, "", []string{"payslip.pdf", "two"})
	second := r.get(path).Body.String()
	r.sendFrom(second, "", []string{"contract.pdf", "three", "plan.pdf", "four"})
	r.sendFrom(second, "", []string{"contract.pdf", "three", "plan.pdf", "four"}) // pressed twice
	var content []string
	for _, c := range r.replying.content {
		content = append(content, c)
	}
	slices.Sort(content)
	if want := []string{"four", "one", "three", "two"}; !slices.Equal(content, want) {
		t.Errorf("there are %v", content)
	}
	if bad := r.sendFrom(strings.Replace(first, `name="first" value="`, `name="first" value="x`, 1), "Hello", nil); bad.Code != http.StatusBadRequest {
		t.Errorf("a number that is none is answered with %d", bad.Code)
	}
}

// What is too long for a reply is kept where it cannot be sent any more, too, as
// far as a page can show it; nothing else that is posted is taken for a reply.
func TestAReplyAfterTheSessionIsShownHoweverLongItIs(t *testing.T) {
	r := newRig(t)
	r.sessions.seats = nil
	most := int(transfer.StrictPolicy().MaxBodyBytes)
	page := r.send("It begins here. "+strings.Repeat("å", most/2), []string{"form.pdf", "signed"}).Body.String()
	if !strings.Contains(page, "It begins here. åå") || !utf8.ValidString(page) || len(page) > most+16<<10 {
		t.Errorf("the page has %d bytes: %.2000s", len(page), page)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("text", "It is no reply")
	form.Close()
	if page := r.ask(http.MethodPost, path+"/ask", &body, "Content-Type", form.FormDataContentType()).Body.String(); strings.Contains(page, "It is no reply") {
		t.Error("what was no reply is shown as one")
	}
}

func TestWhereTheReplyIsSentNothingIsLookedFor(t *testing.T) {
	r := requested(t, transfer.RequestOnce)
	r.get(path)
	asked := r.replying.asked
	r.opening.message.Spent = true
	r.get(path)
	if asked != 1 || r.replying.asked != asked {
		t.Errorf("asked %d times before, then %d", asked, r.replying.asked)
	}
}

func TestTheScriptUploadsAndRemovesOneFile(t *testing.T) {
	r := newRig(t)
	target := path + "/replies/" + submission + "/files/u1"
	answer := r.ask(http.MethodPut, target, strings.NewReader("content"), "Content-Disposition", `attachment; filename*=UTF-8''bl%C3%A5b%C3%A6r.txt`, "Content-Type", "text/plain")
	if answer.Code != http.StatusCreated || !strings.Contains(answer.Body.String(), "blåbær.txt") || r.replying.content["u1"] != "content" {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
	if answer := r.ask(http.MethodDelete, target, nil); answer.Code != http.StatusNoContent || len(r.replying.content) != 0 {
		t.Errorf("%d", answer.Code)
	}
	for _, bad := range []string{"f1", "u", "uu", "u999999", "u-1", "body"} {
		if answer := r.ask(http.MethodPut, path+"/replies/"+submission+"/files/"+bad, strings.NewReader("x"), "Content-Disposition", "attachment"); answer.Code != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", bad, answer.Code)
		}
	}
}

func TestCase62NamesFromOutsideAreShownAndSavedSafely(t *testing.T) {
	r := newRig(t)
	names := []string{`..\..\etc\passwd`, "a/../../b", "evil\u202Efdp.exe", "<script>alert(1)</script>.txt", strings.Repeat("å", 300) + ".pdf"}
	var files []string
	for _, name := range names {
		files = append(files, name, "x")
	}
	r.send("", files)
	page := r.get(path + "/replies/" + submission).Body.String()
	for _, bad := range []string{"..", "passwd\"", "\u202e", "<script>alert"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}
