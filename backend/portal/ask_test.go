package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"senddigitally/backend/asking"
	"senddigitally/backend/transfer"
)

func TestWhatIsOverCanBeAskedForAgain(t *testing.T) {
	for _, code := range []transfer.Code{transfer.Expired, transfer.Withdrawn} {
		r := newRig(t)
		r.opening.failure, r.opening.gone = transfer.E(code, "over"), transfer.E(code, "over")
		link := "/l/" + string(token)
		for target, form := range map[string]string{link: link + "/ask", path: path + "/ask", path + "/files/f1": path + "/ask"} {
			page := r.get(target)
			if page.Code != http.StatusGone || !strings.Contains(page.Body.String(), `action="`+form+`"`) || strings.Contains(page.Body.String(), "Decision") {
				t.Errorf("%s: %d %s", target, page.Code, page.Body)
			}
			if answer := r.post(form, url.Values{"contact": {"Call me"}}); answer.Code != http.StatusOK {
				t.Errorf("%s is answered with %d", form, answer.Code)
			}
		}
		if answer := r.post(link, url.Values{"code": {"x"}}); answer.Code != http.StatusGone || !strings.Contains(answer.Body.String(), "/ask") {
			t.Errorf("a code at a link that is over: %d", answer.Code)
		}
		if len(r.asking.wishes) != 3 || r.asking.wishes[0] != "Call me" {
			t.Errorf("wishes %q", r.asking.wishes)
		}
	}
}

// A new link or code has to be opened, whatever of the seat is asked for.
func TestANewLinkOrCodeHasToBeOpened(t *testing.T) {
	r := newRig(t)
	over(transfer.CodeRequired)(r)
	for _, target := range []string{path, path + "/files/f1", path + "/text", path + "/replies/" + submission} {
		page := r.get(target)
		if page.Code != http.StatusForbidden || !strings.Contains(page.Body.String(), "There is a new link or a new code") || strings.Contains(page.Body.String(), "Decision") {
			t.Errorf("%s: %d %s", target, page.Code, page.Body)
		}
	}
}

func TestAskingIsSlowedDownAndBounded(t *testing.T) {
	r := newRig(t)
	r.post("/l/"+string(token)+"/ask", url.Values{"contact": {strings.Repeat("å", 1000)}})
	if got := r.asking.wishes[0]; len(got) > asking.MaxContact || !strings.HasSuffix(got, "å") {
		t.Errorf("%d bytes are passed on", len(got))
	}
	r.limits.refuse = "ask/"
	if answer := r.post("/l/"+string(token)+"/ask", nil); answer.Code != http.StatusTooManyRequests || len(r.asking.wishes) != 1 {
		t.Errorf("%d with %d wishes", answer.Code, len(r.asking.wishes))
	}
	if answer := newRig(t).post("/l/nothing/ask", nil); answer.Code != http.StatusNotFound {
		t.Errorf("an unknown link: %d", answer.Code)
	}
	if answer := newRig(t).post("/l/"+string(token)+"/ask", nil, "Origin", "https://evil.example"); answer.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", answer.Code)
	}
}
