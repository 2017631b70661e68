package trail

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"senddigitally/backend/access"
)

func TestTamperingShows(t *testing.T) {
	cut := func(lines [][]byte, i int) [][]byte { return slices.Delete(lines, i, i+1) }
	for _, tc := range []struct {
		name   string
		tamper func(lines [][]byte) [][]byte
		fault  Fault // found without anchors, if any
		anchor Fault // found with the anchor only
	}{
		{"nothing", func(l [][]byte) [][]byte { return l }, "", ""},
		{"edited", func(l [][]byte) [][]byte {
			l[4] = bytes.Replace(l[4], []byte("staff:0123"), []byte("staff:9999"), 1)
			return l
		}, Misfit, ""},
		{"time edited", func(l [][]byte) [][]byte {
			l[4] = bytes.Replace(l[4], []byte("T12:00"), []byte("T13:00"), 1)
			return l
		}, Misfit, ""},
		{"first removed", func(l [][]byte) [][]byte { return cut(l, 0) }, Gap, ""},
		{"middle removed", func(l [][]byte) [][]byte { return cut(l, 5) }, Gap, ""},
		{"swapped", func(l [][]byte) [][]byte { l[3], l[4] = l[4], l[3]; return l }, Gap, ""},
		{"repeated", func(l [][]byte) [][]byte { return slices.Insert(l, 4, l[3]) }, Misfit, ""},
		{"not a line", func(l [][]byte) [][]byte { return slices.Insert(l, 4, []byte("hello")) }, Unreadable, ""},
		{"endless line", func(l [][]byte) [][]byte {
			return slices.Insert(l, 4, []byte(strings.Repeat("x", 3*maxLine)))
		}, Unreadable, ""},
		{"end cut off", func(l [][]byte) [][]byte { return l[:7] }, "", Truncated},
		{"all cut off", func(l [][]byte) [][]byte { return nil }, "", Truncated},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			l := opened(t, dir, noon)
			appended(t, l, 9)
			anchors := l.Heads()
			rewrite(t, dir, tc.tamper)
			expect(t, verified(t, dir, nil), tc.fault)
			if tc.anchor != "" {
				expect(t, verified(t, dir, anchors), tc.anchor)
			}
		})
	}
}

func rewrite(t *testing.T, dir string, tamper func([][]byte) [][]byte) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	data, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := tamper(bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")))
	var out []byte
	for _, line := range lines {
		out = append(append(out, line...), '\n')
	}
	if err := os.WriteFile(names[0], out, 0o600); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, report Report, fault Fault) {
	t.Helper()
	found := slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Fault == fault })
	if (fault == "" && !report.Intact()) || (fault != "" && !found) {
		t.Errorf("findings %v, want %q", report.Findings, fault)
	}
}

func TestAMissingChainAndAReplacedLineShowAgainstAnchors(t *testing.T) {
	dir := t.TempDir()
	first, second := opened(t, dir, noon), opened(t, dir, noon)
	appended(t, first, 1)
	anchors := append(first.Heads(), second.Heads()...)
	anchors[0].MAC = strings.Repeat("0", 64)
	if err := os.Remove(filepath.Join(dir, fileName("2026-11-22", anchors[1].Chain))); err != nil {
		t.Fatal(err)
	}
	report := verified(t, dir, anchors)
	expect(t, report, Replaced)
	expect(t, report, Truncated)
}

// A line that was written by the holder of the key, with the right number, but
// after another line than the one it now follows.
func TestALineOfAnotherHistoryDoesNotFit(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, noon)
	appended(t, l, 1)
	head := l.Heads()[0]
	text, _, err := encode(Line{Chain: head.Chain, Seq: head.Seq + 1, At: noon(), Event: event(access.Send)}, testKey, make([]byte, macSize))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := os.OpenFile(filepath.Join(dir, fileName("2026-11-22", head.Chain)), os.O_WRONLY|os.O_APPEND, 0)
	_, _ = f.Write(text)
	_ = f.Close()
	expect(t, verified(t, dir, nil), Misfit)
}

func TestARenamedChainShows(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, noon)
	name := filepath.Join(dir, fileName("2026-11-22", l.Heads()[0].Chain))
	if err := os.Rename(name, filepath.Join(dir, "2026-11-22-other.jsonl")); err != nil {
		t.Fatal(err)
	}
	expect(t, verified(t, dir, nil), Misplaced)
}

func TestAnUnfinishedLastLineIsNoTampering(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, noon)
	appended(t, l, 2)
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	f, _ := os.OpenFile(names[0], os.O_WRONLY|os.O_APPEND, 0)
	_, _ = f.WriteString(`{"chain":"`)
	_ = f.Close()
	if report := verified(t, dir, l.Heads()); !report.Intact() || report.Torn != 1 || report.Lines != 3 {
		t.Errorf("report %+v", report)
	}
}

// Case 70: whatever a field holds, its event is one line.
func TestCase70HostileFieldsStayOneLine(t *testing.T) {
	dir := t.TempDir()
	l := opened(t, dir, noon)
	hostile := event("send\r\n{\"chain\":\"x\"}\n\x1b[31m\u2028")
	hostile.File = "\x00\xff\"}"
	if err := l.Append(t.Context(), hostile); err != nil {
		t.Fatal(err)
	}
	report := verified(t, dir, l.Heads())
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	data, _ := os.ReadFile(names[0])
	if !report.Intact() || report.Lines != 2 || bytes.Count(data, []byte("\n")) != 2 || bytes.ContainsAny(data, "\r\x1b\x00") {
		t.Errorf("report %+v of %q", report, data)
	}
}

func FuzzParse(f *testing.F) {
	text, _, err := encode(Line{Chain: "abc", Seq: 1, At: noon(), Event: event(access.Send)}, testKey, make([]byte, macSize))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.TrimSuffix(text, []byte("\n")))
	f.Add([]byte(`{"chain":"x","mac":"00"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		line, body, mac, err := parse(b)
		if err != nil {
			return
		}
		if len(mac) != macSize || len(body)+suffix != len(b) {
			t.Errorf("parsed %q into %d and %d bytes", b, len(body), len(mac))
		}
		if _, err := json.Marshal(line); err != nil {
			t.Errorf("%+v: %v", line, err)
		}
	})
}
