package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/app"
	"senddigitally/backend/config"
	"senddigitally/backend/distributing"
	"senddigitally/backend/eml"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
	"senddigitally/routing/file"
)

type routingCommand struct {
	Check    routingCheck    `cmd:"" help:"Report every error of a routing file with line, cause and cure."`
	Explain  routingExplain  `cmd:"" help:"Say where one reply would go, and why: described by flags, as JSON, or an .eml file."`
	Simulate routingSimulate `cmd:"" help:"Say which recorded replies a candidate file would move, from where to where."`
	Record   routingRecord   `cmd:"" help:"Write what past decisions were made from, one JSON a line. It has personal data: keep it like the replies."`
	Figures  routingFigures  `cmd:"" help:"Write what became of replies, per mailbox, topic and rule, as CSV."`
	Sample   routingSample   `cmd:"" help:"Print a commented sample."`
	Schema   routingSchema   `cmd:"" help:"Print the JSON Schema for editors."`
}

type routingCheck struct {
	Path string `arg:"" type:"existingfile"`
}

// Run checks a routing file.
func (c *routingCheck) Run() error {
	if _, err := loadSet(c.Path); err != nil {
		return err
	}
	fmt.Println("no errors")
	return nil
}

func loadSet(path string) (*routing.Set, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set, problems := file.Load(filepath.Base(path), data)
	return set, problems.Err()
}

type routingExplain struct {
	Path  string `arg:"" type:"existingfile" help:"Routing file."`
	Input string `help:"The reply as JSON, in the form that \"record\" writes; - for standard input." placeholder:"FILE"`
	Eml   string `help:"The reply as a mail." type:"existingfile" placeholder:"FILE"`

	ReplyMailbox, ReplyTopic, Case, ContactPoint, Conversation string
	SenderKind, SenderDomain, Subject, Number, OwnNumber, Lang string
	Received                                                   string   `help:"Moment of receipt, RFC 3339; now when left out."`
	Unavailable                                                []string `help:"Mailboxes that cannot be reached."`
	Language                                                   string   `help:"Of the explanation." default:"en"`
	Trace                                                      bool     `help:"Also say what each rule answers."`
	JSON                                                       bool     `help:"Answer as JSON."`
}

// Run explains one decision.
func (c *routingExplain) Run() error {
	set, err := loadSet(c.Path)
	if err != nil {
		return err
	}
	in, err := c.input(set)
	if err != nil {
		return err
	}
	return c.explain(os.Stdout, set, in)
}

func (c *routingExplain) input(set *routing.Set) (routing.Input, error) {
	switch {
	case c.Input != "" && c.Eml != "":
		return routing.Input{}, errors.New("give --input or --eml, not both")
	case c.Eml != "":
		return readEML(c.Eml, set)
	case c.Input != "":
		return readInput(c.Input)
	}
	in := routing.Input{ReplyMailbox: c.ReplyMailbox, ReplyTopic: c.ReplyTopic, CaseID: c.Case, ContactPoint: c.ContactPoint,
		ConversationMailbox: c.Conversation, SenderKind: routing.SenderKind(c.SenderKind), SenderDomain: c.SenderDomain,
		Subject: c.Subject, OrganisationNumber: c.Number, RecipientNumber: c.OwnNumber, Language: c.Lang, Unavailable: c.Unavailable, Received: time.Now()}
	if c.Received == "" {
		return in, nil
	}
	var err error
	in.Received, err = time.Parse(time.RFC3339, c.Received)
	return in, err
}

func readInput(path string) (in routing.Input, err error) {
	data := io.Reader(os.Stdin)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return in, err
		}
		defer f.Close()
		data = f
	}
	decoder := json.NewDecoder(data)
	decoder.DisallowUnknownFields()
	return in, decoder.Decode(&in)
}

// readEML is what a mail at the intake mailbox would be decided from, as far as
// the mail itself says it.
func readEML(path string, set *routing.Set) (routing.Input, error) {
	f, err := os.Open(path)
	if err != nil {
		return routing.Input{}, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, eml.MaxBytes+1))
	if err != nil {
		return routing.Input{}, err
	}
	m := eml.Read(raw[:min(len(raw), eml.MaxBytes)], len(raw) > eml.MaxBytes)
	_, domain, _ := strings.Cut(m.From.Address, "@")
	in := routing.Input{Subject: m.Subject, SenderDomain: domain, SenderKind: routing.UnknownSender, Received: m.Date, Language: m.Language}
	if set.Own(domain) && m.Internal {
		in.SenderKind = routing.Staff
	}
	in.ContactPoint, in.RecipientNumber = set.AddressedTo(m.To)
	return in, nil
}

type explained struct {
	Input    routing.Input     `json:"input"`
	Decision routing.Decision  `json:"decision"`
	Words    []string          `json:"words"`
	Rules    []routing.Verdict `json:"rules,omitempty"`
}

