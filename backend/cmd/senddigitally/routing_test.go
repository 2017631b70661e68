package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senddigitally/routing"
	"senddigitally/routing/file"
)

func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExplainSaysWhereAndWhy(t *testing.T) {
	path := written(t, "routing.yaml", file.Sample)
	mail := written(t, "mail.eml", []byte("From: a@firm.example\r\nDate: Wed, 16 Sep 2026 10:00:00 +0200\r\nSubject: Hello\r\n\r\nx"))
	for name, c := range map[string]struct {
		explain routingExplain
		want    []string
	}{
		"flags": {routingExplain{ReplyMailbox: "children", ReplyTopic: "day-care", Received: "2026-09-16T10:00:00Z"}, []string{"children / day-care / Day care\n"}},
		"json":  {routingExplain{Input: written(t, "in.json", []byte(`{"sender_kind":"authority"}`))}, []string{"manual list\n"}},
		"eml":   {routingExplain{Eml: mail, Trace: true}, []string{"citizen-service\n", "1. invoices-from-companies fails at sender_kind"}},
	} {
		c.explain.Path, c.explain.Language = path, "en"
		set, err := loadSet(path)
		if err != nil {
			t.Fatal(err)
		}
		in, err := c.explain.input(set)
		if err != nil {
			t.Fatal(name, err)
		}
		var out bytes.Buffer
		if err := c.explain.explain(&out, set, in); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, out.String())
			}
		}
	}
}

func TestExplainRefusesUnknownFieldsAndTwoSources(t *testing.T) {
	set, _ := file.Load("routing.yaml", file.Sample)
	for _, c := range []routingExplain{{Input: written(t, "in.json", []byte(`{"sender":"x"}`))}, {Input: "a", Eml: "b"}, {Received: "yesterday"}} {
		if _, err := c.input(set); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func TestSimulateCountsWhatWouldMove(t *testing.T) {
	current, _ := file.Load("a.yaml", file.Sample)
	candidate, problems := file.Load("b.yaml", bytes.Replace(file.Sample, []byte("topic: invoices\n      categories"), []byte("topic: moving\n      categories"), 1))
	if candidate == nil {
		t.Fatal(problems)
	}
	inputs, err := readInputs(strings.NewReader("{\"sender_kind\":\"company\",\"subject\":\"invoice\"}\n\n{\"reply_mailbox\":\"children\"}\n{\"sender_kind\":\"company\",\"subject\":\"faktura\"}\n"))
	if err != nil || len(inputs) != 3 {
		t.Fatal(inputs, err)
	}
	var out bytes.Buffer
	c := routingSimulate{List: true}
	if err := c.report(&out, len(inputs), routing.Simulate(inputs, current, candidate)); err != nil {
		t.Fatal(err)
	}
	want := "2 of 3 replies would move\n      2  citizen-service / invoices / Invoices → citizen-service / moving\n" +
		"reply 1: citizen-service / invoices / Invoices → citizen-service / moving\nreply 3: citizen-service / invoices / Invoices → citizen-service / moving\n"
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
	if _, err := readInputs(strings.NewReader("{}\nnot json\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v", err)
	}
}
