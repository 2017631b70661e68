package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/outlook"
	"senddigitally/backend/transfer"
	"senddigitally/routing/file"
)

// contract is the interface's own description, held against what it does.
type contract struct {
	*world
	router routers.Router
	seen   map[string]bool // operations that answered as described
	token  string
}

func (w *world) contract() *contract {
	w.t.Helper()
	loader := openapi3.NewLoader()
	described, err := loader.LoadFromData([]byte(w.api("GET", "/api/v1/openapi.yaml", nil, nil).body))
	must(w.t, err)
	must(w.t, described.Validate(loader.Context))
	for _, kind := range []string{"text/event-stream", "text/html"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	router, err := gorillamux.NewRouter(described)
	must(w.t, err)
	return &contract{w, router, map[string]bool{}, w.UserToken(outlook.Caseworker)}
}

// call makes a request that the description allows, or not when it is wrong on
// purpose, and checks the answer against the description.
func (c *contract) call(method, path string, body any, header http.Header, wrong bool) answer {
	c.t.Helper()
	raw, kind := []byte(nil), "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		raw, kind = b, "application/octet-stream"
	default:
		var err error
		raw, err = json.Marshal(b)
		must(c.t, err)
	}
	r := c.request(method, c.StaffURL+path, bytes.NewReader(raw), header)
	r.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	a := c.exchange(http.DefaultClient, r)
	described := c.request(method, path, bytes.NewReader(raw), r.Header)
	route, params, err := c.router.FindRoute(described)
	must(c.t, err)
	in := &openapi3filter.RequestValidationInput{Request: described, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateRequest(c.t.Context(), in); err != nil && !wrong {
		c.t.Errorf("%s %s: the request is not as described: %v", method, path, err)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header,
		Body: io.NopCloser(strings.NewReader(a.body)), Options: in.Options}
	if err := openapi3filter.ValidateResponse(c.t.Context(), out); err != nil {
		c.t.Errorf("%s %s: the answer %d is not as described: %v\n%s", method, path, a.status, err, a.body)
	}
	if a.status < 300 {
		c.seen[method+" "+route.Path] = true
	}
	return a
}

func (c *contract) do(method, path string, body any) answer {
	c.t.Helper()
	return c.call(method, path, body, nil, false)
}

// manual makes a reply that no rule places.
func (c *contract) manual() transfer.ID {
	c.t.Helper()
	w := c.world
	s := w.send(object{"message": object{"subject": "Odd", "text": "x", "recipients": []object{{"address": "odd@post.example"}}},
		"options": object{"language": "en", "code": "generated"}})
	page := w.citizen()
	page.open(w.link("odd@post.example", 0), s.Code)
	id := submission()
	page.reply(w.seat(s.ID), id, "an odd question")
	w.until("the reply waits for a person", func() bool { return w.phase(s.ID, id) == transfer.OnManual })
	return w.Setup.Ring.Namer().ReplyID("municipality", s.ID, "r1", id)
}

func TestEveryRouteAnswersAsItIsDescribed(t *testing.T) {
	w := newWorld(t, withoutDefaultRoute)
	c := w.contract()
	key := submission()
	c.do("GET", "/api/v1/settings", nil)
	c.call("PUT", "/api/v1/uploads/"+key+"/u1", []byte("content"), http.Header{"Content-Disposition": {`attachment; filename="a.txt"`}}, false)
	c.call("PUT", "/api/v1/uploads/"+key+"/u2", []byte("content"), http.Header{"Content-Disposition": {`attachment; filename="b.txt"`}}, false)
	c.do("DELETE", "/api/v1/uploads/"+key+"/u2", nil)
	request := letter("Decision", "text", outlook.Citizen, outlook.AlsoColleague)
	request["uploads"] = []string{"u1"}
	id := c.call("POST", "/api/v1/transfers", request, idempotent(key), false).transfer(w).ID
	path := "/api/v1/transfers/" + string(id)
	c.do("GET", path+"/progress", nil)
	w.accepted(id)
	w.link(outlook.Citizen, 0)
	c.do("GET", path, nil)
	c.do("GET", "/api/v1/transfers?limit=1", nil)
	c.do("POST", path+"/extend", object{"expiresAt": w.now().Add(48 * time.Hour).Format(time.RFC3339)})
	c.do("POST", path+"/withdraw", object{})
	c.do("POST", path+"/restore", object{})
	c.token = w.UserToken(outlook.Colleague)
	received := "/api/v1/received/" + string(id)
	c.do("GET", "/api/v1/received?limit=1", nil)
	c.do("GET", received, nil)
	c.do("GET", received+"/body", nil)
	c.do("GET", received+"/files/u1", nil)
	if sum := c.do("GET", received+"/files/u1/sha256", nil).body; sum != "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73  a.txt\n" { // of "content"
		t.Errorf("the checksum is %q", sum)
	}
	c.do("DELETE", received, nil)
	c.token = w.UserToken(outlook.Caseworker)
	c.do("GET", path, nil)
	reply := c.manual()
	c.do("GET", "/api/v1/manual?limit=100", nil)
	c.do("POST", "/api/v1/manual/"+string(reply)+"/place", object{"mailbox": "children", "topic": "day-care"})
	for _, described := range []string{"GET /api/v1/settings", "PUT /api/v1/uploads/{key}/{file}", "DELETE /api/v1/uploads/{key}/{file}",
		"POST /api/v1/transfers", "GET /api/v1/transfers", "GET /api/v1/transfers/{id}", "GET /api/v1/transfers/{id}/progress",
		"POST /api/v1/transfers/{id}/extend", "POST /api/v1/transfers/{id}/withdraw", "POST /api/v1/transfers/{id}/restore",
		"GET /api/v1/received", "GET /api/v1/received/{id}", "GET /api/v1/received/{id}/body", "GET /api/v1/received/{id}/files/{file}", "GET /api/v1/received/{id}/files/{file}/sha256",
		"DELETE /api/v1/received/{id}", "GET /api/v1/manual", "POST /api/v1/manual/{id}/place"} {
		if !c.seen[described] {
			t.Errorf("%s did not succeed", described)
		}
	}
}

func TestWrongInputIsAProblemInTheCallersLanguage(t *testing.T) {
	w := newWorld(t)
	c := w.contract()
	wrong := letter("", "text", "not an address")
	wrong["options"] = object{"language": "fr", "code": "magic", "expiryDays": 9999}
	said := map[string]string{}
	for _, language := range []string{"en", "da", "nb", "sv", "de", "nl"} {
		header := idempotent(submission())
		header.Set("Accept-Language", language)
		a := c.call("POST", "/api/v1/transfers", wrong, header, true)
		var p struct {
			Code, Title string
			Fields      []struct{ Field, Rule, Message string }
		}
		must(t, json.Unmarshal([]byte(a.body), &p))
		if a.status != http.StatusBadRequest || p.Code != "invalid" {
			t.Fatalf("%s: answered %d %s", language, a.status, a.body)
		}
		fields := map[string]string{}
		for _, f := range p.Fields {
			fields[f.Field] = f.Rule
			if f.Message == "" || strings.Contains(f.Message, "{{") || strings.Contains(f.Message, "validation for") {
				t.Errorf("%s: the field %s is explained as %q", language, f.Field, f.Message)
			}
		}
		for _, field := range []string{"message.subject", "message.recipients[0].address", "options.language", "options.code", "options.expiryDays"} {
			if fields[field] == "" {
				t.Errorf("%s: %s is not named: %v", language, field, fields)
			}
		}
		if other := said[p.Title]; other != "" {
			t.Errorf("%s and %s say the same: %q", language, other, p.Title)
		}
		said[p.Title] = language
	}
	for _, bad := range []struct{ method, path, body string }{
		{"POST", "/api/v1/transfers", `{"options":{"language":"en","code":"generated"},"surprise":1}`}, {"POST", "/api/v1/transfers", `{`},
		{"POST", "/api/v1/transfers", `[]`}, {"GET", "/api/v1/transfers?limit=0", ""}, {"GET", "/api/v1/transfers?limit=x", ""},
		{"PUT", "/api/v1/uploads/short/u1", "x"}, {"PUT", "/api/v1/uploads/0123456789abcdef/../x", "x"}, {"PUT", "/api/v1/uploads/0123456789abcdef/u1", "x"},
	} {
		a := w.api(bad.method, bad.path, strings.NewReader(bad.body), idempotent(submission()))
		if a.status != http.StatusBadRequest && a.status != http.StatusNotFound {
			t.Errorf("%s %s %q is answered %d %s", bad.method, bad.path, bad.body, a.status, a.body)
		}
	}
	w.nothingStored()
}

func TestCase54_NobodyReachesAnothersTransfersAndEveryRoleHasItsRoutes(t *testing.T) {
	w := newWorld(t, withoutDefaultRoute)
	id := w.send(letter("Decision", "text", outlook.Citizen)).ID
	reply := w.contract().manual()
	as := func(role string) string {
		return w.Entra.UserToken("another@municipality.example", []string{"access_as_user"}, entra.WithClaim("roles", []string{role}))
	}
	requests := map[string]any{"withdraw": object{}, "restore": object{}, "extend": object{"expiresAt": w.now().Add(time.Hour)}, "relink": object{"recipient": "r1"}, "remind": object{"recipient": "r1"}, "recode": object{},
		"place": object{"mailbox": "children"}, "deliver": object{"mailbox": "children"}}
	for _, role := range []string{"Caseworker", "Distributor", "Administrator", "Auditor", "Nobody"} {
		for _, foreign := range []transfer.ID{id, reply, nobodys} {
			for _, route := range w.routes() {
				method, path, _ := strings.Cut(route, " ")
				if !strings.Contains(path, nobodys) || strings.Contains(path, "/manual/") && (role == "Distributor" || role == "Administrator") && foreign == reply {
					continue
				}
				path = strings.Replace(path, nobodys, string(foreign), 1)
				var body any
				if method == "POST" {
					body = requests[path[strings.LastIndexByte(path, '/')+1:]]
				}
				a := w.apiAt(w.StaffURL, as(role), method, path, body, idempotent(submission()))
				if a.status != http.StatusNotFound && a.status != http.StatusForbidden && a.status != http.StatusBadRequest {
					t.Errorf("%s: %s %s answers %d %s", role, method, path, a.status, a.body)
				}
				if transfers := strings.Contains(path, "/transfers/"); transfers && body == nil && a.status != http.StatusNotFound {
					t.Errorf("%s: %s %s answers %d instead of 404", role, method, path, a.status)
				}
				if strings.Contains(a.body, "Decision") || strings.Contains(a.body, outlook.Citizen) {
					t.Errorf("%s: %s %s tells of the transfer: %s", role, method, path, a.body)
				}
			}
		}
	}
	for role, may := range map[string][]string{"Caseworker": {"/settings", "/transfers"}, "Distributor": {"/settings", "/manual"}, "Auditor": {"/settings"}, "Nobody": {"/settings"}} {
		for _, path := range []string{"/settings", "/transfers", "/manual"} {
			want := http.StatusForbidden
			for _, allowed := range may {
				if allowed == path {
					want = http.StatusOK
				}
			}
			if a := w.apiAt(w.StaffURL, as(role), "GET", "/api/v1"+path, nil, nil); a.status != want {
				t.Errorf("%s: GET %s answers %d, not %d", role, path, a.status, want)
			}
		}
	}
	if got := w.transfer(id); got.State != "live" {
		t.Errorf("after all that the transfer is %s", got.State)
	}
}

// withoutDefaultRoute leaves what no rule takes to a person.
func withoutDefaultRoute(o *sandbox.Options) {
	before, rest, _ := strings.Cut(string(file.Sample), "default_route:")
	_, after, _ := strings.Cut(rest, "manual_list:")
	o.Routing = []byte(before + "manual_list:" + after)
}
