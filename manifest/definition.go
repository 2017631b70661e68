package manifest

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Definition is the add-in of one deployment.
type Definition struct {
	AppID    string // GUID of the add-in in Outlook; the same in every release of a deployment
	Version  string // one to four numbers with dots; Outlook updates when it grows
	Base     string // address below which taskpane.html and icons/ lie, https outside a trial, no slash at its end
	Provider string // the organisation, at most 125 characters
	Support  string // address of a help page; may be empty
	Texts    []Text // the first is the default; none means StandardTexts
}

// Text is what a person reads of the add-in in one language.
type Text struct {
	Locale      string // such as da-DK
	Name        string // of the add-in and of its button in a message being written; at most 125 characters
	Description string // at most 250 characters, like the tips
	SendTip     string
	ReadName    string // of the button beside a message being read
	ReadTip     string
}

var (
	guid    = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	version = regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,5}){0,3}$`)
	locale  = regexp.MustCompile(`^[a-z]{2}-[A-Z]{2}$`)
)

// Check says what Outlook would refuse, or nil.
func (d Definition) Check() error {
	d = d.complete()
	return errors.Join(
		unless(guid.MatchString(d.AppID), "AppID is not a GUID"),
		unless(version.MatchString(d.Version), "Version is not like 1.0.0.0"),
		unless(isAddress(d.Base) && !strings.HasSuffix(d.Base, "/"), "Base is not an https address without a slash at its end"),
		unless(d.Support == "" || isAddress(d.Support), "Support is not an https address"),
		unless(fits(d.Provider, 125), "Provider has not 1 to 125 characters"),
		checkTexts(d.Texts),
	)
}

func checkTexts(texts []Text) error {
	seen := map[string]bool{}
	var faults []error
	for _, t := range texts {
		ok := locale.MatchString(t.Locale) && !seen[t.Locale] &&
			fits(t.Name, 125) && fits(t.ReadName, 125) &&
			fits(t.Description, 250) && fits(t.SendTip, 250) && fits(t.ReadTip, 250)
		faults = append(faults, unless(ok, fmt.Sprintf("Texts of %q are incomplete, too long, given twice or of no known locale form", t.Locale)))
		seen[t.Locale] = true
	}
	return errors.Join(faults...)
}

func unless(ok bool, fault string) error {
	if ok {
		return nil
	}
	return errors.New("manifest: " + fault)
}

// isAddress is true for https, and for http on the machine itself, which only a
// simulated Outlook takes.
func isAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	host := u.Hostname()
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// fits is true for text of one to so many characters that XML can hold.
func fits(text string, most int) bool {
	if !utf8.ValidString(text) || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > most {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0xFFFE || r == 0xFFFF })
}

func (d Definition) complete() Definition {
	if len(d.Texts) == 0 {
		d.Texts = StandardTexts()
	}
	return d
}
