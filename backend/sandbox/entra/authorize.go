package entra

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authorize is the sign-in page (Microsoft Learn, "OAuth 2.0 authorization code flow").
// A login_hint that names a person signs that person in at once; without one the page
// lists everybody. Nothing is ever sent to a redirect URI that is not registered.
func (e *Entra) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	app, known := e.app(q.Get("client_id"))
	if !known || !slices.Contains(app.Redirects, q.Get("redirect_uri")) {
		e.fail(w, invalidRequest(50011, "The application or its redirect URI is not registered."))
		return
	}
	if q.Get("response_type") != "code" {
		e.redirect(w, r, url.Values{"error": {"unsupported_response_type"}})
		return
	}
	hinted, found := e.user(q.Get("login_hint"))
	switch {
	case found && q.Get("prompt") != "select_account":
		e.redirect(w, r, url.Values{"code": {e.keep(e.codes, e.codeFor(app, hinted, q))}})
	case q.Get("prompt") == "none":
		e.redirect(w, r, url.Values{"error": {"login_required"}})
	default:
		e.choose(w, r)
	}
}

func (e *Entra) codeFor(app App, u User, q url.Values) grant {
	g := grant{
		client: app.ID, user: u.OID, scopes: strings.Fields(q.Get("scope")),
		redirect: q.Get("redirect_uri"), nonce: q.Get("nonce"), expires: e.now().Add(codeLife),
	}
	if q.Get("code_challenge_method") == "S256" {
		g.challenge = q.Get("code_challenge")
	}
	return g
}

// redirect sends the browser back with the answer, in the query or the fragment.
func (e *Entra) redirect(w http.ResponseWriter, r *http.Request, values url.Values) {
	q := r.URL.Query()
	if q.Has("state") {
		values.Set("state", q.Get("state"))
	}
	target, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		e.fail(w, invalidRequest(50011, "The redirect URI cannot be read."))
		return
	}
	if q.Get("response_mode") == "fragment" {
		http.Redirect(w, r, target.String()+"#"+values.Encode(), http.StatusFound)
		return
	}
	query := target.Query()
	for name := range values {
		query.Set(name, values.Get(name))
	}
	target.RawQuery = query.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

var signIn = template.Must(template.New("sign-in").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in (sandbox)</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}
a{display:block;padding:.75rem 1rem;margin:.5rem 0;border:1px solid #767676;border-radius:.25rem;text-decoration:none;color:#102a43}
a:hover,a:focus{background:#e6f0fa}small{display:block;color:#454545}</style>
<h1>Sign in</h1>
<p>This is the sandbox's directory. Choose whom to be.</p>
{{range .}}<a href="{{.Link}}">{{.User.Name}}<small>{{.User.Address}}{{range .User.Roles}} · {{.}}{{end}}</small></a>
{{end}}</html>`))

func (e *Entra) choose(w http.ResponseWriter, r *http.Request) {
	type choice struct {
		User User
		Link string
	}
	var choices []choice
	for _, u := range e.Users() {
		q := r.URL.Query()
		q.Set("login_hint", u.Address)
		q.Del("prompt")
		choices = append(choices, choice{u, "?" + q.Encode()})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	signIn.Execute(w, choices)
}
