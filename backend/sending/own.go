package sending

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"senddigitally/backend/transfer"
)

// own is what stands above the line of a delivered reply that Outlook quotes, and
// whether anything is said there. Without such a line that is the whole.
func own(body, bodyType string) (above string, said bool) {
	if bodyType != "text/html" {
		above, _, found := strings.Cut(body, transfer.AnswerMark)
		return above, !found || says(above)
	}
	page, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return body, true
	}
	mark := marked(page)
	if mark == nil {
		return body, true
	}
	cutFrom(mark)
	var rest strings.Builder
	if err := html.Render(&rest, page); err != nil {
		return body, true
	}
	return rest.String(), says(seen(page))
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

// breaking begin a new line.
var breaking = []string{"br", "p", "div", "blockquote", "li", "tr", "hr"}

// seen is what is to be seen of a page, a picture as a word.
func seen(page *html.Node) string {
	var text strings.Builder
	for n := range page.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title":
			text.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		case n.Data == "img":
			text.WriteString("picture")
		case slices.Contains(breaking, n.Data):
			text.WriteString("\n")
		}
	}
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

// cutFrom removes a node, all that follows it, and what is empty then.
func cutFrom(n *html.Node) {
	for at := n; at != nil; at = at.Parent {
		for at.NextSibling != nil {
			at.Parent.RemoveChild(at.NextSibling)
		}
	}
	for n.Parent != nil && n.FirstChild == nil && n.Data != "body" {
		parent := n.Parent
		parent.RemoveChild(n)
		n = parent
	}
}
