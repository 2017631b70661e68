package addin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"strings"
)

// TaskPaneFile is the page in [Files] that [TaskPane] fills in.
const TaskPaneFile = "taskpane.html"

// OfficeJS is Microsoft's address of Office.js, which may not be served from
// elsewhere (https://learn.microsoft.com/office/dev/add-ins/develop/referencing-the-javascript-api-for-office-library-from-its-cdn).
const OfficeJS = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"

// Config is what the pane must know of the deployment. None of it is secret.
type Config struct {
	ClientID  string `json:"clientId"`
	Authority string `json:"authority"` // such as https://login.microsoftonline.com/<tenant>
	API       string `json:"api"`       // origin of the API; empty is the pane's own
	Scope     string `json:"scope"`     // api://<client id>/access_as_user
}

// Session is what the application outside Outlook must know of who has signed in.
type Session struct {
	CSRF     string `json:"csrf"`     // that every change is sent with
	Account  string `json:"account"`  // whose it is
	Language string `json:"language"` // that she reads, BCP 47
}

// Page is one answer of taskpane.html.
type Page struct {
	Config   Config
	OfficeJS string // empty: Microsoft's
	Nonce    string // fresh for every answer; also in its [ContentPolicy]
}

// TaskPane is the pane's page for a deployment, as UTF-8 HTML.
func TaskPane(page Page) ([]byte, error) { return configured(TaskPaneFile, page) }

// SignInFile is the page in [Files] that [SignInPage] fills in.
const SignInFile = "signin.html"

// SignInPage is the page of the window in which the pane signs in where Outlook
// cannot do it.
func SignInPage(page Page) ([]byte, error) { return configured(SignInFile, page) }

// configured fills in a page of the pane.
func configured(file string, page Page) ([]byte, error) {
	config, err := json.Marshal(page.Config)
	if err != nil {
		return nil, fmt.Errorf("task pane configuration: %w", err)
	}
	return fill(file, map[string]string{"%%CONFIG%%": string(config), "%%NONCE%%": page.Nonce, "%%OFFICE_JS%%": page.officeJS()})
}

// EventFile is the page in [Files] that [EventPage] fills in.
const EventFile = "onsend.html"

// EventPage is the page of the send event for the Outlooks that have pages
// there; classic Outlook for Windows runs onsend.js without it.
func EventPage(page Page) ([]byte, error) {
	return fill(EventFile, map[string]string{"%%OFFICE_JS%%": page.officeJS()})
}

// SendFile is the page in [Files] that [SendPage] fills in.
const SendFile = "send.html"

// SendPage is the application for staff without Outlook, as UTF-8 HTML. It finds
// its files under /addin/, wherever it is served.
func SendPage(session Session, nonce string) ([]byte, error) {
	known, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("session of the application: %w", err)
	}
	return fill(SendFile, map[string]string{"%%SESSION%%": string(known), "%%NONCE%%": nonce})
}

// SendPolicy is the Content-Security-Policy that goes with [SendPage]: everything
// from its own origin, nothing inline, and no frame around it.
func SendPolicy(nonce string) string {
	return strings.Join([]string{"default-src 'none'", "script-src 'self'", "style-src 'nonce-" + nonce + "'", "img-src 'self' data:",
		"connect-src 'self'", "frame-src 'self'", "base-uri 'self'", "form-action 'self'", "object-src 'none'", "frame-ancestors 'none'"}, "; ")
}

// fill puts values into the placeholders of a page, each of which it has once.
func fill(file string, values map[string]string) ([]byte, error) {
	text, err := fs.ReadFile(Files, file)
	if err != nil {
		return nil, fmt.Errorf("the built %s is missing: %w", file, err)
	}
	for placeholder, value := range values {
		if bytes.Count(text, []byte(placeholder)) != 1 {
			return nil, fmt.Errorf("the built %s lacks the placeholder %s", file, placeholder)
		}
		text = bytes.Replace(text, []byte(placeholder), []byte(html.EscapeString(value)), 1)
	}
	return text, nil
}

func (p Page) officeJS() string {
	if p.OfficeJS == "" {
		return OfficeJS
	}
	return p.OfficeJS
}

// ContentPolicy is the Content-Security-Policy that goes with the page: scripts
// from the pane's origin and Office.js's, styles only under the nonce, nothing
// inline. Frames are the sources that may frame the pane; none means nobody.
func ContentPolicy(page Page, frames ...string) string { return contentPolicy(page, "", frames) }

// SignInPolicy is the ContentPolicy of the sign-in page: nobody may frame it,
// and it asks the authority for tokens.
func SignInPolicy(page Page) string {
	return contentPolicy(page, originOf(page.Config.Authority), nil)
}

func contentPolicy(page Page, asks string, frames []string) string {
	if len(frames) == 0 {
		frames = []string{"'none'"}
	}
	office := originOf(page.officeJS())
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' " + office,
		"style-src 'nonce-" + page.Nonce + "'",
		"img-src 'self' data:",
		"connect-src " + strings.Join(strings.Fields("'self' "+originOf(page.Config.API)+" "+office+" "+asks), " "),
		"base-uri 'none'", "form-action 'none'", "object-src 'none'",
		"frame-ancestors " + strings.Join(frames, " "),
	}, "; ")
}

// originOf is the scheme and host of an address; empty for a relative one.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
