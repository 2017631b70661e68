// Package doctor looks at an installation from outside, as it is configured,
// and says of everything it stands on whether it is fit, and how to mend it.
//
// Invariant: it leaves everything as it was, and what it says shows no secret and
// no personal data. Every wait is bounded.
//
// Failure: what cannot be examined is a finding, too. Where the configuration
// cannot be read, that is the only one.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/config"
)

// State is how one thing was found.
type State string

// The states.
const (
	Fit     State = "fit"
	Warning State = "warning" // it works, and will not for long or not safely
	Broken  State = "broken"
)

// Finding is what was found of one thing.
type Finding struct {
	Check string `json:"check"`          // what was looked at: "redis.persistence"
	State State  `json:"state"`          // how it is
	Says  string `json:"says"`           // in one sentence
	Mend  string `json:"mend,omitempty"` // what to do about it
}

// Report is everything that was found, in the order of looking.
type Report struct {
	Healthy  bool      `json:"healthy"` // nothing is broken
	Findings []Finding `json:"findings"`
}

// Doctor examines installations.
type Doctor struct {
	HTTP     *http.Client     // to reach Entra and Graph
	Clock    func() time.Time // this machine's
	Patience time.Duration    // for each thing that is looked at
}

// examination is one under way.
type examination struct {
	*Doctor
	config   config.Config
	findings []Finding
}

func (x *examination) note(check string, state State, says, mend string) {
	x.findings = append(x.findings, Finding{check, state, says, mend})
}

// check notes what an error says, or that there is none.
func (x *examination) check(check string, err error, fit, mend string) bool {
	if err != nil {
		x.note(check, Broken, err.Error(), mend)
		return false
	}
	x.note(check, Fit, fit, "")
	return true
}

// Examine looks at the installation that a file and the environment configure.
func (d *Doctor) Examine(ctx context.Context, path string, environ []string) Report {
	x := &examination{Doctor: d}
	var err error
	if x.config, err = config.Load(path, environ); err != nil {
		x.configuration(err)
		return x.report()
	}
	x.note("configuration", Fit, "it is complete and safe to start with", "")
	for _, look := range []func(context.Context){x.storage, x.redis, x.scanner, x.tenants} {
		look(ctx)
	}
	return x.report()
}

// english is what reports are in: they go into tickets and to machines.
var english = catalogue.For("en")

func (x *examination) configuration(err error) {
	problems, _ := errors.AsType[config.Problems](err)
	for _, p := range problems {
		x.note("configuration: "+p.Setting, Broken, p.Setting+" "+p.Wrong.In(english), p.Write.In(english))
	}
	if len(problems) == 0 {
		x.note("configuration", Broken, err.Error(), "see senddigitally config check")
	}
}

func (x *examination) report() Report {
	r := Report{Healthy: true, Findings: x.findings}
	for _, f := range x.findings {
		r.Healthy = r.Healthy && f.State != Broken
	}
	return r
}

// within bounds the time for looking at one thing.
func (x *examination) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, x.Patience)
}

// Text writes the report for people.
func (r Report) Text(w io.Writer) error {
	mark := map[State]string{Fit: "✓", Warning: "!", Broken: "✗"}
	for _, f := range r.Findings {
		if _, err := fmt.Fprintf(w, "%s %-28s %s\n", mark[f.State], f.Check, f.Says); err != nil {
			return err
		}
		if f.Mend != "" {
			fmt.Fprintf(w, "  %-28s → %s\n", "", f.Mend)
		}
	}
	verdict := "Everything that the service stands on is fit."
	if !r.Healthy {
		verdict = "The service does not start, or does not work, until what is marked ✗ is mended."
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}

// JSON writes the report for machines.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
