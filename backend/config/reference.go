package config

import (
	"bytes"
	"fmt"
	"strings"
)

// Reference is every setting as Markdown, section by section.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings\n\nValues come from the defaults, then the file, then the environment. " +
		"An environment variable of an element of a list has its number in its name, from 0. " +
		"For a secret, the variable with _FILE at its end names a file with it.\n\n" +
		"A time span is written with d, h, m and s (7d, 1d12h), a size with kB, MB, GB or KiB, MiB, GiB (2 GB).\n\n## General\n\n")
	table(&b)
	for _, f := range schema {
		if !f.section && f.depth == 0 {
			row(&b, f)
		}
	}
	for i, f := range schema {
		if f.section {
			describeSection(&b, f, schema[i+1:])
		}
	}
	return b.Bytes()
}

func describeSection(b *bytes.Buffer, s field, rest []field) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", s.path, s.doc)
	head := false
	for _, f := range rest {
		if f.depth <= s.depth {
			return
		}
		if f.section || f.depth != s.depth+1 {
			continue
		}
		if !head {
			table(b)
			head = true
		}
		row(b, f)
	}
}

func table(b *bytes.Buffer) {
	b.WriteString("| Setting | Environment variable | Default | Meaning |\n|---|---|---|---|\n")
}

func row(b *bytes.Buffer, f field) {
	env, def := "`"+f.env()+"`", "—"
	switch {
	case f.mapping:
		env = "—"
	case f.secret:
		env += ", `…_FILE`"
	}
	switch {
	case f.def != "":
		def = "`" + f.def + "`"
	case f.must:
		def = "*must be set*"
	}
	meaning := f.doc
	if f.example != "" {
		meaning += " Example: `" + f.example + "`"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.path, env, def, strings.ReplaceAll(meaning, "|", `\|`))
}

// Sample is a commented YAML file: what must be set is filled in with examples,
// the rest stands there as a comment with its default.
func Sample() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings of Send Digitally. A line that begins with #: is a setting at its\n# default, or not set, with an example; remove #: and the space behind it to change it.\n" +
		"# Secrets are better given as environment variables that name a file: see the reference.\n")
	for i, f := range schema {
		if f.section || f.depth == 0 {
			b.WriteString("\n")
		}
		indent := indentOf(f)
		for _, line := range wrap(f.doc, 96-len(indent)) {
			fmt.Fprintf(&b, "%s# %s\n", indent, line)
		}
		b.WriteString(sampleLine(f, indent, i))
	}
	return b.Bytes()
}

func sampleLine(f field, indent string, i int) string {
	if f.section {
		return fmt.Sprintf("%s%s:\n", indent, f.name())
	}
	mark := ""
	if schema[max(0, i-1)].list {
		mark, indent = "- ", indent[2:]
	}
	value := f.def
	if value == "" {
		value = f.example
	}
	if !f.must && !chosen[f.path] {
		mark = "#: " + mark
	}
	return fmt.Sprintf("%s%s%s: %s\n", indent, mark, f.name(), yamlText(f, value))
}

// chosen are settings that need not be set alone but one of which does.
var chosen = map[string]bool{"tenants[].entra.certificate": true, "trusted_proxies": true}

// indentOf puts a list's elements below their "- ".
func indentOf(f field) string {
	return strings.Repeat("  ", f.depth+strings.Count(strings.TrimSuffix(f.path, "[]"), "[]"))
}

// yamlText writes a value so that YAML reads it as meant.
func yamlText(f field, value string) string {
	switch {
	case value == "":
		return `""`
	case f.mapping:
		return value
	case f.many:
		parts := strings.Split(value, ", ")
		for i, part := range parts {
			parts[i] = quoted(part)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return quoted(value)
}

func quoted(value string) string {
	if strings.Contains(value, `"`) {
		return "'" + value + "'"
	}
	if strings.ContainsAny(value, ":#[]{}@+") {
		return `"` + value + `"`
	}
	return value
}

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
