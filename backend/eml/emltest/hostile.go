// Package emltest has mails that were made to harm who reads them, for the tests of
// whoever does.
//
// Invariant: each is the same at every call. Failure: none.
package emltest

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Hostile are mails by what is hostile in them.
func Hostile() map[string][]byte {
	all := map[string]string{
		"10,000 parts":              parts(10_000),
		"1,000,000 delimiters":      parts(1_000_000),
		"nested 10,000 deep":        nested(10_000),
		"a bomb of branches":        branches(31, 30),
		"branches within the limit": branches(16, 30),
		"nested messages":           "Subject: s\n" + strings.Repeat("Content-Type: message/rfc822\n\n", 100_000),
		"messages in messages":      messages(500),
		"a header of 1 MB":          "X-Long: " + strings.Repeat("a", 1<<20) + "\nSubject: s\n\nx",
		"1 MB of headers":           strings.Repeat("X-Many: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 25_000) + "Subject: late\n\nx",
		"a continuation of 1 MB":    "X-Long: a\n" + strings.Repeat(" b\n", 300_000) + "Subject: s\n\nx",
		"1 MB of encoded words":     "Subject: " + strings.Repeat("=?utf-8?q?=41?= ", 60_000) + "\n\nx",
		"a media type of 1 MB":      "Subject: s\nContent-Type: text/plain; " + strings.Repeat("a=b; ", 200_000) + "\n\nx",
		"1 MB of addresses":         "To: " + strings.Repeat("a@b.example, ", 80_000) + "\nSubject: s\n\nx",
		"comments within comments":  "To: " + strings.Repeat("(", 100_000) + "\nSubject: s\n\nx",
		"deep HTML":                 "Subject: s\nContent-Type: text/html\n\n" + strings.Repeat("<div>", 2_000_000),
		"one line of 30 MB":         "Subject: s\n\n" + strings.Repeat("a", 30<<20),
		"base64 of 30 MB":           "Subject: s\nContent-Type: application/zip\nContent-Disposition: attachment; filename=\"bomb.zip\"\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(make([]byte, 22<<20)),
		"quoted-printable of 30 MB": "Subject: s\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=C3=A6", 5<<20),
		"soft breaks without end":   "Subject: s\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=\n", 5_000_000),
		"base64 that is none":       "Subject: s\nContent-Transfer-Encoding: base64\n\n!!!!****",
		"no boundary":               "Subject: s\nContent-Type: multipart/mixed\n\n--b\n\nx",
		"an empty boundary":         "Subject: s\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n----",
		"NUL and binary":            "Subject: s\x00\x1b[31m\n\n\x00\x01\xff",
		"no header":                 "\n\n\n",
	}
	for _, charset := range []string{"x-none", "utf-7", "utf-16", "utf-32", "iso-2022-jp", "iso-2022-kr", "gb18030", "hz-gb-2312", "big5", "euc-jp", "koi8-r", "us-ascii", strings.Repeat("x", 70_000)} {
		all["charset "+charset[:min(len(charset), 20)]] = "Subject: =?" + charset + "?b?//79/A==?= s\nContent-Type: text/plain; charset=" + charset + "\n\n\xff\xfe\x1b$B\x1b$)C+AGE~{\xfd\xfc\x80"
	}
	made := map[string][]byte{}
	for name, mail := range all {
		made[name] = []byte(strings.ReplaceAll(mail, "\n", "\r\n"))
	}
	return made
}

func parts(n int) string {
	return "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain\n\nx\n", n) + "--b--\n"
}

func nested(n int) string {
	var b strings.Builder
	b.WriteString("Subject: s\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return b.String() + "\nx"
}

// branches is as deep and as wide as is still taken apart.
func branches(deep, wide int) string {
	var b strings.Builder
	b.WriteString("Subject: s\n")
	for i := range deep {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n", i)
		for range wide {
			fmt.Fprintf(&b, "--b%d\nContent-Type: image/png\n\n%s\n", i, strings.Repeat("x", 1000))
		}
		fmt.Fprintf(&b, "--b%d\n", i)
	}
	return b.String() + "\nx"
}

// messages are mails that each hold the next as an attachment.
func messages(n int) string {
	return strings.Repeat("Subject: s\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n", n) + "Subject: innermost\n\nx"
}
