package api

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// bells count how often they are rung.
type bells map[string]int

func (b bells) Known(name string) bool { return name == "intake" }

func (b bells) Receive(name string, body []byte) error {
	if !strings.HasPrefix(string(body), "{") {
		return transfer.E(transfer.Invalid, "this is no notification")
	}
	b[name]++
	return nil
}

func TestWhatOutlookTellsIsAcceptedAtOnceAndBounded(t *testing.T) {
	engine, err := web.Engine(nil, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	heard := bells{}
	Notifications{Waking: heard}.Register(engine)
	question := "?validationToken=" + url.QueryEscape("Validation: <script>1</script> & 7")
	for name, c := range map[string]struct {
		path, body string
		status     int
		answer     string
	}{
		"asked whether it wants them":    {"/intake" + question, "", 200, "Validation: &lt;script&gt;1&lt;/script&gt; &amp; 7"},
		"asked for nobody":               {"/nobody" + question, "", 404, ""},
		"asked with too much":            {"/intake?validationToken=" + strings.Repeat("a", maxValidation+1), "", 404, ""},
		"asked with nothing":             {"/intake?validationToken=", "", 404, ""},
		"told":                           {"/intake", `{"value":[]}`, 202, ""},
		"told of a mailbox that is none": {"/nobody", `{"value":[]}`, 202, ""},
		"told nonsense":                  {"/intake", `nonsense`, 400, ""},
		"told too much":                  {"/intake", `{"` + strings.Repeat("a", maxNotification), 413, ""},
	} {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequest(http.MethodPost, NotificationPath+c.path, strings.NewReader(c.body)))
		if w.Code != c.status || w.Body.String() != c.answer {
			t.Errorf("%s: %d %q", name, w.Code, w.Body)
		}
		if kind := w.Header().Get("Content-Type"); c.status == 200 && (kind != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: the token is answered as %q", name, kind)
		}
	}
	if heard["intake"] != 1 {
		t.Errorf("heard %v", heard)
	}
}
