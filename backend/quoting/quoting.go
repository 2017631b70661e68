// Package quoting tells what staff wrote in an answer from the delivered reply that
// Outlook quotes in it.
//
// Invariant: what stands below the line of a delivered reply is never sent on, since
// it explains the routing; and whatever is neither sent on nor was delivered is told.
//
// Failure: HTML that cannot be read, and a text without the line, count as staff's own
// as a whole.
package quoting

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"senddigitally/backend/transfer"
)

// Answer is a text that may quote a delivered reply.
type Answer struct {
	Own   string // what stands above the line; without one, all
	Says  bool   // whether anything is said there
	below string
}

// Read divides a text at the line of a delivered reply. A bodyType other than
// "text/html" is plain text.
func Read(body, bodyType string) Answer {
	if bodyType != "text/html" {
		above, below, found := strings.Cut(body, transfer.AnswerMark)
		return Answer{Own: above, Says: !found || says(above), below: below}
	}
	whole := Answer{Own: body, Says: true}
	page, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return whole
	}
	mark := marked(page)
	if mark == nil {
		return whole
	}
	_, below, _ := strings.Cut(seen(page), transfer.AnswerMark)
	cutFrom(mark)
	var rest strings.Builder
	if err := html.Render(&rest, page); err != nil {
		return whole
	}
	return Answer{Own: rest.String(), Says: says(seen(page)), below: below}
}

// maxAdded is how many words of what was added are told.
const maxAdded = 12

// Added is the first of what stands below the line and is not in the delivered pages of
// HTML: an answer between the quoted lines, or below them. Only words count, in any
// order; addresses do not, since mail programs write them anew.
func (a Answer) Added(delivered ...string) string {
	known := map[string]int{}
	for _, page := range delivered {
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			continue
		}
		for _, word := range words(seen(root)) {
			known[strings.ToLower(word)]++
		}
	}
	var added []string
	for _, word := range words(a.below) {
		switch key := strings.ToLower(word); {
		case known[key] > 0:
			known[key]--
			if added != nil {
				return strings.Join(added, " ")
			}
		case len(added) == maxAdded:
			return strings.Join(added, " ") + " …"
		default:
			added = append(added, word)
		}
	}
	return strings.Join(added, " ")
}

// address is what mail programs add to a text that was a link, and the link itself.
var address = regexp.MustCompile(`(?i)(?:\b[a-z][a-z0-9+.-]*://|\b(?:mailto|cid|tel):)[^\s<>\]]*|[^\s<>]+@[^\s<>]+`)

func words(text string) []string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) { // invisible, and not the same in every program
			return -1
		}
		return r
	}, norm.NFC.String(address.ReplaceAllString(text, " ")))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
}

// rule is what mail programs set above the header of a mail that they quote as text.
var rule = regexp.MustCompile(`(?m)^[ \t]*(?:_{20,}|-{3,} ?\p{L}[\p{L} ]*-{3,})[ \t\r]*$`)

// Text is what staff wrote themselves of a plain text: without quoted lines at its
// end, and without a rule that only an introduction follows. Whatever else follows a
// rule is theirs.
func (a Answer) Text() string {
	lines := strings.Split(a.Own, "\n")
	for len(lines) > 0 && (strings.HasPrefix(strings.TrimSpace(lines[len(lines)-1]), ">") || strings.TrimSpace(lines[len(lines)-1]) == "") {
		lines = lines[:len(lines)-1]
	}
	own := strings.Join(lines, "\n")
	if rules := rule.FindAllStringIndex(own, -1); len(rules) > 0 {
		if last := rules[len(rules)-1]; !says(own[last[1]:]) {
			own = own[:last[0]]
		}
	}
	return strings.TrimSpace(own)
}

// introduction is nothing, or that with which mail programs introduce what they
// quote: one line with a colon at its end ("… wrote:"), or a header of From, Sent,
// To and Subject in the writer's language, with or without Cc and importance.
var introduction = regexp.MustCompile(`^(?:.*:|(?:\p{L}[\p{L} ]*:.*\n?){3,6})?$`)

// says reports whether a text has more in it than an introduction.
func says(text string) bool {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return !introduction.MatchString(strings.Join(lines, "\n"))
}

// breaking stand on lines of their own.
var breaking = []string{"br", "p", "div", "blockquote", "li", "tr", "td", "hr", "h1", "h2", "h3", "pre"}

// seen is what is to be seen of a page, a picture as a word.
func seen(page *html.Node) string {
	var text strings.Builder
	var see func(*html.Node)
	see = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			text.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		case n.Data == "style" || n.Data == "title" || n.Data == "script":
			return
		case n.Data == "img":
			text.WriteString(" picture ")
		}
		breaks := n.Type == html.ElementNode && slices.Contains(breaking, n.Data)
		if breaks {
			text.WriteString("\n")
		}
		for child := range n.ChildNodes() {
			see(child)
		}
		if breaks {
			text.WriteString("\n")
		}
	}
	see(page)
	return text.String()
}

// marked is the text with the line's beginning.
func marked(page *html.Node) *html.Node {
	for n := range page.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, transfer.AnswerMark) {
			return n
		}
	}
	return nil
}

// cutFrom removes the line, all that follows it, and what is empty then. What was
// written right before the line, in its own paragraph, stays.
func cutFrom(n *html.Node) {
	for at := n; at != nil; at = at.Parent {
		for at.NextSibling != nil {
			at.Parent.RemoveChild(at.NextSibling)
		}
	}
	if n.Data, _, _ = strings.Cut(n.Data, transfer.AnswerMark); strings.TrimSpace(n.Data) != "" {
		return
	}
	for n.Parent != nil && n.FirstChild == nil && n.Data != "body" {
		parent := n.Parent
		parent.RemoveChild(n)
		n = parent
	}
}
