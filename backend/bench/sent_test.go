package bench_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senddigitally/backend/sandbox/outlook"
)

// upload is a raw, durable upload of files u<first>, … to the product.
func (r *rig) upload(p, base, key string, first, files int, n int64, atOnce int) order {
	o := order{Protocol: p, Method: http.MethodPut, Size: n, AtOnce: atOnce, Header: http.Header{"Content-Type": {"application/octet-stream"},
		"Authorization":       {"Bearer " + r.token},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": "file.bin"})}}}
	for i := range files {
		o.URLs = append(o.URLs, fmt.Sprintf("%s/api/v1/uploads/%s/u%d", base, key, first+i))
	}
	return o
}

func put(p, address string, n int64) order {
	return order{Protocol: p, Method: http.MethodPut, URLs: []string{address}, Size: n}
}

func get(p, address string, header http.Header) order {
	return order{Protocol: p, Method: http.MethodGet, URLs: []string{address}, Header: header}
}

func (r *rig) do(o order) {
	r.t.Helper()
	_, err := r.client.do(o)
	must(r.t, err)
}

// sent is a transfer, with the recipient's link and session.
type sent struct {
	ID, State, Code string
	Files           []struct{ ID string }
	link            string
	cookie          http.Header
}

func (s sent) seat() string { return "/m/" + s.ID + "/r1" }

// send sends files of n bytes each, and opens the link.
func (r *rig) send(files int, n int64) (s sent) {
	r.t.Helper()
	key := rand.Text()
	r.do(r.upload("http", r.sandbox.StaffURL, key, 1, files, n, 2))
	var names []string
	for i := range files {
		names = append(names, fmt.Sprintf(`"u%d"`, i+1))
	}
	before := r.links()
	body := `{"uploads":[` + strings.Join(names, ",") + `],"message":{"subject":"s","text":"t","recipients":[{"address":"` + outlook.Citizen +
		`"}]},"options":{"language":"en","code":"generated","replyMailbox":"citizen-service"}}`
	r.call("POST", "/api/v1/transfers", key, body, &s)
	for deadline := time.Now().Add(2 * time.Minute); s.State != "live" || s.link == ""; time.Sleep(20 * time.Millisecond) {
		r.call("GET", "/api/v1/transfers/"+s.ID, key, "", &s)
		if now := r.links(); len(now) > len(before) {
			s.link = now[0]
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("not sent: %+v", s)
		}
	}
	s.cookie = r.open(s)
	return s
}

func (r *rig) call(method, path, key, body string, into any) {
	r.t.Helper()
	request, err := http.NewRequest(method, r.sandbox.StaffURL+path, bytes.NewReader([]byte(body)))
	must(r.t, err)
	request.Header = http.Header{"Authorization": {"Bearer " + r.token}, "Idempotency-Key": {key}, "Content-Type": {"application/json"}}
	answer, err := http.DefaultClient.Do(request)
	must(r.t, err)
	defer answer.Body.Close()
	must(r.t, json.NewDecoder(answer.Body).Decode(into))
}

// links are the links that the citizen was sent, the newest first.
func (r *rig) links() (all []string) {
	found, err := r.sandbox.Mail.Messages(outlook.Citizen, "inbox", nil)
	must(r.t, err)
	for _, m := range found {
		_, after, _ := strings.Cut(m.Body, r.sandbox.PortalURL+"/l/")
		token, _, _ := strings.Cut(after, `"`)
		all = append(all, "/l/"+strings.Fields(token + " ")[0])
	}
	return all
}

// open types the code and returns the session's cookie, as a header.
func (r *rig) open(s sent) http.Header {
	r.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(r.sandbox.PortalURL+s.link, url.Values{"code": {s.Code}})
	must(r.t, err)
	_ = answer.Body.Close()
	if len(answer.Cookies()) == 0 {
		r.t.Fatalf("the code opens nothing: %d", answer.StatusCode)
	}
	header := http.Header{}
	for _, c := range answer.Cookies() {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
	return header
}