func (c *routingExplain) explain(out io.Writer, set *routing.Set, in routing.Input) error {
	e := explained{Input: in, Decision: set.Decide(in)}
	e.Words = e.Decision.Explain(c.Language)
	if c.Trace {
		e.Rules = set.Trace(in)
	}
	if c.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(e)
	}
	fmt.Fprintln(out, place(e.Decision))
	for _, sentence := range e.Words {
		fmt.Fprintln(out, "  "+sentence)
	}
	for _, v := range e.Rules {
		verdict := "matches"
		if !v.Matched {
			verdict = "fails at " + v.Failed
		}
		fmt.Fprintf(out, "  %d. %s %s\n", v.Number, v.Rule, verdict)
	}
	return nil
}

// place names where a decision leads, in one short text.
func place(d routing.Decision) string {
	if d.Manual {
		return "manual list"
	}
	where := d.Mailbox
	for _, more := range []string{d.Topic, d.Folder} {
		if more != "" {
			where += " / " + more
		}
	}
	return where
}

type routingSimulate struct {
	Current   string `arg:"" type:"existingfile" help:"Routing file in force."`
	Candidate string `arg:"" type:"existingfile" help:"Routing file to try."`
	Inputs    string `arg:"" type:"existingfile" help:"Recorded replies, one JSON a line."`
	List      bool   `help:"Name each reply that would move, by its line."`
	JSON      bool   `help:"Answer as JSON."`
}

// Run simulates.
func (c *routingSimulate) Run() error {
	current, err := loadSet(c.Current)
	if err != nil {
		return err
	}
	candidate, err := loadSet(c.Candidate)
	if err != nil {
		return err
	}
	recorded, err := os.Open(c.Inputs)
	if err != nil {
		return err
	}
	defer recorded.Close()
	inputs, err := readInputs(recorded)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Inputs, err)
	}
	return c.report(os.Stdout, len(inputs), routing.Simulate(inputs, current, candidate))
}

func readInputs(r io.Reader) ([]routing.Input, error) {
	var inputs []routing.Input
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var in routing.Input
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		inputs = append(inputs, in)
	}
	return inputs, lines.Err()
}

type flow struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"`
}

func (c *routingSimulate) report(out io.Writer, total int, moves []routing.Move) error {
	flows := flowsOf(moves)
	if c.JSON {
		return json.NewEncoder(out).Encode(map[string]any{"replies": total, "moved": len(moves), "flows": flows, "moves": moves})
	}
	fmt.Fprintf(out, "%d of %d replies would move\n", len(moves), total)
	for _, f := range flows {
		fmt.Fprintf(out, "%7d  %s → %s\n", f.Count, f.From, f.To)
	}
	if c.List {
		for _, m := range moves {
			fmt.Fprintf(out, "reply %d: %s → %s\n", m.Index+1, place(m.From), place(m.To))
		}
	}
	return nil
}

// flowsOf counts moves by where from and where to, the largest first.
func flowsOf(moves []routing.Move) []flow {
	counts := map[[2]string]int{}
	for _, m := range moves {
		counts[[2]string{place(m.From), place(m.To)}]++
	}
	flows := []flow{}
	for _, pair := range slices.SortedFunc(maps.Keys(counts), func(a, b [2]string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
	}) {
		flows = append(flows, flow{pair[0], pair[1], counts[pair]})
	}
	return flows
}

type routingRecord struct {
	configured
	Tenant string `help:"The organisation, where there are several."`
}

// Run records; each reply that is read is in the audit trail.
func (c *routingRecord) Run(ctx context.Context) error {
	return c.recording(ctx, func(x *distributing.Recording, tenant transfer.TenantID) error {
		out := json.NewEncoder(os.Stdout)
		report, err := x.Record(ctx, tenant, func(in routing.Input) error { return out.Encode(in) })
		fmt.Fprintf(os.Stderr, "%d replies recorded, %d could not be read\n", report.Recorded, report.Failed)
		return err
	})
}

type routingFigures struct{ routingRecord }

// Run writes the figures.
func (c *routingFigures) Run(ctx context.Context) error {
	return c.recording(ctx, func(x *distributing.Recording, tenant transfer.TenantID) error {
		rows, err := x.Table(ctx, tenant)
		if err != nil {
			return err
		}
		return distributing.WriteCSV(os.Stdout, rows)
	})
}

func (c *routingRecord) recording(ctx context.Context, do func(*distributing.Recording, transfer.TenantID) error) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	opened, err := app.Open(ctx, settings, config.Logger(os.Stderr, settings.Log))
	if err != nil {
		return err
	}
	defer opened.Close()
	system, err := app.New(opened.Setup)
	if err != nil {
		return err
	}
	tenant := opened.Tenants[0].ID
	if c.Tenant != "" {
		tenant = transfer.TenantID(c.Tenant)
	}
	return do(system.Recording, tenant)
}

type routingSample struct{}

// Run prints the sample.
func (routingSample) Run() error { return print(file.Sample) }

type routingSchema struct{}

// Run prints the schema.
func (routingSchema) Run() error { return print(file.Schema) }
