package portal

import (
	"flag"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// states are the pages as a recipient meets them, each by itself.
var states = map[string]func(t *testing.T, lang string) *httptest.ResponseRecorder{
	"home": func(t *testing.T, l string) *httptest.ResponseRecorder { return newRig(t).get("/?lang=" + l) },
	"link": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).get("/l/" + string(token) + "?lang=" + l)
	},
	"link-without-code": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.face.Code = transfer.CodeNone
		return r.get("/l/" + string(token) + "?lang=" + l)
	},
	"link-sms": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return byCode(t, transfer.CodeSMS, false).get("/l/" + string(token) + "?lang=" + l)
	},
	"link-sms-sent": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return byCode(t, transfer.CodeSMS, true).get("/l/" + string(token) + "?lang=" + l)
	},
	"link-sms-too-soon": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := byCode(t, transfer.CodeSMS, true)
		r.opening.unsent = transfer.E(transfer.RateLimited, "a code was sent already").With("minutes", "1")
		return r.post("/l/"+string(token)+"/code?lang="+l, nil)
	},
	"link-sms-too-many": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := byCode(t, transfer.CodeSMS, false)
		r.opening.unsent = transfer.E(transfer.RateLimited, "a code was sent already").With("minutes", "12")
		return r.post("/l/"+string(token)+"/code?lang="+l, nil)
	},
	"link-sms-stale": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := byCode(t, transfer.CodeSMS, false)
		r.Handler = newRig(t, func(c *Config) {
			c.Opening = lockedOpening{r.opening, transfer.E(transfer.CodeStale, "another browser's code")}
		})
		return r.post("/l/"+string(token)+"?lang="+l, url.Values{"code": {"12345678"}})
	},
	"link-mail": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return byCode(t, transfer.CodeMail, false).get("/l/" + string(token) + "?lang=" + l)
	},
	"link-mail-sent": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return byCode(t, transfer.CodeMail, true).get("/l/" + string(token) + "?lang=" + l)
	},
	"link-wrong-code": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).post("/l/"+string(token)+"?lang="+l, url.Values{"code": {"wrong"}})
	},
	"link-locked": func(t *testing.T, l string) *httptest.ResponseRecorder {
		lock := transfer.E(transfer.LockedOut, "too many wrong codes").With("until", "2026-03-27T10:00:00Z")
		r := newRig(t, func(c *Config) { c.Opening = lockedOpening{newOpening(), lock} })
		return r.post("/l/"+string(token)+"?lang="+l, url.Values{"code": {"wrong"}})
	},
	"link-unknown":         func(t *testing.T, l string) *httptest.ResponseRecorder { return newRig(t).get("/l/nothing?lang=" + l) },
	"message":              func(t *testing.T, l string) *httptest.ResponseRecorder { return newRig(t).get(path + "?lang=" + l) },
	"message-with-history": func(t *testing.T, l string) *httptest.ResponseRecorder { return conversing(t).get(path + "?lang=" + l) },
	"text": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return conversing(t).get(path + "/text?lang=" + l)
	},
	"message-with-html": func(t *testing.T, l string) *httptest.ResponseRecorder { return written(t).get(path + "?lang=" + l) },
	"body": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return written(t).get(path + "/body?lang=" + l)
	},
	"accessibility": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).get("/" + l + "/accessibility")
	},
	"message-not-answerable": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.message.Answerable = false
		return r.get(path + "?lang=" + l)
	},
	"message-refused-reply": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.replying.failure = transfer.E(transfer.TooLarge, "too large")
		return r.send("My answer", nil, "Cookie", web.LanguageCookie+"="+l)
	},
	"link-expired": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.failure = transfer.E(transfer.Expired, "expired")
		return r.get("/l/" + string(token) + "?lang=" + l)
	},
	"link-withdrawn": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.failure = transfer.E(transfer.Withdrawn, "withdrawn")
		return r.get("/l/" + string(token) + "?lang=" + l)
	},
	"asked": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).post("/l/"+string(token)+"/ask?lang="+l, url.Values{"contact": {"Call me"}})
	},
	"message-unscanned": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t, func(c *Config) { c.Checks = false }).get(path + "?lang=" + l)
	},
	"message-in-quarantine": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := conversing(t)
		r.opening.message.Standings = transfer.Standings{"body": {Word: "checking", Held: true}}
		for i, word := range []string{"checking", "unchecked", "infected", "damaged", "large", "passed"} {
			id := transfer.FileID("q" + string(rune('1'+i)))
			r.opening.message.Files = append(r.opening.message.Files, transfer.File{ID: id, Name: word + ".pdf", Size: 1000})
			r.opening.message.Standings[id] = transfer.Standing{Word: word, Malware: "Win.Test.<b>", Held: word != "passed"}
		}
		r.opening.history[0].Files = []transfer.File{{ID: "u1", Name: "form.pdf", Size: 1000}}
		r.opening.history[0].Standings = transfer.Standings{"u1": {Word: "infected", Malware: "Win.Test", Held: true}, "body": {Word: "unchecked", Held: true}}
		return r.get(path + "?lang=" + l)
	},
	"contacts": func(t *testing.T, l string) *httptest.ResponseRecorder { return newRig(t).get("/" + l + "/contact") },
	"contacts-found": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).get("/" + l + "/contact?q=nothing")
	},
	"contact": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).get("/" + l + "/contact/children/day-care")
	},
	"contact-wrong": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return newRig(t).post("/"+l+"/contact/children/day-care", url.Values{"name": {"<Robin>"}, "address": {"nobody"}})
	},
	"contact-busy": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.limits.refuse = "contacts/"
		return r.post("/"+l+"/contact/children/day-care", stranger())
	},
	"contact-code": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.face.Contact = true
		return r.get("/l/" + string(token) + "?lang=" + l)
	},
	"contact-message": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.message.Contact, r.opening.message.Files = true, nil
		return r.get(path + "?lang=" + l)
	},
	"link-request": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.opening.face.Request = transfer.RequestOnce
		return r.get("/l/" + string(token) + "?lang=" + l)
	},
	"request-once": func(t *testing.T, l string) *httptest.ResponseRecorder {
		return requested(t, transfer.RequestOnce).get(path + "?lang=" + l)
	},
	"request-many": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := requested(t, transfer.RequestMany)
		r.opening.body = ""
		return r.get(path + "?lang=" + l)
	},
	"request-spent": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := requested(t, transfer.RequestOnce)
		r.opening.message.Spent = true
		r.opening.history = []opening.Past{{Number: "A1B2-C3D4-E5F6", AcceptedAt: now.Add(-time.Minute), Text: "Here they are.", Seen: now}}
		return r.get(path + "?lang=" + l)
	},
	"message-quota-reached": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.replying.failure = transfer.E(transfer.QuotaReached, "so much").With("until", "2026-03-27T10:00:00Z")
		return r.send("My answer", nil, "Cookie", web.LanguageCookie+"="+l)
	},
	"session-ended-unsent": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.sessions.seats = nil
		return r.send("My <b>answer</b>", []string{"form.pdf", "signed"}, "Cookie", web.LanguageCookie+"="+l)
	},
	"reply-expired": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		over(transfer.Expired)(r)
		return r.send("My <b>answer</b>", nil, "Cookie", web.LanguageCookie+"="+l)
	},
	"reply-after-new-code": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		over(transfer.CodeRequired)(r)
		return r.send("My <b>answer</b>", nil, "Cookie", web.LanguageCookie+"="+l)
	},
	"session-ended": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.sessions.seats = nil
		return r.get(path + "?lang=" + l)
	},
	"receipt": func(t *testing.T, l string) *httptest.ResponseRecorder {
		r := newRig(t)
		r.send("My answer", []string{"form.pdf", "signed"})
		return r.get(path + "/replies/" + submission + "?lang=" + l)
	},
	"left": func(t *testing.T, l string) *httptest.ResponseRecorder { return newRig(t).post("/logout?lang="+l, nil) },
}

