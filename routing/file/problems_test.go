package file

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/routing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What people see: each broken file beside the problems that it gives.
func TestProblemsGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no broken files", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			set, problems := Load(filepath.Base(path), data)
			if set != nil || len(problems) == 0 {
				t.Fatal("a broken file gave a set")
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", problems.Error()+"\n")
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update if that is meant):\n%s", path, got)
	}
}

// What is not a routing file at all is said at once.
func TestNotARoutingFile(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		code routing.Code
		line int
	}{
		"empty":           {"", CodeEmpty, 1},
		"comments only":   {"# nothing\n", CodeEmpty, 1},
		"not UTF-8":       {"tenant: a\nlanguage: \xff\n", CodeNotText, 2},
		"not YAML":        {"tenant: a\n  language: [\n", CodeSyntax, 2},
		"tab":             {"a:\n\tb: c\n", CodeSyntax, 2},
		"two documents":   {string(Sample) + "\n---\ntenant: b\n", CodeDocuments, bytes.Count(Sample, []byte("\n")) + 3},
		"broken second":   {string(Sample) + "\n---\n[\n", CodeSyntax, bytes.Count(Sample, []byte("\n")) + 3},
		"too large":       {strings.Repeat(" ", MaxSize+1), CodeTooLarge, 1},
		"aliases":         {"tenant: &t a\nlanguage: *t\n", CodeAlias, 1},
		"unknown alias":   {"tenant: *t\n", CodeSyntax, 1},
		"a list":          {"- a\n", CodeWrongType, 1},
		"a word":          {"a\n", CodeWrongType, 1},
		"deep":            {strings.Repeat("[", 100_000), CodeSyntax, 1},
		"merge":           {"<<: {tenant: a}\n", CodeUnknownField, 1},
		"numbers as keys": {"1: a\n", CodeUnknownField, 1},
	} {
		t.Run(name, func(t *testing.T) {
			set, problems := Load("f", []byte(c.data))
			if set != nil || len(problems) == 0 || problems[0].Code != c.code || abs(problems[0].Line-c.line) > 1 {
				t.Errorf("want %s at line %d, got:\n%.400s", c.code, c.line, problems.Error())
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }

// largeFile is the sample with n more rules.
func largeFile(n int) []byte {
	var b bytes.Buffer
	before, after, _ := bytes.Cut(Sample, []byte("  - id: other-authorities\n"))
	b.Write(before)
	for i := range n {
		fmt.Fprintf(&b, "  - id: rule-%d\n    when:\n", i)
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "      organisation_number: [\"%08d\"]\n      sender_kind: [company]\n", i)
		case 1:
			fmt.Fprintf(&b, "      sender_domain: [company-%d.example]\n", i)
		case 2:
			fmt.Fprintf(&b, "      subject: ['\\bcase no\\.? %d\\b', 'sag %d']\n", i, i)
		}
		fmt.Fprintf(&b, "    route:\n      topic: roads\n      categories: [Group %d]\n", i%10)
	}
	b.WriteString("  - id: other-authorities\n")
	b.Write(after)
	return b.Bytes()
}

// limit is the time in which 10,000 rules are to load.
const limit = time.Second

func BenchmarkLoad(b *testing.B) {
	data := largeFile(10_000)
	b.SetBytes(int64(len(data)))
	for range b.N {
		if set, problems := Load("large", data); set == nil {
			b.Fatalf("%d problems, the first: %v", len(problems), problems[0])
		}
	}
	b.ReportMetric(limit.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "limit/load")
}

func FuzzLoad(f *testing.F) {
	f.Add(Sample)
	for _, seed := range []string{"tenant: a\n", "rules: [{id: x, when: {subject: ['(']}}]", "mailboxes: [{id: a, deputy: a}]", "a: &a [*a]", "default_route: {manual: true}", "manual_list: {names: {da: }}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, problems := Load("f", data)
		if (set == nil) == (len(problems) == 0) {
			t.Fatalf("either a set or problems: %v, %v", set != nil, problems)
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + bytes.Count(data, []byte("\u2028")) + bytes.Count(data, []byte("\u2029")) + bytes.Count(data, []byte("\u0085")) + 2
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Line > lines || p.Cause == "" || p.Cure == "" || strings.ContainsAny(p.String(), "\r\n\x1b") {
				t.Fatalf("problem %+v in %d lines", p, lines)
			}
		}
		if set != nil {
			if d := set.Decide(routing.Input{}); d.Manual == (d.Mailbox != "") {
				t.Fatalf("not in one place: %+v", d)
			}
		}
	})
}
