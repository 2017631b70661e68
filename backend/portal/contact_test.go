package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/catalogue"
)

const point = "/en/contact/children/day-care"

func stranger() url.Values {
	return url.Values{"name": {" Robin "}, "phone": {"12 34"}, "address": {"robin@post.example"}}
}

func TestWhoWritesFirstChoosesFolderMailboxAndTopic(t *testing.T) {
	r := newRig(t)
	if page := r.get("/en/contact?q=WORRIED+child").Body.String(); !strings.Contains(page, `href="/en/contact?lang=da&amp;q=WORRIED&#43;child"`) {
		t.Errorf("another language forgets what was searched for: %s", page)
	}
	all, found := r.get("/en/contact").Body.String(), r.get("/en/contact?q=WORRIED+child").Body.String()
	for _, page := range []string{all, found} {
		if !strings.Contains(page, `href="/en/contact/children/child-welfare"`) {
			t.Errorf("the page lacks what was looked for: %s", page)
		}
	}
	if strings.Contains(found, "day-care") || !strings.Contains(all, "day-care") {
		t.Error("searching leaves out nothing, or too much")
	}
	for _, lang := range catalogue.Languages() {
		if page := r.get("/" + lang + "/contact/children/day-care"); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `<html lang="`+lang+`"`) {
			t.Errorf("the deep link in %s: %d", lang, page.Code)
		}
	}
	for _, unknown := range []string{"/en/contact/children/nothing", "/en/contact/nobody/day-care", "/fr/contact", "/en/contact/children"} {
		if answer := r.get(unknown); answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d", unknown, answer.Code)
		}
	}
}

func TestAStrangerIsAskedForACode(t *testing.T) {
	r := newRig(t)
	answer := r.post(point, stranger())
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/l/"+string(token) {
		t.Fatalf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
	if who := r.contacting.who[0]; who.Name != "Robin" || who.Address != "robin@post.example" || r.contacting.point.ID != "day-care-places" || r.contacting.language != "en" {
		t.Errorf("%+v at %s in %s", who, r.contacting.point.ID, r.contacting.language)
	}
	for field, value := range map[string]string{"name": "", "address": "Robin <robin@post.example>", "phone": strings.Repeat("1", 41)} {
		form := stranger()
		form.Set(field, value)
		page := r.post(point, form)
		if page.Code != http.StatusBadRequest || !strings.Contains(page.Body.String(), `href="#`+field+`"`) || strings.Count(page.Body.String(), "aria-invalid") != 1 {
			t.Errorf("%s %q: %d", field, value, page.Code)
		}
	}
	if len(r.contacting.who) != 1 {
		t.Error("a form with a mistake has begun a conversation")
	}
}

func TestCodesAreNotMailedAsOftenAsAnybodyLikes(t *testing.T) {
	for _, purpose := range []string{"contact/", "contact-site/", "contacts/", "code-to/"} {
		r := newRig(t)
		r.limits.refuse = purpose
		if answer := r.post(point, stranger()); answer.Code != http.StatusTooManyRequests || len(r.contacting.who) != 0 {
			t.Errorf("%s: %d", purpose, answer.Code)
		}
		for _, key := range r.limits.keys {
			if strings.Contains(key, "robin") {
				t.Errorf("the key %q has an address", key)
			}
		}
	}
	if answer := newRig(t).post(point, stranger(), "Origin", "https://evil.example"); answer.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", answer.Code)
	}
}

// Many networks together do not fill the queue of all the organisation's mail.
func TestCodesForEverybodyTogetherHaveACeiling(t *testing.T) {
	const mailbox, day = 30, 10_000 // what one may send in a minute, and in a day
	if together[0].limit > mailbox/4 || 2*together[1].limit > day/2 {
		t.Errorf("%v leave too little to others", together)
	}
	r, world := limited(t)
	begin := func(from, address string) *httptest.ResponseRecorder {
		form := stranger()
		form.Set("address", address)
		return r.post(point, form, "X-Forwarded-For", from)
	}
	var last *httptest.ResponseRecorder
	for i := range 20 {
		last = begin(fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("robin%d@post.example", i))
	}
	if len(r.contacting.who) != together[0].limit {
		t.Errorf("%d codes were mailed at once", len(r.contacting.who))
	}
	page := last.Body.String()
	for _, want := range []string{"Too many people are writing to us", "in about 1 minute.", "call Municipality", `value="robin19@post.example"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q", last.Code, last.Header().Get("Retry-After"))
	}
	for range codes.limit { // refusals use up none of what her address may get
		begin("203.0.113.9", "patient@post.example")
	}
	world.Pass(20 * time.Second)
	begin("203.0.113.9", "patient@post.example")
	if who := r.contacting.who[len(r.contacting.who)-1]; who.Address != "patient@post.example" {
		t.Error("who waited is not let in")
	}
}

// Whoever has a /56 has one share, not 256.
func TestOneConnectionDoesNotUseUpWhatAllMayBegin(t *testing.T) {
	r, world := limited(t)
	for i := range 200 {
		form := stranger()
		form.Set("address", fmt.Sprintf("robin%d@post.example", i))
		r.post(point, form, "X-Forwarded-For", fmt.Sprintf("2001:db8:1:2%02x::1", i))
		world.Pass(18 * time.Second)
	}
	if got := len(r.contacting.who); got < siteStarts.limit || got > 2*siteStarts.limit {
		t.Errorf("one connection began %d conversations in an hour", got)
	}
}