// requested is a rig whose message asks for something.
func requested(t *testing.T, what transfer.Request) *rig {
	r := newRig(t)
	r.opening.body = "Please send us your income statement and the signed form."
	r.opening.message.Subject, r.opening.message.Request, r.opening.message.Files = "Papers for your application", what, nil
	return r
}

// written is a rig with a message as Outlook writes it.
func written(t *testing.T) *rig {
	r := newRig(t)
	r.opening.kind = "text/html"
	r.opening.body = `<p>Dear citizen,</p><p>please find the <b>decision</b> enclosed. You can reply through the same link.</p>` +
		`<ul><li>The place is yours from 1 August.</li><li>We still need the income statement.</li></ul>` +
		strings.Repeat(`<p>The municipality has looked at your application and at what you have sent with it.</p>`, 12) + `<p>With kind regards<br>The caseworker</p>`
	return r
}

var (
	drawn   = regexp.MustCompile(`[A-Z2-7]{26}|<code>[A-Z2-7]{16}</code>`)
	unnamed = regexp.MustCompile(`\b(portal|error|mail)\.[a-z]+(\.[a-z]+)*\b`)
)

// TestPagesAreAsTheyWere compares every page in every language with the one
// that was looked at; -update writes them anew.
func TestPagesAreAsTheyWere(t *testing.T) {
	for name, visit := range states {
		for _, lang := range catalogue.Languages() {
			page := drawn.ReplaceAllString(visit(t, lang).Body.String(), "drawn")
			if key := unnamed.FindString(page); key != "" && key != "portal.css" && key != "portal.js" {
				t.Errorf("%s in %s shows the key %s", name, lang, key)
			}
			compare(t, filepath.Join("testdata", "pages", lang, name+".html"), page)
		}
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what was looked at; if it is right, run this test with -update\n%s", file, got)
	}
}
